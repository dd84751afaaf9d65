"""docs/operations.md: every metric is described, no other is, and the examples for Prometheus are well-formed."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import yaml
from prometheus_client import parser

from archive import Archive, open_archive
from crawler.config import Config
from crawler.health.standing import Health
from crawler.log import FIELDS
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from tests.conftest import ROOT
from tests.web.archive_of import NOW, poll, source, store
from tests.web.client import Client
from web.app import create_app

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Metrics and logs")[2]
# hrwatch_polls_total{reason}, hrwatch_stories
METRIC = re.compile(r"\bhrwatch_[a-z_]+")


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all samples' families, as Prometheus will have them."""
    config = Config(data=tmp_path_factory.mktemp("metrics"))
    with open_archive(config) as archive:
        return set(_names(archive, config))


def _names(archive: Archive, config: Config) -> Iterator[str]:
    archive.plan("synthetic-a", NOW + timedelta(hours=1))
    store(archive, 1)
    poll(archive, source())
    text = Client(create_app(archive, load_taxonomy(), config)).get("/metrics").text
    for family in parser.text_string_to_metric_families(text):
        yield f"{family.name}_total" if family.type == "counter" else family.name


def test_every_metric_is_described(exposed: set[str]) -> None:
    told = set(METRIC.findall(PAGE))
    for name in ("last_success", "last_new", "next_poll"):  # "also `…_last_success_…`"
        assert f"…_{name}_…" in PAGE
        told.add(f"hrwatch_source_{name}_timestamp_seconds")
    told |= {"hrwatch_feed_delay_items", "hrwatch_published_to_feed_delay_items"}  # "with `…_items`, too"
    assert told == exposed


def _yaml(key: str) -> dict[str, object]:
    (found,) = (
        document
        for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
        for document in (yaml.safe_load(block),)
        if key in document
    )
    return found


def test_the_scrape_config_is_one() -> None:
    (job,) = _yaml("scrape_configs")["scrape_configs"]  # type: ignore[misc]
    assert job["job_name"] == "hrwatch"
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8080"]}]


def test_alerts_are_of_metrics_and_verdicts_that_exist(exposed: set[str]) -> None:
    (group,) = _yaml("groups")["groups"]  # type: ignore[misc]
    assert len(group["rules"]) == 3
    for rule in group["rules"]:
        assert {*METRIC.findall(rule["expr"])} <= exposed
        assert METRIC.search(rule["expr"])
        assert rule["annotations"]["summary"]
        for verdicts in re.findall(r'verdict=~"([^"]+)"', rule["expr"]):
            assert {*verdicts.split("|")} <= {*map(str, Health)}
            assert "healthy" not in verdicts


def test_the_example_of_a_log_line_is_what_is_logged() -> None:
    (line,) = re.findall(r"```json\n(.*)\n```", PAGE)
    assert set(json.loads(line)) <= {"time", "level", "logger", "message", *FIELDS}
    assert logging.getLevelName(json.loads(line)["level"])
    fields = re.search(r"`time` is UTC; (.*) are there where", PAGE)
    assert fields is not None
    assert {*re.findall(r"`(\w+)`", fields[1])} <= {*FIELDS}


def test_reasons_are_a_closed_list() -> None:
    assert all(re.fullmatch(r"[a-z-]+", reason) for reason in Reason)  # as label values need no escapes
