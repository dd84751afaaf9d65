"""Publishing: which feeds there are, that readers can read them, and that nothing is written twice or by halves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from crawler.config import Config
from crawler.language import _
from crawler.model import Precision
from feeds import files
from feeds import folder as writing
from feeds.publish import publish
from feeds.wanted import feed_id
from tests.feeds.world import NOW, Store, World, member, story


def config(tmp_path: Path, **given: Any) -> Config:
    return Config(data=tmp_path, **given)


def parsed(path: Path) -> Any:
    """What feedparser makes of a file; its complaint is the test's."""
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo, (path.name, feed.get("bozo_exception"))
    return feed


def index(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["kind"], row["key"]): row for row in json.loads((folder / "index.json").read_bytes())}


def titles(path: Path) -> list[str]:
    return [entry.title for entry in parsed(path).entries]


def test_index_lists_all_zones_regions_with_ancestors_and_topics(tmp_path: Path) -> None:
    publish(Store(story()), World(), config(tmp_path), now=NOW)
    rows = index(tmp_path / "feeds")
    assert set(rows) == {
        ("all", "all"),
        ("zone", "川渝"),
        ("topic", "agreement"),
        ("zone-topic", "川渝/agreement"),
        ("source", "synthetic"),
        ("region", "510000"),
        ("region", "500000"),
        ("region", "500105"),
        ("region", "500157"),
    }
    for row in rows.values():
        assert set(row) >= {"id", "title", "kind", "key", "rss", "atom", "items"}
        assert row["items"] == 1
        for path in (row["rss"], row["atom"]):
            assert len(parsed(tmp_path / "feeds" / path).entries) == row["items"]


def test_a_region_holds_its_children_and_those_it_succeeded(tmp_path: Path) -> None:
    store = Store(story(1, regions=("511802", "540000")), story(2, regions=("500105", "510000")))
    publish(store, World(), config(tmp_path), now=NOW)
    items = {key: row["items"] for (kind, key), row in index(tmp_path / "feeds").items() if kind == "region"}
    assert items == {
        "510000": 2, "511800": 1, "511802": 1, "540000": 1, "500000": 1, "500105": 1, "500157": 1
    }  # fmt: skip


def test_an_empty_archive_publishes_no_feed_but_says_so(tmp_path: Path) -> None:
    store = Store()
    report = publish(store, World(), config(tmp_path), now=NOW)
    assert (report.feeds, report.entries_added) == (0, 0)
    assert json.loads((tmp_path / "feeds/index.json").read_bytes()) == []
    assert store.records == {}  # else the first stories would meet a feed that is already open
    said = _("Nothing has been published yet: the first pass over the sources has not finished, or has found no story.")
    assert said in (tmp_path / "feeds/index.html").read_text("utf-8")


def test_every_format_says_the_same(tmp_path: Path) -> None:
    publish(Store(story(1), story(2)), World(), config(tmp_path), now=NOW)
    folder = tmp_path / "feeds"
    rss, atom = parsed(folder / "all.rss"), parsed(folder / "all.atom")
    document = json.loads((folder / "all.json").read_bytes())
    assert (rss.version, atom.version) == ("rss20", "atom10")
    for entries in (rss.entries, atom.entries):
        assert [entry.id for entry in entries] == [item["id"] for item in document["items"]]
        assert [entry.link for entry in entries] == ["https://news.example/2.html", "https://news.example/1.html"]
        assert [entry.title for entry in entries] == [item["title"] for item in document["items"]]
        assert [entry.content[0].value for entry in entries] == [item["content_html"] for item in document["items"]]
        assert entries[0].published_parsed[:5] == (2026, 2, 28, 16, 0)  # midnight of 1 March in China
        assert entries[0].dc_source == "合成日报"
        assert {tag.label or tag.term for tag in entries[0].tags} == {"川渝", "四川省", "江北区", "合作协议"}
    assert not rss.entries[0].guidislink
    assert rss.feed.title == f"All · {'Human-resources cooperation'}" or "人力资源合作" in rss.feed.title


