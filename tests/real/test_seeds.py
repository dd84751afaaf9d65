"""The main job on real input: the five seed documents through the command, held against expected.json."""

from __future__ import annotations

import hashlib
import html
import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from tests.cli.worlds import call
from tests.feeds.valid import check_atom, check_json, check_opml, check_rss
from tests.real.seeds import HRWATCH, crawl_args, environment, feed_index, hrwatch, make_warc

# A blocked host and a robots.txt that says no: some source failed.
SOME_FAILED = 1


def ask(data: Path, *args: str, expect: int | None = 0) -> str:
    """What a command prints that needs no process of its own, as a pass does."""
    return call(environment(), data, *args, expect=expect)[0]


def stories(data: Path) -> list[dict[str, Any]]:
    """All relevant stories, as `hrwatch search` with no words lists them."""
    found: list[dict[str, Any]] = json.loads(ask(data, "search", "--limit", "1000", "--json"))
    return found


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "seeds" / "expected.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def warc(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warc(shared, tmp_path_factory.mktemp("warc") / "S.warc.gz")


@pytest.fixture(scope="module")
def crawled(warc: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder after one pass and one publishing, and what the pass printed."""
    data = tmp_path_factory.mktemp("seeds") / "D"
    printed = hrwatch(data, *crawl_args(warc), expect=SOME_FAILED)
    hrwatch(data, "publish")
    return data, printed


@pytest.fixture(scope="module")
def by_seed(crawled: tuple[Path, str], expected: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = stories(crawled[0])
    assert len(found) == len(expected["stories"]), [story["title"] for story in found]
    return {
        want["seed"][:3]: story
        for want in expected["stories"]
        for story in found
        if {member["url"] for member in story["members"]} & set(want["members"])
    }


def _each(field: str) -> Any:
    path = Path(__file__).parents[3] / "shared" / "seeds" / "expected.json"
    if not path.exists():
        return pytest.mark.parametrize("want", [pytest.param(None, marks=pytest.mark.skip("../shared is not here"))])
    rows = [row for row in json.loads(path.read_text("utf-8"))["stories"] if field in row]
    return pytest.mark.parametrize("want", rows, ids=[row["seed"][:3] for row in rows])


@_each("members")
def test_members(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert {member["url"] for member in by_seed[want["seed"][:3]]["members"]} == set(want["members"])


@_each("title_contains")
def test_title(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert want["title_contains"] in by_seed[want["seed"][:3]]["title"]


@_each("published")
def test_published_day(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert by_seed[want["seed"][:3]]["published"][:10] == want["published"]


@_each("first_source")
def test_first_source(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert by_seed[want["seed"][:3]]["first_source"] == want["first_source"]


@_each("document_number")
def test_document_number(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert by_seed[want["seed"][:3]]["document_number"] == want["document_number"]


@_each("written")
def test_day_of_writing(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert by_seed[want["seed"][:3]]["written"] == want["written"]


@_each("event_date")
def test_event_date(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert by_seed[want["seed"][:3]]["event_date"][5:] == want["event_date"]


@_each("regions_at_least")
def test_regions(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert set(want["regions_at_least"]) <= set(by_seed[want["seed"][:3]]["regions"])


@_each("parties")
def test_parties(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert set(want["parties"]) <= set(by_seed[want["seed"][:3]]["regions"])


@_each("zones")
def test_zones(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert set(want["zones"]) <= set(by_seed[want["seed"][:3]]["zones"])


@_each("topics")
def test_topics(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert set(want["topics"]) <= set(by_seed[want["seed"][:3]]["topics"])


@_each("agreements")
def test_agreements(want: dict[str, Any], by_seed: dict[str, dict[str, Any]]) -> None:
    assert set(want["agreements"]) <= set(by_seed[want["seed"][:3]]["agreements"])


def test_feeds_hold_exactly_what_is_expected(
    crawled: tuple[Path, str], by_seed: dict[str, dict[str, Any]], expected: dict[str, Any]
) -> None:
    data = crawled[0]
    seed_of = {story["guid"]: seed for seed, story in by_seed.items()}
    feeds = {feed["key"]: feed for feed in feed_index(data)}
    for name, wanted in expected["feeds"].items():
        feed = feeds[name.split()[0]]
        entries = feedparser.parse((data / "feeds" / feed["rss"]).read_bytes()).entries
        found = {seed_of[entry.id] for entry in entries}
        may = set(expected["feeds_may"].get(name, ()))
        assert set(wanted) <= found <= set(wanted) | may, name
        assert feed["items"] == len(entries)


def test_noise_is_in_no_feed(crawled: tuple[Path, str], expected: dict[str, Any]) -> None:
    for path in (crawled[0] / "feeds").rglob("*"):
        if path.suffix in (".xml", ".rss", ".atom", ".json", ".html", ".opml"):
            titles = _titles(path)
            for phrase in expected["not_in_any_feed"]:
                assert not any(phrase in title for title in titles), f"{path.name}: {phrase}"


def _titles(path: Path) -> list[str]:
    if path.name.startswith("index"):
        return [path.read_text("utf-8")]
    return [entry.get("title", "") for entry in feedparser.parse(path.read_bytes()).entries]


def test_refusals_are_reported_by_name(crawled: tuple[Path, str], expected: dict[str, Any]) -> None:
    printed = crawled[1]
    assert "blocked (412)" in printed
    assert "refused by robots.txt" in printed
    line = {host: next(row for row in printed.splitlines() if key in row) for host, key in _REPORTED.items()}
    for host, text in expected["sources_reported"].items():
        assert text.split(" (")[0] in line[host]


_REPORTED = {"cdhrss.chengdu.gov.cn": "rsj-sc-chengdu", "rsj.mianyang.gov.cn": "rsj-sc-mianyang"}


def test_every_feed_keeps_to_its_standard(crawled: tuple[Path, str]) -> None:
    data = crawled[0]
    index = feed_index(data)
    assert {"zone", "region", "topic", "all"} <= {feed["kind"] for feed in index}
    for feed in index:
        for form, check in (("rss", check_rss), ("atom", check_atom), ("json", check_json)):
            check((data / "feeds" / feed[form]).read_bytes())
    outlines = check_opml((data / "feeds" / "index.opml").read_bytes()).iter("outline")
    assert len([outline for outline in outlines if outline.get("type") == "rss"]) == len(index)


def test_every_entry_says_who_when_and_where(
    crawled: tuple[Path, str], by_seed: dict[str, dict[str, Any]], expected: dict[str, Any]
) -> None:
    document = json.loads((crawled[0] / "feeds" / "all.json").read_bytes())
    entries = {item["id"]: item for item in document["items"]}
    terms: dict[str, set[tuple[str, str]]] = {
        entry.id: {(tag.scheme.rpartition("#")[2], tag.term) for tag in entry.tags}
        for entry in feedparser.parse((crawled[0] / "feeds" / "all.atom").read_bytes()).entries
    }
    assert len(entries) == len(expected["stories"])
    for want in expected["stories"]:
        entry = entries[by_seed[want["seed"][:3]]["guid"]]
        assert want["title_contains"] in entry["title"]
        assert entry["date_published"].startswith(want["published"])
        assert want.get("first_source", "") in entry["authors"][0]["name"]
        for kind in ("zone", "topic"):
            assert {(kind, key) for key in want.get(f"{kind}s", ())} <= terms[entry["id"]]
        for url in want["members"]:
            assert f'href="{html.escape(url)}"' in entry["content_html"]


def test_a_second_pass_changes_nothing(warc: Path, crawled: tuple[Path, str], tmp_path: Path) -> None:
    data, _printed = crawled
    before, files = stories(data), _files(data)
    report = json.loads(hrwatch(data, *crawl_args(warc), "--json", expect=SOME_FAILED))
    assert sum(row["stored"] + row["new"] for row in report) == 0
    assert "0 new entries" in ask(data, "publish")
    assert stories(data) == before
    # sources that a second poll in a row found blocked or silent: news for operators, in the feed that is theirs only
    assert _of_subscribers(_files(data)) == _of_subscribers(files)
    files = _files(data)
    hrwatch(data, *crawl_args(warc), expect=SOME_FAILED)
    ask(data, "publish")
    assert _files(data) == files


def _of_subscribers(files: dict[str, tuple[bytes, int]]) -> dict[str, tuple[bytes, int]]:
    kept = {name: file for name, file in files.items() if not name.startswith("health.")}
    assert "all.rss" in kept
    return kept


def _files(data: Path) -> dict[str, tuple[bytes, int]]:
    folder = data / "feeds"
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_guids_stay_when_a_story_gains_a_reprint(warc: Path, tmp_path: Path) -> None:
    data = tmp_path / "D"
    reprints = ("www.yaan.gov.cn", "www.kbcmw.com", "finews.zning.xyz")
    less = _without(warc, tmp_path / "less.warc.gz", reprints)
    hrwatch(data, *crawl_args(less), expect=SOME_FAILED)
    ask(data, "publish")
    before = {story["url"]: story for story in stories(data)}
    entered = _entered(data)
    hrwatch(data, *crawl_args(warc), expect=SOME_FAILED)
    ask(data, "publish")
    after = {story["url"]: story for story in stories(data)}
    assert {url: story["guid"] for url, story in before.items()} == {url: story["guid"] for url, story in after.items()}
    assert sum(len(story["members"]) for story in after.values()) == 8
    # nothing is announced where it was announced before; only a source that had no story has a feed now, opened with it
    now_entered = _entered(data)
    assert {feed: now_entered[feed] for feed in entered} == entered
    assert len(entered) > len(reprints)
    opened = {feed: guids for feed, guids in now_entered.items() if feed not in entered}
    known = {story["guid"] for story in before.values()}
    assert sorted(feed[0] for feed in opened) == ["source"] * len(reprints)
    assert all(len(guids) == 1 and set(guids) <= known for guids in opened.values()), opened


def _entered(data: Path) -> dict[tuple[str, str], list[str]]:
    """By kind and key of a feed the guids of its entries as subscribers read them."""
    return {
        (feed["kind"], feed["key"]): [
            item["id"] for item in json.loads((data / "feeds" / feed["json"]).read_bytes())["items"]
        ]
        for feed in feed_index(data)
    }


def _without(warc: Path, path: Path, hosts: tuple[str, ...]) -> Path:
    """A copy of a WARC without the pages of some hosts."""
    with warc.open("rb") as source, path.open("wb") as target:
        writer = WARCWriter(target, gzip=True)
        for record in ArchiveIterator(source):
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            if not any(host in url for host in hosts):
                writer.write_record(record)
    return path


@pytest.fixture
def undisturbed(crawled: tuple[Path, str]) -> list[dict[str, Any]]:
    return _comparable(stories(crawled[0]))


def test_killed_at_ten_moments_then_one_full_pass(
    warc: Path, undisturbed: list[dict[str, Any]], crawled: tuple[Path, str], tmp_path: Path
) -> None:
    data = tmp_path / "D"
    command = [*HRWATCH, "--data", str(data), *map(str, crawl_args(warc))]
    started = time.monotonic()
    hrwatch(tmp_path / "warm", *crawl_args(warc), expect=SOME_FAILED)
    whole_s = time.monotonic() - started
    chance = random.Random(20261122)
    killed = 0
    for _ in range(10):
        process = subprocess.Popen(
            command, env=environment(), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # the first half is imports; kills there prove little
        time.sleep(whole_s * chance.uniform(0.4, 1.0))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert killed, "every pass was over before it could be killed"
    hrwatch(data, *crawl_args(warc), expect=SOME_FAILED)
    assert _comparable(stories(data)) == undisturbed
    assert list(_outcomes(data)) == list(_outcomes(crawled[0]))


def _comparable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stories and their members without numbers and times of arrival; a cursor ends with the number of its story."""

    def plain(record: dict[str, Any], *left_out: str) -> dict[str, Any]:
        return {key: value for key, value in record.items() if key not in left_out}

    rows = [
        plain(story, "id", "guid", "seq", "cursor", "first_seen", "excerpt")
        | {"members": [plain(member, "item", "first_seen") for member in story["members"]]}
        for story in found
    ]
    return sorted(rows, key=lambda story: story["url"])


URLS = (
    "https://rsj.yaan.gov.cn/xinwen/show/991827fd844d80bc21063f7701ff6aac.html",
    "https://www.yaan.gov.cn/gongkai/show/c6ddad2d2b989a3ee0c19033d9ef021b.html",
    "https://mp.weixin.qq.com/s/abcdefg",
    "http://finews.zning.xyz/2022/05/29/NW202205292395331423.html",
)


def _outcomes(data: Path) -> Iterator[tuple[Any, ...]]:
    for url in URLS:
        (row,) = json.loads(ask(data, "explain", url, "--json"))
        judgement = row["judgement"] or {}
        yield row["outcome"], row["reason"], row["title"], judgement.get("relevant"), judgement.get("regions")


@pytest.mark.parametrize(("word", "seeds"), [("川渝", {"001", "002", "004"}), ("雅安", {"000"}), ("雅安人社局", set())])
def test_search_of_two_characters(
    word: str, seeds: set[str], crawled: tuple[Path, str], by_seed: dict[str, dict[str, Any]]
) -> None:
    printed = ask(crawled[0], "search", word, "--json", expect=None)
    seed_of = {story["guid"]: seed for seed, story in by_seed.items()}
    assert seeds <= {seed_of[hit["guid"]] for hit in json.loads(printed)}


def test_explain_a_published_url(crawled: tuple[Path, str], by_seed: dict[str, dict[str, Any]]) -> None:
    (row,) = json.loads(ask(crawled[0], "explain", by_seed["003"]["url"], "--json"))
    assert row["outcome"] == "stored"
    assert row["judgement"]["relevant"] is True
    assert row["judgement"]["evidence"]
    assert "川东北" in {feed["key"] for feed in row["feeds"]}


def test_explain_a_merged_url(crawled: tuple[Path, str], by_seed: dict[str, dict[str, Any]]) -> None:
    (row,) = json.loads(ask(crawled[0], "explain", "http://www.kbcmw.com/html/xw/dzyw/58120.html", "--json"))
    assert row["story"]["guid"] == by_seed["002"]["guid"]
    assert row["story"]["url"].startswith("https://epaper.scdaily.cn/")


def test_explain_a_refused_url(crawled: tuple[Path, str]) -> None:
    """A page that answered 200 and said that it was not there, and one that was not there."""
    data = crawled[0]
    (soft,) = json.loads(ask(data, "explain", _yaan_url("soft"), "--json"))
    assert (soft["outcome"], soft["reason"]) == ("refused", "soft-error")
    (gone,) = json.loads(ask(data, "explain", _yaan_url("gone"), "--json"))
    assert (gone["outcome"], gone["reason"]) == ("refused", "gone")


def _yaan_url(word: str) -> str:
    return f"https://rsj.yaan.gov.cn/xinwen/show/{hashlib.md5(word.encode()).hexdigest()}.html"


def test_explain_a_dropped_url(crawled: tuple[Path, str]) -> None:
    (row,) = json.loads(ask(crawled[0], "explain", "https://mp.weixin.qq.com/s/abcdefg", "--json"))
    assert row["reason"] == "unregistered-host"
    assert row["feeds"] == []


def test_explain_an_irrelevant_url(crawled: tuple[Path, str]) -> None:
    title = "两省交通部门签署高速公路互联互通合作协议"
    (row,) = json.loads(ask(crawled[0], "explain", _yaan_url(title), "--json"))
    assert row["judgement"]["relevant"] is False
    assert row["feeds"] == []


def test_two_passes_at_once_do_not_disturb_each_other(
    warc: Path, undisturbed: list[dict[str, Any]], tmp_path: Path
) -> None:
    data = tmp_path / "D"
    command = [*HRWATCH, "--data", str(data), *map(str, crawl_args(warc))]
    passes = [
        subprocess.Popen(command, env=environment(), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    for process in passes:
        printed, _nothing = process.communicate(timeout=240)
        assert process.returncode in (0, SOME_FAILED, 3), printed.decode()
        assert b"Traceback" not in printed, printed.decode()
    hrwatch(data, *crawl_args(warc), expect=SOME_FAILED)
    assert _comparable(stories(data)) == undisturbed
