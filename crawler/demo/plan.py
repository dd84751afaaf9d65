"""What stands where on the demonstration's small internet, and what must become of each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.demo.bureaus import bureaus, district_and_province, show_url
from crawler.demo.items import (
    BLOG,
    JJJ,
    MIRROR,
    NOISE,
    PAPER,
    PORTAL,
    SKILLS,
    TRADE,
    TROUBLE,
    YANJIANG,
    Answers,
    Calendar,
    Item,
)
from crawler.model import Reason

# An address in figures is no registered host either.
NOT_REACHED = frozenset({Reason.PRIVATE_ADDRESS, Reason.REDIRECT_OFFSITE})


def plan(now: datetime) -> tuple[Item, ...]:
    """Every item of every day of the demonstration."""
    calendar = Calendar(now)
    items = [
        item
        for part in (bureaus, district_and_province, _press, _copies, _trade, _trouble, _second_day)
        for item in part(calendar)
    ]
    first: dict[str, datetime] = {}
    for item in items:
        first[item.story] = min(item.at, first.get(item.story, item.at))
    return tuple(replace(item, told_at=first[item.story]) for item in items)


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
        url=show_url(YANJIANG, "tibet-training"),
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
