"""How answers are handed out: ETag from content alone, 304, HEAD, and how long they may be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.negotiation import is_unchanged

# Asked again each time, and mostly answered with 304: a story may be edited at any moment.
_KEEP = "no-cache"


class ConditionalRoute(APIRoute):
    """A route whose 200s have an ETag, and are not sent again to who has them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_conditionally(request: Request) -> Response:
            answer = await handle(request)
            if answer.status_code != 200:
                return answer
            etag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
            answer.headers["etag"] = etag
            answer.headers["cache-control"] = _KEEP
            if not is_unchanged(request.headers.get("if-none-match"), etag):
                return answer
            kept = {
                name: answer.headers[name]
                for name in ("etag", "cache-control", "content-location")
                if name in answer.headers
            }
            return Response(status_code=304, headers=kept)

        return handle_conditionally


class HeadAsGet:
    """ASGI middleware: HEAD is answered as GET would be, without the body, on every route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_without_body)
