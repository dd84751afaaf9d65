"""docs/archive.md is what the code says, describes every column, and its queries run on both databases."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import DateTime, text

from archive import Archive
from archive.schema import UtcTime, metadata
from archive.schema_page import schema_page
from archive.views.described import ReadyQuery, described_tables, ready_queries
from archive.views.making import people_views
from archive.views.view_sql import SQLITE
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, entry, judged, judgement, poll, prose, source
from tests.archive.places import Place
from tests.conftest import ROOT

# "SELECT … WHERE seq > 41970": every block of SQL on the page
SQL = re.compile(r"```sql\n(.*?)```", re.DOTALL)


def fill(archive: Archive) -> None:
    """An archive in which every ready query finds something."""
    archive.keep_names(load_taxonomy())
    broken = source("broken", "合成坏站")
    archive.keep_sources([source(), broken], now=NOW)
    archive.record_poll(poll())
    archive.record_poll(poll("broken", reason=Reason.NO_ROWS))
    archive.settle(entry("https://synthetic.example/x", title="就业公告"), Reason.NO_BODY, "empty", now=NOW, lease=None)
    archive.store(judged("https://synthetic.example/1", prose(1)), now=NOW)
    archive.store(judged("https://other.example/1", prose(1), of=source("other", "合成晚报")), now=NOW)
    former = judgement(regions=("511721", "540000"), zones=("川藏",))
    archive.store(judged("https://synthetic.example/2", prose(2), verdict=former), now=NOW)


def ask(archive: Archive, sql: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    return archive.submit(
        lambda connection: [dict(row) for row in connection.execute(text(sql), asked).mappings()]
    ).result()


def of_name(name: str) -> ReadyQuery:
    return next(query for query in ready_queries() if query.name == name)


def test_the_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "archive.md").read_text("utf-8") == schema_page()


def test_every_table_and_column_is_described_and_no_other() -> None:
    assert {name: set(table.columns) for name, table in described_tables().items()} == {
        name: set(table.columns.keys()) for name, table in metadata.tables.items()
    }
    told = [text for table in described_tables().values() for text in (table.about, *table.columns.values())]
    assert all(line.strip() for line in told)


def test_every_time_is_aware_and_kept_in_utc() -> None:
    times = [column for table in metadata.tables.values() for column in table.columns if column.name.endswith("_at")]
    assert len(times) > 20
    naive = [str(column) for column in times if not isinstance(column.type, UtcTime)]
    assert naive == ["leases.expires_at"]  # seconds since 1970, by the clock of whoever holds it
    kinds = {type(column.type) for table in metadata.tables.values() for column in table.columns}
    assert DateTime not in kinds


def test_every_column_of_the_page_is_in_the_database(archive: Archive) -> None:
    page = schema_page()
    for name in [*described_tables(), *(view.name for view in people_views(SQLITE))]:
        section = page.partition(f"### `{name}`\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        columns = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert columns, name
        quoted = ", ".join(f'"{column}"' for column in columns)
        ask(archive, f"SELECT {quoted} FROM {name} LIMIT 1", {})


def test_every_ready_query_finds_something(archive: Archive) -> None:
    fill(archive)
    story = str(archive.stories()[0].id)
    for query in ready_queries():
        asked = {name: story if name == "story" else sample for name, sample in query.samples.items()}
        assert set(re.findall(r"(?<!:):(\w+)", query.sql)) == set(asked), query.name
        assert ask(archive, query.sql, asked), query.name


def test_sql_on_the_page_runs(archive: Archive) -> None:
    blocks = SQL.findall(schema_page())
    assert len(blocks) == len(ready_queries()) + 1
    for block in blocks:
        ask(archive, block, dict.fromkeys(re.findall(r"(?<!:):(\w+)", block), "1"))


@pytest.mark.parametrize(
    ("region", "found"),
    [
        ("四川", 2),  # a province takes in what lies below it, and what lay there
        ("达县", 1),
        ("达川区", 1),  # what became of it
        ("达州市", 1),
        ("西藏自治区", 1),
        ("川", 2),
        ("綦江", 0),
        ("' OR 1=1 --", 0),
    ],
)
def test_regions_are_found_by_any_name(filled: Archive, region: str, found: int) -> None:
    assert len(ask(filled, of_name("by_region").sql, {"region": region})) == found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Place(str(tmp_path_factory.mktemp("filled") / "a.sqlite3")).open() as archive:
        fill(archive)
        yield archive


def test_a_name_holds_for_its_years(archive: Archive) -> None:
    """500110 was 万盛区 before 2011, and is 綦江区, which 万盛区 became a part of."""
    archive.keep_names(load_taxonomy())
    verdict = judgement(regions=("500110", "510000"))
    for year in (2008, 2015):
        url, published = f"https://synthetic.example/{year}", datetime(year, 5, 1, tzinfo=UTC)
        archive.store(judged(url, prose(year), published=published, verdict=verdict), now=NOW)
    by_region = of_name("by_region").sql
    assert [row["day"][:4] for row in ask(archive, by_region, {"region": "綦江区"})] == ["2015"]
    assert [row["day"][:4] for row in ask(archive, by_region, {"region": "万盛区"})] == ["2015", "2008"]


def test_a_code_that_passed_to_another_place_is_not_asked_for(archive: Archive) -> None:
    """419001 was 义马市 until 1995, and is 济源市."""
    archive.keep_names(load_taxonomy())
    verdict = judgement(regions=("419001", "510000"))
    archive.store(judged("https://synthetic.example/1", prose(1), verdict=verdict), now=NOW)
    by_region = of_name("by_region").sql
    assert len(ask(archive, by_region, {"region": "济源市"})) == 1
    assert ask(archive, by_region, {"region": "义马市"}) == []


def test_pairs_of_provinces_are_counted_by_story(archive: Archive) -> None:
    archive.keep_names(load_taxonomy())
    verdict = judgement(regions=("500000", "510100", "511800"))
    archive.store(judged("https://synthetic.example/1", prose(1), verdict=verdict), now=NOW)
    (row,) = ask(archive, of_name("pairs_by_month").sql, {"since": "2000-01-01"})
    assert row == {"month": "2026-03", "province_name_a": "重庆市", "province_name_b": "四川省", "stories": 1}


def test_the_commands_of_the_page_name_what_is_there() -> None:
    page = schema_page()
    assert "python -m archive.datasette" in page
    assert "python -m archive.schema_page" in page
    for anchor in re.findall(r"\]\(#([\w-]+)\)", page):
        assert f"\n## {anchor.replace('-', ' ').capitalize()}\n" in page
