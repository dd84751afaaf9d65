"""The walk itself, without a network: where it goes next, what it remembers, and newspapers day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from crawler.edition import edition_day, edition_url
from crawler.model import HistoryEnd, HistoryMark, ListPage, ListReport, Reason, Source
from crawler.polling.history import MAX_DAYS_WITHOUT, EditionWalk, Walk, digest, walks_of
from crawler.polling.poll import ListJob, PageSeen
from tests.archive.making import source

URL = "https://www.jia.example/list"
PAPER = "https://paper.jia.example/html/{YYYY}-{MM}/{DD}/node_1.htm"
NEWEST = date(2026, 3, 2)


def of(*urls: str) -> Source:
    return replace(source(), lists=tuple(ListPage(url=url) for url in urls), digest="d")


def job(number: int, url: str = URL) -> ListJob:
    return ListJob(ListPage(url=url), url if number == 1 else f"{url}?{number}", is_first=number == 1, number=number)


def seen(number: int, *rows: str, following: int | None = None, beyond: int | None = None, new: int = 0) -> PageSeen:
    return PageSeen(
        job=job(number),
        addresses=frozenset(rows),
        new=new,
        following=job(following) if following else None,
        beyond=job(beyond) if beyond else None,
    )


def missed(reason: Reason, detail: str = "") -> ListReport:
    return ListReport(url=URL, status=None, reason=reason, detail=detail)


def walk_of(depth: int, first: PageSeen, mark: HistoryMark | None = None) -> tuple[Walk, ListJob | None]:
    watched = of(URL)
    ((walk, start),) = walks_of(watched, watched.lists[0], depth, [first], [mark] if mark is not None else [])
    return walk, walk.begin(start)


def test_a_mark_takes_the_walk_on_and_its_page_is_read_again() -> None:
    walk, asked = walk_of(1, seen(1, "a", following=2, new=1))
    assert asked == job(2)
    assert walk.read(job(2), [seen(2, "b", following=3)]) is None
    mark = walk.mark_at(job(2), is_done=True)
    assert (walk.end, mark.end, mark.number) == (HistoryEnd.DEPTH, None, 2)
    # as deep as it was: nothing; deeper: the page again, and on
    assert walk_of(1, seen(1, "a", following=2), mark)[1] is None
    walk, asked = walk_of(2, seen(1, "a", following=2), mark)
    assert asked == job(2)
    assert walk.read(job(2), [seen(2, "b", following=3)]) == job(3)
    assert walk.pages == 0
    walk.read(job(3), [seen(3, "c")])
    assert (walk.pages, walk.end) == (1, HistoryEnd.OLDEST)
    assert walk.mark_at(job(3), is_done=True).end is HistoryEnd.OLDEST


def test_a_page_whose_articles_were_not_all_asked_for_is_read_again_even_at_the_depth() -> None:
    walk, _ = walk_of(1, seen(1, "a", following=2))
    mark = walk.mark_at(job(2), is_done=False)
    walk, asked = walk_of(1, seen(1, "a", following=2), mark)
    assert asked == job(2)
    assert walk.read(job(2), [seen(2, "b", following=3)]) is None
    assert (walk.pages, walk.end) == (1, HistoryEnd.DEPTH)


def test_marks_of_a_request_that_is_made_no_more_are_let_be() -> None:
    mark = HistoryMark(source_id="synthetic", start=digest("another"), list_url=URL, url=f"{URL}?7", number=7)
    assert walk_of(9, seen(1, "a", following=2), mark)[1] == job(2)


@pytest.mark.parametrize("reason", [Reason.GONE, Reason.EMPTY, Reason.NO_ROWS])
def test_nothing_there_is_the_end(reason: Reason) -> None:
    walk, _ = walk_of(9, seen(1, "a", following=2))
    assert walk.miss(job(2), missed(reason)) is None
    assert (walk.end, walk.reason) == (HistoryEnd.OLDEST, None)


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("页面不存在", HistoryEnd.OLDEST),
        ("404 Not Found", HistoryEnd.OLDEST),
        ("系统维护", HistoryEnd.FAILED),
        ("服务器繁忙", HistoryEnd.FAILED),
        ("Error 503", HistoryEnd.FAILED),
    ],
)
def test_error_pages_in_disguise_are_told_apart(said: str, end: HistoryEnd) -> None:
    walk, _ = walk_of(9, seen(1, "a", following=2))
    walk.miss(job(2), missed(Reason.SOFT_ERROR, said))
    assert walk.end is end


@pytest.mark.parametrize("reason", [Reason.SERVER_ERROR, Reason.HTTP_ERROR, Reason.WRONG_TYPE])
def test_a_page_that_nobody_declared_may_be_refused_in_any_way(reason: Reason) -> None:
    walk, asked = walk_of(9, seen(1, "a", beyond=2))
    assert asked == job(2)
    walk.miss(job(2), missed(reason))
    assert walk.end is HistoryEnd.OLDEST
    walk, _ = walk_of(9, seen(1, "a", following=2))
    walk.miss(job(2), missed(reason))
    assert (walk.end, walk.reason) == (HistoryEnd.FAILED, reason)


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.BLOCKED, Reason.UNREACHABLE, Reason.ROBOTS])
def test_no_answer_is_never_an_end(reason: Reason) -> None:
    walk, _ = walk_of(9, seen(1, "a", beyond=2))
    walk.miss(job(2), missed(reason))
    assert (walk.end, walk.reason) == (HistoryEnd.FAILED, reason)


def test_one_page_may_repeat_another_and_two_may_not() -> None:
    walk, _ = walk_of(99, seen(1, "a", "b", following=2))
    assert walk.read(job(2), [seen(2, "b", "a", following=3)]) == job(3)
    assert walk.read(job(3), [seen(3, "c", following=4)]) == job(4)
    assert walk.read(job(4), [seen(4, "a", following=5)]) == job(5)
    assert walk.read(job(5), [seen(5, "b", following=6)]) is None
    assert walk.end is HistoryEnd.REPEATED


def test_rows_that_are_all_new_begin_the_walk_anew() -> None:
    mark = HistoryMark(
        source_id="synthetic", start=digest(job(1).key), list_url=URL, url=f"{URL}?9", number=9, is_done=True
    )
    assert walk_of(20, seen(1, "a", "b", following=2, new=1), mark)[1] == replace(job(9), page=ListPage(url=URL))
    assert walk_of(20, seen(1, "a", "b", following=2, new=2), mark)[1] == job(2)


def editions(depth: int, papers: Iterable[date], mark: HistoryMark | None = None) -> tuple[EditionWalk, list[date]]:
    """Walk through editions of which only `papers` are there; the days that were asked for."""
    walk, there = EditionWalk(of(PAPER), ListPage(url=PAPER), depth, NEWEST, mark), set(papers)
    following, asked = walk.begin(None), []
    while following is not None:
        day = edition_day(PAPER, following.url)
        assert day is not None
        assert following.is_first
        asked.append(day)
        if day in there:
            page = PageSeen(job=following, addresses=frozenset([following.url]))
            following = walk.read(done := following, [page])
            walk.mark_at(done, is_done=True)
        else:
            following = walk.miss(following, missed(Reason.GONE))
    return walk, asked


def days(*back: int) -> list[date]:
    return [NEWEST - timedelta(days=n) for n in back]


def test_editions_are_walked_day_by_day_and_days_without_a_paper_passed() -> None:
    walk, asked = editions(3, days(0, 3, 4, 9))
    assert asked == days(0, 1, 2, 3, 4)
    assert (walk.end, walk.pages) == (HistoryEnd.DEPTH, 3)
    # deeper later: no edition is read twice
    walk, asked = editions(4, days(0, 3, 4, 9), walk.mark)
    assert asked == days(5, 6, 7, 8, 9)
    assert (walk.end, walk.pages, walk.report().depth) == (HistoryEnd.DEPTH, 1, 4)


def test_two_weeks_without_a_paper_are_its_beginning() -> None:
    walk, asked = editions(50, days(0, 1))
    assert asked == days(*range(2 + MAX_DAYS_WITHOUT))
    assert (walk.end, walk.pages) == (HistoryEnd.OLDEST, 2)


def test_an_edition_that_was_not_read_whole_is_read_again() -> None:
    walk = EditionWalk(of(PAPER), ListPage(url=PAPER), 5, NEWEST)
    begun = walk.begin(None)
    assert begun is not None
    assert editions(1, days(0, 1), walk.mark_at(begun, is_done=False))[1] == days(0)


def test_a_server_in_trouble_is_no_day_without_a_paper() -> None:
    walk = EditionWalk(of(PAPER), ListPage(url=PAPER), 5, NEWEST)
    begun = walk.begin(None)
    assert begun is not None
    following = walk.read(begun, [PageSeen(job=begun, addresses=frozenset(["a"]))])
    assert following is not None
    assert walk.miss(following, missed(Reason.SERVER_ERROR)) is None
    assert walk.end is HistoryEnd.FAILED


@pytest.mark.parametrize(
    ("url", "edition", "day"),
    [
        (PAPER, edition_url(PAPER, NEWEST), NEWEST),
        ("https://a.example/{YYYY}{MM}/{YYYY}{MM}{DD}/v01.html", "https://a.example/202603/20260302/v01.html", NEWEST),
        (PAPER, "https://paper.jia.example/html/2026-02/30/node_1.htm", None),
        (PAPER, "https://elsewhere.example/html/2026-03/02/node_1.htm", None),
        ("https://a.example/{YYYY}{MM}/v01.html", "https://a.example/202603/v01.html", None),
    ],
)
def test_the_day_of_an_edition(url: str, edition: str, day: date | None) -> None:
    assert edition_day(url, edition) == day
