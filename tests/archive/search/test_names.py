"""Names of sites and of 来源: short enough for an index, and looked through there, not in the texts. Synthetic."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import sqlite

from archive import Archive
from archive.archive import open_file
from archive.database.engine import open_sqlite, writing
from archive.database.postgresql import open_postgresql
from archive.records import Question
from archive.schema import items, stories
from archive.search.questions import filters
from tests.archive.making import NOW, judged, prose, source
from tests.archive.older import move
from tests.archive.places import Place

# characters of four bytes, no two alike in a row: nothing that a database could press together
LONG = "".join(chr(0x20000 + 37 * number) for number in range(5000))
URL = "https://synthetic.example/1.html"


def names(connection: Connection) -> tuple[str, str]:
    row = connection.execute(select(items.c.site_name, items.c.source_name)).one()
    return row.site_name, row.source_name


def titles(archive: Archive, name: str) -> list[str]:
    return [hit.story.title for hit in archive.search(Question(source=name))]


def test_a_name_of_any_length_is_kept_and_found(archive: Archive) -> None:
    long = judged(URL, prose(1), source_name=f"合成来源{LONG}", of=source("synthetic", f"合成网站{LONG}"))
    archive.store(long, now=NOW)
    site_name, source_name = archive.submit(names).result()
    assert site_name == f"合成网站{LONG}"[:255]
    assert source_name == f"合成来源{LONG}"[:255]
    assert [titles(archive, name) for name in ("成来源", "成网站", "别的")] == [["川渝人社部门签署合作协议"]] * 2 + [[]]
    # stored again it is the same, and no edit
    archive.store(long, now=NOW)
    assert archive.submit(names).result() == (site_name, source_name)
    assert archive.stories()[0].updated_at == NOW


def test_names_of_an_older_archive_are_cut_before_they_are_indexed(place: Place) -> None:
    with place.open() as archive:
        archive.store(judged(URL, prose(1)), now=NOW)
    move(place.name, "0013")
    is_server = place.name.startswith("postgresql:")
    engine = open_postgresql(place.name) if is_server else open_sqlite(Path(place.name))
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE items SET site_name = :name, source_name = :name"), {"name": LONG})
    engine.dispose()
    with place.open() as archive:
        assert archive.submit(names).result() == (LONG[:255], LONG[:255])


@pytest.mark.parametrize("name", ["合成", "synthetic"])
def test_a_part_of_a_name_is_looked_for_without_the_texts(tmp_path: Path, name: str) -> None:
    asked = select(stories.c.id).where(*filters(Question(source=name)))
    with open_file(tmp_path / "a.sqlite3") as archive:
        plan = archive.submit(
            lambda connection: connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN "
                + str(asked.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            ).all()
        ).result()
    assert [line.detail for line in plan if "items" in line.detail] == [
        "SCAN items USING COVERING INDEX ix_items_names"
    ]
