"""The read-only web side as a Starlette app: pages over the archive, and the published feed files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from crawler.config import Config
from crawler.language import _
from crawler.model import Source
from feeds.wanted import Taxonomy
from web.headers import SECURITY_HEADERS, SecurityHeaders
from web.pages import Pages
from web.query import BadQueryError
from web.reading import Reader

_STATIC = Path(__file__).parent / "static"


def create_app(archive: Reader, taxonomy: Taxonomy, config: Config, *, sources: Iterable[Source] = ()) -> Starlette:
    """The app over an open archive. `sources` gives the names of sources, and those never polled.

    Handlers are plain functions: Starlette runs them in threads, so that no query holds up the event loop.
    """
    pages = Pages(archive, taxonomy, config, {source.id: source for source in sources})

    def redirect_to_feeds(_request: Request) -> Response:
        return RedirectResponse("/feeds/", status_code=308)

    def bad_query(_request: Request, error: Exception) -> Response:
        return pages.message(_("That cannot be searched for"), str(error), 400)

    def http_error(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return pages.message(_("Not found"), _("There is no page at this address."), 404)
        if status == 405:
            return pages.message(_("Read only"), _("Nothing can be sent here."), 405)
        return pages.message(_("An error"), _("The request cannot be answered."), status)

    def fault(_request: Request, _error: Exception) -> Response:
        # Starlette answers faults outside all middleware
        answer = pages.message(_("A fault of ours"), _("The page could not be made; the log says why."), 500)
        answer.headers.update(SECURITY_HEADERS)
        return answer

    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/stories", pages.stories),
            Route("/stories/{story_id}", pages.story),
            Route("/search", pages.stories),
            Route("/explain", pages.explain),
            Route("/sources", pages.sources),
            Route("/feeds", redirect_to_feeds),
            Route("/feeds/", pages.feed_index),
            Route("/feeds/{name}", pages.feed_file),
            Route("/favicon.ico", lambda _request: RedirectResponse("/static/icon.svg", status_code=308)),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={BadQueryError: bad_query, HTTPException: http_error, Exception: fault},
    )
