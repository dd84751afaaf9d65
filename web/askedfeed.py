"""Feeds that their own address describes (/feeds/custom.rss?zones=…), and the form that makes such addresses.

Nothing is kept for a visitor. What was made last is kept in memory, for as long as the archive stays as it is.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from archive.database.deadline import OverdueError
from archive.records import AskedFeed, FeedRecord
from archive.search.doubts import slip_text
from crawler.config import Config
from crawler.language import _
from crawler.model import Source
from crawler.taxonomy import Taxonomy
from feeds.feed import ATOM, ATOM_TYPE, JSON, JSON_TYPE, RSS, RSS_TYPE, Feed, make_feed
from feeds.jsonfeed import json_feed
from feeds.syndication import atom, rss
from feeds.wanted import region_name, topic_name, zone_name
from web.feedfiles import CACHE_CONTROL, CORS, PREFLIGHT, type_for, vary_of
from web.feedquery import FeedAsk, read_feed_ask, understand
from web.negotiation import IDENTITY, accepted, etag_of, held_tag
from web.query import BadQueryError
from web.reading import Reader

ASKED = "custom"  # no feed of a file has this id: theirs begin with custom-

FORMATS: Mapping[str, tuple[Callable[[Feed], bytes], str]] = {
    RSS: (rss, RSS_TYPE),
    ATOM: (atom, ATOM_TYPE),
    JSON: (json_feed, JSON_TYPE),
}

# Kept of what was made last: enough for the feeds that a town's subscribers have made up, about 200.
_KEPT_BYTES = 64 << 20

# Made at the same time, and in line for it. Each may ask the database for seconds, and holds one of the server's forty
# threads: pages must not wait behind them.
_AT_ONCE, _IN_LINE = 2, 8
_WAIT_S = 10.0

_SHOWN = 10  # stories on the form's page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    version: str
    digest: str
    bodies: Mapping[str, bytes]  # by coding


class AskedFeeds:
    """Handlers over one archive. `render` fills a template."""

    def __init__(
        self,
        archive: Reader,
        taxonomy: Taxonomy,
        config: Config,
        sources: Mapping[str, Source],
        render: Callable[..., Response],
    ) -> None:
        self._archive = archive
        self._taxonomy = taxonomy
        self._base_url = config.base_url.rstrip("/")
        self._length, self._opening = config.feed_length, config.feed_opening  # as those of published feeds
        self._sources = sources
        self._render = render
        self._making = threading.BoundedSemaphore(_AT_ONCE)
        self._waiting = threading.BoundedSemaphore(_AT_ONCE + _IN_LINE)
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Made] = OrderedDict()

    def feed(self, request: Request) -> Response:
        """The feed that the parameters describe. 503 where nothing was published yet, or the answer takes too long."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        ending = str(request.path_params["ending"])
        if ending not in FORMATS:
            raise HTTPException(404)
        asked = read_feed_ask(request.scope["query_string"])
        if asked.is_empty:
            raise BadQueryError(_("Say what the feed is of: zones, regions, pair, topics, sources or words."))
        made = self._made(asked, ending)
        takes = accepted(request.headers.get("accept-encoding"))
        headers = CORS | {"cache-control": CACHE_CONTROL, "vary": vary_of(ending)}
        if (tag := held_tag(request.headers.get("if-none-match"), made.digest, takes)) is not None:
            return Response(status_code=304, headers=headers | {"etag": tag})
        order = takes.in_order(made.bodies)
        if not order:
            raise HTTPException(406)
        headers["etag"] = etag_of(made.digest, order[0])
        if order[0] != IDENTITY:
            headers["content-encoding"] = order[0]
        kind = type_for(ending, request.headers.get("accept"))
        return Response(made.bodies[order[0]], media_type=kind, headers=headers)

    def form(self, request: Request) -> Response:
        """The form; with parameters also the addresses that they make, and what the feed holds now."""
        asked, fault, feed = FeedAsk(), None, None
        notes: tuple[str, ...] = ()
        try:
            asked = read_feed_ask(request.scope["query_string"])
            if not asked.is_empty:
                understood = understand(asked, self._taxonomy)
                notes = tuple(map(slip_text, understood.slips))
                feed = self._feed(asked, self._entries(asked))
        except BadQueryError as error:
            fault = str(error)
        return self._render(
            "custom.html",
            status=400 if fault else 200,
            asked=asked,
            fault=fault,
            notes=notes,
            feed=feed,
            shown=feed.items[:_SHOWN] if feed else (),
            formats={RSS: RSS_TYPE, ATOM: ATOM_TYPE, JSON: JSON_TYPE},
            zones=sorted(self._taxonomy.zones),
            topics=[topic.zh for topic in self._taxonomy.topics.values()],
        )

    def _made(self, asked: FeedAsk, ending: str) -> _Made:
        version = self._archive.feeds_version()
        if version is None:
            raise _busy()
        key = (asked.parameters, ending)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.version == version:
                self._kept.move_to_end(key)
                return kept
        content = FORMATS[ending][0](self._feed(asked, self._entries(asked)))
        bodies = {"gzip": gzip.compress(content, 6, mtime=0), IDENTITY: content}
        made = _Made(version=version, digest=hashlib.sha256(content).hexdigest()[:32], bodies=bodies)
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            size = sum(len(body) for one in self._kept.values() for body in one.bodies.values())
            while size > _KEPT_BYTES and len(self._kept) > 1:
                _key, oldest = self._kept.popitem(last=False)
                size -= sum(map(len, oldest.bodies.values()))
        return made

    def _entries(self, asked: FeedAsk) -> AskedFeed:
        question = understand(asked, self._taxonomy).question
        with _taken(self._waiting, 0), _taken(self._making, _WAIT_S):
            try:
                found = self._archive.asked_feed(question, length=self._length, opening=self._opening)
            except OverdueError:
                raise _busy() from None
        if found is None:
            raise _busy()
        return found

    def _feed(self, asked: FeedAsk, found: AskedFeed) -> Feed:
        name = self._name(asked)
        record = FeedRecord(
            id=ASKED,
            kind=ASKED,
            key=ASKED,
            title=name,
            first_published_at=found.since,
            changed_at=found.since,
            items=len(found.entries),
        )
        excerpts = frozenset(source.id for source in self._sources.values() if source.feed == "excerpt")
        made = make_feed(record, found.entries, self._taxonomy, self._base_url, excerpts=excerpts)
        return replace(
            made,
            title=name + " · " + _("Human-resources cooperation"),
            subject=name,
            description=_("News of human-resources cooperation between regions: {subject}. Each story once.").format(
                subject=name
            ),
            parameters="?" + asked.parameters,
        )

    def _name(self, asked: FeedAsk) -> str:
        """What a feed is of, for people: 川渝 · 社会保险 · 养老."""
        taxonomy = self._taxonomy
        query = understand(replace(asked, words="", exclude=""), taxonomy).question.query
        parts = ["、".join(zone_name(zone, taxonomy) for zone in query.zones)]
        parts.append("、".join(self._region_name(name) for name in asked.regions))
        parts.append("-".join(self._region_name(name) for name in asked.pair))
        parts.append("、".join(topic_name(topic, taxonomy) for topic in query.topics))
        parts.append("、".join(self._source_name(one) for one in asked.sources))
        parts += [asked.kind, asked.words]
        return " · ".join(part for part in parts if part)

    def _region_name(self, name: str) -> str:
        return region_name(name, self._taxonomy) if self._taxonomy.divisions.is_known(name) else name

    def _source_name(self, name: str) -> str:
        return self._sources[name].name if name in self._sources else name


@contextmanager
def _taken(places: threading.BoundedSemaphore, wait_s: float) -> Iterator[None]:
    """Hold one of the places; 503 where none comes free in time."""
    if not places.acquire(timeout=wait_s):
        raise _busy()
    try:
        yield
    finally:
        places.release()


def _busy() -> HTTPException:
    # before the first publication too: whoever subscribes then is served soon
    return HTTPException(503, headers={"retry-after": "60"})
