"""Who published a story first, and which of its members' titles and texts are shown. Pure: knows no SQL.

The answer depends on the members alone, not on the order in which they came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.text.shingles import bare_of

# 来源 that names nobody
_NOBODY = frozenset(
    {"本站", "本网", "本站原创", "本网原创", "原创", "本网讯", "本报讯", "网络", "互联网", "网络整理"}
    | {"转载", "综合", "其他", "未知", "佚名", "无"}
)
# 雅安市人社局, 厅办公室, 市委: offices, whose names are shortened by leaving characters out
_OFFICE = re.compile(r"[局厅委府部办院处会]$")
_CUT = re.compile(r"(?:…|\.{3,})\s*$")  # 川渝携手共建人力资源…
_SHORT_TEXT = 0.7  # a first publisher's text below this share of the longest is an excerpt of its own report


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is known of a member when the first publisher is sought; `body_chars` of the folded body."""

    item_id: int
    url_key: str
    title: str
    site_name: str
    source_name: str | None
    published: datetime | None
    first_seen_at: datetime
    repairs: int
    body_chars: int
    is_link_only: bool


def in_order(members: Sequence[Candidate], fold: Callable[[str], str]) -> tuple[Candidate, ...]:
    """Members with the first publisher first, then by date.

    First is whose site the members name as 来源, else who published earliest, else who was seen first. Between equal
    dates the less damaged text comes first.
    """
    named = {name for member in members if (name := _name(member.source_name, fold)) is not None}
    by_date = sorted(members, key=_by_date)
    first = min(
        by_date,
        key=lambda member: (member.is_link_only, not _is_named(_bare(member.site_name, fold), named), _by_date(member)),
    )
    return (first, *(member for member in by_date if member is not first))


def first_source(members: Sequence[Candidate], fold: Callable[[str], str]) -> str:
    """The name of who published first, `members` in order: as the first page says, or all agree, else its site's."""
    first = members[0]
    if first.source_name is not None and _name(first.source_name, fold) is not None:
        return first.source_name
    spoken = {name: member.source_name for member in reversed(members) if (name := _name(member.source_name, fold))}
    if len(spoken) == 1:
        return next(name for name in spoken.values() if name is not None)
    return first.site_name


def best_title(members: Sequence[Candidate]) -> str:
    """The first publisher's title, or the whole of it where that is cut with "…" and another member has it."""
    title = members[0].title
    if _CUT.search(title):
        stem = bare_of(_CUT.sub("", title))
        whole = (member.title for member in members if not _CUT.search(member.title))
        return next((other for other in whole if bare_of(other).startswith(stem)), title)
    return title


def best_text(members: Sequence[Candidate]) -> Candidate:
    """The member whose text is shown: undamaged before damaged, whole before short, then in order."""
    longest = max(member.body_chars for member in members)
    return min(
        members,
        key=lambda member: (
            member.body_chars == 0,
            member.repairs > 0 or member.body_chars < _SHORT_TEXT * longest,
            member.body_chars < _SHORT_TEXT * longest,
        ),
    )


def _by_date(member: Candidate) -> tuple[bool, float, int, str]:
    if member.published is None:
        return True, member.first_seen_at.timestamp(), 0, member.url_key
    return False, member.published.timestamp(), member.repairs, member.url_key


def _bare(name: str, fold: Callable[[str], str]) -> str:
    return bare_of(fold(name))


def _name(source_name: str | None, fold: Callable[[str], str]) -> str | None:
    bare = "" if source_name is None else _bare(source_name, fold)
    return bare if bare and bare not in _NOBODY else None


def _is_named(site: str, named: set[str]) -> bool:
    return any(_is_same_name(site, name) for name in named)


def _is_same_name(site: str, name: str) -> bool:
    short, long = sorted((site, name), key=len)
    if len(short) < 3:
        return short == long
    if short in long:
        return True  # 四川日报 and 四川日报数字版
    # 雅安市人社局 and 雅安市人力资源和社会保障局; not 四川日报 and 四川经济日报
    return bool(_OFFICE.search(short)) and short[:2] == long[:2] and short[-1] == long[-1] and _is_within(short, long)


def _is_within(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)
