"""`hrwatch sources freshness`: how long news takes to be seen and to be in the feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta

import click

from archive.periods import CHINA
from archive.records import SourceFreshness, SourceState
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.questions.asking import Day
from crawler.cli.questions.counting import remark
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import err, say, show_json, show_table
from crawler.figures import delay_text
from crawler.language import _
from crawler.model import Source
from crawler.wiring import open_catalogue

DAYS = 30  # long enough for a source with news once a week


@click.command(
    "freshness",
    help=_("Show how long news takes from publication to first sight, and into the feed."),
    epilog=example(
        "hrwatch sources freshness", "hrwatch sources freshness --since 2026-10", "hrwatch sources freshness --json"
    ),
)
@click.argument("source_ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--since", metavar="YYYY[-MM[-DD]]", type=Day(), help=_("Seen on this day or later (default: the last 30 days).")
)
@json_option
@sources_option
@data_option
@click.pass_context
def freshness(ctx: click.Context, source_ids: tuple[str, ...], since: date | None, as_json: bool) -> None:
    """All sources together first, then each with news in the period."""
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    chosen = {source.id: source for source in catalogue.select(source_ids)} if source_ids else None
    now = datetime.now(UTC)
    start = now - timedelta(days=DAYS) if since is None else datetime.combine(since, time(), CHINA).astimezone(UTC)
    with archive_to_ask(config) as archive, err.status(_("counting …")):
        found = archive.freshness(since=start, until=now, source_ids=None if chosen is None else chosen.keys())
        states = {state.source_id: state for state in archive.source_states()}
    known = {source.id: source for source in catalogue}
    rows = [found.whole, *found.sources] if chosen is None else list(found.sources)
    if as_json:
        show_json(_object(row, known, states) for row in rows)
        return
    show_table(
        (
            _("source"),
            _("news"),
            _("published → seen"),
            _("nine in ten"),
            _("on its day"),
            _("seen → feed"),
            _("published → feed"),
            _("last poll"),
            _("every (min)"),
        ),
        (_cells(row, known, states) for row in rows),
    )
    say(_("medians, from {since} on; only dates with a minute tell a delay").format(since=f"{start:%Y-%m-%d}"))
    if chosen is None:
        silent = len({source.id for source in catalogue.active()} - {row.source_id for row in found.sources})
        if silent:
            remark(_("{count} active sources had no news in this time").format(count=silent))
    elif missing := sorted(chosen.keys() - {row.source_id for row in found.sources}):
        remark(_("no news in this time: {sources}").format(sources=", ".join(missing)))


def _cells(row: SourceFreshness, known: Mapping[str, Source], states: Mapping[str, SourceState]) -> tuple[object, ...]:
    source = known.get(row.source_id or "")
    state = states.get(row.source_id or "")
    dated = row.to_sight_by_day.count
    return (
        _("all sources") if row.source_id is None else row.source_id,
        row.items,
        delay_text(row.to_sight.median_s),
        delay_text(row.to_sight.p90_s),
        f"{row.same_day}/{dated}" if dated else None,
        delay_text(row.to_feed.median_s),
        delay_text(row.in_all.median_s),
        state.last_polled_at if state else None,
        source.every_min if source else None,
    )


def _object(row: SourceFreshness, known: Mapping[str, Source], states: Mapping[str, SourceState]) -> dict[str, object]:
    """Delays in seconds; `source` is null in the first row, of all together."""
    source = known.get(row.source_id or "")
    state = states.get(row.source_id or "")
    counted = asdict(row)
    return {
        "source": counted.pop("source_id"),
        **counted,
        "last_polled_at": state.last_polled_at if state else None,
        "next_poll_at": state.next_poll_at if state else None,
        "every_min": source.every_min if source else None,
    }
