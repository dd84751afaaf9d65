"""The API as an application of its own, to be mounted: JSON in, JSON out, read only."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.middleware import Middleware

from crawler.config import Config
from crawler.model import Source
from crawler.taxonomy import Taxonomy
from web.api.conditional import HeadAsGet
from web.api.document import describe
from web.api.figures import figure_routes
from web.api.list_of_stories import list_routes
from web.api.one_story import story_routes
from web.api.problems import answer_problems
from web.api.vocabulary import vocabulary_routes
from web.api.watched import watched_routes
from web.reading import Reader


def create_api(archive: Reader, taxonomy: Taxonomy, config: Config, sources: Mapping[str, Source]) -> FastAPI:
    """The API over an open archive, to be mounted at ROOT.

    No CORS header is sent: whoever listens on loopback does not mean every web page that the analyst visits to read
    the archive. Handlers are plain functions, run in threads, so that no query holds up the event loop.
    """
    api = FastAPI(
        openapi_url="/openapi.json",
        docs_url=None,  # loads its scripts from elsewhere; web/pages.py has a page of its own
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        middleware=[Middleware(HeadAsGet)],
    )
    answer_problems(api)
    api.include_router(list_routes(archive, taxonomy))
    api.include_router(story_routes(archive, taxonomy))
    api.include_router(figure_routes(archive, taxonomy))
    api.include_router(watched_routes(archive, taxonomy, sources, config.base_url))
    api.include_router(vocabulary_routes(taxonomy))
    describe(api, config.base_url)
    return api
