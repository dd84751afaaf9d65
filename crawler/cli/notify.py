"""`hrwatch notify`: tell people of new stories, and operators of sources, through Apprise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from archive import Archive, open_archive
from crawler.catalogue import Catalogue
from crawler.cli import ALL_WELL, SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.screen import cell_text, say, show_json, show_table
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.language import _
from crawler.leases.owner import owner_name
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue
from feeds.health import publish_health
from feeds.notify.announce import Outcome, State, announce, preview
from feeds.notify.message import text_parts
from feeds.notify.wanted import Notification, load_notifications


@click.command(
    name="notify",
    help=_("Tell people of new stories, as the file of HRWATCH_NOTIFY says.")
    + "\n\n"
    + _(
        "Each story once for each notification; the first call tells nothing, and what comes after it is told. What"
        " failed is tried again later; named, it is tried at once."
    ),
    epilog=example("hrwatch notify --dry-run", "hrwatch notify", "hrwatch notify ops"),
)
@click.argument("names", metavar="[NAME…]", nargs=-1)
@click.option("--dry-run", is_flag=True, help=_("Show what is coming; send and remember nothing."))
@click.option("-q", "--quiet", is_flag=True, help=_("Print only what failed."))
@json_option
@sources_option
@data_option
@click.pass_context
def notify(ctx: click.Context, names: tuple[str, ...], dry_run: bool, quiet: bool, as_json: bool) -> None:
    """Exit code 1 where a service did not take a message."""
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    if config.notify is None:
        raise ConfigError(_("HRWATCH_NOTIFY is not set: it names the file of notifications"))
    wanted = _named(load_notifications(config.notify, taxonomy), names, config.notify)
    with open_archive(config) as archive:
        if dry_run:
            outcomes = preview(archive, wanted, taxonomy, config)
        else:
            publish_health(archive, open_catalogue(config), config, now=datetime.now(UTC))
            outcomes = announce(
                archive,
                wanted,
                taxonomy,
                config,
                owner=owner_name(),
                now=lambda: datetime.now(UTC),
                is_urgent=bool(names),
            )
    if quiet:
        outcomes = tuple(one for one in outcomes if one.state is State.FAILED)
    if as_json:
        show_json(_object(outcome) for outcome in outcomes)
    elif outcomes or not quiet:
        show_table(
            (_("notification"), _("target"), _("outcome"), _("count"), _("detail")),
            (
                (
                    one.notification,
                    one.target,
                    _coming(one) if dry_run else _state_text(one.state),
                    one.count,
                    _detail(one),
                )
                for one in outcomes
            ),
        )
        for text in dict.fromkeys(_shown(one) for one in outcomes if dry_run and one.message is not None):
            say()
            say(text)
    ctx.exit(SOME_FAILED if any(one.state is State.FAILED for one in outcomes) else ALL_WELL)


class Notifier:
    """What `hrwatch run` does every minute: judge the sources' health, and tell what is due."""

    def __init__(self, archive: Archive, catalogue: Callable[[], Catalogue], config: Config) -> None:
        self._archive = archive
        self._catalogue = catalogue
        self._config = config
        self._taxonomy = load_taxonomy(config.taxonomy)
        self._owner = owner_name()
        # read once: a mistake in it stops the program at its start, not a notification some night
        self._wanted = () if config.notify is None else load_notifications(config.notify, self._taxonomy)

    def __call__(self) -> None:
        publish_health(self._archive, self._catalogue(), self._config, now=datetime.now(UTC))
        announce(
            self._archive,
            self._wanted,
            self._taxonomy,
            self._config,
            owner=self._owner,
            now=lambda: datetime.now(UTC),
        )


def _named(wanted: tuple[Notification, ...], names: tuple[str, ...], file: Path) -> tuple[Notification, ...]:
    known = {one.name: one for one in wanted}
    for name in names:
        if name not in known:
            raise ConfigError(
                _("{file}: there is no notification {name}; there are {known}").format(
                    file=file, name=name, known="、".join(known) or "-"
                )
            )
    return tuple(known[name] for name in dict.fromkeys(names)) or wanted


def _state_text(state: State) -> str:
    return {
        State.OPENED: _("begins now: what is new from here on"),
        State.SENT: _("sent"),
        State.NOTHING: _("nothing new to tell"),
        State.WAITING: _("failed, tried again later"),
        State.FAILED: _("failed"),
        State.BUSY: _("another process is telling"),
    }[state]


def _coming(one: Outcome) -> str:
    if one.state is State.NOTHING and one.message is not None:
        return _("to be told when it is due")
    return _state_text(one.state)


def _detail(one: Outcome) -> str:
    again = "" if one.retry_at is None else _("again at {time}").format(time=cell_text(one.retry_at))
    return "; ".join(part for part in (one.fault, again) if part)


def _shown(one: Outcome) -> str:
    return "" if one.message is None else "\n".join(part.text for part in text_parts(one.message, 100_000, len))


def _object(one: Outcome) -> dict[str, object]:
    return {
        "notification": one.notification,
        "target": one.target,
        "outcome": one.state.value,
        "count": one.count,
        "fault": one.fault,
        "retry_at": one.retry_at,
    }
