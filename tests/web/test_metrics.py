"""/metrics as Prometheus reads it: both formats, what is counted, and what hostile names or a slow archive do to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics
from sqlalchemy import insert, update

from archive import Archive
from archive.records import Meters, Pause, PollTotals
from archive.schema import notification_targets, notifications, source_health, sources
from crawler.config import Config
from crawler.health.standing import Health
from crawler.model import ListReport, PollReport, Reason
from crawler.taxonomy import load_taxonomy
from tests.web.archive_of import NOW, poll, source, store
from tests.web.client import Client
from web import metrics
from web.app import create_app

pytestmark = pytest.mark.usefixtures("english")

HOSTILE = 'a"} 1\nup{job="x\\'


@pytest.fixture
def client(archive: Archive, config: Config, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(metrics, "_KEPT_S", -1.0)  # each scrape is a new one
    return Client(create_app(archive, load_taxonomy(), config, sources=(source(),)))


def scrape(client: Client) -> dict[str, Metric]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {family.name: family for family in parser.text_string_to_metric_families(answer.text)}


def value(found: Mapping[str, Metric], name: str, **labels: str) -> float:
    family = found.get(name) or found[name.removesuffix("_total")]
    (sample,) = (one for one in family.samples if one.name == name and one.labels == labels)
    return sample.value


def test_an_empty_archive_has_metrics(client: Client) -> None:
    found = scrape(client)
    assert value(found, "hrwatch_stories") == 0
    assert value(found, "hrwatch_sources", verdict="unknown") == 0
    verdicts = {sample.labels["verdict"] for sample in found["hrwatch_sources"].samples}
    assert verdicts == {*map(str, Health), "paused", "unknown"}
    assert {sample.value for sample in found["hrwatch_scrape_unfinished"].samples} == {0}
    assert value(found, "hrwatch_disk_free_bytes") > 0
    assert value(found, "hrwatch_archive_bytes") > 0
    (info,) = found["hrwatch_info"].samples
    assert info.labels["database"] == "sqlite"
    assert info.labels["schema"]
    assert found["hrwatch_seen_delay_seconds"].samples == []  # nothing measured is no zero


def test_both_formats_are_well_formed_and_say_the_same(client: Client, archive: Archive) -> None:
    store(archive, 1)
    poll(archive, source())
    plain = scrape(client)
    answer = client.get("/metrics", {"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    open_ = {family.name: family for family in openmetrics.text_string_to_metric_families(answer.text)}
    assert {name.removesuffix("_total").removesuffix("_info") for name in plain} == {*open_}
    assert value(plain, "hrwatch_items") == value(open_, "hrwatch_items") == 1
    assert all(family.documentation for family in open_.values())


def test_polls_are_summed_once_whenever_they_are_asked_for(client: Client, archive: Archive) -> None:
    poll(archive, source())
    poll(archive, source("b"), Reason.BLOCKED)
    found = scrape(client)
    assert value(found, "hrwatch_polls_total", reason="ok") == 1
    assert value(found, "hrwatch_polls_total", reason="blocked") == 1
    assert value(found, "hrwatch_rows_total") == 40
    listed = ListReport(url="https://b.example/", status=200, rows=5, new=2)
    archive.record_poll(
        PollReport(
            source_id="b",
            started_at=NOW,
            ended_at=NOW,
            lists=(listed,),
            stored=2,
            refused={Reason.GONE: 2, Reason.NO_BODY: 1},
        )
    )
    archive.record_poll(PollReport(source_id="b", started_at=NOW, ended_at=NOW, skipped=True))
    for _again in range(2):
        found = scrape(client)
        assert value(found, "hrwatch_polls_total", reason="ok") == 2
        assert value(found, "hrwatch_polls_total", reason="skipped") == 1
        assert value(found, "hrwatch_rows_total") == 45
        assert value(found, "hrwatch_new_rows_total") == 4
        assert value(found, "hrwatch_stored_items_total") == 2
        assert value(found, "hrwatch_refused_rows_total", reason="gone") == 2


def test_how_each_source_stands(client: Client, archive: Archive) -> None:
    poll(archive, source())
    poll(archive, source("b"), Reason.TIMEOUT)
    at = datetime.now(UTC) - timedelta(hours=2)
    archive.plan("synthetic-a", at)
    archive.plan("b", datetime.now(UTC) + timedelta(hours=1))

    def judge(connection: object) -> None:
        connection.execute(insert(sources), {"source_id": "left", "failures": 9, "left_at": NOW})  # type: ignore[attr-defined]
        judged = {"source_id": "b", "verdict": "unreachable", "since": NOW, "polls_apart": 0, "polls_alike": 0}
        connection.execute(insert(source_health), judged)  # type: ignore[attr-defined]

    archive.submit(judge).result()
    found = scrape(client)
    assert value(found, "hrwatch_sources", verdict="unreachable") == 1
    assert value(found, "hrwatch_sources", verdict="unknown") == 1
    since = value(found, "hrwatch_source_health_since_timestamp_seconds", source="b", verdict="unreachable")
    assert since == NOW.timestamp()
    assert value(found, "hrwatch_source_failures", source="b") == 1
    assert value(found, "hrwatch_source_last_success_timestamp_seconds", source="synthetic-a") == NOW.timestamp()
    assert [sample.labels["source"] for sample in found["hrwatch_source_failures"].samples] == ["b", "synthetic-a"]
    assert 7200 <= value(found, "hrwatch_schedule_lag_seconds") < 7200 + 600
    assert value(found, "hrwatch_schedule_due") == 1


@pytest.mark.parametrize("values", [{"status": "paused"}, {"paused_at": NOW}])
def test_a_source_that_nobody_waits_for_is_not_late(
    client: Client, archive: Archive, values: dict[str, object]
) -> None:
    archive.plan("synthetic-a", datetime.now(UTC) - timedelta(hours=2))
    assert value(scrape(client), "hrwatch_schedule_due") == 1
    archive.submit(lambda connection: connection.execute(update(sources).values(**values))).result()
    found = scrape(client)
    assert value(found, "hrwatch_schedule_due") == value(found, "hrwatch_schedule_lag_seconds") == 0


def test_a_paused_source_raises_no_alarm_by_what_it_was_before(client: Client, archive: Archive) -> None:
    archive.plan("synthetic-a", NOW)

    def judge(connection: object) -> None:
        judged = {"source_id": "synthetic-a", "verdict": "silent", "since": NOW, "polls_apart": 0, "polls_alike": 0}
        connection.execute(insert(source_health), judged)  # type: ignore[attr-defined]

    archive.submit(judge).result()
    archive.pause(["synthetic-a"], Pause(since=NOW))
    found = scrape(client)
    assert value(found, "hrwatch_sources", verdict="paused") == 1
    assert value(found, "hrwatch_sources", verdict="silent") == 0
    assert not found["hrwatch_source_health_since_timestamp_seconds"].samples


def test_targets_that_are_not_reached(client: Client, archive: Archive) -> None:
    def fail(connection: object) -> None:
        opened = {"opened_at": NOW, "opened_story_id": 0, "seen_seq": 0, "seen_story_id": 0, "last_position": 0}
        connection.execute(insert(notifications), {"name": "editors"} | opened)  # type: ignore[attr-defined]
        for target, failures in (("1 mailto", 0), ("2 wecombot", 3)):
            made = {"notification": "editors", "target": target, "added_at": NOW, "from_position": 0}
            connection.execute(insert(notification_targets), made | {"failures": failures})  # type: ignore[attr-defined]

    archive.submit(fail).result()
    found = scrape(client)
    assert value(found, "hrwatch_notification_targets") == 2
    assert value(found, "hrwatch_failing_notification_targets") == 1


def test_a_hostile_name_stays_a_label(client: Client, archive: Archive) -> None:
    archive.record_poll(PollReport(source_id=HOSTILE, started_at=NOW, ended_at=NOW))
    found = scrape(client)
    assert "up" not in found
    assert value(found, "hrwatch_source_failures", source=HOSTILE) == 0


def test_a_part_without_time_is_left_out_and_named(archive: Archive, config: Config) -> None:
    poll(archive, source())
    whole = archive.meters(PollTotals(), now=NOW, limit_s=60)
    short = Meters(
        database="sqlite",
        sources=None,
        counts=None,
        condition=whole.condition,
        targets=None,
        failing_targets=None,
        freshness=None,
        polls=PollTotals(),
    )

    class Slow:
        def meters(self, counted: PollTotals, *, now: datetime, limit_s: float) -> Meters:
            return short

    page = metrics.MetricsPage(Slow(), config)  # type: ignore[arg-type]
    text = page._registry
    found = {family.name: family for family in text.collect()}
    left_out = {sample.labels["part"] for sample in found["hrwatch_scrape_unfinished"].samples if sample.value}
    assert left_out == {"sources", "counts", "notifications", "freshness", "polls"}
    assert not {"hrwatch_polls", "hrwatch_stories", "hrwatch_sources", "hrwatch_seen_delay_seconds"} & {*found}
    assert "hrwatch_archive_bytes" in found


def test_scrapers_that_come_at_once_cost_one_look(archive: Archive, config: Config) -> None:
    looks = []

    class Counted:
        def meters(self, counted: PollTotals, *, now: datetime, limit_s: float) -> Meters:
            looks.append(now)
            return archive.meters(counted, now=now, limit_s=limit_s)

    page = metrics.MetricsPage(Counted(), config)  # type: ignore[arg-type]
    assert looks == []  # nothing is asked before anybody asks
    for _scrape in range(3):
        assert list(page._registry.collect())
    assert len(looks) == 1
