"""Conditional requests for lists: ETag and Last-Modified, and a hash of the body for servers that have neither or lie.

Only asks and compares; the spider saves the new validators together with the rows they stand for.
"""

from __future__ import annotations

import asyncio
import hashlib

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.model import Validators
from crawler.services import services_of


class ConditionalGet:
    """Sends validators for requests that carry `meta["source_digest"]`; marks `meta["is_unchanged"]` on the answer."""

    def __init__(self, crawler: Crawler) -> None:
        self._archive = services_of(crawler).archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ConditionalGet:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        digest = request.meta.get("source_digest")
        if digest is None or "known_validators" in request.meta:
            return
        poll = request.meta.get("poll")
        noted = poll.known.get(request.url) if poll is not None else None
        known = (
            noted.validators if noted is not None else await asyncio.to_thread(self._archive.validators, request.url)
        )
        # A list is read afresh once its source file has changed: other rows may match now.
        if known is not None and known.source_digest != digest:
            known = None
        request.meta["known_validators"] = known
        if known is not None:
            if known.etag:
                request.headers["If-None-Match"] = known.etag
            if known.last_modified:
                request.headers["If-Modified-Since"] = known.last_modified

    async def process_response(self, request: Request, response: Response) -> Response:
        digest = request.meta.get("source_digest")
        if digest is None:
            return response
        known: Validators | None = request.meta.get("known_validators")
        if response.status == 304:
            request.meta["is_unchanged"] = known is not None
            return response
        if response.status == 200:
            found = Validators(
                etag=_header(response, "ETag"),
                last_modified=_header(response, "Last-Modified"),
                body_hash=hashlib.sha256(response.body).hexdigest(),
                source_digest=digest,
            )
            request.meta["validators"] = found
            request.meta["is_unchanged"] = known is not None and known.body_hash == found.body_hash
        return response


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    # Bounded: a header is stored, and sent back, for as long as the list lives.
    return value.decode("latin-1")[:500] if value else None
