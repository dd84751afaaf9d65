"""From a Scrapy response to a Page."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.http import Response

from crawler.model import Page


def page_of(response: Response) -> Page:
    """The Page that a response brought: final address, lower-case header names, body as sent after decompression."""
    meta = response.meta if response.request is not None else {}
    redirects = meta.get("redirect_urls") or ()
    return Page(
        url=response.url,
        status=response.status,
        headers=headers_of(response),
        body=response.body,
        fetched_at=meta.get("fetched_at") or datetime.now(UTC),
        requested_url=redirects[0] if redirects else None,
        warc=meta.get("warc"),
    )


def headers_of(response: Response) -> dict[str, str]:
    """The headers of a response by lower-case name, several of one name as one."""
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
