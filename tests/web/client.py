"""Requests to an ASGI app in this process, through httpx. Starlette's own test client asks for a newer httpx."""

from __future__ import annotations

import asyncio

import httpx
from starlette.applications import Starlette


class Client:
    """Sends one request at a time; faults of the app become its 500 page, as with a real server."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.ask("GET", path, headers=headers)

    def head(self, path: str) -> httpx.Response:
        return self.ask("HEAD", path)

    def post(self, path: str, content: bytes) -> httpx.Response:
        return self.ask("POST", path, content=content)

    def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, headers=headers, content=content)

        return asyncio.run(send())
