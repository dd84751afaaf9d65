from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from archive import Archive
from archive.records import FeedQuery, Question
from archive.search.asking import Filters, ask
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, judged, judgement, prose, source

DAY = timedelta(days=1)


@pytest.fixture
def filled(archive: Archive) -> Archive:
    texts = (
        ("川渝携手", "四川与重庆签署人力资源协作协议，推进双城经济圈建设。RCEP 2023年启动。", judgement()),
        (
            "川藏合作",
            "雅安人力资源服务产业园开园，川藏携手。",
            judgement(regions=("511800", "540000"), zones=("川藏",), topics=("forum",)),
        ),
        ("无关消息", "川渝高速公路今日通车。", judgement(relevant=False)),
    )
    for number, (title, body, verdict) in enumerate(texts):
        archive.store(
            judged(
                f"https://{number}.example/1",
                body,
                title=title,
                verdict=verdict,
                published=NOW - number * DAY,
                of=source(f"s{number}", f"第{number}网"),
            ),
            now=NOW,
        )
    return archive


def titles(archive: Archive, words: str, *, limit: int = 20, offset: int = 0, **filters: Any) -> list[str]:
    hits = archive.search(Question(words=words, **filters), limit=limit, offset=offset)
    return [hit.story.title for hit in hits]


_FOUND: tuple[tuple[str, list[str]], ...] = (
    ("川渝", ["川渝携手"]),
    ("雅安", ["川藏合作"]),
    ("携手", ["川渝携手", "川藏合作"]),
    ("川渝 协议", ["川渝携手"]),
    ('"双城 经济圈"', ["川渝携手"]),
    ("双城经济圈", ["川渝携手"]),
    ("rcep", ["川渝携手"]),
    ("2023年", ["川渝携手"]),
    ("人力资源 雅安", ["川藏合作"]),
    ("资源服务", ["川藏合作"]),
    ("源力", []),
    ("渝", ["川渝携手"]),
    ("四川與重慶", ["川渝携手"]),
    ("ｒｃｅｐ", ["川渝携手"]),
    ("rce", []),
    ("携手 -雅安", ["川渝携手"]),
    ("雅安 OR RCEP", ["川渝携手", "川藏合作"]),
    ("携手 (雅安 OR 成都)", ["川藏合作"]),
    ("NOT 雅安", ["川渝携手"]),
    ("标题:携手", ["川渝携手"]),
    ("-标题:携手", ["川藏合作"]),
    ("建设RCEP", ["川渝携手"]),
    ("", ["川渝携手", "川藏合作"]),
)


def test_finds(filled: Archive) -> None:
    assert {words: titles(filled, words) for words, _found in _FOUND} == dict(_FOUND)


def test_filters(filled: Archive) -> None:
    assert titles(filled, "携手", query=FeedQuery(zones=("川藏",))) == ["川藏合作"]
    assert titles(filled, "携手", query=FeedQuery(adcodes=("510000",))) == ["川渝携手", "川藏合作"]
    assert titles(filled, "携手", query=FeedQuery(adcodes=("511800",), topics=("forum",))) == ["川藏合作"]
    assert titles(filled, "携手", query=FeedQuery(adcodes=("511800",), topics=("agreement",))) == []
    assert titles(filled, "携手", pair=(("510000",), ("540000",))) == ["川藏合作"]
    assert titles(filled, "携手", pair=(("510000",), ("440000",))) == []
    assert titles(filled, "携手", source="s1") == ["川藏合作"]
    assert titles(filled, "携手", source="第0网") == ["川渝携手"]
    assert titles(filled, "携手", since=NOW - DAY / 2) == ["川渝携手"]
    assert titles(filled, "携手", until=NOW - DAY / 2) == ["川藏合作"]
    assert titles(filled, "川渝", relevant_only=False) == ["川渝携手", "无关消息"]
    assert titles(filled, "携手", limit=1, offset=1) == ["川藏合作"]


_FOUND_BY_FIELDS: tuple[tuple[str, list[str]], ...] = (
    ("地区:四川", ["川渝携手", "川藏合作"]),
    ("地区:雅安", ["川藏合作"]),
    ("地区:雅安,重庆", ["川渝携手", "川藏合作"]),
    ("携手 -地区:雅安", ["川渝携手"]),
    ("地区:四川 地区:西藏", ["川藏合作"]),
    ("地区:某地", []),
    ("对:四川-西藏", ["川藏合作"]),
    ("-对:四川-西藏", ["川渝携手"]),
    ("对:四川-四川", []),
    ("日期:无", []),
    ("携手 -日期:无 -对:四川-四川", ["川渝携手", "川藏合作"]),
    ("区域:成渝", ["川渝携手"]),
    ("主题:合作协议", ["川渝携手"]),
    ("来源:第1网", ["川藏合作"]),
    ("来源:第1网 OR RCEP", ["川渝携手", "川藏合作"]),
    ("(来源:第1网 OR RCEP) 携手 -区域:川渝", ["川藏合作"]),
    ("类型:媒体", ["川藏合作"]),
    ("类型:政府", ["川渝携手"]),
    ("-类型:政府", ["川藏合作"]),
    ("日期:2026-03-02", ["川渝携手"]),
    ("日期:..2026-03-01", ["川藏合作"]),
    ("自:2026-03 至:2026-03-01", ["川藏合作"]),
    ("-自:2026-03-02", ["川藏合作"]),
    ("日期:2026-03-02 OR 雅安", ["川渝携手", "川藏合作"]),
)


