"""`hrwatch doctor`: is all well, and what to do where it is not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from archive import Archive, open_archive
from archive.records import Fault
from crawler.cli import ALL_WELL, INTERRUPTED, SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.output.sizes import size_text
from crawler.cli.screen import cell_text, complain, err, progress_bar, show_json, show_table
from crawler.cli.sources.remedies import by_urgency, counts_text, is_trouble, remedy, verdict_text
from crawler.config import Config
from crawler.errors import HrwatchError, SchemaError, WarcError
from crawler.language import _
from crawler.net.browser import browser_fault, find_browser, wants_browser
from crawler.net.warc_members import members
from crawler.retention import warc_files
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue
from crawler.wording import owner_text
from feeds.notify.wanted import load_notifications

# Below this a pass may fail to write its pages: one WARC file of 1 GiB.
LOW_DISK_BYTES = 2**30
# For each part of the archive without --deep, of which there are five: an answer in half a minute, whatever its size.
LOOK_S = 5.0
# A log that is taken in now and then has some megabytes; one so large waits for a reader that does not end.
LARGE_LOG_BYTES = 2**30
# Sources that are named; the rest are counted.
WORST = 10
# Room within the file that is worth getting back: a quarter of it, and not next to nothing.
MUCH_FREE_SHARE = 0.25
MUCH_FREE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that doctor looked at, and, where it is not well, what to do about it."""

    name: str
    is_well: bool
    detail: str
    remedy: str = ""


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
    yield Check(
        name=_("contact"),
        is_well=config.contact is not None,
        detail=config.contact or _("none"),
        remedy="" if config.contact else _("set HRWATCH_CONTACT, so that a webmaster can reach you"),
    )
    yield _tried(_("taxonomy"), lambda: _("{zones} zones").format(zones=len(load_taxonomy(config.taxonomy).zones)))
    yield _tried(_("sources"), lambda: _sources_finding(config))
    yield from _browser_check(config)
    yield from _disk_checks(config)
    if not config.has_archive:
        yield Check(name=_("archive"), is_well=True, detail=_("not made yet: {file}").format(file=config.database))
        return
    try:
        with open_archive(config) as archive:
            yield from _archive_checks(archive, is_deep=is_deep)
            yield from _condition_checks(archive)
            if is_deep:
                yield from _warc_checks(archive, config.warc_dir)
            yield _feeds_check(archive, config)
            yield from _notification_checks(archive, config)
            yield from _health_checks(archive, config)
    except HrwatchError as error:
        remedy = "" if isinstance(error, SchemaError) else _("put a copy back: hrwatch restore FILE --force")
        yield Check(name=_("archive"), is_well=False, detail=str(error), remedy=remedy)


def _archive_checks(archive: Archive, *, is_deep: bool) -> Iterator[Check]:
    faults = archive.check(limit_s=None if is_deep else LOOK_S)
    if all(fault.is_unfinished for fault in faults):
        counts = archive.counts()
        detail = _("{items} items, {stories} stories, {relevant} relevant").format(
            items=counts.items, stories=counts.stories, relevant=counts.relevant
        )
        yield Check(name=_("archive"), is_well=True, detail=f"{detail}, {size_text(counts.bytes)}")
    for fault in faults:
        if not fault.is_unfinished:
            yield Check(name=_("archive"), is_well=False, detail=f"{fault.part}: {fault.detail}", remedy=_remedy(fault))
    if unfinished := [fault.part for fault in faults if fault.is_unfinished]:
        yield Check(
            name=_("archive"),
            is_well=True,
            detail=_("{parts}: nothing found in {seconds} s, not all was read").format(
                parts=", ".join(unfinished), seconds=round(LOOK_S)
            ),
            remedy=_("hrwatch doctor --deep reads all of it"),
        )


def _remedy(fault: Fault) -> str:
    if fault.part == "pages":
        return _("bring the file back into the WARC folder; until then these pages cannot be read again")
    if fault.part == "item_search":
        return _("hrwatch copy-archive FILE writes a copy whose index is new")
    return _("stop hrwatch and put a copy back: hrwatch restore FILE --force")


def _condition_checks(archive: Archive) -> Iterator[Check]:
    found = archive.condition()
    yield Check(name=_("schema"), is_well=True, detail=found.schema)
    if found.log_bytes is not None:
        is_well = found.log_bytes < LARGE_LOG_BYTES
        yield Check(
            name=_("log"),
            is_well=is_well,
            detail=size_text(found.log_bytes),
            remedy=""
            if is_well
            else _("some command has been reading for long; when it has ended the log is taken in by itself"),
        )
    if found.free_bytes is not None:
        is_much = found.free_bytes > max(MUCH_FREE_BYTES, found.bytes * MUCH_FREE_SHARE)
        yield Check(
            name=_("free within the file"),
            is_well=True,
            detail=size_text(found.free_bytes),
            remedy=_("it is used again; to shrink the file, stop hrwatch and run: sqlite3 FILE VACUUM")
            if is_much
            else "",
        )
    if found.checksum_failures:
        yield Check(
            name=_("checksums"),
            is_well=False,
            detail=_("{count} pages of the database were damaged on disk").format(count=found.checksum_failures),
            remedy=_("look at the server's disk, and put a copy into a new database: hrwatch restore FILE"),
        )
    held = _("{count} hosts are held").format(count=found.leases)
    owners = ", ".join(sorted({owner_text(owner) for owner in found.held.values()}))
    yield Check(name=_("leases"), is_well=True, detail=f"{held}: {owners}" if owners else held)


