"""Names that codes and ids stand for, kept up in the archive. Synthetic sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from archive import Archive
from archive.archive import open_file
from crawler.config import Config
from crawler.demo.registry import write_sources
from crawler.model import Status
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.taxonomy.datafile import DATA
from crawler.wiring import open_services
from tests.archive.making import NOW, poll, source

LATER = NOW + timedelta(days=1)


def rows(archive: Archive, sql: str, **asked: Any) -> Sequence[Any]:
    return archive.submit(lambda connection: connection.execute(text(sql), asked).all()).result()


def writes(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is submitted from here on."""
    submitted: list[object] = []
    submit = archive.submit
    monkeypatch.setattr(archive, "submit", lambda operation: submitted.append(operation) or submit(operation))
    return submitted


def test_facts_of_sources_are_those_of_the_registry(archive: Archive) -> None:
    archive.record_poll(poll("a"))
    blocked = replace(source("b", "乙站"), status=Status.BLOCKED, why="412", column="news")
    archive.keep_sources([source("a", "甲站"), blocked], now=NOW)
    found = rows(archive, "SELECT source_id, name, kind, level, status, why, holds, left_at FROM sources ORDER BY 1")
    assert [tuple(row) for row in found] == [
        ("a", "甲站", "news", "province", "active", None, "mixed", None),
        ("b", "乙站", "news", "province", "blocked", "412", "news", None),
    ]
    # a source that was never polled has facts and no state
    assert [(state.source_id, state.last_ok_at) for state in archive.source_states()] == [("a", NOW)]


def test_a_source_that_left_the_registry_stays_with_a_mark_until_it_is_back(archive: Archive) -> None:
    archive.record_poll(poll("a"))
    both = [source("a", "甲站"), source("b", "乙站")]
    archive.keep_sources(both, now=NOW)
    archive.keep_sources(both[1:], now=LATER)
    archive.keep_sources(both[1:], now=LATER + timedelta(days=1))
    query = "SELECT source_id, name, left_at IS NOT NULL, substr(CAST(left_at AS text), 1, 10) FROM sources ORDER BY 1"
    assert [tuple(row) for row in rows(archive, query)] == [
        ("a", "甲站", True, LATER.date().isoformat()),
        ("b", "乙站", False, None),
    ]
    archive.keep_sources(both, now=LATER)
    assert not any(row.left_at for row in rows(archive, "SELECT left_at FROM sources"))
    (state,) = archive.source_states()
    assert (state.source_id, state.failures, state.last_ok_at) == ("a", 0, NOW)


def test_nothing_is_written_where_nothing_changed(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.keep_sources([source("a")], now=NOW)
    archive.keep_names(load_taxonomy())
    submitted = writes(archive, monkeypatch)
    archive.keep_sources([source("a")], now=LATER)
    archive.keep_names(load_taxonomy())
    assert submitted == []
    archive.keep_sources([source("a", "又名")], now=LATER)
    assert len(submitted) == 1


def test_names_lead_to_codes(archive: Archive) -> None:
    archive.keep_names(load_taxonomy())
    expected = {
        "两江新区": {"500157"},
        "达川区": {"511703"},
        "川": {"510000"},
        "凉山州": {"513400"},
        "雅安": {"511800", "513100", "513101"},  # 雅安市, and 雅安地区 with 雅安市 in it before 2000
        "達縣": set(),  # names are simplified
    }
    query = "SELECT adcode FROM region_names WHERE name = :name"
    assert {name: {row.adcode for row in rows(archive, query, name=name)} for name in expected} == expected


def test_former_names_lead_to_what_became_of_them(archive: Archive) -> None:
    archive.keep_names(load_taxonomy())
    heirs = (
        "SELECT DISTINCT n.adcode, n.full_name, h.heir FROM region_names AS n"
        " JOIN region_heirs AS h ON h.adcode = n.adcode WHERE n.name = '达县' ORDER BY n.adcode"
    )
    assert [tuple(row) for row in rows(archive, heirs)] == [
        ("511721", "四川省达州市达县", "511703"),
        ("513021", "四川省达县地区达县", "511703"),
    ]
    assert rows(archive, "SELECT abolished FROM regions WHERE adcode = '511721'")[0].abolished == 2013


def test_each_year_of_a_code_has_one_official_name(archive: Archive) -> None:
    taxonomy = load_taxonomy()
    archive.keep_names(taxonomy)
    found = rows(archive, "SELECT * FROM region_names WHERE kind = 'official' ORDER BY adcode, from_year")
    spans: dict[str, list[Any]] = {}
    for row in found:
        spans.setdefault(row.adcode, []).append(row)
    assert set(spans) == {holder.adcode for holder in taxonomy.divisions}
    for held in spans.values():
        assert (held[0].from_year, held[-1].to_year) == (0, 9999)
        assert all(after.from_year == row.to_year + 1 for row, after in pairwise(held))
    # 500110 was 万盛区 before 2011, 綦江区 since
    assert [(row.name, row.to_year) for row in spans["500110"]][-2:] == [("万盛区", 2010), ("綦江区", 9999)]
    assert [row.full_name for row in spans["511802"]] == ["四川省雅安市雨城区"]


def test_names_follow_a_changed_taxonomy(archive: Archive, tmp_path: Path) -> None:
    archive.keep_names(load_taxonomy())
    topics = (DATA / "topics.toml").read_text("utf-8").replace('zh = "合作协议"', 'zh = "协议签署"')
    (tmp_path / "topics.toml").write_text(topics, "utf-8")
    zones = (DATA / "zones.toml").read_text("utf-8")
    before = rows(archive, "SELECT count(*) AS n FROM zones")[0].n
    (tmp_path / "zones.toml").write_text(
        zones + '\n[[zone]]\nname = "合成区"\nen = "Synthetic"\nkind = "zone"\n', "utf-8"
    )
    archive.keep_names(Taxonomy(tmp_path))
    assert rows(archive, "SELECT zh FROM topics WHERE id = 'agreement'")[0].zh == "协议签署"
    assert rows(archive, "SELECT count(*) AS n FROM zones")[0].n == before + 1


def test_zones_have_their_members(archive: Archive) -> None:
    archive.keep_names(load_taxonomy())
    found = rows(archive, "SELECT english, adcode FROM zones JOIN zone_members ON zone = name WHERE name = '川渝'")
    assert {tuple(row) for row in found} == {("Sichuan–Chongqing", "500000"), ("Sichuan–Chongqing", "510000")}


def test_a_run_tells_the_archive_its_registry_and_its_taxonomy(tmp_path: Path) -> None:
    write_sources(tmp_path / "sources", 8000)
    config = Config(data=tmp_path / "data", sources=(tmp_path / "sources",))
    with open_services(config) as services:
        registry = {item.id: item.kind for item in services.catalogue}
    with open_file(config.database) as archive:
        assert {row.source_id: row.kind for row in rows(archive, "SELECT source_id, kind FROM sources")} == registry
        assert registry
        assert archive.source_states() == ()
        assert rows(archive, "SELECT name FROM regions WHERE adcode = '511800'")[0].name == "雅安市"
