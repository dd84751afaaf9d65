"""The published feed files over HTTP: exact types, ETag from content alone, 304, HEAD. Nothing else of the folder."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from feeds.feed import ATOM_TYPE, JSON_TYPE, OPML_TYPE, RSS_TYPE

# "zone-5rtr57a.rss", "index.json": no slash, no leading dot, so nothing outside the folder and nothing hidden.
_NAME = re.compile(r"[a-z0-9_-]{1,200}\.(rss|atom|json|opml|html|css)")

_TYPES = {
    "rss": RSS_TYPE,
    "atom": ATOM_TYPE,
    "json": JSON_TYPE,
    "opml": OPML_TYPE,
    "html": "text/html",
    "css": "text/css",
}

# Feeds change with a poll, at most every few minutes.
_MAX_AGE_S = 300


def feed_file(request: Request, folder: Path, name: str) -> Response | None:
    """The file `name` of `folder` as an answer to `request`; None where there is no such feed file."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    path = folder / name
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    kind = "application/json" if name == "index.json" else _TYPES[match[1]]
    etag = f'"{_digest(content)}"'
    headers = {
        "etag": etag,
        "cache-control": f"public, max-age={_MAX_AGE_S}",
        "access-control-allow-origin": "*",
    }
    if is_unchanged(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """True where If-None-Match names `etag`, by the weak comparison of RFC 9110 §13.1.2."""
    if if_none_match is None:
        return False
    given = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in given or etag in given


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
