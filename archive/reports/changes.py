"""What is new or changed since a reader last asked: stories in the order of their last change."""

from __future__ import annotations

from sqlalchemy import Connection, select, true

from archive.reading import bounded, load_stories
from archive.records import Question, StoryRecord
from archive.schema import stories
from archive.search.questions import wanted

_MAX_SEQ = 2**63 - 1  # of a column of a database
# Changed stories that are looked at one by one before the index is asked for all there ever were: most readers ask
# often and little has changed, and what holds of one story in twenty is found among so many.
_LOOKED_AT = 1000


def load_changes(connection: Connection, question: Question, *, after_seq: int, limit: int) -> tuple[StoryRecord, ...]:
    """Stories that a question means and whose `seq` is greater than `after_seq`, in order of it.

    A story that changes while a reader goes through the list comes again with a greater `seq`; none is passed over.
    """
    limit, _offset = bounded(limit, 0)
    is_after = stories.c.seq > min(after_seq, _MAX_SEQ)
    in_order = select(stories.c.id).order_by(stories.c.seq)
    asked = wanted(connection, question, are_few=True)
    if asked is None:
        return ()
    is_relevant = stories.c.is_relevant.is_not(False) if question.relevant_only else true()
    first = max(_LOOKED_AT, limit)
    changed = connection.execute(in_order.where(is_after, is_relevant).limit(first)).scalars().all()
    near = connection.execute(in_order.where(stories.c.id.in_(changed), *asked).limit(limit))
    found = list(near.scalars())
    if len(found) < limit and len(changed) == first:
        asked = wanted(connection, question)
        if asked is None:
            return ()
        found = list(connection.execute(in_order.where(is_after, *asked).limit(limit)).scalars())
    return load_stories(connection, found)
