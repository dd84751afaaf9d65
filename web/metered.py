"""The metrics of an archive, every name and label of them. Labels are ids of sources and words of closed lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from archive.records import Meters, PollTotals, SourceFreshness, SourceMeter
from crawler.health.standing import Health

_QUANTILES = (("0.5", "median_s"), ("0.9", "p90_s"))


def families_of(meters: Meters, now: datetime) -> Iterator[Metric]:
    """All that the archive tells; what there was no time for is left out and named."""
    schema = meters.condition.schema if meters.condition is not None else ""
    told = {"version": _version(), "schema": schema, "database": meters.database}
    yield InfoMetricFamily("hrwatch", "The program and its archive.", value=told)
    parts = {
        "sources": meters.sources is not None,
        "counts": meters.counts is not None,
        "condition": meters.condition is not None,
        "notifications": meters.targets is not None,
        "freshness": meters.freshness is not None,
        "polls": meters.polls.is_whole,
    }
    unfinished = GaugeMetricFamily(
        "hrwatch_scrape_unfinished", "1 where there was no time for a part, which is left out.", labels=("part",)
    )
    for name, is_there in parts.items():
        unfinished.add_metric((name,), 0 if is_there else 1)
    yield unfinished
    if meters.sources is not None:
        yield from _of_sources(meters.sources, now)
    if meters.polls.is_whole:
        yield from _of_polls(meters.polls)
    yield from _of_archive(meters)
    if meters.freshness is not None:
        yield from _of_freshness(meters.freshness.whole, meters.freshness.sources)


def _of_sources(sources: tuple[SourceMeter, ...], now: datetime) -> Iterator[Metric]:
    by_verdict = GaugeMetricFamily("hrwatch_sources", "Sources of the registry by health.", labels=("verdict",))
    held = ["paused" if source.is_paused else source.verdict or "unknown" for source in sources]
    for verdict in (*(str(health) for health in Health), "paused", "unknown"):
        by_verdict.add_metric((verdict,), held.count(verdict))
    yield by_verdict
    verdicts = GaugeMetricFamily(
        "hrwatch_source_health_since_timestamp_seconds",
        "Since when a source has this health.",
        labels=("source", "verdict"),
    )
    failures = GaugeMetricFamily("hrwatch_source_failures", "Polls that failed in a row.", labels=("source",))
    for source in sources:
        failures.add_metric((source.source_id,), source.failures)
        # what a source was like before its pause is nothing to be alarmed by
        if source.verdict is not None and source.since is not None and not source.is_paused:
            verdicts.add_metric((source.source_id, source.verdict), source.since.timestamp())
    yield verdicts
    yield failures
    for name, about, moments in (
        ("last_poll", "End of the last poll.", [one.last_polled_at for one in sources]),
        ("last_success", "End of the last poll that went well.", [one.last_ok_at for one in sources]),
        ("last_new", "End of the last poll that found a new row.", [one.last_new_at for one in sources]),
        ("next_poll", "When it is due next.", [one.next_poll_at for one in sources]),
    ):
        times = GaugeMetricFamily(f"hrwatch_source_{name}_timestamp_seconds", about, labels=("source",))
        for source, at in zip(sources, moments, strict=True):
            if at is not None:
                times.add_metric((source.source_id,), at.timestamp())
        yield times
    late = [
        (now - source.next_poll_at).total_seconds()
        for source in sources
        if source.is_awaited and source.next_poll_at is not None and source.next_poll_at < now
    ]
    yield gauge("hrwatch_schedule_lag_seconds", "How long the poll that is most overdue waits.", max(late, default=0))
    yield gauge("hrwatch_schedule_due", "Sources that are due and wait.", len(late))


def _of_polls(totals: PollTotals) -> Iterator[Metric]:
    polls = CounterMetricFamily("hrwatch_polls", "Polls by how they ended; ok: well.", labels=("reason",))
    for reason, number in sorted(totals.polls.items(), key=lambda item: item[0] or ""):
        polls.add_metric((reason or "ok",), number)
    polls.add_metric(("skipped",), totals.skipped)
    yield polls
    for name, about, number in (
        ("rows", "Rows read on lists.", totals.rows),
        ("new_rows", "Rows that were new.", totals.new),
        ("fetched_pages", "Pages fetched behind rows.", totals.fetched),
        ("stored_items", "Items stored.", totals.stored),
        ("relevant_items", "Items stored that are about the subject.", totals.relevant),
        ("merged_items", "Items stored that joined a story that was there.", totals.merged),
    ):
        yield CounterMetricFamily(f"hrwatch_{name}", about, value=number)
    refused = CounterMetricFamily("hrwatch_refused_rows", "Rows and pages that went no further.", labels=("reason",))
    for of, number in sorted(totals.refused.items()):
        refused.add_metric((of,), number)
    yield refused


def _of_archive(meters: Meters) -> Iterator[Metric]:
    counts, condition = meters.counts, meters.condition
    if counts is not None:
        yield gauge("hrwatch_stories", "Stories in the archive.", counts.stories)
        yield gauge("hrwatch_relevant_stories", "Stories about the subject.", counts.relevant)
        yield gauge("hrwatch_items", "Items in the archive.", counts.items)
        yield gauge("hrwatch_pending_rows", "Rows whose pages are still to be fetched.", counts.pending)
        yield gauge("hrwatch_feeds", "Feeds ever published.", counts.feeds)
    if condition is not None:
        yield gauge("hrwatch_archive_bytes", "Size of the database.", condition.bytes)
        if condition.log_bytes is not None:
            yield gauge("hrwatch_archive_log_bytes", "SQLite's log, to be taken in.", condition.log_bytes)
        yield gauge("hrwatch_leases", "Hosts that a run holds.", condition.leases)
    if meters.targets is not None and meters.failing_targets is not None:
        yield gauge("hrwatch_notification_targets", "Targets of notifications.", meters.targets)
        yield gauge(
            "hrwatch_failing_notification_targets", "Targets that were not reached last.", meters.failing_targets
        )


def _of_freshness(whole: SourceFreshness, sources: tuple[SourceFreshness, ...]) -> Iterator[Metric]:
    yield gauge("hrwatch_news_items", "Items first seen in the last seven days, without backfills.", whole.items)
    for name, about, delays in (
        ("seen", "From publication to first sight", whole.to_sight),
        ("feed", "From first sight to the feed of all stories", whole.to_feed),
        ("published_to_feed", "From publication to the feed of all stories", whole.in_all),
    ):
        family = GaugeMetricFamily(
            f"hrwatch_{name}_delay_seconds", f"{about}, in the last seven days.", labels=("quantile",)
        )
        for quantile, field in _QUANTILES:
            value = getattr(delays, field)
            if value is not None:
                family.add_metric((quantile,), value)
        yield family
        yield gauge(f"hrwatch_{name}_delay_items", f"{about}: how many were measured.", delays.count)
    medians = GaugeMetricFamily(
        "hrwatch_source_seen_delay_seconds",
        "Median from publication to first sight, in the last seven days.",
        labels=("source",),
    )
    for source in sources:
        if source.source_id is not None and source.to_sight.median_s is not None:
            medians.add_metric((source.source_id,), source.to_sight.median_s)
    yield medians


def gauge(name: str, about: str, value: float) -> Metric:
    """A metric of one value."""
    return GaugeMetricFamily(name, about, value=value)


def _version() -> str:
    try:
        return version("hrwatch")
    except PackageNotFoundError:
        return "0"
