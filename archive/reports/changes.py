"""What is new or changed since a reader last asked: stories in the order of their last change."""

from __future__ import annotations

from sqlalchemy import Connection, select

from archive.reading import bounded, load_stories
from archive.records import Question, StoryRecord
from archive.schema import stories
from archive.search.questions import wanted

_MAX_SEQ = 2**63 - 1  # of a column of a database


def load_changes(connection: Connection, question: Question, *, after_seq: int, limit: int) -> tuple[StoryRecord, ...]:
    """Stories that a question means and whose `seq` is greater than `after_seq`, in order of it.

    A story that changes while a reader goes through the list comes again with a greater `seq`; none is passed over.
    """
    conditions = wanted(connection, question)
    if conditions is None:
        return ()
    found = (
        select(stories.c.id)
        .where(stories.c.seq > min(after_seq, _MAX_SEQ), *conditions)
        .order_by(stories.c.seq)
        .limit(bounded(limit, 0)[0])
    )
    return load_stories(connection, list(connection.execute(found).scalars()))
