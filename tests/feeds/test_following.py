"""Publishing does what a change concerns and no more: which feeds are asked and written, and what is mended."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest

from archive import Archive
from crawler.config import Config
from crawler.taxonomy import Taxonomy, load_taxonomy
from feeds import files
from feeds import publish as publishing
from feeds.publish import PublishReport, archive_pages, publish
from tests.archive.conftest import new_place, place, server, template  # noqa: F401 - fixtures
from tests.archive.making import NOW, judged, judgement, poll, prose, source
from tests.archive.places import Place

PAPERS = [source(f"paper{number}") for number in range(8)]


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture
def archive(place: Place) -> Iterator[Archive]:  # noqa: F811
    with place.open(authority="feeds.example.org") as opened:
        for by in PAPERS:
            opened.record_poll(poll(by.id, at=NOW - timedelta(days=9)))
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, base_url="https://hr.example")


def add(archive: Archive, number: int, minute: int = 0, *, by: int = 0, edition: int = 1, **said: Any) -> None:
    now = NOW + timedelta(minutes=minute)
    item = judged(
        f"https://paper{by}.example/{number}",
        f"{prose(number, 2 + edition)}",
        title=f"第{number}份合成消息",
        published=NOW,
        of=PAPERS[by],
        verdict=judgement(**({"zones": (), "topics": (), "regions": ()} | said)),
    )
    archive.store(item, now=now)


def publish_at(archive: Archive, taxonomy: Taxonomy, config: Config, minute: int, **more: Any) -> PublishReport:
    return publish(archive, taxonomy, config, now=NOW + timedelta(minutes=minute), **more)


def test_only_the_feeds_concerned_are_asked_and_rendered(
    archive: Archive, config: Config, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        add(archive, number, by=number, regions=(f"{51 + number % 3}0000",), zones=("川渝",) if number % 2 else ())
    publish_at(archive, taxonomy, config, 1)
    asked, rendered = [], []
    enter, make = archive.enter_feeds, publishing.make_feed
    monkeypatch.setattr(
        archive,
        "enter_feeds",
        lambda wanted, **more: (asked.extend(feed.id for feed in wanted), enter(wanted, **more))[1],
    )
    monkeypatch.setattr(
        publishing,
        "make_feed",
        lambda record, entries, *given, **more: (
            rendered.append(record.id) if entries else None,
            make(record, entries, *given, **more),
        )[1],
    )
    add(archive, 20, 2, by=3, regions=("511800",), topics=("agreement",))
    report = publish_at(archive, taxonomy, config, 3)
    concerned = ["all", "region-510000", "region-511800", "source-paper3", "topic-agreement"]
    assert sorted(asked) == sorted(rendered) == sorted(report.changed) == concerned
    assert report.entries_added == len(concerned)
    asked.clear()
    rendered.clear()
    idle = publish_at(archive, taxonomy, config, 4)
    assert (asked, rendered, idle.rewritten) == ([], [], 0)


def test_an_edit_changes_the_feeds_it_is_in_and_no_others(archive: Archive, config: Config, taxonomy: Taxonomy) -> None:
    for number in range(4):
        add(archive, number, by=number)
    publish_at(archive, taxonomy, config, 1)
    add(archive, 2, 2, by=2, edition=3)
    report = publish_at(archive, taxonomy, config, 3)
    assert (report.entries_added, sorted(report.changed)) == (0, ["all", "source-paper2"])
    assert {feed.id: feed.changed_at for feed in archive.feeds()}["source-paper2"] == NOW + timedelta(minutes=2)


def test_a_story_changes_the_list_for_programs_and_a_new_feed_those_for_people(
    archive: Archive, config: Config, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = publishing.index_files
    monkeypatch.setattr(publishing, "index_files", lambda *given: (made.append(len(given[0])), make(*given))[1])
    for number in range(3):
        add(archive, number, by=number, zones=("川渝",))
    publish_at(archive, taxonomy, config, 1)
    before = {name: (config.feeds_dir / name).read_bytes() for name in ("index.html", "index.opml")}
    assert made.pop() == 5
    add(archive, 3, 2, by=1, zones=("川渝",))
    publish_at(archive, taxonomy, config, 3)
    rows = json.loads((config.feeds_dir / "index.json").read_bytes())
    assert {row["id"]: row["items"] for row in rows} == {
        "all": 4, "source-paper0": 1, "source-paper1": 2, "source-paper2": 1, "zone-5rtr57a": 4
    }  # fmt: skip
    assert made == []
    assert {name: (config.feeds_dir / name).read_bytes() for name in before} == before
    add(archive, 4, 4, by=6)
    publish_at(archive, taxonomy, config, 5)
    assert made == [6]
    assert all(b"source-paper6" in (config.feeds_dir / name).read_bytes() for name in before)


def test_what_somebody_deleted_or_damaged_rules_for_comes_back(
    archive: Archive, config: Config, taxonomy: Taxonomy
) -> None:
    for number in range(3):
        add(archive, number, by=number, zones=("川渝",))
    publish_at(archive, taxonomy, config, 1)
    before = {file.name: file.read_bytes() for file in config.feeds_dir.glob("[!.]*")}
    deleted = (
        "all.atom",
        "source-paper1.rss.gz",
        "index.json.br",
        "index.json",
        "index.opml",
        "feed.css.gz",
        "icon.svg",
    )
    for name in deleted:
        (config.feeds_dir / name).unlink()
    publish_at(archive, taxonomy, config, 2)
    assert {file.name: file.read_bytes() for file in config.feeds_dir.glob("[!.]*")} == before
    for damage in (b"", b"{", b"[]", b'{"rules": 1}', b"\xff"):
        (config.feeds_dir / ".published.json").write_bytes(damage)
        assert publish_at(archive, taxonomy, config, 3).rewritten == 0


def test_another_setting_or_language_makes_all_anew(
    archive: Archive, config: Config, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    add(archive, 1, zones=("川渝",))
    publish_at(archive, taxonomy, config, 1)
    moved = Config(data=tmp_path, base_url="https://news.example")
    report = publish_at(archive, taxonomy, moved, 2)
    assert len(report.changed) == report.feeds
    assert b"hr.example" not in (config.feeds_dir / "all.atom").read_bytes()


def test_a_mark_of_a_future_that_was_undone_is_not_believed(
    archive: Archive, config: Config, taxonomy: Taxonomy
) -> None:
    """An archive put back from a copy is behind its feed files."""
    add(archive, 1)
    publish_at(archive, taxonomy, config, 1)
    state = config.feeds_dir / ".published.json"
    state.write_bytes(state.read_bytes().replace(b'"seq": ', b'"seq": 9000'))
    (config.feeds_dir / "all.atom").write_bytes(b"<feed/>")
    assert publish_at(archive, taxonomy, config, 2).changed == ("all",)


def test_every_kind_of_feed_appears(archive: Archive, config: Config, taxonomy: Taxonomy) -> None:
    add(archive, 1, regions=("511802",), zones=("川渝",), topics=("agreement",))
    publish_at(archive, taxonomy, config, 1)
    assert {(feed.kind, feed.key) for feed in archive.feeds()} == {
        ("all", ""),
        ("zone", "川渝"),
        ("topic", "agreement"),
        ("zone-topic", "川渝/agreement"),
        ("source", "paper0"),
        ("region", "511802"),
        ("region", "511800"),
        ("region", "510000"),
    }


def test_siblings_hold_the_same_and_the_same_bytes_each_time(
    archive: Archive, config: Config, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    add(archive, 1)
    publish_at(archive, taxonomy, config, 1)
    publish_at(archive, taxonomy, config, 2, to=tmp_path / "copy")
    plain = [file for file in config.feeds_dir.glob("[!.]*") if file.suffix in (".rss", ".atom", ".json", ".html")]
    assert len(plain) >= 8
    for file in plain:
        zipped, smaller = (file.with_name(file.name + ending) for ending in (".gz", ".br"))
        assert gzip.decompress(zipped.read_bytes()) == brotli.decompress(smaller.read_bytes()) == file.read_bytes()
        assert zipped.read_bytes() == (tmp_path / "copy" / zipped.name).read_bytes()


def test_a_sibling_never_stands_beside_a_file_it_is_not_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "all.rss"
    files.write_with_siblings(file, b"old" * 100)
    write = files.write_whole

    def dies(path: Path, content: bytes) -> bool:
        if path.name == "all.rss.gz":
            raise KeyboardInterrupt
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_whole", dies)
        with pytest.raises(KeyboardInterrupt):
            files.write_with_siblings(file, b"new" * 100)
    assert [path.name for path in tmp_path.iterdir()] == ["all.rss"]
    assert not files.write_with_siblings(file, b"new" * 100)
    assert gzip.decompress((tmp_path / "all.rss.gz").read_bytes()) == b"new" * 100


def test_a_mount_that_cannot_rename_lock_or_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(*_given: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(files.os, "fsync", lacks)
    monkeypatch.setattr(Path, "replace", lacks)
    monkeypatch.setattr(files.fcntl, "flock", lacks)
    with files.alone_in(tmp_path):
        assert files.write_whole(tmp_path / "all.rss", b"x")
    files.sync_folder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"all.rss", ".lock"}


def test_archive_pages_are_full_and_reach_what_left_the_document() -> None:
    assert [archive_pages(last, 100) for last in (0, 1, 100, 101, 200, 201, 250)] == [0, 0, 0, 1, 1, 2, 2]
    for length in (100, 130, 1000):
        for last in range(0, 2500, 7):
            pages = archive_pages(last, length)
            assert pages * 100 <= last
            assert pages * 100 >= last - length


def test_a_join_deep_in_the_past_rewrites_the_page_that_showed_it(
    archive: Archive, config: Config, taxonomy: Taxonomy
) -> None:
    for number in range(230):
        add(archive, number, number, by=0)
        if number % 45 == 44:
            publish_at(archive, taxonomy, config, number)
    publish_at(archive, taxonomy, config, 300)
    page = config.feeds_dir / "all_p2.atom"
    gone = archive.find_story("https://paper0.example/120")
    stays = archive.find_story("https://paper0.example/229")
    assert gone is not None
    assert stays is not None
    assert gone.guid.encode() in page.read_bytes()
    archive.join_stories([str(stays.id), str(gone.id)], by="synthetic", now=NOW + timedelta(days=1))
    publish_at(archive, taxonomy, config, 2000)
    copy = publish_at(archive, taxonomy, config, 2000, to=config.data / "copy")
    for file in copy.folder.glob("[!.]*"):
        assert file.read_bytes() == (config.feeds_dir / file.name).read_bytes(), file.name
    retired = {gone.guid, stays.guid} - {story.guid for story in archive.stories(limit=1000)}
    assert len(retired) == 1
    assert retired.pop().encode() not in page.read_bytes() + (config.feeds_dir / "all.atom").read_bytes()
