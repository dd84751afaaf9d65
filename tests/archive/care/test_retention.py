"""Which pages are let go, on both databases; the WARC files are real ones, written by the crawler's own writer."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.records import FiledPage, KeepLimits, Label
from crawler.errors import ArchiveError, WarcError
from crawler.model import Page, Reason, WarcPosition
from crawler.warc.reading import read_page
from crawler.warc.retention import Fate, Pruned, prune
from crawler.warc.writing import WarcFiles
from tests.archive.making import NOW, entry, judged, judgement, prose
from tests.archive.places import Place

OLD = NOW - timedelta(days=400)
YEAR = KeepLimits(since=NOW - timedelta(days=365))
QUARTER_IRRELEVANT = KeepLimits(irrelevant_since=NOW - timedelta(days=90))


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "warc"


@pytest.fixture
def archive(place: Place, folder: Path) -> Iterator[Archive]:
    with place.open(warc_dir=folder) as opened:
        yield opened


def page_at(name: str, at: datetime) -> Page:
    body = random.Random(name).randbytes(3000)  # does not pack: sizes can be reckoned with
    return Page(url=f"https://a.example/{name}", status=200, headers={}, body=body, fetched_at=at)


def kept(archive: Archive, writer: WarcFiles, name: str, *, at: datetime = OLD, relevant: bool = True) -> Page:
    """Store an item with a page in a WARC file, as crawling does."""
    item = judged(f"https://a.example/{name}", prose(name), verdict=judgement(relevant=relevant), title=name)
    page = page_at(name, at)
    page = replace(page, warc=writer.write(page))
    archive.store(replace(item, capture=replace(item.capture, page=page)), now=NOW)
    return page


def writer_of(folder: Path) -> WarcFiles:
    return WarcFiles(folder, max_bytes=10**9, user_agent="hrwatch/test")


def at_rest(folder: Path) -> None:
    """As if nobody had written for a day."""
    for path in folder.iterdir():
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 86400))


def pruned(archive: Archive, folder: Path, limits: KeepLimits, *, is_dry: bool = False) -> list[Pruned]:
    return list(prune(archive, folder, limits, now=NOW, is_dry=is_dry))


def place_of(archive: Archive, name: str) -> WarcPosition | None:
    history = archive.explain(f"https://a.example/{name}")
    assert history is not None
    return history.pages[0].warc


def let_go_at(archive: Archive, name: str) -> datetime | None:
    history = archive.explain(f"https://a.example/{name}")
    assert history is not None
    return history.pages[0].let_go_at


def test_old_pages_go_and_younger_ones_can_be_read_at_their_new_place(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old-1")
    young = kept(archive, writer, "young", at=NOW - timedelta(days=3))
    kept(archive, writer, "old-2")
    writer.close()
    at_rest(folder)
    (before,) = folder.iterdir()
    size = before.stat().st_size
    (told,) = pruned(archive, folder, YEAR)
    assert (told.fate, told.kept, told.let_go) == (Fate.REWRITTEN, 1, 2)
    (after,) = folder.glob("*.warc.gz")
    assert after.name == before.name.replace(".warc.gz", ".1.warc.gz")
    assert told.freed == size - after.stat().st_size > 6000
    place = place_of(archive, "young")
    assert place is not None
    assert read_page(folder, place).body == young.body
    assert (place_of(archive, "old-1"), let_go_at(archive, "old-1")) == (None, NOW)
    assert archive.check() == ()
    # what was let go stays known: row, digest, text
    history = archive.explain("https://a.example/old-2")
    assert history is not None
    assert history.pages[0].size == 3000
    assert archive.find_story("https://a.example/old-2") is not None


def test_a_file_without_anything_to_keep_is_removed(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    writer.close()
    at_rest(folder)
    size = next(iter(folder.iterdir())).stat().st_size
    (told,) = pruned(archive, folder, YEAR)
    assert (told.fate, told.freed) == (Fate.REMOVED, size)
    assert not list(folder.glob("*.warc.gz"))


def test_by_relevance(archive: Archive, folder: Path) -> None:
    """Pages of irrelevant items, refused rows and lists go; those of relevant and of labelled items stay."""
    writer = writer_of(folder)
    kept(archive, writer, "relevant")
    kept(archive, writer, "irrelevant", relevant=False)
    kept(archive, writer, "irrelevant-young", relevant=False, at=NOW - timedelta(days=9))
    kept(archive, writer, "labelled", relevant=False)
    label = Label(relevant=False, regions=None, zones=None, topics=None, note="", by="test")
    archive.label(archive.find_items("https://a.example/labelled"), label, now=NOW)
    writer.write(page_at("list", OLD))  # lists have no row in the archive
    writer.write(page_at("list-young", NOW))
    refused = page_at("refused", OLD)
    refused = replace(refused, warc=writer.write(refused))
    archive.settle(entry(refused.url), Reason.NO_BODY, "", now=NOW, lease=None, page=refused)
    writer.close()
    at_rest(folder)
    (told,) = pruned(archive, folder, QUARTER_IRRELEVANT)
    assert (told.fate, told.kept, told.let_go, told.records) == (Fate.REWRITTEN, 3, 2, 3)
    names = ("relevant", "irrelevant", "irrelevant-young", "labelled", "refused")
    gone = {name for name in names if place_of(archive, name) is None}
    assert gone == {"irrelevant", "refused"}


def test_labelled_pages_outlast_every_limit(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "labelled")
    kept(archive, writer, "other")
    label = Label(relevant=True, regions=None, zones=None, topics=None, note="", by="test")
    archive.label(archive.find_items("https://a.example/labelled"), label, now=NOW)
    writer.close()
    at_rest(folder)
    pruned(archive, folder, YEAR)
    assert place_of(archive, "labelled") is not None
    assert place_of(archive, "other") is None


def test_a_dry_run_changes_nothing(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    writer.close()
    at_rest(folder)
    before = {path.name: path.read_bytes() for path in folder.glob("*.warc.gz")}
    (told,) = pruned(archive, folder, YEAR, is_dry=True)
    assert (told.fate, told.let_go) == (Fate.REMOVED, 1)
    assert {path.name: path.read_bytes() for path in folder.glob("*.warc.gz")} == before
    assert place_of(archive, "old") is not None


def test_a_file_that_is_being_written_is_left_alone(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    at_rest(folder)  # quiet for a day, and still held by its writer
    assert [one.fate for one in pruned(archive, folder, YEAR)] == [Fate.IN_USE]
    kept(archive, writer, "old-2")
    writer.close()
    assert [one.fate for one in pruned(archive, folder, YEAR)] == [Fate.IN_USE]  # written a moment ago
    at_rest(folder)
    assert [one.fate for one in pruned(archive, folder, YEAR)] == [Fate.REMOVED]


def test_files_of_others_are_left_alone(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    writer.close()
    at_rest(folder)
    (ours,) = folder.iterdir()
    ours.rename(folder / "theirs.warc.gz")
    assert [one.fate for one in pruned(archive, folder, YEAR)] == [Fate.FOREIGN]
    assert (folder / "theirs.warc.gz").exists()


def test_little_to_free_is_not_worth_writing_a_file_anew(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    for number in range(15):
        kept(archive, writer, f"young-{number}", at=NOW)
    kept(archive, writer, "old")
    writer.close()
    at_rest(folder)
    assert [one.fate for one in pruned(archive, folder, YEAR)] == [Fate.KEPT]
    assert place_of(archive, "old") is not None


@pytest.mark.parametrize("damage", ["middle", "cut"])
def test_a_damaged_file_is_left_as_it_is_and_named(archive: Archive, folder: Path, damage: str) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old-1")
    kept(archive, writer, "young", at=NOW)
    writer.close()
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    broken = whole[:-700] if damage == "cut" else whole[:1200] + bytes(400) + whole[1600:]
    path.write_bytes(broken)
    at_rest(folder)
    (told,) = pruned(archive, folder, YEAR)
    assert told.fate is Fate.FAILED
    assert str(path) in told.detail
    assert path.read_bytes() == broken
    assert place_of(archive, "old-1") is not None


def test_half_a_record_that_a_killed_run_left_goes_with_the_rest(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    young = kept(archive, writer, "young", at=NOW)
    torn = writer.write(page_at("never-told", NOW))
    writer.close()
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[: torn.offset + 100])
    at_rest(folder)
    (told,) = pruned(archive, folder, YEAR)
    assert (told.fate, told.kept) == (Fate.REWRITTEN, 1)
    place = place_of(archive, "young")
    assert place is not None
    assert read_page(folder, place).body == young.body


@pytest.mark.parametrize("step", ["before-filing", "after-filing"])
def test_killed_between_any_two_steps(
    archive: Archive, folder: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two states of one file are there; every page can be read; the next run removes the superfluous one."""
    writer = writer_of(folder)
    kept(archive, writer, "old")
    young = kept(archive, writer, "young", at=NOW)
    writer.close()
    at_rest(folder)

    def killed(*_given: object, **_named: object) -> int:
        raise KeyboardInterrupt

    if step == "before-filing":
        monkeypatch.setattr(Archive, "refile", killed)
    else:
        monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        pruned(archive, folder, YEAR)
    monkeypatch.undo()
    assert len(list(folder.glob("*.warc.gz"))) == 2
    place = place_of(archive, "young")
    assert place is not None
    assert read_page(folder, place).body == young.body
    assert archive.check() == ()
    at_rest(folder)
    pruned(archive, folder, YEAR)
    assert len(list(folder.glob("*.warc.gz"))) == 1
    place = place_of(archive, "young")
    assert place is not None
    assert read_page(folder, place).body == young.body
    assert place_of(archive, "old") is None


