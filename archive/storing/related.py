"""Which stories have to do with one another without being one: a policy and its interpretation, reports of an event.

Links are found through keys that a story is filed under, so that the work does not grow with the archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select

from archive.database.upsert import insert_new
from archive.records import RelatedStory
from archive.schema import items, stories, story_keys, story_links
from archive.storing.folding import fold_name
from crawler.text.shingles import bare_of

AGREEMENT = "agreement"  # both are about the agreement of this name
DOCUMENT = "document"  # one is the document, the other speaks of it
EVENT = "event"  # the same parties met within a few days, and the titles have words in common

_MAX_LINKS = 12  # of one story when it is related anew; more is a subject, for which there are topics and search
_MAX_SHOWN = 50
_NEWEST = 30  # stories of one key that are looked at: a key that more share says little
_MAX_KEYS = 24  # of one kind: a digest of the year's documents names dozens
_HEAD_CHARS = 3000  # in which an interpretation names what it interprets
_TITLE_CHARS = 300  # no headline is longer
_MIN_NAME_CHARS = 8  # 合作协议, 通知 are names of everything
_MAX_PARTIES = 4  # six pairs; a conference of all provinces is everybody's event
_EVENT_DAYS = 3  # a dinner the evening before, a report the day after
_APART = {AGREEMENT: timedelta(days=45), DOCUMENT: timedelta(days=550), EVENT: timedelta(days=10)}
_SAME_WORDS = 0.25  # of the pairs of characters of the shorter title, for two reports of an event

# 《川渝人力资源合作办法》
_NAMED = re.compile(r"《([^《》]{4,80})》")
# 川人社发〔2023〕12号, 渝府办发[2022]7号
_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,12})\s*[〔\[(（【]\s*((?:19|20)\d\d)\s*[〕\])）】]\s*第?\s*(\d{1,5})\s*号")
# 政策解读丨…, 一图读懂…, …答记者问, 《…》解读
_INTERPRETS = re.compile(
    r"(?:政策|文件|权威|专家|图文|文字|部门|官方|起草|一图)*(?:解读|图解|读懂|答记者问|起草说明|政策问答|政策说明|问答)"
)
# 四川省…厅关于印发…的通知: what stands around the name of a document
_ISSUED = re.compile(r"^.{0,60}?(?:关于)?(?:印发|发布|公布)")
_NOTICE = re.compile(r"的(?:通知|公告|通告|函)$")
_IS_DOCUMENT = re.compile(
    r"(?:办法|规定|意见|方案|条例|细则|规划|决定|措施|规则|指引|通知|通告|公告|纲要|计划)(?:试行|暂行)?$"
)
_LABEL = re.compile(r"^(?:关于|就)|[的之]$")

_HEAD = select(func.substr(items.c.folded_body, 1, _HEAD_CHARS)).where(items.c.id == bindparam("of_item"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    kind: str
    key: str
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a story when its relations are sought; `parties` are adcodes."""

    title: str
    agreements: Sequence[str]
    document_number: str | None
    event_date: date | None
    sorted_at: datetime
    parties: Sequence[str]
    text_item_id: int
    is_link_only: bool


def relate(connection: Connection, story_id: int, facts: Facts, *, is_new: bool) -> None:
    """File a story anew and link it with those it has to do with, in both directions."""
    if not is_new:
        connection.execute(delete(story_keys).where(story_keys.c.story_id == story_id))
        connection.execute(
            delete(story_links).where(or_(story_links.c.story_id == story_id, story_links.c.other_id == story_id))
        )
    if facts.is_link_only:
        return
    facts = replace(facts, title=facts.title[:_TITLE_CHARS])
    head = connection.execute(_HEAD, {"of_item": facts.text_item_id}).scalar_one()
    keys = list(_keys(facts, head))
    if not keys:
        return
    insert_new(
        connection,
        story_keys,
        [{"kind": key.kind, "key": key.key, "story_id": story_id, "is_own": key.is_own} for key in keys],
    )
    links = sorted(_links(connection, story_id, facts, keys), key=lambda link: (-link[2], link[3], link[0]))
    best: dict[int, tuple[str, float]] = {}
    for other_id, reason, score, _apart in links:
        best.setdefault(other_id, (reason, score))
    rows = []
    for other_id, (reason, score) in list(best.items())[:_MAX_LINKS]:
        said = {"reason": reason, "score": score}
        rows.append({"story_id": story_id, "other_id": other_id} | said)
        rows.append({"story_id": other_id, "other_id": story_id} | said)
    insert_new(connection, story_links, sorted(rows, key=lambda link: (link["story_id"], link["other_id"])))


def load_related(connection: Connection, story_id: int) -> tuple[RelatedStory, ...]:
    """The stories that have to do with this one, the surest first."""
    rows = connection.execute(
        select(
            stories.c.id,
            stories.c.title,
            stories.c.published_at,
            stories.c.first_source,
            story_links.c.reason,
            story_links.c.score,
        )
        .join_from(story_links, stories, stories.c.id == story_links.c.other_id)
        .where(story_links.c.story_id == story_id)
        .order_by(story_links.c.score.desc(), stories.c.sorted_at, stories.c.id)
        .limit(_MAX_SHOWN)
    )
    return tuple(
        RelatedStory(
            story_id=row.id,
            title=row.title,
            published=row.published_at,
            first_source=row.first_source,
            reason=row.reason,
            score=row.score,
        )
        for row in rows
    )


