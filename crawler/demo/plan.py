"""What stands where on the demonstration's small internet, and what must become of each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.demo.items import (
    BLOG,
    JINHE,
    JJJ,
    LIZHOU,
    MIRROR,
    PAPER,
    PORTAL,
    SHOP,
    SHUDI,
    SKILLS,
    TRADE,
    TROUBLE,
    WEIXIN,
    YANJIANG,
    Answers,
    Calendar,
    Item,
    hexid,
)
from crawler.model import Reason

NOISE = frozenset({Reason.IRRELEVANT})
# A row to a host that is nobody's is judged by its title, and then either outcome is right.
NOT_FETCHED = frozenset({Reason.UNREGISTERED_HOST, Reason.IRRELEVANT})
# An address in figures is no registered host either.
NOT_REACHED = frozenset({Reason.PRIVATE_ADDRESS, Reason.REDIRECT_OFFSITE})


def plan(now: datetime) -> tuple[Item, ...]:
    """Every item of every day of the demonstration."""
    calendar = Calendar(now)
    items = [
        item
        for part in (_bureaus, _district_and_province, _press, _copies, _trade, _trouble, _second_day)
        for item in part(calendar)
    ]
    first: dict[str, datetime] = {}
    for item in items:
        first[item.story] = min(item.at, first.get(item.story, item.at))
    return tuple(replace(item, told_at=first[item.story]) for item in items)


def _show(home: str, key: str) -> str:
    return f"{home}/xinwen/show/{hexid(home + key)}.html"


def _ucap(home: str, column: str, at: datetime, key: str) -> str:
    return f"{home}/{column}/{at.year}/{at.month}/{at.day}/{hexid(home + key)}.shtml"


def _bureaus(calendar: Calendar) -> Iterator[Item]:
    """Two city bureaus of the show/list family, with most of what stands between the news on such lists."""
    base = Item(key="", source="demo-yanjiang-hr", url="", at=calendar.now, credit="岩江市人社局")

    def row(key: str, days: int, hour: int) -> Item:
        return replace(base, key=key, url=_show(YANJIANG, key), at=calendar.ago(days, hour, 20))

    def pointer(key: str, days: int, url: str, reasons: frozenset[Reason] = frozenset()) -> Item:
        return replace(row(key, days, 11), url=url, answers=Answers.ELSEWHERE, credit=None, reasons=reasons)

    yield replace(row("old-notice", 1100, 9), is_pinned=True, reasons=NOISE)
    yield pointer("script-link", 1, "javascript:void(0)", _just(Reason.BAD_LINK))
    yield replace(row("recruitment", 2, 9), reasons=NOISE)
    yield replace(row("proposed-hires", 3, 16), reasons=NOISE)
    yield pointer("weixin-pact", 3, f"{WEIXIN}/s/{hexid('pact')[:22]}")
    yield pointer("weixin-recap", 4, f"{WEIXIN}/s/{hexid('recap')[:22]}", NOT_FETCHED)
    yield replace(row("local-service", 5, 8), is_dated=False, reasons=NOISE)
    yield replace(row("park-opening", 6, 10), is_cut=True)
    yield pointer("stranger", 7, f"{SHOP}/hr.html", NOT_FETCHED)
    yield replace(row("contribution-base", 8, 9), reasons=NOISE)
    yield replace(row("gone", 9, 9), answers=Answers.GONE, reasons=_just(Reason.GONE))
    yield replace(row("soft-error", 10, 9), answers=Answers.SOFT_ERROR, reasons=_just(Reason.SOFT_ERROR))
    # The province's document, on the province's own host: found on two lists, fetched once.
    yield replace(_province_plan(calendar), source=base.source, answers=Answers.ELSEWHERE, is_cut=False)

    base = replace(base, source="demo-lizhou-hr", credit="利州人社")
    for key, days, answers, reasons in (
        ("labour-pair", 9, Answers.ARTICLE, frozenset()),
        ("farm-coop", 10, Answers.ARTICLE, NOISE),
        ("server-error", 11, Answers.SERVER_ERROR, _just(Reason.SERVER_ERROR)),
        ("exam-scores", 13, Answers.ARTICLE, NOISE),
    ):
        yield replace(row(key, days, 9), url=_show(LIZHOU, key), answers=answers, reasons=reasons)


def _district_and_province(calendar: Calendar) -> Iterator[Item]:
    """UCAP sites: the page holds its body twice, and PubDate is when it was generated."""
    base = Item(key="", source="demo-jinhe-district", url="", at=calendar.now, credit="金河区人力社保局")

    def article(key: str, days: int, variant: str = "", column: str = "gzdt") -> Item:
        at = calendar.ago(days, 15, 32)
        return replace(base, key=key, at=at, variant=variant, url=_ucap(JINHE, f"jhrs/{column}", at, key + variant))

    yield replace(article("bulletin", 4, "-new"), figures=_NEW_FIGURES)
    yield replace(article("safety", 5), reasons=NOISE)
    yield replace(article("forbidden", 7, column="neibu"), reasons=_just(Reason.ROBOTS))
    yield article("pension-window", 8)
    yield replace(article("bulletin", 40, "-old"), figures=_OLD_FIGURES)

    yield _province_plan(calendar)
    at = calendar.ago(3, 9, 40)
    url = _ucap(SHUDI, "rst/sndt", at, "slogan")
    yield Item(key="slogan", source="demo-shudi-hr", url=url, at=at, credit="办公室", reasons=NOISE)


def _province_plan(calendar: Calendar) -> Item:
    at = calendar.ago(12, 16, 20)
    url = _ucap(SHUDI, "rst/gsgg", at, "gig-market-plan")
    return Item(key="gig-market-plan", source="demo-shudi-hr", url=url, at=at, credit="就业促进处", is_cut=True)


def _paper_url(at: datetime, name: str) -> str:
    return f"{PAPER}/shtml/rb/{at:%Y%m%d}/{name}.html"


def _press(calendar: Calendar) -> Iterator[Item]:
    today, yesterday = calendar.ago(0), calendar.ago(1)
    for key, at, number, page in (
        ("weather", today, "612001", 0),
        ("title-mutual", today, "612014", 1),
        ("bridge", yesterday, "611902", 0),
        ("library", yesterday, "611915", 1),
    ):
        yield Item(
            key=key,
            source="demo-shuwan-daily",
            url=_paper_url(at, number),
            at=at,
            list=page,
            credit="蜀湾日报",
            reasons=frozenset() if key == "title-mutual" else NOISE,
        )

    for key, days, number, credit in (
        ("tourism", 2, "58140", None),
        ("park-opening", 5, "58133", "岩江市人社局"),
        ("wandakai-fair", 7, "58131", None),
        ("bank-pact", 9, "58127", None),
        ("choir", 11, "58122", None),
    ):
        yield Item(
            key=key,
            source="demo-minjiang-portal",
            url=f"{PORTAL}/html/xw/dzyw/{number}.html",
            at=calendar.ago(days, 0, 0),
            credit=credit,
            reasons=frozenset() if key in ("park-opening", "wandakai-fair") else NOISE,
        )


def _copies(calendar: Calendar) -> Iterator[Item]:
    """A mirror in machine-made traditional characters, and feeds."""
    for key, days, number in (("weather", 1, 904), ("park-opening", 4, 901), ("machine", 6, 897), ("choir", 9, 893)):
        yield Item(
            key=key,
            source="demo-fanti-mirror",
            url=f"{MIRROR}/gate/{number}.html",
            at=calendar.ago(days, 0, 0),
            credit="岩江市人社局" if key == "park-opening" else None,
            reasons=frozenset() if key == "park-opening" else NOISE,
        )

    at = calendar.ago(8, 20, 15)
    yield Item(key="labour-pair", source="demo-huaxin-blog", url=_post(at, 3), at=at, credit="利州人社")
    at = calendar.ago(6, 7, 50)
    yield Item(key="library", source="demo-huaxin-blog", url=_post(at, 4), at=at, reasons=NOISE)

    credit = "京津冀人才网"
    at = calendar.ago(3, 14, 6)
    yield Item(key="wage-jjj", source="demo-jjj-talent", url=f"{JJJ}/a/{at:%Y/%m%d}/3001.html", at=at, credit=credit)
    at = calendar.ago(5, 10, 0)
    yield Item(
        key="exam-scores",
        source="demo-jjj-talent",
        url=f"{JJJ}/a/{at:%Y/%m%d}/2990.html",
        at=at,
        list=1,
        credit=credit,
        reasons=NOISE,
    )


def _post(at: datetime, number: int) -> str:
    return f"{BLOG}/{at:%Y/%m/%d}/post-{number}.html"


def _trade(calendar: Calendar) -> Iterator[Item]:
    for key, days, number in (
        ("skills-contest", 2, 77),
        ("machine", 4, 75),
        ("safety", 6, 73),
        ("contribution-base", 9, 70),
    ):
        yield Item(
            key=key,
            source="demo-skills-net",
            url=f"{SKILLS}/news/show-{number}.html",
            at=calendar.ago(days, 9, 0),
            credit="技能网",
            answers=Answers.WRONG_CHARSET if key == "skills-contest" else Answers.ARTICLE,
            reasons=frozenset() if key == "skills-contest" else NOISE,
        )
    for key, days, number in (("slogan", 2, 512), ("road-pact", 3, 511), ("tourism", 5, 509)):
        yield Item(
            key=key,
            source="demo-gongwang-trade",
            url=f"{TRADE}/content/{number}.html",
            at=calendar.ago(days, 11, 11),
            credit="工网",
            reasons=NOISE,
        )
    yield Item(
        key="column",
        source="demo-gongwang-trade",
        url=f"{TRADE}/zhuanti/chuanyu/",
        at=calendar.ago(6, 11, 11),
        answers=Answers.COLUMN,
        reasons=frozenset({Reason.OTHER_PATH, Reason.LIST_PAGE}),
    )


def _trouble(calendar: Calendar) -> Iterator[Item]:
    """One host whose every page is wrong in another way; the headlines sound relevant on purpose."""
    for number, (key, answers, reasons) in enumerate(
        (
            ("empty", Answers.EMPTY, {Reason.EMPTY}),
            ("huge", Answers.HUGE, {Reason.TOO_LARGE}),
            ("bomb", Answers.BOMB, {Reason.TOO_LARGE}),
            ("picture", Answers.PICTURE, {Reason.WRONG_TYPE, Reason.UNDECODABLE}),
            ("loop", Answers.LOOP, {Reason.REDIRECT_LOOP}),
            ("offsite", Answers.OFFSITE, {Reason.REDIRECT_OFFSITE}),
            ("private", Answers.PRIVATE, NOT_REACHED),
            ("metadata", Answers.METADATA, NOT_REACHED),
            ("machine", Answers.SLOW, {Reason.IRRELEVANT}),
            ("choir", Answers.MOVED, {Reason.IRRELEVANT}),
        ),
        start=1001,
    ):
        yield Item(
            key=key,
            source="demo-kunnan-trouble",
            url=f"{TROUBLE}/wz/{number}.html",
            at=calendar.ago(number - 1000, 9, 0),
            answers=answers,
            reasons=frozenset(reasons),
        )


def _second_day(calendar: Calendar) -> Iterator[Item]:
    """What a second look finds: a new story, and a reprint of one that is already published."""
    at = calendar.now - timedelta(minutes=5)
    yield Item(
        key="tibet-training",
        source="demo-yanjiang-hr",
        url=_show(YANJIANG, "tibet-training"),
        at=at,
        credit="岩江市人社局",
        from_day=2,
    )
    yield Item(
        key="title-mutual",
        source="demo-minjiang-portal",
        url=f"{PORTAL}/html/xw/dzyw/58151.html",
        at=calendar.ago(0),
        credit="蜀湾日报",
        from_day=2,
    )


def _just(reason: Reason) -> frozenset[Reason]:
    return frozenset({reason})


# Two months of one bulletin: every figure differs, hardly a word does.
_NEW_FIGURES = {
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
_OLD_FIGURES = {
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