def test_a_page_that_was_filed_meanwhile_stops_it(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    late = page_at("late", OLD)
    late = replace(late, warc=writer.write(late))
    writer.close()
    at_rest(folder)
    refile = Archive.refile

    def slowly(self: Archive, *given: object, **named: object) -> int:
        item = judged("https://a.example/late", prose("late"))
        self.store(replace(item, capture=replace(item.capture, page=late)), now=NOW)
        return refile(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Archive, "refile", slowly)
    (told,) = pruned(archive, folder, YEAR)
    assert told.fate is Fate.FAILED
    assert "changed meanwhile" in told.detail
    place = place_of(archive, "late")
    assert place is not None
    assert read_page(folder, place).body == late.body


def test_two_at_once_are_refused(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    kept(archive, writer, "old")
    writer.close()
    at_rest(folder)
    first = prune(archive, folder, YEAR, now=NOW)
    next(first)
    with pytest.raises(WarcError, match="another process"):
        pruned(archive, folder, YEAR)
    first.close()


def test_a_page_that_comes_again_is_kept_again(archive: Archive, folder: Path) -> None:
    writer = writer_of(folder)
    page = kept(archive, writer, "old")
    writer.close()
    at_rest(folder)
    pruned(archive, folder, YEAR)
    item = judged("https://a.example/old", prose("old"), title="old")
    # read from what was kept before: its bytes are gone
    archive.store(replace(item, capture=replace(item.capture, page=page)), now=NOW)
    assert place_of(archive, "old") is None
    writer = writer_of(folder)
    again = replace(page, fetched_at=NOW + timedelta(hours=1))
    again = replace(again, warc=writer.write(again))
    archive.store(replace(item, capture=replace(item.capture, page=again)), now=NOW + timedelta(hours=1))
    writer.close()
    assert (place_of(archive, "old"), let_go_at(archive, "old")) == (again.warc, None)


def test_files_newer_than_the_archive_are_left_alone(archive: Archive, folder: Path) -> None:
    """As after restoring a copy made before the last pruning."""
    writer = writer_of(folder)
    kept(archive, writer, "old")
    kept(archive, writer, "young", at=NOW)
    writer.close()
    (path,) = folder.iterdir()
    path.rename(folder / path.name.replace(".warc.gz", ".1.warc.gz"))
    at_rest(folder)
    (told,) = pruned(archive, folder, YEAR)
    assert told.fate is Fate.FAILED
    assert "older state" in told.detail
    assert len(list(folder.glob("*.warc.gz"))) == 1


def test_refiling_what_was_not_seen_is_refused(archive: Archive) -> None:
    seen = [FiledPage(page_id=1, offset=0, length=1, is_kept=False)]
    with pytest.raises(ArchiveError, match=r"x\.warc\.gz"):
        archive.refile("x.warc.gz", YEAR, seen=seen, places={}, now=NOW)