def test_fields(filled: Archive) -> None:
    filled.keep_sources((replace(source("s0"), kind="gov-hrss"), source("s1")), now=NOW)
    found = {}
    for words, _titles in _FOUND_BY_FIELDS:
        hits = filled.search(ask(words, Filters(), load_taxonomy(None)).question)
        found[words] = [hit.story.title for hit in hits]
    assert found == dict(_FOUND_BY_FIELDS)


def test_not_is_of_one_member(archive: Archive) -> None:
    body = prose("reprinted")
    archive.store(judged("https://a.example/1", body, title="川渝携手", of=source("a")), now=NOW)
    archive.store(judged("https://b.example/1", body, title="转载", of=source("b")), now=NOW)
    (story,) = archive.stories()
    assert len(story.members) == 2
    assert len(archive.search(Question(words="-标题:川渝"))) == 1  # the reprint has another title
    assert archive.search(Question(words="-标题:川渝 -标题:转载")) == ()


def test_edited_page_is_found_by_its_new_words_only(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", "旧文字"), now=NOW)
    archive.store(judged("https://a.example/1", "新内容"), now=NOW)
    assert titles(archive, "旧文字") == []
    assert len(titles(archive, "新内容")) == 1
    assert archive.check() == ()


_HOSTILE = (
    '"',
    "'",
    '""',
    '"川',
    "AND",
    "OR NOT",
    "NEAR(川 渝)",
    "*",
    "川*",
    "title:川",
    "\x00",
    "川\x00渝",
    "😀",
    "川" * 10_000,
    '"' * 10_000,
    "川 " * 10_000,
    "😀" * 10_000,
    "川渝 AND " * 2000,
    '" OR ' * 2000,
    "川\u200b渝\u202e",
    "- -",
    "(",
    "^川",
    "\ud800",
    "a\\b",
    "{}",
    "川渝 &| !:* <->",
    "(" * 10_000,
    "-" * 10_000 + "川",
    "NOT " * 3000,
    "地区:" * 3000,
    "日期:" + "9" * 5000,
    "标题:" + "川" * 10_000,
    "·y ¶川",
)


def test_hostile_words_raise_nothing(filled: Archive) -> None:
    held = {hit.story.title for hit in filled.search(Question())}
    for words in _HOSTILE:
        for question in (Question(words=words), ask(words, Filters(), load_taxonomy(None)).question):
            for order in ("time", "relevance"):
                hits = filled.search(question, order=order)
                assert {hit.story.title for hit in hits} <= held, words[:40]


def test_limit_and_offset_are_bounded(filled: Archive) -> None:
    for limit, offset, count in (
        (1, 0, 1),
        (2, 1, 1),
        (0, 0, 0),
        (-1, 0, 0),
        (2**70, 0, 2),
        (2, 2**70, 0),
        (2, -5, 2),
        (2**70, 2**70, 0),
    ):
        assert len(titles(filled, "携手", limit=limit, offset=offset)) == count
        assert len(titles(filled, "", limit=limit, offset=offset)) == count
    assert [len(filled.stories(limit=limit)) for limit in (1, 0, -1, 2**70)] == [1, 0, 0, 2]


def test_hostile_filters_raise_nothing(filled: Archive) -> None:
    assert titles(filled, "川渝", query=FeedQuery(adcodes=("510000",) * 2000)) == ["川渝携手"]
    for text in ("\ud800", "\x00", "%", "_", "'", "😀" * 10_000, "川" * 10_000):
        query = FeedQuery(zones=(text,) * 2000, adcodes=(text,) * 2000, topics=(text,) * 2000)
        assert titles(filled, "川渝", query=query) == []
        assert titles(filled, "川渝", source=text) == []
        assert titles(filled, "川渝", kind=text) == []
        assert titles(filled, "川渝", pair=((text,) * 2000, (text,))) == []
        assert filled.story(text) is None
        assert filled.find_story(f"/{text}") is None
        assert filled.explain(text) is None
