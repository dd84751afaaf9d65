"""Passes of the command over the demonstration's site: manners, a second look, WARC out and in, two runs at once."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.demo import DemoServer, DemoSite, check_manners, expected
from crawler.demo.server import Visit
from crawler.warc.reading import WarcReplay
from tests.cli.worlds import call
from tests.crawler.loopback import crawl, demo_settings, demo_sources, run, settings, start

SOME_FAILED, NOTHING_RAN = 1, 3
# a newspaper's address has the day in it, and the command polls today's
NOW = datetime.now(UTC)
NO_NETWORK = settings({}, allow_private="[]")


@dataclass
class TwoPasses:
    data: Path
    sources: Path
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    first_visits: tuple[Visit, ...]
    second_visits: tuple[Visit, ...]


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoPasses]:
    folder = tmp_path_factory.mktemp("passes")
    data = folder / "D"
    with DemoServer(DemoSite(NOW)) as server:
        sources = demo_sources(folder / "sources", server)
        args = ("--all", "--sources", sources)
        first = crawl(demo_settings(), data, *args, expect=SOME_FAILED)
        first_visits = server.visits
        server.forget_visits()
        second = crawl(demo_settings(), data, *args, expect=SOME_FAILED)
        yield TwoPasses(data, sources, first, second, first_visits, server.visits)


def stories(data: Path, *, only: str = "url") -> list[Any]:
    """What the archive holds, without what differs from archive to archive."""
    printed, _err = call(NO_NETWORK, data, "search", "--limit", "1000", "--json")
    return sorted(
        (
            story["title"],
            story["published"],
            story["first_source"],
            sorted(story["regions"]),
            sorted(story["zones"]),
            sorted(story["topics"]),
            story["is_link_only"],
            sorted(member[only] for member in story["members"]),
        )
        for story in json.loads(printed)
    )


def test_the_first_pass_behaves(passes: TwoPasses) -> None:
    findings = check_manners(expected(DemoSite(NOW)), passes.first_visits)
    assert [str(finding) for finding in findings if not finding.is_right] == []


def test_user_agent_is_honest(passes: TwoPasses) -> None:
    assert {visit.user_agent.partition("/")[0] for visit in passes.first_visits} == {"hrwatch"}


def test_the_second_pass_asks_for_lists_only_and_conditionally(passes: TwoPasses) -> None:
    stored = {visit.path for visit in passes.first_visits if visit.status == 200} - {
        visit.path for visit in passes.second_visits if visit.is_conditional
    }
    again = Counter((visit.host, visit.path) for visit in passes.second_visits)
    # the first page of a newspaper leads to the others, and is read in full
    articles = {path for path in stored if not path.endswith(("v01.html", "/news/"))}
    assert [key for key in again if key[1] in articles and key[1] != "/robots.txt"] == []
    assert "/robots.txt" not in {visit.path for visit in passes.second_visits if visit.host != "rsj.jinzhi.example"}
    assert sum(visit.status == 304 for visit in passes.second_visits) >= 8


def test_the_second_pass_stores_nothing(passes: TwoPasses) -> None:
    assert sum(report["stored"] for report in passes.first.values()) > 30
    assert sum(report["stored"] + report["new"] for report in passes.second.values()) == 0
    failed = {source: report["reason"] for source, report in passes.first.items() if not report["ok"]}
    assert failed == {source: report["reason"] for source, report in passes.second.items() if not report["ok"]}


def test_replay_of_the_warc_just_written_gives_the_same_stories_without_a_network(
    passes: TwoPasses, tmp_path: Path
) -> None:
    (warc,) = [path for path in (passes.data / "warc").iterdir() if path.stat().st_mtime_ns == _first(passes)]
    # the names resolve to nothing here, and loopback is not allowed
    reports = crawl(
        NO_NETWORK, tmp_path / "R", "--all", "--sources", passes.sources, "--replay", warc, expect=SOME_FAILED
    )
    assert stories(tmp_path / "R") == stories(passes.data)
    # nothing was ever had of this one, so there is nothing to replay
    assert {source for source, report in reports.items() if report["skipped"]} == {"demo-neiwang-private"}
    # articles are copied, so that their places hold; lists are not
    kept = WarcReplay((tmp_path / "R" / "warc").iterdir()).urls()
    assert kept
    assert not any("/list/" in url or url.endswith("robots.txt") for url in kept)
    again = crawl(
        NO_NETWORK, tmp_path / "R", "--all", "--sources", passes.sources, "--replay", warc, expect=SOME_FAILED
    )
    assert sum(report["stored"] for report in again.values()) == 0


def _first(passes: TwoPasses) -> int:
    """When the WARC file of the first pass was written; the second pass wrote one too."""
    return min(path.stat().st_mtime_ns for path in (passes.data / "warc").iterdir())


def test_a_warc_that_breaks_off_is_used_up_to_the_break(passes: TwoPasses, tmp_path: Path) -> None:
    whole = min((passes.data / "warc").iterdir(), key=lambda path: path.stat().st_mtime_ns).read_bytes()
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(whole[: len(whole) * 2 // 3])
    done = run(
        NO_NETWORK,
        tmp_path / "R",
        *("crawl", "--json", "--all", "--sources", passes.sources, "--replay", torn),
        expect=SOME_FAILED,
    )
    assert f"{torn} breaks off" in done.stderr
    assert sum(report["stored"] for report in json.loads(done.stdout)) > 0


@pytest.mark.parametrize("content", [b"", b"not a WARC at all", random.Random(1).randbytes(5000)])
def test_what_is_no_warc_is_named_and_nothing_runs(passes: TwoPasses, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.warc.gz"
    file.write_bytes(content)
    args = ("crawl", "--all", "--sources", passes.sources, "--replay", file)
    done = run(NO_NETWORK, tmp_path / "R", *args, expect=NOTHING_RAN)
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "R" / "hrwatch.sqlite3").exists()


def test_two_runs_at_once_never_ask_one_host_together(tmp_path: Path) -> None:
    with DemoServer(DemoSite(NOW), think_s=0.03) as server:
        sources = demo_sources(tmp_path / "sources", server)
        args = ("crawl", "--json", "--all", "--sources", sources)
        both = [start(demo_settings(), tmp_path / "D", *args) for _ in range(2)]
        printed = [process.communicate(timeout=120) for process in both]
        assert server.visits
        assert {host: most for host, most in server.most_at_once().items() if most > 1} == {}
        for process, (out, err) in zip(both, printed, strict=True):
            assert process.returncode in (0, SOME_FAILED, NOTHING_RAN), err
            assert "Traceback" not in err
            assert len(json.loads(out)) == 16
        # what one run left to the other is there after one more pass, and all is as after one undisturbed pass
        crawl(demo_settings(), tmp_path / "D", "--all", "--sources", sources, expect=None)
        crawl(demo_settings(), tmp_path / "one", "--all", "--sources", sources, expect=None)
    assert stories(tmp_path / "D") == stories(tmp_path / "one")
    assert "✗\tarchive" not in call(NO_NETWORK, tmp_path / "D", "doctor", expect=None)[0]