def test_opml_reaches_every_feed(tmp_path: Path) -> None:
    publish(Store(story()), World(), config(tmp_path, base_url="https://hr.example/"), now=NOW)
    root = etree.fromstring((tmp_path / "feeds/index.opml").read_bytes())
    found = {outline.get("xmlUrl") for outline in root.iter("outline") if outline.get("type") == "rss"}
    assert found == {f"https://hr.example/feeds/{row['rss']}" for row in index(tmp_path / "feeds").values()}


def test_publishing_again_rewrites_nothing_at_any_later_time(tmp_path: Path) -> None:
    store = Store(story(1), story(2))
    first = publish(store, World(), config(tmp_path), now=NOW)
    before = {path: path.stat() for path in (tmp_path / "feeds").iterdir()}
    shown = [path for path in before if not path.name.startswith(".")]  # neither the lock nor what is remembered
    assert first.rewritten == sum(path.suffix not in (".gz", ".br") for path in shown)
    again = publish(store, World(), config(tmp_path), now=NOW + timedelta(days=40))
    assert (again.rewritten, again.entries_added) == (0, 0)
    assert {path: path.stat().st_mtime_ns for path in before} == {p: s.st_mtime_ns for p, s in before.items()}


def test_deleting_the_files_and_publishing_gives_the_same_bytes(tmp_path: Path) -> None:
    store = Store(story(1), story(2, published=None, precision=None))
    publish(store, World(), config(tmp_path), now=NOW)
    publish(store, World(), config(tmp_path), now=NOW + timedelta(days=1), to=tmp_path / "copy")
    for path in (tmp_path / "feeds").glob("[!.]*"):
        assert path.read_bytes() == (tmp_path / "copy" / path.name).read_bytes(), path.name


def test_a_reprint_changes_updated_and_not_the_guid(tmp_path: Path) -> None:
    store = Store(story(1))
    publish(store, World(), config(tmp_path), now=NOW)
    (before,) = parsed(tmp_path / "feeds/all.atom").entries
    reprint = member("https://copy.example/1", site_name="合成网", published=NOW, precision=Precision.MINUTE)
    store.stories[0] = replace(story(1), members=(*story(1).members, reprint), updated_at=NOW)
    publish(store, World(), config(tmp_path), now=NOW)
    (after,) = parsed(tmp_path / "feeds/all.atom").entries
    assert (after.id, after.published) == (before.id, before.published)
    assert after.updated_parsed > before.updated_parsed
    assert "https://copy.example/1" in after.content[0].value
    assert "2026-03-02 12:00" in after.content[0].value


@pytest.mark.parametrize(
    ("published", "precision", "shown"),
    [
        (datetime(2026, 2, 27, 20, 30, tzinfo=UTC), Precision.DAY, "2026-02-28T00:00:00+08:00"),
        (datetime(2026, 2, 27, 20, 30, 9, tzinfo=UTC), Precision.MINUTE, "2026-02-28T04:30:09+08:00"),
        (None, None, "2026-03-02T11:00:00+08:00"),
        (datetime(2031, 1, 1, tzinfo=UTC), Precision.DAY, "2026-03-02T11:00:00+08:00"),
    ],
)
def test_dates_keep_their_precision_and_are_never_later_than_first_sight(
    tmp_path: Path, published: datetime | None, precision: Precision | None, shown: str
) -> None:
    publish(Store(story(published=published, precision=precision)), World(), config(tmp_path), now=NOW)
    assert parsed(tmp_path / "feeds/all.atom").entries[0].published == shown


def test_a_link_only_story_says_so(tmp_path: Path) -> None:
    publish(Store(story(is_link_only=True, body="")), World(), config(tmp_path), now=NOW)
    (entry,) = parsed(tmp_path / "feeds/all.rss").entries
    assert entry.title != story().title
    assert story().title in entry.title


def test_a_feed_once_published_stays(tmp_path: Path) -> None:
    store = Store(story(1))
    publish(store, World(), config(tmp_path), now=NOW)
    store.stories[0] = replace(story(1), zones=("川藏",))
    publish(store, World(), config(tmp_path), now=NOW)
    assert {("zone", "川渝"), ("zone", "川藏")} <= set(index(tmp_path / "feeds"))
    assert titles(tmp_path / "feeds" / f"{feed_id('zone', '川渝')}.rss") == [story().title]


