"""What stands on the government sites of the demonstration: bureaus, a district, a province."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from crawler.demo.items import (
    JINHE,
    LIZHOU,
    NOISE,
    SHOP,
    SHUDI,
    WEIXIN,
    YANJIANG,
    Answers,
    Calendar,
    Item,
    hexid,
    just,
)
from crawler.model import Reason

# A row to a host that is nobody's is judged by its title, and then either outcome is right.
NOT_FETCHED = frozenset({Reason.UNREGISTERED_HOST, Reason.IRRELEVANT})

# Two months of one bulletin: every figure differs, hardly a word does.
NEW_FIGURES = {
    "total": "41736",
    "sichuan": "23018",
    "chongqing": "18718",
    "pension": "9204",
    "card": "15877",
    "files": "3391",
    "skills": "13264",
    "instant": "71",
    "days": "3.2",
    "complaints": "58",
}
OLD_FIGURES = {
    "total": "38122",
    "sichuan": "20955",
    "chongqing": "17167",
    "pension": "8463",
    "card": "14590",
    "files": "2978",
    "skills": "12091",
    "instant": "68",
    "days": "3.6",
    "complaints": "73",
}


def show_url(home: str, key: str) -> str:
    return f"{home}/xinwen/show/{hexid(home + key)}.html"


def _ucap(home: str, column: str, at: datetime, key: str) -> str:
    return f"{home}/{column}/{at.year}/{at.month}/{at.day}/{hexid(home + key)}.shtml"


def bureaus(calendar: Calendar) -> Iterator[Item]:
    """Two city bureaus of the show/list family, with most of what stands between the news on such lists."""
    base = Item(key="", source="demo-yanjiang-hr", url="", at=calendar.now, credit="岩江市人社局")

    def row(key: str, days: int, hour: int) -> Item:
        return replace(base, key=key, url=show_url(YANJIANG, key), at=calendar.ago(days, hour, 20))

    def pointer(key: str, days: int, url: str, reasons: frozenset[Reason] = frozenset()) -> Item:
        return replace(row(key, days, 11), url=url, answers=Answers.ELSEWHERE, credit=None, reasons=reasons)

    yield replace(row("old-notice", 1100, 9), is_pinned=True, reasons=NOISE)
    yield pointer("script-link", 1, "javascript:void(0)", just(Reason.BAD_LINK))
    yield replace(row("recruitment", 2, 9), reasons=NOISE)
    yield replace(row("proposed-hires", 3, 16), reasons=NOISE)
    yield pointer("weixin-pact", 3, f"{WEIXIN}/s/{hexid('pact')[:22]}")
    yield pointer("weixin-recap", 4, f"{WEIXIN}/s/{hexid('recap')[:22]}", NOT_FETCHED)
    yield replace(row("local-service", 5, 8), is_dated=False, reasons=NOISE)
    yield replace(row("park-opening", 6, 10), is_cut=True)
    yield pointer("stranger", 7, f"{SHOP}/hr.html", NOT_FETCHED)
    yield replace(row("contribution-base", 8, 9), reasons=NOISE)
    yield replace(row("gone", 9, 9), answers=Answers.GONE, reasons=just(Reason.GONE))
    yield replace(row("soft-error", 10, 9), answers=Answers.SOFT_ERROR, reasons=just(Reason.SOFT_ERROR))
    # The province's document, on the province's own host: found on two lists, fetched once.
    yield replace(_province_plan(calendar), source=base.source, answers=Answers.ELSEWHERE, is_cut=False)

    base = replace(base, source="demo-lizhou-hr", credit="利州人社")
    for key, days, answers, reasons in (
        ("labour-pair", 9, Answers.ARTICLE, frozenset()),
        ("farm-coop", 10, Answers.ARTICLE, NOISE),
        ("server-error", 11, Answers.SERVER_ERROR, just(Reason.SERVER_ERROR)),
        ("exam-scores", 13, Answers.ARTICLE, NOISE),
    ):
        yield replace(row(key, days, 9), url=show_url(LIZHOU, key), answers=answers, reasons=reasons)


def district_and_province(calendar: Calendar) -> Iterator[Item]:
    """UCAP sites: the page holds its body twice, and PubDate is when it was generated."""
    base = Item(key="", source="demo-jinhe-district", url="", at=calendar.now, credit="金河区人力社保局")

    def article(key: str, days: int, variant: str = "", column: str = "gzdt") -> Item:
        at = calendar.ago(days, 15, 32)
        return replace(base, key=key, at=at, variant=variant, url=_ucap(JINHE, f"jhrs/{column}", at, key + variant))

    yield replace(article("bulletin", 4, "-new"), figures=NEW_FIGURES)
    yield replace(article("safety", 5), reasons=NOISE)
    yield replace(article("forbidden", 7, column="neibu"), reasons=just(Reason.ROBOTS))
    yield article("pension-window", 8)
    yield replace(article("bulletin", 40, "-old"), figures=OLD_FIGURES)

    yield _province_plan(calendar)
    at = calendar.ago(3, 9, 40)
    url = _ucap(SHUDI, "rst/sndt", at, "slogan")
    yield Item(key="slogan", source="demo-shudi-hr", url=url, at=at, credit="办公室", reasons=NOISE)


def _province_plan(calendar: Calendar) -> Item:
    at = calendar.ago(12, 16, 20)
    url = _ucap(SHUDI, "rst/gsgg", at, "gig-market-plan")
    return Item(key="gig-market-plan", source="demo-shudi-hr", url=url, at=at, credit="就业促进处", is_cut=True)