def _keys(facts: Facts, head: str) -> Iterator[_Key]:
    for name in _bounded(facts.agreements):
        if len(bare := _bare(name)) >= _MIN_NAME_CHARS:
            yield _Key(kind=AGREEMENT, key=bare)
    owned = {bare for bare in _documents(facts.title) if len(bare) >= _MIN_NAME_CHARS}
    owned |= set(_numbers(facts.document_number or ""))
    for key in sorted(owned):
        yield _Key(kind=DOCUMENT, key=key, is_own=True)
    spoken = {bare for bare in _spoken_of(facts.title) if len(bare) >= _MIN_NAME_CHARS}
    spoken |= set(_bounded(_numbers(head)))
    for key in sorted(spoken - owned):
        yield _Key(kind=DOCUMENT, key=key)
    if facts.event_date is not None and len(facts.parties) <= _MAX_PARTIES:
        for one, other in combinations(sorted(facts.parties), 2):
            yield _Key(kind=EVENT, key=_event_key(one, other, facts.event_date))


def _documents(title: str) -> Iterator[str]:
    """The document that a page with this title is."""
    if _INTERPRETS.search(title):
        return
    named = _NAMED.findall(title)
    if named and _ISSUED.search(title):
        yield from map(_bare, named)
        return
    if named:
        return
    name = _NOTICE.sub("", _ISSUED.sub("", title.strip()))
    if _IS_DOCUMENT.search(_bare(title)):
        yield _bare(title)
        yield _bare(name)


def _spoken_of(title: str) -> Iterator[str]:
    """The documents that a page with this title interprets or reports of."""
    yield from map(_bare, _NAMED.findall(title))
    if _INTERPRETS.search(title):
        name = _INTERPRETS.sub(" ", title).strip(' 丨|｜:：—-“”"')
        yield _LABEL.sub("", _bare(name))


def _numbers(text: str) -> Iterator[str]:
    for issuer, year, number in _NUMBER.findall(text):
        # an issuer's name begins where the sentence's words end: of "根据川人社发" the last five characters tell enough
        yield f"{issuer[-4:]}{year}-{int(number)}"


def _links(
    connection: Connection, story_id: int, facts: Facts, keys: Sequence[_Key]
) -> Iterator[tuple[int, str, float, timedelta]]:
    """Candidates as (story, reason, score, time between them)."""
    own = {(key.kind, key.key) for key in keys if key.is_own}
    words = _pairs(facts.title)
    for kind in (DOCUMENT, AGREEMENT, EVENT):
        wanted = {key.key for key in keys if key.kind == kind}
        if kind == EVENT:
            wanted = {near for key in wanted for near in _days_around(key)}
        for found in _filed_under(connection, story_id, kind, sorted(wanted)):
            apart = abs(found.sorted_at - facts.sorted_at)
            if apart > _APART[kind]:
                continue
            if kind == DOCUMENT:
                # two that only speak of a document have no more to do with each other than its readers
                if found.is_own or (kind, found.key) in own:
                    yield found.id, kind, 0.9, apart
            elif kind == AGREEMENT:
                yield found.id, kind, 0.8, apart
            else:
                same = _share(words, _pairs(found.title))
                if same >= _SAME_WORDS:
                    yield found.id, kind, round(0.5 + 0.4 * same, 2), apart


def _filed_under(connection: Connection, story_id: int, kind: str, keys: Sequence[str]) -> Iterator[Any]:
    """The newest stories of each key."""
    for key in keys:
        yield from connection.execute(
            select(stories.c.id, stories.c.title, stories.c.sorted_at, story_keys.c.key, story_keys.c.is_own)
            .join_from(story_keys, stories, stories.c.id == story_keys.c.story_id)
            .where(story_keys.c.kind == kind, story_keys.c.key == key, story_keys.c.story_id != story_id)
            .order_by(story_keys.c.story_id.desc())
            .limit(_NEWEST)
        )


def _event_key(one: str, other: str, day: date) -> str:
    return f"{one}+{other}@{day.isoformat()}"


def _days_around(key: str) -> Iterator[str]:
    who, _at, day = key.partition("@")
    middle = datetime.fromisoformat(day).date().toordinal()
    for ordinal in range(middle - _EVENT_DAYS, middle + _EVENT_DAYS + 1):
        if date.min.toordinal() <= ordinal <= date.max.toordinal():
            yield f"{who}@{date.fromordinal(ordinal).isoformat()}"


def _bounded(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))[:_MAX_KEYS]


def _bare(name: str) -> str:
    return bare_of(fold_name(name))[:128]


def _pairs(title: str) -> set[str]:
    bare = _bare(title)
    return {bare[at : at + 2] for at in range(len(bare) - 1)}


def _share(one: set[str], other: set[str]) -> float:
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0.0
