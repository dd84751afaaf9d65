"""What of a poll is not as usual: bounds, what is too little to say anything, and that every fault has its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.health.usual import (
    ANSWERS,
    LISTS,
    SAMPLES,
    ArticlesSeen,
    ListSeen,
    Usual,
    fault_of_articles,
    fault_of_lists,
    list_key,
    slowness,
    with_answer,
    with_articles,
    with_lists,
)
from crawler.wording import _patterns

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WELL = ListSeen(key="l", rows=20, titled=20, dated=20, linked=20, size=24_000, wait_ms=300, shows_family=True)

seen = st.builds(
    ListSeen,
    key=st.sampled_from(["a", "b", "c"]),
    is_read=st.booleans(),
    rows=st.integers(0, 500),
    titled=st.none() | st.integers(0, 500),
    dated=st.none() | st.integers(0, 500),
    linked=st.none() | st.integers(0, 500),
    size=st.none() | st.integers(0, 10**9),
    wait_ms=st.none() | st.integers(0, 10**6),
    shows_family=st.none() | st.booleans(),
)


def learned(one: ListSeen = WELL, *, days: int = 14) -> Usual:
    usual = Usual()
    for n in range(days):
        usual = with_lists(usual, [one], NOW + n * DAY)
    return usual


def fault(usual: Usual, one: ListSeen) -> str | None:
    return fault_of_lists(with_lists(usual, [one], NOW + 30 * DAY), [one])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dated": 0}, "0 of 20 rows have a date, 100 % had one"),
        ({"dated": 4}, "4 of 20 rows have a date, 100 % had one"),
        ({"titled": 0}, "0 of 20 rows have a title, 100 % had one"),
        ({"linked": 2}, "2 of 20 rows lead to an article; it was 100 %"),
        ({"rows": 3, "titled": 3, "dated": 3, "linked": 3}, "3 rows, never below 20 before"),
        ({"shows_family": False}, "nothing on the list shows its family any more"),
        ({"dated": 15}, None),
        ({"rows": 6, "titled": 6, "dated": 6, "linked": 6}, None),
        ({"dated": None, "titled": None, "linked": None, "shows_family": None}, None),
        ({"size": 10**8, "wait_ms": 10**5}, None),
    ],
)
def test_a_list_that_is_not_what_it_was(changed: dict[str, int | bool | None], told: str | None) -> None:
    assert fault(learned(), replace(WELL, **changed)) == told  # type: ignore[arg-type]


def test_too_few_days_say_nothing() -> None:
    assert fault(learned(days=3), replace(WELL, dated=0)) is None


def test_what_was_never_there_is_not_missed() -> None:
    bare = replace(WELL, dated=0, shows_family=False)
    assert fault(learned(bare), bare) is None
    half = replace(WELL, dated=10)
    assert fault(learned(half), replace(WELL, dated=0)) is None


def test_what_is_wrong_never_passes_for_usual_and_holds_while_the_list_does_not_change() -> None:
    usual = learned()
    undated = replace(WELL, dated=0)
    for n in range(60):
        usual = with_lists(usual, [undated], NOW + (20 + n) * DAY)
    assert fault_of_lists(usual, [undated]) is not None
    assert fault_of_lists(usual, [ListSeen(key="l", is_read=False)]) is not None
    usual = with_lists(usual, [WELL], NOW + 90 * DAY)
    assert fault_of_lists(usual, [ListSeen(key="l", is_read=False)]) is None


def test_one_list_is_not_measured_by_another() -> None:
    """A list without dates beside one with: whichever is read alone is as it should be."""
    bare = replace(WELL, key="bare", dated=0)
    usual = Usual()
    for n in range(20):
        usual = with_lists(usual, [WELL, bare], NOW + n * DAY)
    for alone in (WELL, bare):
        assert fault(usual, alone) is None


def test_a_slow_week_does_not_become_the_rule() -> None:
    usual, slow = learned(), replace(WELL, wait_ms=30_000)
    for n in range(60):
        usual = with_lists(usual, [slow], NOW + (20 + n) * DAY)
    assert slowness(usual, [slow], is_slow=True) == "30.0 s to answer, usually 0.3 s"
    assert slowness(usual, [WELL], is_slow=True) is None


def test_one_long_outage_is_not_many() -> None:
    usual = Usual()
    for n in range(ANSWERS):
        usual = with_answer(usual, is_there=n % 40 < 5)
    assert slowness(usual, [], is_slow=False) is None
    for n in range(ANSWERS):
        usual = with_answer(usual, is_there=n % 3 > 0)
    assert slowness(usual, [], is_slow=False) == "no answer 20 times in the last 60 polls"


def test_articles_without_a_date_are_missed_where_others_had_one() -> None:
    usual = with_articles(Usual(), ArticlesSeen(read=30, dated=30))
    usual = with_articles(usual, ArticlesSeen(read=5))
    assert fault_of_articles(usual) is None
    usual = with_articles(usual, ArticlesSeen(read=1))
    assert fault_of_articles(usual) == "no date in the last 6 articles"
    assert fault_of_articles(with_articles(usual, ArticlesSeen(read=1, dated=1))) is None
    never = with_articles(with_articles(Usual(), ArticlesSeen(read=30)), ArticlesSeen(read=6))
    assert fault_of_articles(never) is None


def test_a_video_now_and_then_is_no_redesign() -> None:
    usual = Usual()
    for n in range(40):
        usual = with_articles(usual, ArticlesSeen(read=int(n % 3 > 0), dated=int(n % 3 > 0), unread=int(n % 3 == 0)))
        assert fault_of_articles(usual) is None
    usual = with_articles(usual, ArticlesSeen(unread=3))
    assert fault_of_articles(usual) is None  # a third of them never had any text


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://e.example/html/2026-11/18/node_1.htm", "https://e.example/html/*/node_1.htm"),
        ("https://e.example/pc/202611/18/n1.html", "https://e.example/pc/*/n1.html"),
        ("https://e.example/20261118/index.html", "https://e.example/*/index.html"),
        ("https://e.example/col/col2031/index.html", "https://e.example/col/col2031/index.html"),
    ],
)
def test_an_edition_is_one_list_from_day_to_day(url: str, key: str) -> None:
    assert list_key(url) == key


@given(st.lists(st.tuples(st.integers(0, 400), st.lists(seen, max_size=3)), max_size=60))
def test_whatever_comes_it_stays_small_and_speaks_in_known_words(polls: list[tuple[int, list[ListSeen]]]) -> None:
    usual = Usual()
    for hours, lists in polls:
        usual = with_answer(with_lists(usual, lists, NOW + timedelta(hours=hours)), is_there=bool(lists))
        for told in (fault_of_lists(usual, lists), slowness(usual, lists, is_slow=False)):
            assert told is None or any(pattern.fullmatch(told) for pattern, _message in _patterns())
    assert len(usual.lists) <= LISTS
    assert all(len(one.samples) <= SAMPLES for one in usual.lists.values())
    assert len(usual.answers) <= ANSWERS


def test_lists_that_were_not_seen_for_longest_are_forgotten() -> None:
    usual = Usual()
    for n in range(LISTS + 5):
        usual = with_lists(usual, [replace(WELL, key=f"{n}"), replace(WELL, key="always")], NOW + n * DAY)
    assert len(usual.lists) == LISTS
    assert "always" in usual.lists
    assert "0" not in usual.lists
