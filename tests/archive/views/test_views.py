"""The views for people: what they show, the same on both databases. Synthetic stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text

from archive import Archive
from archive.views import making
from archive.views.view_sql import POSTGRESQL, SQLITE
from crawler.model import ListReport, Precision, Reason, Stamp, Status
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, entry, judged, judgement, poll, prose, source
from tests.archive.places import Place

# 20:30 UTC is the next morning in China
EVENING = datetime(2026, 2, 28, 20, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)  # of 1 March in China
SICHUAN = source("sc", "四川合成")
CHONGQING = source("cq", "重庆合成")

# People's queries rely on these: a name may be added, none may go or mean something else.
STABLE = {
    "stories_v": """
        id guid seq title url published precision day month sorted_at first_publisher regions adcodes zones
        topics agreements document_number written event_date members relevant score link_only first_seen_at
        updated_at body
    """,
    "items_v": """
        id story_id url source_id site_name source_name author title body published precision published_from
        document_number written first_seen_at updated_at relevant score labelled_by regions adcodes zones
        topics is_first join_reason join_score joined_to link_only vanished_at warc_file warc_offset
    """,
    "region_pairs_v": """
        story_id adcode_a region_a adcode_b region_b province_a province_name_a province_b province_name_b
        between_provinces title published day month sorted_at relevant zones topics
    """,
    "source_health_v": """
        source_id name kind level adcode region home family holds status why left_at verdict failures
        first_polled_at last_polled_at last_ok_at last_new_at next_poll_at last_rows last_new last_newest
        last_unchanged last_fetched last_stored last_relevant last_refused last_reason last_detail items
        health health_since health_detail last_good_at newest_at last_dated last_bytes last_charset last_wait_ms
    """,
}


def rows(archive: Archive, sql: str) -> list[dict[str, Any]]:
    found = archive.submit(lambda connection: connection.execute(text(sql)).mappings().all()).result()
    return [dict(row) for row in found]


def one(archive: Archive, sql: str) -> dict[str, Any]:
    (row,) = rows(archive, sql)
    return row


@pytest.fixture
def told(archive: Archive) -> Archive:
    """A story of two pages, one of three parties and by day, one that is not about the subject and undated."""
    archive.keep_names(load_taxonomy())
    archive.store(judged("https://sc.example/1", prose(1), of=SICHUAN, published=EVENING), now=NOW)
    archive.store(
        judged("https://cq.example/1", prose(1), of=CHONGQING, published=EVENING + timedelta(hours=1)), now=NOW
    )
    verdict = judgement(
        regions=("510000", "511800", "540000"), zones=("川藏", "川渝"), topics=("agreement", "unheard-of")
    )
    by_day = judged("https://sc.example/2", prose(2), of=SICHUAN, verdict=replace(verdict, agreements=("甲", "乙")))
    stamp = Stamp(at=MIDNIGHT, precision=Precision.DAY, origin="label")
    archive.store(replace(by_day, article=replace(by_day.article, published=stamp)), now=NOW)
    archive.store(
        judged(
            "https://sc.example/3", prose(3), of=SICHUAN, published=None,
            verdict=judgement(relevant=False, regions=(), zones=(), topics=()),
        ),
        now=NOW,
    )  # fmt: skip
    return archive


def test_no_column_that_people_rely_on_is_gone() -> None:
    for view in making.people_views(SQLITE):
        assert set(STABLE[view.name].split()) <= {column.name for column in view.columns}


@pytest.mark.parametrize("speech", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
def test_both_databases_are_told_of_the_same_columns(speech: Any) -> None:
    told = [(view.name, [column.name for column in view.columns]) for view in making.people_views(speech)]
    assert told == [(view.name, [column.name for column in view.columns]) for view in making.people_views(SQLITE)]
    assert all(column.about for view in making.people_views(speech) for column in view.columns)


def test_views_have_exactly_the_columns_that_are_described(archive: Archive) -> None:
    def columns(connection: Any) -> dict[str, list[str]]:
        looked = inspect(connection)
        return {name: [column["name"] for column in looked.get_columns(name)] for name in looked.get_view_names()}

    assert archive.submit(columns).result() == {
        view.name: [column.name for column in view.columns] for view in making.people_views(SQLITE)
    }


def test_a_story_is_told_in_words_and_on_chinas_clock(told: Archive) -> None:
    row = one(told, "SELECT * FROM stories_v WHERE members = 2")
    assert row["published"] == "2026-03-01 04:30"
    assert (row["day"], row["month"], row["precision"]) == ("2026-03-01", "2026-03", "minute")
    assert (row["first_publisher"], row["url"]) == ("四川合成", "https://sc.example/1")
    assert (row["regions"], row["adcodes"]) == ("重庆市、四川省", "500000、510000")
    assert (row["zones"], row["topics"], row["agreements"]) == ("川渝", "合作协议", None)
    assert (bool(row["relevant"]), row["score"], row["body"]) == (True, 0.9, prose(1))
    (story,) = (story for story in told.stories() if len(story.members) == 2)
    assert (row["id"], row["guid"], row["seq"], row["title"]) == (story.id, story.guid, story.seq, story.title)


def test_lists_are_in_order_and_what_has_no_name_keeps_its_code(told: Archive) -> None:
    row = one(told, "SELECT * FROM stories_v WHERE url = 'https://sc.example/2'")
    assert (row["published"], row["precision"]) == ("2026-03-01", "day")
    assert row["regions"] == "四川省、四川省雅安市、西藏自治区"
    assert row["zones"].split("、") == sorted(["川渝", "川藏"])
    assert (row["topics"], row["agreements"]) == ("合作协议、unheard-of", "乙、甲")


def test_lists_are_legible_in_any_tool(told: Archive) -> None:
    held = "SELECT CAST(agreements AS TEXT) FROM judgements WHERE CAST(agreements AS TEXT) LIKE '%\"甲\"%'"
    assert told.submit(lambda connection: connection.execute(text(held)).scalars().all()).result() == ['["甲", "乙"]']


def test_undated_stories_stand_by_the_day_they_were_seen(told: Archive) -> None:
    row = one(told, "SELECT * FROM stories_v WHERE relevant = false")
    assert (row["published"], row["precision"], row["day"]) == (None, None, "2026-03-02")
    assert (row["regions"], row["adcodes"], row["zones"], row["topics"]) == (None, None, None, None)


def test_places_are_called_as_they_were_called_then(archive: Archive) -> None:
    archive.keep_names(load_taxonomy())
    for year in (2008, 2015):
        of_then = judged(
            f"https://s.example/{year}", prose(year), published=datetime(year, 5, 1, tzinfo=UTC),
            verdict=judgement(regions=("500110", "511721"), zones=(), topics=()),
        )  # fmt: skip
        archive.store(of_then, now=NOW)
    found = rows(archive, "SELECT month, regions FROM stories_v ORDER BY month")
    assert [tuple(row.values()) for row in found] == [
        ("2008-05", "重庆市万盛区、四川省达州市达县"),
        ("2015-05", "重庆市綦江区、四川省达州市达县"),
    ]


def test_a_vanished_page_is_not_the_link_of_its_story(told: Archive) -> None:
    before = one(told, "SELECT id, url FROM stories_v WHERE members = 2")
    told.settle(entry("https://sc.example/1"), Reason.GONE, "404", now=NOW + timedelta(days=2), lease=None)
    after = one(told, "SELECT id, url FROM stories_v WHERE members = 2")
    assert (before["url"], after["url"]) == ("https://sc.example/1", "https://cq.example/1")
    story = told.story(before["id"])
    assert story is not None
    assert story.url == after["url"]
    gone = one(told, "SELECT vanished_at, is_first FROM items_v WHERE url = 'https://sc.example/1'")
    assert gone["vanished_at"] is not None
    assert bool(gone["is_first"])


def test_items_say_why_they_are_in_their_story(told: Archive) -> None:
    first, second = rows(told, "SELECT * FROM items_v WHERE url LIKE '%/1' ORDER BY is_first DESC")
    assert (bool(first["is_first"]), first["join_reason"], first["joined_to"]) == (True, None, None)
    assert (second["join_reason"], second["join_score"], second["joined_to"]) == ("same-body", 1.0, first["id"])
    assert (second["site_name"], second["source_id"], second["published"]) == ("重庆合成", "cq", "2026-03-01 05:30")
    assert (bool(second["relevant"]), second["regions"], second["labelled_by"]) == (True, "重庆市、四川省", None)


def test_pairs_are_of_parties_that_do_not_lie_within_each_other(told: Archive) -> None:
    found = rows(told, "SELECT * FROM region_pairs_v ORDER BY story_id, adcode_a, adcode_b")
    assert [(row["region_a"], row["region_b"], row["province_name_a"], row["province_name_b"]) for row in found] == [
        ("重庆市", "四川省", "重庆市", "四川省"),
        ("四川省", "西藏自治区", "四川省", "西藏自治区"),
        ("四川省雅安市", "西藏自治区", "四川省", "西藏自治区"),
    ]
    assert {(row["province_a"], row["province_b"], bool(row["between_provinces"])) for row in found} == {
        ("500000", "510000", True),
        ("510000", "540000", True),
    }
    counted = one(told, "SELECT count(DISTINCT story_id) AS stories FROM region_pairs_v WHERE province_b = '540000'")
    assert counted["stories"] == 1


def test_pairs_within_a_province_are_told_apart(archive: Archive) -> None:
    verdict = judgement(regions=("510100", "511800", "511802"), zones=(), topics=())
    archive.store(judged("https://s.example/1", prose(1), verdict=verdict), now=NOW)
    # names were never filled in: codes stand for them
    found = rows(archive, "SELECT region_a, region_b, between_provinces FROM region_pairs_v ORDER BY region_b")
    assert [(row["region_a"], row["region_b"], bool(row["between_provinces"])) for row in found] == [
        ("510100", "511800", False),
        ("510100", "511802", False),
    ]


def test_health_has_a_verdict_for_each_source(archive: Archive) -> None:
    archive.keep_names(load_taxonomy())
    registry = [source(name, name) for name in ("fine", "broken", "new", "gone")]
    archive.keep_sources([*registry, replace(source("wall"), status=Status.BLOCKED, why="412")], now=NOW)
    archive.record_poll(
        replace(
            poll("fine"), refused={Reason.NO_BODY: 1, Reason.IRRELEVANT: 3}, fetched=4,
            lists=(ListReport(url="https://fine.example/", status=200, rows=20, new=4),),
        )
    )  # fmt: skip
    archive.record_poll(replace(poll("fine", at=NOW + timedelta(hours=1)), skipped=True))
    archive.record_poll(replace(poll("broken", reason=Reason.NO_ROWS), detail="0 rows"))
    archive.record_poll(replace(poll("broken", reason=Reason.NO_ROWS), detail="0 rows"))
    archive.judge_health({}, now=NOW)
    archive.keep_sources([*registry[:3], replace(source("wall"), status=Status.BLOCKED, why="412")], now=NOW)
    found = {row["source_id"]: row for row in rows(archive, "SELECT * FROM source_health_v")}
    assert {name: row["verdict"] for name, row in found.items()} == {
        "fine": "ok", "broken": "no-rows", "new": "new", "gone": "left", "wall": "blocked",
    }  # fmt: skip
    fine = found["fine"]
    assert (fine["last_rows"], fine["last_new"], fine["last_fetched"]) == (20, 4, 4)
    assert (fine["last_refused"], fine["region"]) == ("irrelevant 3、no-body 1", "四川省")
    broken = found["broken"]
    assert (broken["failures"], broken["last_reason"], broken["last_detail"]) == (2, "no-rows", "0 rows")
    assert (broken["health"], broken["health_detail"], fine["health"]) == ("broken", "0 rows", None)
    assert found["new"]["last_rows"] is None


def test_views_are_made_anew_where_a_program_had_others(place: Place) -> None:
    with place.open() as archive:
        other = "CREATE VIEW stories_v AS SELECT 1 AS id"
        archive.submit(lambda connection: making.drop_views(connection)).result()
        archive.submit(lambda connection: connection.execute(text(other))).result()
        archive.submit(
            lambda connection: connection.execute(text("UPDATE facts SET value = 'x' WHERE name = 'views_digest'"))
        ).result()
    with place.open() as archive:
        assert rows(archive, "SELECT title FROM stories_v") == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM stories_v WHERE id = 5",
        "SELECT * FROM stories_v WHERE seq > 5 ORDER BY seq LIMIT 50",
        "SELECT * FROM stories_v ORDER BY sorted_at DESC LIMIT 50",
        "SELECT * FROM stories_v WHERE relevant = true ORDER BY sorted_at DESC, id DESC LIMIT 50",
        "SELECT * FROM region_pairs_v WHERE relevant = true ORDER BY sorted_at DESC LIMIT 50",
        "SELECT * FROM region_pairs_v WHERE story_id = 5",
        "SELECT * FROM items_v WHERE id = 5",
        "SELECT * FROM items_v WHERE story_id = 5",
    ],
)
def test_what_people_ask_first_reads_no_table_through(tmp_path: Any, query: str) -> None:
    with Place(str(tmp_path / "a.sqlite3")).open() as archive:
        plan = rows(archive, f"EXPLAIN QUERY PLAN {query}")
    steps = [row["detail"] for row in plan]
    # SCAN s USING INDEX … walks in order and stops at the limit; a subquery's few rows are its own
    assert not [step for step in steps if step.startswith("SCAN") and "(" not in step and "INDEX" not in step], steps
    sorts = [row for row in plan if "ORDER BY" in row["detail"] and row["parent"] == 0]
    assert not sorts, steps
