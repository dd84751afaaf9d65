"""`hrwatch sources`: the registry."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from archive.records import SourceState
from crawler.catalogue import NATIONAL
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import say, show_json, show_table
from crawler.cli.sources.add import add
from crawler.cli.sources.check import check
from crawler.cli.sources.columns import columns_text
from crawler.cli.sources.fresh import freshness
from crawler.cli.sources.health import health
from crawler.cli.sources.paused import pause, pause_text, poll_now, resume
from crawler.language import _
from crawler.model import Source
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue
from crawler.wording import reason_text, status_text


@click.group(help=_("The registry of sources."), epilog=example("hrwatch sources list", "hrwatch sources list --json"))
def sources() -> None:
    """The group itself does nothing."""


sources.add_command(add)
sources.add_command(check)
sources.add_command(pause)
sources.add_command(resume)
sources.add_command(poll_now)
sources.add_command(freshness)
sources.add_command(health)


@sources.command(
    "list",
    help=_("Show the sources, with their last poll where there was one."),
    epilog=example("hrwatch sources list", "hrwatch sources list --json", "hrwatch sources list --sources my-sources"),
)
@json_option
@sources_option
@data_option
@click.pass_context
def list_sources(ctx: click.Context, as_json: bool) -> None:
    """Facts from the files, state from the archive if there is one."""
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    states: dict[str, SourceState] = {}
    if config.has_archive:
        with archive_to_ask(config) as archive:
            states = {state.source_id: state for state in archive.source_states()}
    divisions = load_taxonomy(config.taxonomy).divisions
    now = datetime.now(UTC)
    if as_json:
        show_json(
            {
                "id": source.id,
                "name": source.name,
                "kind": source.kind,
                "level": source.level,
                "adcode": source.adcode,
                "family": source.family,
                "status": source.status,
                "column": source.column,
                "why": source.why,
                "home": source.home,
                "hosts": source.hosts,
                "lists": [page.url for page in source.lists],
                "every_min": source.every_min,
                "cron": source.cron,
                "paused_at": state.pause.since if state and state.pause else None,
                "paused_until": state.pause.until if state and state.pause else None,
                "paused_why": state.pause.why if state and state.pause else None,
                "last_polled_at": state.last_polled_at if state else None,
                "last_reason": state.last_poll.reason if state and state.last_poll else None,
            }
            for source in catalogue
            for state in (states.get(source.id),)
        )
        return
    show_table(
        (_("source"), _("name"), _("region"), _("family"), _("status"), _("every (min)"), _("last poll"), _("result")),
        (
            (
                source.id,
                source.name,
                _("national") if source.adcode == NATIONAL else divisions.name(source.adcode) or source.adcode,
                source.family,
                _standing(source, state, now),
                source.cron or source.every_min,
                state.last_polled_at if state else None,
                _result(state),
            )
            for source in catalogue
            for state in (states.get(source.id),)
        ),
    )
    say(columns_text(catalogue))
    say(_("{count} sources, {active} active").format(count=len(catalogue), active=len(catalogue.active())))


def _standing(source: Source, state: SourceState | None, now: datetime) -> str:
    """What its file says of it, or that a person has paused it."""
    if state is not None and state.pause is not None and state.pause.holds(now):
        return pause_text(state.pause)
    return status_text(source.status)


def _result(state: SourceState | None) -> str | None:
    if state is None or state.last_poll is None:
        return None
    reason = state.last_poll.reason
    return _("ok") if reason is None else reason_text(reason)
