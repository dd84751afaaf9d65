"""`hrwatch sources freshness`: delays of synthetic news as a table and for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import open_archive
from archive.records import FeedQuery
from crawler.cli.commands import hrwatch
from crawler.config import Config
from crawler.figures import delay_text
from crawler.model import Precision, Stamp
from tests.archive.making import enter_feed, judged, poll, prose, source
from tests.crawler.loopback import source_file

pytestmark = pytest.mark.usefixtures("english")

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sources, one of them with three pieces of news of the last days."""
    for name in ("busy", "calm"):
        source_file(tmp_path / "sources", name, f"{name}.example", port=80)
    now = datetime.now(UTC).replace(microsecond=0)
    with open_archive(Config(data=tmp_path)) as archive:
        for name in ("busy", "calm"):
            archive.record_poll(poll(name, at=now - 90 * DAY))
        enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=now - 80 * DAY)
        for number, minutes in enumerate((10, 20, 300)):
            seen = now - 3 * DAY
            item = judged(f"https://busy.example/{number}", prose(number), of=source("busy"))
            stamp = Stamp(at=seen - minutes * MINUTE, precision=Precision.MINUTE, origin="label")
            archive.store(replace(item, article=replace(item.article, published=stamp)), now=seen)
    return tmp_path


def ask(data: Path, *args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(
        hrwatch, ["sources", "freshness", *args, "--data", str(data), "--sources", str(data / "sources")]
    )
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_a_table_with_all_sources_first(data: Path) -> None:
    result = ask(data)
    head, whole, busy, *rest = (line.split("\t") for line in result.stdout.splitlines())
    assert head[:4] == ["source", "news", "published → seen", "nine in ten"]
    assert whole[:4] == ["all sources", "3", "20 min", "5.0 h"]
    assert busy[:4] == ["busy", "3", "20 min", "5.0 h"]
    assert len(rest) == 1
    assert "1 active sources had no news" in result.stderr


def test_programs_get_seconds(data: Path) -> None:
    rows = json.loads(ask(data, "--json").stdout)
    assert [row["source"] for row in rows] == [None, "busy"]
    assert rows[1]["to_sight"] == {"count": 3, "median_s": 1200.0, "p90_s": 18_000.0}
    assert rows[1]["every_min"] == 60
    assert rows[1]["last_polled_at"]
    assert [row["source"] for row in json.loads(ask(data, "busy", "--json").stdout)] == ["busy"]


def test_a_source_without_news_is_named(data: Path) -> None:
    assert "no news in this time: calm" in ask(data, "busy", "calm").stderr
    tomorrow = f"{datetime.now(UTC) + 2 * DAY:%Y-%m-%d}"
    assert json.loads(ask(data, "--since", tomorrow, "--json").stdout)[0]["items"] == 0


def test_an_unknown_source_is_refused(data: Path) -> None:
    result = CliRunner().invoke(
        hrwatch, ["sources", "freshness", "nobody", "--data", str(data), "--sources", str(data / "sources")]
    )
    assert "nobody: no such source" in str(result.exception)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (5399, "90 min"), (5400, "1.5 h"), (36 * 3600, "1.5 d")],
)
def test_delays_are_said_to_the_precision_that_matters(seconds: float, said: str) -> None:
    assert delay_text(seconds) == said


def test_no_delay_is_nothing() -> None:
    assert delay_text(None) is None