def _warc_checks(archive: Archive, folder: Path) -> Iterator[Check]:
    """Every record of every file, and every page of the archive among them."""
    files = warc_files(folder)
    records = 0
    faults = []
    with ExitStack() as stack:
        told: Callable[[int], None] | None = None
        if err.is_terminal:
            bar = stack.enter_context(progress_bar())
            task = bar.add_task(_("MiB read"), total=round(sum(path.stat().st_size for path in files) / 2**20))

            def told(count: int) -> None:
                bar.advance(task, count / 2**20)

        for path in files:
            if path.suffix != ".gz":
                continue  # another program's: rows of records without members
            missing = archive.places_in(path.name)
            try:
                for member in members(path, on_bytes=told):
                    records += 1
                    if member.is_whole:
                        missing.discard(member.offset)
            except WarcError as error:
                faults.append(str(error))
            else:
                if missing:
                    faults.append(_("{file}: no whole record at {offset}").format(file=path, offset=min(missing)))
    if not faults:
        detail = _("{files} files, {records} records").format(files=len(files), records=records)
        yield Check(name=_("WARC files"), is_well=True, detail=detail)
    for fault in faults:
        yield Check(
            name=_("WARC files"),
            is_well=False,
            detail=fault,
            remedy=_("bring the file back from a copy; its pages before the damage can still be read"),
        )


def _feeds_check(archive: Archive, config: Config) -> Check:
    feeds = archive.feeds()
    missing = [feed.id for feed in feeds if not (config.feeds_dir / f"{feed.id}.rss").exists()]
    if missing:
        return Check(
            name=_("feeds"),
            is_well=False,
            detail=_("{count} feed files are missing").format(count=len(missing)),
            remedy=_("run hrwatch publish"),
        )
    return Check(name=_("feeds"), is_well=True, detail=_("{count} feeds").format(count=len(feeds)))


def _notification_checks(archive: Archive, config: Config) -> Iterator[Check]:
    """Whether the file of notifications can be read, and what of it reaches nobody."""
    if config.notify is None:
        return
    try:
        wanted = load_notifications(config.notify, load_taxonomy(config.taxonomy))
    except HrwatchError as error:
        yield Check(name=_("notifications"), is_well=False, detail=str(error))
        return
    targets = {(one.name, target.name) for one in wanted for target in one.to}
    failing = [state for state in archive.targets() if state.fault and (state.notification, state.target) in targets]
    for state in failing:
        times = _("{failures} times in a row").format(failures=state.failures)
        yield Check(
            name=_("notifications"),
            is_well=False,
            detail=f"{state.notification}, {state.target}: {state.fault}; {times}",
            remedy=_("mend it and run: hrwatch notify {name}").format(name=state.notification),
        )
    if not failing:
        detail = _("{count} notifications").format(count=len(wanted))
        yield Check(name=_("notifications"), is_well=True, detail=detail)


def _health_checks(archive: Archive, config: Config) -> Iterator[Check]:
    """How the sources that are polled stand, and the worst of them by name."""
    try:
        active = {source.id for source in open_catalogue(config).active()}
    except HrwatchError:
        return  # told of the sources already
    found = [one for one in by_urgency(archive.source_healths()) if one.source_id in active]
    if not found:
        return
    wrong = [one for one in found if is_trouble(one) or (one.verdict is None and one.next and not one.next.is_fine)]
    more = len(wrong) - WORST
    yield Check(
        name=_("health of the sources"),
        is_well=not wrong,
        detail=counts_text(found),
        remedy=_("{count} more: hrwatch sources health").format(count=more) if more > 0 else "",
    )
    for one in wrong[:WORST]:
        since = "" if one.since is None else "; " + _("since {time}").format(time=cell_text(one.since))
        yield Check(name=one.source_id, is_well=False, detail=verdict_text(one) + since, remedy=remedy(one))


def _tried(name: str, finding: Callable[[], str]) -> Check:
    try:
        return Check(name=name, is_well=True, detail=finding())
    except (HrwatchError, OSError) as error:
        return Check(name=name, is_well=False, detail=str(error))


def _sources_finding(config: Config) -> str:
    catalogue = open_catalogue(config)
    return _("{count} sources, {active} active").format(count=len(catalogue), active=len(catalogue.active()))


def _browser_check(config: Config) -> Iterator[Check]:
    """Whether there is a browser, where a source needs one."""
    try:
        wanting = [source.id for source in open_catalogue(config).active() if wants_browser(source)]
    except HrwatchError:
        return  # told of the sources already
    if wanting:
        fault = browser_fault(config)
        finding = fault or find_browser(config) or ""
        if fault is None and os.geteuid() == 0:
            finding += "; " + _("runs without its sandbox, as root")
        yield Check(name=_("browser"), is_well=fault is None, detail=f"{finding} ({', '.join(wanting)})")


def _disk_checks(config: Config) -> Iterator[Check]:
    folder = config.data
    while not folder.exists():
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Check(name=_("data folder"), is_well=False, detail=str(error))
        return
    is_well = free >= LOW_DISK_BYTES
    yield Check(
        name=_("data folder"),
        is_well=is_well,
        detail=_("{folder}: {size} free").format(folder=config.data, size=size_text(free)),
        remedy="" if is_well else _("make room, or let go of old pages: hrwatch prune --help"),
    )
    if folder == config.data and not os.access(folder, os.W_OK):
        yield Check(
            name=_("data folder"),
            is_well=False,
            detail=_("{folder}: cannot be written").format(folder=folder),
            remedy=_("run hrwatch as the user whose folder it is"),
        )
