"""Source files while a clock runs: what is told of them, and that what is broken changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.catalogue import Catalogue, load_catalogue
from crawler.catalogue.watching import Seen, WatchedFolders
from tests.crawler.loopback import source_file

pytestmark = pytest.mark.usefixtures("english")
FAMILIES = ("generic",)


def is_adcode(adcode: str) -> bool:
    return adcode == "510000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for source_id in ("a", "b"):
        source_file(tmp_path / "sources", source_id, f"{source_id}.example", port=80)
    return tmp_path / "sources"


@pytest.fixture
def watch(folder: Path) -> WatchedFolders:
    catalogue = load_catalogue([folder], families=FAMILIES, is_adcode=is_adcode)
    return WatchedFolders([folder], catalogue, families=FAMILIES, is_adcode=is_adcode)


def catalogue_of(seen: Seen) -> Catalogue:
    assert seen.catalogue is not None
    return seen.catalogue


def test_nothing_has_changed(watch: WatchedFolders) -> None:
    assert [watch.look() for _time in range(2)] == [Seen(), Seen()]


def test_added_changed_and_removed_are_told_once(watch: WatchedFolders, folder: Path) -> None:
    watch.look()
    source_file(folder / "below", "c", "c.example", port=80)
    source_file(folder, "a", "a.example", port=80, more="every_min = 30")
    (folder / "b.toml").unlink()
    seen = watch.look()
    assert (seen.added, seen.changed, seen.removed, seen.faults) == (("c",), ("a",), ("b",), ())
    assert [(source.id, source.every_min) for source in catalogue_of(seen)] == [("a", 30), ("c", 60)]
    assert catalogue_of(seen).of_host("b.example") is None
    assert watch.look() == Seen()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("generic", "no-such-family"),
        lambda text: text + "\n[[list]]\nurl = 'http://elsewhere.example/'\n",
        lambda text: text[: len(text) // 2] + "'''",
        lambda text: text.replace('id = "a"', 'id = "other"'),
        lambda text: "",
    ],
)
def test_a_broken_file_is_told_with_its_name_and_the_old_facts_stay(
    watch: WatchedFolders, folder: Path, spoil: Callable[[str], str]
) -> None:
    path = folder / "a.toml"
    good = path.read_text("utf-8")
    path.write_text(spoil(good), "utf-8")
    seen = watch.look()
    assert seen.catalogue is None
    assert seen.faults
    assert all(fault.startswith(f"{path}: ") for fault in seen.faults)
    assert watch.look() == Seen()  # told once
    path.write_text(good.replace("合成a", "改了名"), "utf-8")
    seen = watch.look()
    assert (seen.changed, seen.faults) == (("a",), ())
    assert [source.name for source in catalogue_of(seen)] == ["改了名", "合成b"]


def test_a_new_file_that_is_broken_is_told_and_taken_up_once_it_is_mended(watch: WatchedFolders, folder: Path) -> None:
    path = source_file(folder, "c", "c.example", port=80, more='cron = "every day"')
    (fault,) = watch.look().faults
    assert fault.startswith(f"{path}: cron: ")
    source_file(folder, "c", "c.example", port=80, more='cron = "30 8 * * 1-5"')
    assert watch.look().added == ("c",)


def test_an_id_that_is_taken_is_told_and_the_first_stays(watch: WatchedFolders, folder: Path) -> None:
    source_file(folder / "z", "a", "second.example", port=80)
    seen = watch.look()
    assert seen.catalogue is None
    (fault,) = seen.faults
    assert str(folder / "z" / "a.toml") in fault
    assert "id: a is also the id of" in fault


def test_a_change_that_keeps_size_and_time_is_seen(watch: WatchedFolders, folder: Path) -> None:
    watch.look()
    path = folder / "a.toml"
    times = path.stat()
    beside = folder / "a.new"
    beside.write_bytes(path.read_bytes().replace("合成a".encode(), "合成x".encode()))
    os.utime(beside, ns=(times.st_atime_ns, times.st_mtime_ns))
    beside.replace(path)
    assert watch.look().changed == ("a",)


def test_a_folder_that_is_gone_changes_nothing(watch: WatchedFolders, folder: Path) -> None:
    watch.look()
    folder.rename(folder.with_name("elsewhere"))
    seen = watch.look()
    assert seen.catalogue is None
    assert [str(folder) in fault for fault in seen.faults] == [True]
    folder.with_name("elsewhere").rename(folder)
    assert watch.look() == Seen()
