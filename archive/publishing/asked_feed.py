"""The entries of a feed that only its question describes: kept nowhere, the same for whoever asks the same.

It follows the feed of all stories, whose entry rules were recorded: what entered that, in the order in which it did.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from archive.database.deadline import within
from archive.reading import load_stories
from archive.records import AskedFeed, FeedEntry, Question
from archive.schema import facts, feed_entries, feed_omissions, feeds
from archive.search.newest import newest
from archive.search.questions import readied, words_of

_ALL = "all"
_OPENING = "opening"  # entering.py: held already when the feed of all opened, and too old to enter it

# The newest so many that the question means are looked at: a month of the busiest zone has 600.
_CANDIDATES = 1000

_LIMIT_S = 5.0  # of the database for one visitor's question


def version(connection: Connection) -> str | None:
    """Something that is another after every change that a feed may show; None before anything was published."""
    seq = select(facts.c.value).where(facts.c.name == "seq").scalar_subquery()
    row = connection.execute(select(feeds.c.last_position, seq).where(feeds.c.id == _ALL)).one_or_none()
    return None if row is None else f"{row[0]}.{row[1]}"


def entries(connection: Connection, question: Question, *, length: int, opening: int) -> AskedFeed | None:
    """The newest `length` entries of the feed of all stories that the question means; None where there is no such feed.

    Where they are fewer than `opening`, what was there when that feed opened comes below them, newest first: fixed for
    good, so that nothing old ever appears above something new. Raises OverdueError for a question that takes too long.
    """
    opened = connection.execute(select(feeds.c.first_published_at).where(feeds.c.id == _ALL)).scalar()
    if opened is None:
        return None
    with within(connection, _LIMIT_S):
        question = readied(connection, question)
        words = words_of(question)
        found = [] if words is None else [id_ for id_, _ in newest(connection, question, words, limit=_CANDIDATES)]
    entered = {
        row.story_id: row
        for row in connection.execute(
            select(feed_entries).where(feed_entries.c.feed_id == _ALL, feed_entries.c.story_id.in_(found))
        )
    }
    latest = sorted(entered.values(), key=lambda row: row.position, reverse=True)[:length]
    older = _before_opening(connection, found)[: max(0, opening - len(latest))]
    records = {record.id: record for record in load_stories(connection, [*(row.story_id for row in latest), *older])}
    shown = [
        FeedEntry(guid=row.guid, story=records[row.story_id], entered_at=row.entered_at, position=row.position)
        for row in latest
    ]
    shown += [
        FeedEntry(guid=records[id_].guid, story=records[id_], entered_at=opened, position=-place)
        for place, id_ in enumerate(older)
    ]
    return AskedFeed(entries=tuple(shown), since=opened, found=len(found))


def _before_opening(connection: Connection, story_ids: list[int]) -> list[int]:
    """Those of the stories that were too old for the opening, in the same order."""
    passed = select(feed_omissions.c.story_id).where(
        feed_omissions.c.feed_id == _ALL,
        feed_omissions.c.reason == _OPENING,
        feed_omissions.c.story_id.in_(story_ids),
    )
    held = set(connection.execute(passed).scalars())
    return [id_ for id_ in story_ids if id_ in held]