def test_a_crash_between_files_leaves_each_whole_and_the_next_run_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(story(1))
    publish(store, World(), config(tmp_path), now=NOW)
    folder = tmp_path / "feeds"
    before = {path.name: path.read_bytes() for path in folder.glob("[!.]*")}
    store.stories.append(story(2))
    numbers = count(1)  # of files, whichever of the threads writes them

    def dies(path: Path, content: bytes) -> bool:
        if next(numbers) > 3:
            raise OSError(28, "No space left on device", str(path))
        return files.write_with_siblings(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_with_siblings", dies)
        with pytest.raises(OSError, match="No space left"):
            publish(store, World(), config(tmp_path), now=NOW)
    changed = [name for name, content in before.items() if (folder / name).read_bytes() != content]
    assert len(changed) == 3 * 3  # three files, each with its siblings
    for path in (*folder.glob("*.rss"), *folder.glob("*.atom")):
        parsed(path)
    report = publish(store, World(), config(tmp_path), now=NOW)
    assert report.rewritten > 0
    assert len(titles(folder / "all.rss")) == 2


def test_what_dead_publishers_left_is_removed_and_the_living_are_spared(tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host = __import__("socket").gethostname()
    dead, alive = (folder / f".all.rss.~{host}~{pid}~ab12.part" for pid in (child.pid, os.getpid()))
    elsewhere = folder / ".all.rss.~another-host~1~ab12.part"
    for path in (dead, alive, elsewhere):
        path.write_bytes(b"<rss")
    publish(Store(story()), World(), config(tmp_path), now=NOW)
    assert [path.exists() for path in (dead, alive, elsewhere)] == [False, True, True]
    os.utime(elsewhere, (1, 1))
    publish(Store(story()), World(), config(tmp_path), now=NOW)
    assert not elsewhere.exists()


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(OSError, match="feeds"):
        publish(Store(story()), World(), config(tmp_path), now=NOW)


def test_ids_are_file_safe_and_distinct() -> None:
    keys = ["川渝", "川藏", "西藏和四省涉藏州县", "A区", "a区", "../x", "x/y", "鲁渝", "n" * 40, "成德眉资 / 同城", ""]
    ids = [feed_id("zone", key) for key in keys]
    assert len(set(ids)) == len(keys)
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") for one in ids)
    assert feed_id("zone", "川渝") == "zone-5rtr57a"
    assert feed_id("all", "all") == "all"
    assert feed_id("region", "510000") == "region-510000"


KILLED = """
import sys
import time
from pathlib import Path
from crawler.config import Config
from feeds.publish import publish
from tests.feeds.world import NOW, Store, World, story
store, turn = Store(*(story(number) for number in range(1, 30))), 0
while True:
    turn += 1  # a new base URL changes every file
    publish(store, World(), Config(data=Path(sys.argv[1]), base_url=f"http://h{turn}.example"), now=NOW)
"""


def _wait_for_other(path: Path) -> None:
    """Return once the file is there and was replaced."""
    until = time.monotonic() + 60
    seen: set[int] = set()
    while len(seen) < 2:
        assert time.monotonic() < until, path
        if path.exists():
            seen.add(path.stat().st_mtime_ns)
        time.sleep(0.01)


def test_publishers_at_once_and_kill_9_leave_whole_files(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    for _turn in range(2):
        running = [
            subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _one in range(2)
        ]
        try:
            _wait_for_other(tmp_path / "feeds" / "index.opml")  # all was there once, and is under way once more
            assert [process.poll() for process in running] == [None, None]
        finally:
            for process in running:
                process.kill()
            told = [process.communicate() for process in running]
        assert told == [(b"", b""), (b"", b"")]
        for path in (*(tmp_path / "feeds").glob("*.rss"), *(tmp_path / "feeds").glob("*.atom")):
            assert len(parsed(path).entries) == 29
        assert len(index(tmp_path / "feeds")) == 9
    publish(Store(story()), World(), config(tmp_path), now=NOW)
    assert not list((tmp_path / "feeds").glob(".*.part"))
