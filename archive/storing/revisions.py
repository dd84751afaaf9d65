"""What a page said before it was edited. Only what a reader would call an edit is one.

What our own rules read otherwise (reprocess.py) is no edit of the site's, and does not pass through here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from archive.records import Revision
from archive.schema import revisions
from crawler.model import Precision
from crawler.text.shingles import bare_of

MAX_REVISIONS = 20  # of one item: the first text and the newest; a page that changes daily is a list
_CHUNK = 500  # bound values of one statement
_CHINA = timezone(timedelta(hours=8))

# Lines that change from one visit to the next while nobody has edited anything, bare:
# 浏览次数123, 阅读4567次, 访问量89, 更新时间2026年3月2日1030, 打印关闭, 分享到微信微博, 字号大中小
_PASSING_LINE = re.compile(
    r"(?:(?:本文|页面|文章)?(?:已?被?(?:浏览|阅读|点击|访问|查看|关注|点赞)(?:次数|量|数|人数)?)\d*(?:人?次|人)?"
    r"|(?:当前|现在|系统)时间[\d年月日时分秒星期一二三四五六]*"
    r"|(?:打印|关闭|收藏|纠错|字号|字体|大|中|小|分享到?|微信|微博|朋友圈|qq空间|扫一扫|手机)+)"
)


def is_edit(held: Row[Any], values: Mapping[str, Any]) -> bool:
    """True where the site has changed the title, the text or the date of a page.

    Punctuation, spaces, traditional characters, counters of visits, and a date that is only better known are no edit.
    """
    if is_other_text(held, values):
        return True
    before, after = held.published_at, values["published_at"]
    if before is None or after is None:
        return False
    if Precision.DAY.value in (held.precision, values["precision"]):
        return bool(before.astimezone(_CHINA).date() != after.astimezone(_CHINA).date())
    return bool(before != after)


def is_other_text(held: Row[Any], values: Mapping[str, Any]) -> bool:
    """True where the title or the text says something else."""
    if bare_of(held.folded_title) != bare_of(values["folded_title"]):
        return True
    return bool(held.folded_body != values["folded_body"] and _said(held.folded_body) != _said(values["folded_body"]))


def save_revision(connection: Connection, held: Row[Any], now: datetime) -> None:
    """Keep what an item says before it is written over."""
    last = connection.execute(
        select(revisions.c.number, revisions.c.replaced_at)
        .where(revisions.c.item_id == held.id)
        .order_by(revisions.c.number.desc())
        .limit(1)
    ).one_or_none()
    connection.execute(
        insert(revisions).values(
            item_id=held.id,
            number=1 if last is None else last.number + 1,
            seen_at=held.first_seen_at if last is None else last.replaced_at,
            replaced_at=now,
            title=held.title,
            body=held.body,
            published_at=held.published_at,
            precision=held.precision,
            page_id=held.page_id,
        )
    )
    _drop_second(connection, held.id)


def load_revisions(connection: Connection, item_ids: Sequence[int]) -> tuple[Revision, ...]:
    """The former texts of items, each item's in order."""
    found: list[Revision] = []
    for start in range(0, len(item_ids), _CHUNK):
        asked = select(revisions).where(revisions.c.item_id.in_(item_ids[start : start + _CHUNK]))
        found += [
            Revision(
                item_id=row.item_id,
                number=row.number,
                seen_at=row.seen_at,
                replaced_at=row.replaced_at,
                title=row.title,
                body=row.body,
                published=row.published_at,
            )
            for row in connection.execute(asked.order_by(revisions.c.item_id, revisions.c.number))
        ]
    return tuple(found)


def _drop_second(connection: Connection, item_id: int) -> None:
    numbers = connection.execute(
        select(revisions.c.number).where(revisions.c.item_id == item_id).order_by(revisions.c.number)
    ).scalars()
    _first, *others = numbers
    for number in others[: max(0, len(others) + 1 - MAX_REVISIONS)]:
        connection.execute(delete(revisions).where(revisions.c.item_id == item_id, revisions.c.number == number))


def _said(folded_body: str) -> str:
    lines = (bare_of(line) for line in folded_body.splitlines())
    return "".join(line for line in lines if not _PASSING_LINE.fullmatch(line))
