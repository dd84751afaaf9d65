"""The read-only web side as a Starlette app: pages over the archive, and the published feed files."""

from __future__ import annotations

import logging
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
from crawler.errors import ArchiveError
from crawler.language import _
from crawler.model import Source
from crawler.taxonomy import Taxonomy
from feeds.text import one_line
from web.api.app import create_api
from web.api.asked import ROOT
from web.api.page import operation_rows
from web.api.problems import http_problem, problem
from web.askedfeed import ASKED, AskedFeeds
from web.feedfiles import FEED_METHODS, FeedFiles
from web.headers import SECURITY_HEADERS, SecurityHeaders
from web.healthpage import HealthPage
from web.hosts import HostCheck
from web.known import KnownSources
from web.metrics import MetricsPage
from web.pages import Pages
from web.query import BadQueryError
from web.reading import Reader
from web.statistics import StatisticsPage

_log = logging.getLogger(__name__)

_STATIC = Path(__file__).parent / "static"


def create_app(
    archive: Reader, taxonomy: Taxonomy, config: Config, *, sources: Iterable[Source] | KnownSources = ()
) -> Starlette:
    """The app over an open archive. `sources` gives the names of sources, and those never polled; they may change.

    Handlers are plain functions: Starlette runs them in threads, so that no query holds up the event loop.
    """
    by_id = sources if isinstance(sources, KnownSources) else KnownSources(sources)
    pages = Pages(archive, taxonomy, config, by_id)

    asked_feeds = AskedFeeds(archive, taxonomy, config, by_id, pages.render)
    feed_files = FeedFiles(config.feeds_dir, pages.no_such_feed)
    api = create_api(archive, taxonomy, config, by_id)

    def api_page(_request: Request) -> Response:
        return pages.api(operation_rows(api.openapi()))

    def redirect_to_feeds(_request: Request) -> Response:
        return RedirectResponse("/feeds/", status_code=308)

    def bad_query(_request: Request, error: Exception) -> Response:
        return pages.message(_("That cannot be searched for"), str(error), 400)

    def http_error(request: Request, error: Exception) -> Response:
        if _is_of_api(request.url.path):
            return http_problem(request, error)  # a line break in an address fits no route, not even the API's own
        status = error.status_code if isinstance(error, HTTPException) else 500
        heading, told = {
            404: (_("Not found"), _("There is no page at this address.")),
            405: (_("Read only"), _("Nothing can be sent here.")),
            406: (_("Not acceptable"), _("It exists, but in no content coding that the request takes.")),
            503: (_("Busy"), _("Please ask again in a moment.")),
        }.get(status, (_("An error"), _("The request cannot be answered.")))
        answer = pages.message(heading, told, status)
        answer.headers.update((error.headers if isinstance(error, HTTPException) else None) or {})
        return answer

    def unusable(request: Request, error: Exception) -> Response:
        _log.error("%s: %s", request.url.path, error)
        answer = pages.message(_("Busy"), _("The archive cannot be read at the moment."), 503)
        answer.headers["retry-after"] = "10"
        return answer

    def refuse_host(path: str, host: str) -> Response:
        told = _("This server does not answer to {host}. HRWATCH_BASE_URL or HRWATCH_ALLOWED_HOSTS can name it.")
        told = told.format(host=one_line(host, 100))
        return problem(421, told) if _is_of_api(path) else pages.message(_("Not here"), told, 421)

    def fault(_request: Request, _error: Exception) -> Response:
        # Starlette answers faults outside all middleware
        answer = pages.message(_("A fault of ours"), _("The page could not be made; the log says why."), 500)
        answer.headers.update(SECURITY_HEADERS)
        return answer

    return Starlette(
        routes=[
            # first what is asked most: readers ask for their feeds day and night
            Route(f"/feeds/{ASKED}", asked_feeds.form),
            Route(f"/feeds/{ASKED}.{{ending}}", asked_feeds.feed, methods=FEED_METHODS),
            Route("/feeds/{name}", feed_files, methods=FEED_METHODS),
            Route("/", pages.home),
            Route("/stories", pages.stories),
            Route("/stories/{story_id}", pages.story),
            Route("/search", pages.stories),
            Route("/explain", pages.explain),
            Route("/sources", pages.sources),
            Route("/statistics", StatisticsPage(archive, taxonomy, pages.render).show),
            Route("/health", HealthPage(archive, by_id, pages.render).show),
            Route("/metrics", MetricsPage(archive, config).show),
            Route("/feeds", redirect_to_feeds),
            Route("/feeds/", feed_files, methods=FEED_METHODS),
            Route("/favicon.ico", lambda _request: RedirectResponse("/static/icon.svg", status_code=308)),
            Route("/api", lambda _request: RedirectResponse(ROOT, status_code=307)),  # of the day's version
            Route(ROOT, api_page),
            Route(f"{ROOT}/", api_page),
            Mount(ROOT, app=api),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(HostCheck, config=config, refuse=refuse_host)],
        exception_handlers={
            BadQueryError: bad_query,
            HTTPException: http_error,
            ArchiveError: unusable,
            Exception: fault,
        },
    )


def _is_of_api(path: str) -> bool:
    return path.startswith(f"{ROOT}/")
