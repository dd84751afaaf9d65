"""What a page in Chromium asks for, and how each request is answered: by the caller, or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error, Page, Route, WebSocketRoute

logger = logging.getLogger(__name__)

# A page that asks for more than this is an attack or a fault; what it has by then is read.
MAX_ASKED = 500
# What a page cannot be read without; pictures, fonts, media, beacons and endless streams are never asked for.
ANSWERED = frozenset({"document", "script", "xhr", "fetch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page's script asks for; `kind` is document, script, xhr or fetch."""

    url: str
    kind: str
    method: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An answer to it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Asked], Awaitable[Part | None]]


@dataclass
class Progress:
    """What a page has asked for so far."""

    open: int = 0
    last_at: float = 0.0
    asked: int = 0
    is_begun: bool = False
    refused: Counter[str] = field(default_factory=Counter)
    answering: set[asyncio.Task[Any]] = field(default_factory=set)


async def answer_route(route: Route, url: str, document: Part, answer: Answer, progress: Progress) -> None:
    asked, kind = route.request, route.request.resource_type
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are in one
    progress.answering.add(task)
    try:
        if not progress.is_begun and kind == "document" and asked.url.rstrip("/") == url.partition("#")[0].rstrip("/"):
            progress.is_begun = True
            await _fulfill(route, document)
        elif kind == "stylesheet":
            await route.fulfill(status=200, content_type="text/css", body="")  # how it looks is nothing to us
        elif kind not in ANSWERED:
            await route.abort("aborted")
        else:
            await _ask(route, answer, progress)
    except Error:
        logger.debug("%s: its page is gone", url)
    finally:
        progress.answering.discard(task)


async def _ask(route: Route, answer: Answer, progress: Progress) -> None:
    asked = route.request
    progress.asked += 1
    part = None
    if progress.asked <= MAX_ASKED:
        progress.open += 1
        try:
            part = await answer(
                Asked(
                    url=asked.url,
                    kind=asked.resource_type,
                    method=asked.method,
                    headers=asked.headers,
                    body=asked.post_data_buffer or b"",
                )
            )
        finally:
            progress.open -= 1
    if part is None:
        progress.refused[_host(asked.url)] += 1
        await route.abort("aborted")  # a refused move to another page leaves this one as it is
    else:
        progress.last_at = asyncio.get_running_loop().time()
        await _fulfill(route, part)


async def _fulfill(route: Route, part: Part) -> None:
    await route.fulfill(status=part.status, headers=dict(part.headers), body=part.body)


async def refuse_socket(socket: WebSocketRoute, progress: Progress) -> None:
    progress.refused[_host(socket.url)] += 1
    with suppress(Error):
        await socket.close()


async def close_popup(page: Page) -> None:
    with suppress(Error):
        await page.close()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
