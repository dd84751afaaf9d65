"""Sources by id, name, 来源 and kind, looked up beforehand or item by item: the same stories. Synthetic."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from archive import Archive
from archive.records import Question
from archive.schema import stories
from archive.search import whose
from archive.search.questions import wanted
from crawler.text.query import NOTHING, AnyOf, Expression, Field, Not, Phrase
from tests.archive.making import NOW, judged, judgement, prose, source

_ITEMS: tuple[tuple[str, str, str | None, str | None], ...] = (
    # source, site, 来源, kind of source
    ("sc", "四川人社", "四川日報", "gov-hrss"),
    ("sc", "四川人社", None, "gov-hrss"),
    ("cq", "重庆日报网", "新华社", "media"),
    ("cq", "重庆日报新闻网", "本网", "media"),  # renamed since
    ("gx", "sc100%网", None, None),
    ("hn", "海南网", "新华社海南", "gov"),
)


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for number, (source_id, site, source_name, _kind) in enumerate(_ITEMS):
        archive.store(
            judged(
                f"https://{source_id}.example/{number}",
                prose(number),
                title=f"第{number}份",
                source_name=source_name,
                of=source(source_id, site),
                verdict=judgement(relevant=number != 5),
            ),
            now=NOW,
        )
    kinds = {source_id: kind for source_id, _site, _name, kind in _ITEMS if kind is not None}
    archive.keep_sources([replace(source(name), kind=kind) for name, kind in kinds.items()], now=NOW)
    return archive


def of(*names: str) -> Field:
    return Field("source", names)


_ASKED: tuple[tuple[Question, set[int]], ...] = (
    (Question(source="sc"), {0, 1, 4}),
    (Question(source="四川日报"), {0}),
    (Question(source="日报"), {0, 2, 3}),
    (Question(source="重庆日报网"), {2}),
    (Question(source="新华社"), {2}),
    (Question(source="新华社", relevant_only=False), {2, 5}),
    (Question(source="0%"), {4}),
    (Question(source="无此来源"), set()),
    (Question(kind="gov"), {0, 1}),
    (Question(kind="media", source="本网"), {3}),
    (Question(kind="bank"), set()),
    (Question(expression=of("四川日报", "本网")), {0, 3}),
    (Question(expression=Not(of("日报"))), {1, 4}),
    (Question(expression=Not(of("无此来源"))), {0, 1, 2, 3, 4}),
    (Question(expression=AnyOf((of("无此来源"), Phrase(("第",), is_title=True)))), {0, 1, 2, 3, 4}),
    (Question(expression=AnyOf((of("新华社"), Field("kind", ("gov",))))), {0, 1, 2}),
)


def _found(archive: Archive, question: Question) -> set[str]:
    return {hit.story.title for hit in archive.search(question)}


def _item_by_item(connection: Connection, question: Question) -> set[str]:
    asked = wanted(connection, question, are_few=True)
    assert asked is not None
    return set(connection.execute(select(stories.c.title).where(*asked)).scalars())


@pytest.mark.parametrize("bounds", [{}, {"_MANY": 0}, {"_MAX_NAMES": 0}], ids=["few", "many", "too-many"])
def test_sources_are_found(filled: Archive, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, Any]) -> None:
    for name, bound in bounds.items():
        monkeypatch.setattr(whose, name, bound)
    for question, numbers in _ASKED:
        titles = {f"第{number}份" for number in numbers}
        assert _found(filled, question) == titles, question
        assert filled.submit(partial(_item_by_item, question=question)).result() == titles
        assert {story.title for story in filled.changes(question, after_seq=0)} == titles
        with filled.exporting() as export:
            assert {story.title for story in export.stories(question)} == titles


def test_what_nobody_is_called_is_asked_no_further(filled: Archive) -> None:
    def put(connection: Connection) -> Expression | None:
        return whose.put_as_borne(connection, Question(source="无此来源"), Phrase(("协",))).expression

    assert filled.submit(put).result() == NOTHING
