"""The pages: each reads the archive and fills a template. What is shown is prepared in view.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from archive.records import StoryRecord
from archive.search.doubts import slip_text
from crawler.config import Config
from crawler.language import _, language, ngettext
from crawler.model import Precision, Source
from crawler.taxonomy import Taxonomy
from crawler.text.harmless import harmless
from crawler.wording import detail_text, join_text, outcome_text, reason_text, relation_text
from feeds.body import body_html
from feeds.item import day_or_minute
from feeds.text import title_text, web_url
from feeds.wanted import feed_id, record_subject, region_name, short_region, subject, topic_name, zone_name
from web.api.asked import ROOT
from web.api.page import OperationRow
from web.feednames import FeedNames
from web.query import StoryQuery, read_query, read_url
from web.reading import Reader, find
from web.view import (
    Banner,
    EvidenceRow,
    banner,
    directory,
    evidence_rows,
    marked,
    marked_title,
    shelf_row,
    source_rows,
)

_TEMPLATES = Path(__file__).parent / "templates"

# On the first page, beside the feeds: about two screens.
_LATEST = 12


class Pages:
    """Handlers over one archive."""

    def __init__(self, archive: Reader, taxonomy: Taxonomy, config: Config, sources: Mapping[str, Source]) -> None:
        self._archive = archive
        self._taxonomy = taxonomy
        self._feed_names = FeedNames(config.feeds_dir, taxonomy)
        self._sources = sources
        self._templates = _environment(taxonomy, sources)

    def home(self, _request: Request) -> Response:
        """Latest stories, the feeds, and what cannot be read at the moment."""
        found = find(self._archive, StoryQuery(), self._taxonomy, page_size=_LATEST)
        return self._page(
            "home.html",
            hits=found.hits,
            directory=directory(self._archive.feeds(), self._taxonomy),
            banner=self._banner(bool(found.hits)),
            counts=self._archive.counts(),
        )

    def stories(self, request: Request) -> Response:
        """A list of stories, by words and filters."""
        query = read_query(request.query_params)
        found = find(self._archive, query, self._taxonomy)
        keys = self._archive.feed_keys()
        choices = {
            f"{kind}s": sorted(key.key for key in keys if key.kind == kind) for kind in ("zone", "region", "topic")
        }
        for kind, chosen in (("zones", query.zone), ("regions", query.region), ("topics", query.topic)):
            if chosen and chosen not in choices[kind]:
                choices[kind].append(chosen)
        return self._page(
            "stories.html",
            query=query,
            path=request.url.path,
            heading=self._heading(query),
            feed=self._feed_of(query),
            asked_feed=_asked_feed(query),
            hits=found.hits,
            has_more=found.has_more,
            notes=tuple(map(slip_text, found.slips)),
            choices=choices,
        )

    def story(self, request: Request) -> Response:
        """One story with its members, its text and the words behind its judgement."""
        number = request.path_params["story_id"]
        # Ids are 64-bit numbers; more digits are no id, and would be an error to a database.
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):
            raise HTTPException(404)
        story = self._archive.story(int(number))
        if story is None:
            raise HTTPException(404)
        # body_html has been cleaned by nh3, the only text that is not escaped here
        body = Markup(body_html(story))  # noqa: S704
        return self._page(
            "story.html",
            story=story,
            body=body,
            score=story.score,
            related=self._archive.related(story.id),
            evidence=self._evidence(story, story.url),
        )

    def explain(self, request: Request) -> Response:
        """What is known of one URL."""
        url = read_url(request.query_params)
        history = self._archive.explain(url) if url else None
        known = history is not None and history.judgement is not None
        return self._page(
            "explain.html",
            url=url,
            history=history,
            score=history.judgement.score if history and history.judgement else 0.0,
            evidence=self._evidence(history.story, history.url) if history and known else (),
        )

    def sources(self, _request: Request) -> Response:
        """All sources and how their last poll went."""
        return self._page("sources.html", rows=source_rows(self._sources, self._archive.source_states()))

    def api(self, rows: Sequence[OperationRow]) -> Response:
        """What programs may ask, for people. An example of one story or address shows the newest story."""
        newest = find(self._archive, StoryQuery(), self._taxonomy, page_size=1).hits
        shown = {row.id: row.href for row in rows} | dict.fromkeys(("getStory", "getStoryLife", "explainUrl"))
        for hit in newest:
            shown["getStory"] = f"{ROOT}/stories/{hit.story.id}"
            shown["getStoryLife"] = f"{ROOT}/stories/{hit.story.id}/life"
            shown["explainUrl"] = f"{ROOT}/explain?{urlencode({'url': hit.story.url})}"
        return self._page("api.html", rows=rows, root=ROOT, shown=shown)

    def no_such_feed(self, raw_name: bytes) -> Response:
        """The way to the feed that a name means, or what there is instead. No name: the list, where there is none."""
        if not raw_name:
            return self.message(
                _("Nothing has been published yet"), _("The feeds appear here when the first pass is done."), 200
            )
        meant = self._feed_names.meant(raw_name)
        if meant is not None and meant.id is not None:
            address = f"/feeds/{meant.id}.{meant.ending}"
            # an hour: what a name means may change with what is published
            return RedirectResponse(address, status_code=308, headers={"cache-control": "public, max-age=3600"})
        links = [(f"/feeds/{one.id}.{meant.ending}", one.name) for one in meant.near] if meant else []
        told = _("There is no feed of this name. Perhaps you mean:") if links else _("There is no feed of this name.")
        return self.message(_("Not found"), told, 404, links=(*links, ("/feeds/", _("All feeds"))))

    def message(self, heading: str, message: str, status: int, links: Sequence[tuple[str, str]] = ()) -> Response:
        """A page that says one thing, with addresses and their names below; needs no archive."""
        return self._page("message.html", status, heading=heading, message=message, links=links)

    def render(self, template: str, **shown: Any) -> Response:
        """A page whose handler is in a module of its own."""
        return self._page(template, **shown)

    def _page(self, template: str, status: int = 200, **shown: Any) -> Response:
        content = self._templates.get_template(template).render({"query": None} | shown)
        # A surrogate that came into the archive must not make its page unreachable.
        return HTMLResponse(content.encode("utf-8", "replace"), status_code=status)

    def _banner(self, has_stories: bool) -> Banner:
        return banner(source_rows(self._sources, self._archive.source_states()), has_stories)

    def _evidence(self, story: StoryRecord | None, url: str) -> tuple[EvidenceRow, ...]:
        history = self._archive.explain(url)
        if history is None or history.judgement is None:
            return ()
        title = story.title if story else history.title or ""
        return evidence_rows(history.judgement, title, story.body if story else "", self._taxonomy)

    def _heading(self, query: StoryQuery) -> str:
        parts = [query.q and _("Search: {words}").format(words=query.q)]
        parts += [subject(kind, key, self._taxonomy) for kind, key in _keys(query)]
        parts += [query.source and self._source_name(query.source)]
        return " · ".join(part for part in parts if part) or _("Stories")

    def _feed_of(self, query: StoryQuery) -> Any:
        """The published feed that holds exactly what is listed, if there is one."""
        wanted = _feed_id_of(query)
        for feed in self._archive.feeds() if wanted else ():
            if feed.id == wanted:
                return shelf_row(feed, self._taxonomy)
        return None

    def _source_name(self, source_id: str) -> str:
        source = self._sources.get(source_id)
        return source.name if source else source_id


def _asked_feed(query: StoryQuery) -> str:
    """The parameters of the feed of what is listed; "" where there is nothing to describe. Days are left out."""
    given = {"words": query.q, "zones": query.zone, "regions": query.region, "topics": query.topic}
    return urlencode({name: value for name, value in (given | {"sources": query.source}).items() if value})


def _keys(query: StoryQuery) -> list[tuple[str, str]]:
    given = (("zone", query.zone), ("region", query.region), ("topic", query.topic))
    return [(kind, key) for kind, key in given if key]


def _feed_id_of(query: StoryQuery) -> str | None:
    """The id of the feed of what is asked for; None where no feed is of that."""
    if query.q or query.since or query.until:
        return None
    match query.zone, query.region, query.topic, query.source:
        case None, None, None, None:
            return "all"
        case str(zone), None, str(topic), None:
            return feed_id("zone-topic", f"{zone}/{topic}")
        case None, None, None, str(source):
            return feed_id("source", source)
        case _:
            keys = _keys(query)
            return feed_id(*keys[0]) if len(keys) == 1 and query.source is None else None


def _environment(taxonomy: Taxonomy, sources: Mapping[str, Source]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_calmed,
    )
    environment.globals.update(_=_, ngettext=ngettext, language=language)
    environment.filters.update(
        day=lambda moment: day_or_minute(moment, Precision.DAY),
        feed_name=partial(record_subject, taxonomy=taxonomy),
        isoformat=lambda moment: moment.isoformat(),
        join_text=join_text,
        marked=marked,
        marked_title=marked_title,
        minute=lambda moment: day_or_minute(moment, Precision.MINUTE),
        outcome_text=outcome_text,
        detail_text=detail_text,
        reason_text=reason_text,
        relation_text=relation_text,
        region_name=partial(region_name, taxonomy=taxonomy),
        short_region=partial(short_region, taxonomy=taxonomy),
        shown=day_or_minute,
        source_name=lambda source_id: sources[source_id].name if source_id in sources else source_id,
        title=lambda text: title_text(text) or _("Untitled"),
        topic_name=partial(topic_name, taxonomy=taxonomy),
        urlquery=urlencode,
        web_url=web_url,
        zone_name=partial(zone_name, taxonomy=taxonomy),
    )
    return environment


def _calmed(value: object) -> object:
    """A text of the web as it may stand in a page: U+202E in a source's name would turn round all behind it."""
    return harmless(value) if type(value) is str and not value.isprintable() else value
