"""Which names the web side answers to: a page of another site cannot have its own name lead here (DNS rebinding).

Such an attack needs a name that its owner points at this machine, so an address for a host is always let in.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler.config import Config
from crawler.text.urls import host_of

_LOOPBACK = ("localhost", "*.localhost")  # RFC 6761: resolvers never ask the network for these


class HostCheck:
    """ASGI middleware that answers requests for other hosts with what `refuse` makes of path and name."""

    def __init__(self, app: ASGIApp, *, config: Config, refuse: Callable[[str, str], Response]) -> None:
        self._app = app
        self._names = (*_LOOPBACK, host_of(config.base_url), config.host.lower(), *config.allowed_hosts)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope).getlist("host")
            # HTTP/1.0 may name no host: no browser speaks that, but health checks do
            if len(given) > 1 or (given and not is_allowed(given[0], self._names)):
                await self._refuse(scope["path"], given[0])(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_allowed(host: str, names: tuple[str, ...]) -> bool:
    """True for a Host header with an address, or with one of `names`; *.example.org are all below, * is any."""
    name = _name_of(host)
    if name is None:
        return False
    if _is_address(name):
        return True
    return any(
        name == allowed or allowed == "*" or (allowed.startswith("*.") and name.endswith(allowed[1:]))
        for allowed in names
    )


def _name_of(host: str) -> str | None:
    """The name in a Host header, without its port; None where there is none, or more than that."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
