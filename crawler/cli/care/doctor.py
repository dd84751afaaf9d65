"""`hrwatch doctor`: is all well, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Iterator

import click

from archive import open_archive
from crawler.cli import ALL_WELL, INTERRUPTED, SOME_FAILED
from crawler.cli.care.checks.archive import archive_checks, condition_checks, warc_checks
from crawler.cli.care.checks.check import Check
from crawler.cli.care.checks.setup import setup_checks
from crawler.cli.care.checks.work import feeds_check, health_checks, notification_checks
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.screen import complain, show_json, show_table
from crawler.config import Config
from crawler.errors import HrwatchError, SchemaError, UnwritableError
from crawler.language import _


@click.command(
    help=_("Say whether all is well: settings, sources, archive, disk, feeds, and the last polls.")
    + "\n\n"
    + _(
        "Each part of the archive is looked at for a few seconds. --deep reads all of it, and every record of the WARC"
        " files: minutes for each gigabyte, and the archive cannot be written while the search index looks at itself."
    ),
    epilog=example("hrwatch doctor", "hrwatch --data D doctor --json", "hrwatch doctor --deep"),
)
@click.option("--deep", is_flag=True, help=_("Read everything, however long it takes."))
@json_option
@sources_option
@data_option
@click.pass_context
def doctor(ctx: click.Context, deep: bool, as_json: bool) -> None:
    """Exit code 0 where all is well, 1 where something is not."""
    try:
        checks = list(_checks(config_of(ctx), is_deep=deep))
    except KeyboardInterrupt:
        complain(_("Interrupted; nothing was changed."))
        ctx.exit(INTERRUPTED)
    if as_json:
        show_json(
            {"check": check.name, "ok": check.is_well, "detail": check.detail, "remedy": check.remedy}
            for check in checks
        )
    else:
        show_table(
            ("", _("check"), _("finding"), _("what to do")),
            (("✓" if check.is_well else "✗", check.name, check.detail, check.remedy) for check in checks),
        )
    ctx.exit(ALL_WELL if all(check.is_well for check in checks) else SOME_FAILED)


def _checks(config: Config, *, is_deep: bool) -> Iterator[Check]:
    yield from setup_checks(config)
    if not config.has_archive:
        yield Check(name=_("archive"), is_well=True, detail=_("not made yet: {file}").format(file=config.database))
        return
    try:
        with open_archive(config) as archive:
            yield from archive_checks(archive, is_deep=is_deep)
            yield from condition_checks(archive)
            if is_deep:
                yield from warc_checks(archive, config.warc_dir)
            yield feeds_check(archive, config)
            yield from notification_checks(archive, config)
            yield from health_checks(archive, config)
    except HrwatchError as error:
        # a disk that is full, a folder that may not be written or a server that is away asks for no copy
        is_ours_to_mend = config.database_url is None and not isinstance(error, SchemaError | UnwritableError)
        remedy = _("if the file is damaged, put a copy back: hrwatch restore FILE --force") if is_ours_to_mend else ""
        yield Check(name=_("archive"), is_well=False, detail=str(error), remedy=remedy)
