from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import Archive
from archive.records import FeedQuery
from tests.archive.making import NOW, judged, judgement, source
from tests.archive.places import Place

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


def titles(archive: Archive, words: str, **filters: object) -> list[str]:
    return [hit.story.title for hit in archive.search(words, **filters)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "found"),
    [
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
        ("", ["川渝携手", "川藏合作"]),
    ],
)
def test_finds(filled: Archive, words: str, found: list[str]) -> None:
    assert titles(filled, words) == found


def test_filters(filled: Archive) -> None:
    assert titles(filled, "携手", query=FeedQuery(zones=("川藏",))) == ["川藏合作"]
    assert titles(filled, "携手", query=FeedQuery(adcodes=("510000",))) == ["川渝携手", "川藏合作"]
    assert titles(filled, "携手", query=FeedQuery(adcodes=("511800",), topics=("forum",))) == ["川藏合作"]
    assert titles(filled, "携手", query=FeedQuery(adcodes=("511800",), topics=("agreement",))) == []
    assert titles(filled, "携手", source="s1") == ["川藏合作"]
    assert titles(filled, "携手", source="第0网") == ["川渝携手"]
    assert titles(filled, "携手", since=NOW - DAY / 2) == ["川渝携手"]
    assert titles(filled, "携手", until=NOW - DAY / 2) == ["川藏合作"]
    assert titles(filled, "川渝", relevant_only=False) == ["川渝携手", "无关消息"]
    assert titles(filled, "携手", limit=1, offset=1) == ["川藏合作"]


def test_excerpt_marks_the_words(filled: Archive) -> None:
    (hit,) = filled.search("双城经济圈 重庆")
    assert [hit.excerpt[start:end] for start, end in hit.marks] == ["重庆", "双城经济圈"]


def test_edited_page_is_found_by_its_new_words_only(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", "旧文字"), now=NOW)
    archive.store(judged("https://a.example/1", "新内容"), now=NOW)
    assert titles(archive, "旧文字") == []
    assert len(titles(archive, "新内容")) == 1
    assert archive.check() == ()


@pytest.mark.parametrize(
    "words",
    [
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
    ],
)
def test_hostile_words_raise_nothing(filled: Archive, words: str) -> None:
    filled.search(words)


@pytest.mark.parametrize(
    ("limit", "offset", "count"),
    [(1, 0, 1), (2, 1, 1), (0, 0, 0), (-1, 0, 0), (2**70, 0, 2), (2, 2**70, 0), (2, -5, 2), (2**70, 2**70, 0)],
)
def test_limit_and_offset_are_bounded(filled: Archive, limit: int, offset: int, count: int) -> None:
    assert len(titles(filled, "携手", limit=limit, offset=offset)) == count
    assert len(titles(filled, "", limit=limit, offset=offset)) == count
    assert len(filled.stories(limit=limit, offset=offset)) == count


@pytest.mark.parametrize("text", ["\ud800", "\x00", "%", "_", "'", "😀" * 10_000, "川" * 10_000])
def test_hostile_filters_raise_nothing(filled: Archive, text: str) -> None:
    query = FeedQuery(zones=(text,) * 2000, adcodes=(text,) * 2000, topics=(text,) * 2000)
    assert filled.search("川渝", query=query) == ()
    assert filled.search("川渝", query=FeedQuery(adcodes=("510000",) * 2000))
    assert filled.search("川渝", source=text) == ()
    assert filled.stories(query=query) == ()
    assert filled.story(text) is None
    assert filled.story_of_url(text) is None
    assert filled.explain(text) is None


_TEXTS = st.text(alphabet="川渝藏雅安人才。，AB12 \n", max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_TEXTS, min_size=1, max_size=6), word=st.text(alphabet="川渝藏雅安人才", min_size=1, max_size=4))
def test_search_equals_a_naive_scan(new_place: Callable[[], Place], texts: list[str], word: str) -> None:
    with new_place().open() as archive:
        for number, text in enumerate(texts):
            archive.store(judged(f"https://{number}.example/1", text, title=f"第{number}"), now=NOW)
        found = {hit.story.title for hit in archive.search(word, limit=100)}
    expected = {f"第{n}" for n, text in enumerate(texts) if word in re.sub(r"[\W_]+", "", text)}
    assert found == expected
