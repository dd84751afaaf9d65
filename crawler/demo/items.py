"""A row and the page behind it on the demonstration's small internet, with what must become of it.

Addresses carry no port: the server's is not known before it starts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from crawler.demo.texts import Text, text_of
from crawler.model import Reason

SHANGHAI = ZoneInfo("Asia/Shanghai")

YANJIANG = "http://rsj.yanjiang.example"
LIZHOU = "http://rsj.lizhou.example"
JINHE = "http://www.jinhe.example"
SHUDI = "http://rst.shudi.example"
PORTAL = "http://www.minjiangwang.example"
PAPER = "http://epaper.shuwan.example"
MIRROR = "http://big5.jingxiang.example"
BLOG = "http://blog.huaxin.example"
JJJ = "http://www.jjjrc.example"
SKILLS = "http://www.jinengwang.example"
TRADE = "http://www.gongwang.example"
TROUBLE = "http://wt.kunnan.example"
BLOCKED = "http://cdrs.zhangai.example"
FORBIDDEN = "http://rsj.jinzhi.example"
REDESIGNED = "http://www.gaiban.example"
INTRANET = "http://neiwang.example"
# Nobody's sources: a crawler that asks them believes what it should not.
WEIXIN = "http://mp.weixin.example"
SHOP = "http://shop.tuiguang.example"

NOISE = frozenset({Reason.IRRELEVANT})


class Answers(Enum):
    """How an item's address answers."""

    ARTICLE = auto()
    ELSEWHERE = auto()  # another item's page, or no page of ours at all
    WRONG_CHARSET = auto()  # says UTF-8, sends GBK
    MOVED = auto()
    SLOW = auto()
    GONE = auto()
    SOFT_ERROR = auto()
    SERVER_ERROR = auto()
    EMPTY = auto()
    HUGE = auto()
    BOMB = auto()
    PICTURE = auto()
    LOOP = auto()
    OFFSITE = auto()
    PRIVATE = auto()
    METADATA = auto()
    COLUMN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row on `source`'s list number `list` (of a newspaper: page), and the page behind it.

    `reasons` are the outcomes that are right; none means that it is a member of the story `story`.
    """

    key: str
    source: str
    url: str
    at: datetime
    told_at: datetime | None = None  # when the story was first told: a reprint keeps its days; None: `at`
    list: int = 0
    credit: str | None = None  # 来源
    is_dated: bool = True
    is_pinned: bool = False
    is_cut: bool = False
    answers: Answers = Answers.ARTICLE
    reasons: frozenset[Reason] = frozenset()
    from_day: int = 1
    variant: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def story(self) -> str:
        """Which story it is a member of, where it is one of any."""
        return self.key + self.variant

    @property
    def text(self) -> Text:
        """Its words, filled with its dates and figures."""
        return text_of(self.key, self.told_at or self.at, self.figures)


def hexid(name: str) -> str:
    """An invented 32-digit id, the same in every run."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


class Calendar:
    """Times relative to `now`, on the clock of the sites."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(SHANGHAI).replace(second=0, microsecond=0)

    def ago(self, days: int, hour: int = 0, minute: int = 0) -> datetime:
        """A time of the day that was `days` days before today."""
        return (self.now - timedelta(days=days)).replace(hour=hour, minute=minute)


def just(reason: Reason) -> frozenset[Reason]:
    """The one outcome that is right."""
    return frozenset({reason})
