"""GET /stories: a list of stories in pages by cursor, or what is new since a `seq`."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request

from archive.reading import MAX_OFFSET
from archive.records import Cursor, Question, SearchHit, StoryRecord
from archive.reports.cursors import cursor_text, read_cursor
from crawler.language import N_, _
from crawler.taxonomy import Taxonomy
from feeds.text import SUMMARY_LENGTH, one_line
from web.api.asked import ROOT, AskedPage
from web.api.conditional import ConditionalRoute
from web.api.names import Names
from web.api.problems import ANY_ROUTE, Fault, ParameterError
from web.api.questions import notes_of, understand
from web.api.shapes import Shape, Story, Text
from web.reading import Reader

# "5f1c0a9e.20260301T040000000000-123", "5f1c0a9e.50"
_CURSOR = re.compile(r"(?P<mark>[0-9a-f]{8})\.(?:(?P<seen>\d{1,7})|(?P<after>.+))", re.ASCII)


class FoundStory(Story):
    """A story of a list."""

    excerpt: Text = Field(description="Where most of the words stand in its text, or how that begins.")
    marks: tuple[tuple[int, int], ...] = Field(
        description="Where the words stand in `excerpt`: start and end, counted in code points."
    )
    title_marks: tuple[tuple[int, int], ...] = Field(description="Where the words stand in `title`.")
    names: dict[str, Text] = Field(
        description="What the codes of regions, zones and topics are called.", examples=[{"510000": "四川省"}]
    )


class Stories(Shape):
    """One page of a list of stories."""

    items: tuple[FoundStory, ...]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    next: str | None = Field(
        description="Address of the next page; null on the last.", examples=["/api/v1/stories?limit=50&cursor=…"]
    )
    last_seq: int | None = Field(
        description="Where `after_seq` was given: give this the next time. Null in other lists.", examples=[120]
    )
    notes: tuple[Text, ...] = Field(description="What of the words was not understood as it stands.")


def list_routes(archive: Reader, taxonomy: Taxonomy) -> APIRouter:
    """The route of lists of stories."""
    routes = APIRouter(route_class=ConditionalRoute, tags=["stories"], responses=ANY_ROUTE)

    @routes.get(
        "/stories",
        operation_id="listStories",
        summary=N_("Stories by words and filters, newest first; or what is new since"),
        description="By time every story that is there throughout is seen exactly once, whatever is added meanwhile. "
        "By relevance a story that is added meanwhile may let another be seen twice.",
    )
    def list_stories(asked: Annotated[AskedPage, Query()], request: Request) -> Stories:
        understood = understand(asked, taxonomy)
        names = Names(taxonomy, asked.lang)
        notes = notes_of(understood)
        if asked.after_seq is not None:
            _refuse_beside_seq(asked)
            changed = archive.changes(understood.question, after_seq=asked.after_seq, limit=asked.limit)
            last = changed[-1].seq if changed else asked.after_seq
            return Stories(
                items=tuple(_changed(story, names) for story in changed),
                next_cursor=None,
                next=_address(request, after_seq=last) if len(changed) == asked.limit else None,
                last_seq=last,
                notes=notes,
            )
        mark = _mark(understood.question, asked.order)
        after, offset = _place(asked, mark)
        hits = archive.search(understood.question, order=asked.order, limit=asked.limit + 1, after=after, offset=offset)
        shown, has_more = hits[: asked.limit], len(hits) > asked.limit
        cursor = _cursor(mark, shown[-1].cursor, offset + len(shown)) if has_more else None
        return Stories(
            items=tuple(_found(hit, names) for hit in shown),
            next_cursor=cursor,
            next=_address(request, cursor=cursor) if cursor is not None else None,
            last_seq=None,
            notes=notes,
        )

    return routes


def _found(hit: SearchHit, names: Names) -> FoundStory:
    return FoundStory.of_record(
        hit.story,
        excerpt=hit.excerpt,
        marks=hit.marks,
        title_marks=hit.title_marks,
        names=names.of_story(hit.story),
    )


def _changed(story: StoryRecord, names: Names) -> FoundStory:
    excerpt = one_line(story.body, SUMMARY_LENGTH)
    return FoundStory.of_record(story, excerpt=excerpt, marks=(), title_marks=(), names=names.of_story(story))


def _refuse_beside_seq(asked: AskedPage) -> None:
    for name, is_given in (("cursor", asked.cursor is not None), ("order", asked.order != "time")):
        if is_given:
            raise ParameterError(Fault(parameter=name, detail=_("not together with after_seq")))


def _mark(question: Question, order: str) -> str:
    """What tells lists from each other, so that a cursor of one is not taken for a place in another."""
    return hashlib.sha256(f"{order} {question}".encode("utf-8", "replace")).hexdigest()[:8]


def _cursor(mark: str, after: Cursor | None, seen: int) -> str:
    """ "5f1c0a9e.20260301T040000000000-123" by time, "5f1c0a9e.50" by relevance."""
    return f"{mark}.{seen if after is None else cursor_text(after)}"


def _place(asked: AskedPage, mark: str) -> tuple[Cursor | None, int]:
    """Behind which story, or how many, the page begins."""
    if asked.cursor is None:
        return None, 0
    given = _CURSOR.fullmatch(asked.cursor)
    after = read_cursor(given["after"]) if given and given["after"] else None
    seen = int(given["seen"]) if given and given["seen"] else 0
    if given is None or not (after or 0 < seen <= MAX_OFFSET):
        raise ParameterError(Fault(parameter="cursor", detail=_("not a cursor of ours")))
    if given["mark"] != mark or bool(after) != (asked.order == "time"):
        raise ParameterError(
            Fault(parameter="cursor", detail=_("of another list: the other parameters must be as they were"))
        )
    return after, seen


def _address(request: Request, **changed: object) -> str:
    """The address of this request with other parameters, as a path on this server."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changed]
    return f"{ROOT}/stories?{urlencode([*kept, *((name, str(value)) for name, value in changed.items())])}"
