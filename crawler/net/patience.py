"""Retry-After (RFC 9110, 10.2.3): a site that says when to come back is not asked again before then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.net.page import headers_of
from crawler.services import services_of

# What is further off is as good as never, and a header may say anything; how much of it is obeyed, the policy says.
FURTHEST = timedelta(days=366)
# RFC 6585, 4: too many requests. It ends a poll even where it does not say until when.
TOO_MANY = 429


class ObeyRetryAfter:
    """Notes on a request when its site wants to be asked again, and keeps Scrapy from repeating it at once."""

    def __init__(self, crawler: Crawler) -> None:
        self._services = services_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ObeyRetryAfter:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        if response.status < 400:
            return response
        now = self._services.now()
        when = retry_at(headers_of(response), now)
        if when is None and response.status == TOO_MANY:
            when = now
        if when is not None:
            request.meta["retry_at"] = when
            request.meta["dont_retry"] = True
        return response


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When these headers ask to come back, never in the past; None where they say nothing that can be understood.

    A date counts by the site's own clock: what lies between it and `Date` is what is waited.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return now + min(timedelta(seconds=int(said[:9])), FURTHEST)
    until, there = _date(said), _date(headers.get("date", ""))
    if until is None:
        return None
    return now + min(max(until - (there or now), timedelta(0)), FURTHEST)


def _date(text: str) -> datetime | None:
    """An HTTP date, such as "Sun, 22 Nov 2026 08:49:37 GMT"."""
    try:
        when = parsedate_to_datetime(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
