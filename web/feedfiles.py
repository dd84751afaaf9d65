"""The published feed files over HTTP: exact types, ETag from content alone, 304, HEAD, gzip and brotli, CORS.

Nothing else of the folder. An ASGI app and no handler in a thread: an answer of 304 costs one look at the file's facts.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from feeds.feed import ATOM, ATOM_TYPE, JSON_TYPE, OPML_TYPE, RSS, RSS_TYPE
from feeds.index import INDEX_JSON
from web.negotiation import CODINGS, IDENTITY, Accepted, accepted, etag_of, held_tag, is_browser, is_not_since

# "zone-5rtr57a.rss", "all_p3.atom", "index.json": no slash, no leading dot, so nothing outside the folder and nothing
# hidden.
_NAME = re.compile(r"[a-z0-9_-]{1,200}\.(rss|atom|json|opml|html|css|svg|png)")

TYPES = {
    "rss": f"{RSS_TYPE}; charset=utf-8",
    "atom": f"{ATOM_TYPE}; charset=utf-8",
    "json": f"{JSON_TYPE}; charset=utf-8",
    "opml": f"{OPML_TYPE}; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}

INDEX = "index.html"
FEED_METHODS = ("GET", "HEAD", "OPTIONS")

# Feeds change with a poll, at most every few minutes.
CACHE_CONTROL = "public, max-age=300"

# A page of any site may read feeds, that is what they are for: so web readers work. ETag is not among what they see
# unasked, and If-None-Match not among what they may send.
CORS = {"access-control-allow-origin": "*", "access-control-expose-headers": "ETag"}
PREFLIGHT = CORS | {
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "If-None-Match, If-Modified-Since",
    "access-control-max-age": "86400",
}

_CHUNK = 1 << 18  # an ordinary feed has two or three such
_TRIES = 3  # that a file is replaced while it is opened happens once a publication, not three times in a row

# Time of change, size and number of a file. Files are replaced and never written into: a new content is a new file.
Facts = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was learned of a file by reading it once: good for as long as its facts are these."""

    facts: Facts
    digest: str
    seen: Mapping[str, tuple[Facts, bool]]  # by coding: the sibling's facts, and whether it holds this content


class FeedFiles:
    """An ASGI app over one folder. `otherwise` answers for names that are no file's, given as they came."""

    def __init__(self, folder: Path, otherwise: Callable[[bytes], Response]) -> None:
        self._folder = folder
        self._otherwise = otherwise
        self._known: dict[str, _Known] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the name in the path."""
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
            return
        name: str = scope["path_params"].get("name", INDEX)
        if await self.answer(name, scope, receive, send):
            return
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        other = await run_in_threadpool(self._otherwise, raw.rsplit(b"/", 1)[-1])
        other.headers.update(CORS)
        await other(scope, receive, send)

    async def answer(self, name: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Send the file of this name; False where there is none, and nothing was sent."""
        match = _NAME.fullmatch(name)
        facts = _facts_at(f"{self._folder}/{name}") if match else None
        if match is None or facts is None:
            self._known.pop(name, None)
            return False
        asked = Headers(scope=scope)
        takes = accepted(asked.get("accept-encoding"))
        known = self._known.get(name)
        if known is None or known.facts != facts:
            known = await run_in_threadpool(self._learn, name)
            if known is None:
                return False
        headers = _headers(known, match[1])
        if (tag := _unchanged(asked, known, takes)) is not None:
            headers["etag"] = tag
            await Response(status_code=304, headers=headers)(scope, receive, send)
            return True
        opened = await run_in_threadpool(self._open, name, takes)
        if opened is None:
            return False
        file, known, coding = opened
        with file:
            headers = _headers(known, match[1]) | {
                "content-type": "application/json; charset=utf-8"
                if name == INDEX_JSON
                else type_for(match[1], asked.get("accept")),
                "content-length": str(os.fstat(file.fileno()).st_size),
                "etag": etag_of(known.digest, coding),
            }
            if coding != IDENTITY:
                headers["content-encoding"] = coding
            await _send(file, headers, scope, send)
        return True

    def _learn(self, name: str) -> _Known | None:
        """Read a file and its siblings where they are not known as they stand; None where there is no file."""
        path = self._folder / name
        try:
            with path.open("rb") as file:
                facts = _facts(os.fstat(file.fileno()))
                known = self._known.get(name)
                siblings = {coding: _facts_at(_sibling(path, coding)) for coding in CODINGS}
                if known is not None and known.facts == facts and _is_same(known, siblings):
                    return known
                content = file.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        seen = {coding: looked for coding in CODINGS if (looked := _look(_sibling(path, coding), coding, content))}
        known = _Known(facts=facts, digest=hashlib.sha256(content).hexdigest()[:32], seen=seen)
        self._known[name] = known
        return known

    def _open(self, name: str, takes: Accepted) -> tuple[BinaryIO, _Known, str] | None:
        """The file in the coding that the client likes best, open, with what is known of just these bytes."""
        for _ in range(_TRIES):
            known = self._learn(name)
            if known is None:
                return None
            held = [coding for coding, (_facts, is_good) in known.seen.items() if is_good]
            order = takes.in_order([*held, IDENTITY])
            if not order:
                raise HTTPException(406)
            path = self._folder / name if order[0] == IDENTITY else _sibling(self._folder / name, order[0])
            facts = known.facts if order[0] == IDENTITY else known.seen[order[0]][0]
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            if _facts(os.fstat(file.fileno())) == facts:
                return file, known, order[0]
            file.close()
        raise HTTPException(503, headers={"retry-after": "1"})


def type_for(ending: str, accept: str | None) -> str:
    """The type of a file. A browser is told that a feed is XML: Chromium shows a feed by its own type as bare text,
    whatever style sheet it names.
    """
    is_styled = ending in (RSS, ATOM) and is_browser(accept)
    return "application/xml; charset=utf-8" if is_styled else TYPES[ending]


def vary_of(ending: str) -> str:
    """What an answer with a file of this ending depends on."""
    return "Accept, Accept-Encoding" if ending in (RSS, ATOM) else "Accept-Encoding"


def _headers(known: _Known, ending: str) -> dict[str, str]:
    headers = CORS | {"cache-control": CACHE_CONTROL, "vary": vary_of(ending)}
    modified = known.facts[0] // 10**9
    if modified < int(time.time()):  # what changed in this very second may change in it again, unseen
        headers["last-modified"] = formatdate(modified, usegmt=True)
    return headers


def _unchanged(asked: Headers, known: _Known, takes: Accepted) -> str | None:
    """The tag of the content that the client has, where it has it; dates count only where no tag is given."""
    if "if-none-match" in asked:
        return held_tag(",".join(asked.getlist("if-none-match")), known.digest, takes)
    if is_not_since(asked.get("if-modified-since"), known.facts[0] // 10**9):
        return etag_of(known.digest, IDENTITY)
    return None


def _look(sibling: Path, coding: str, content: bytes) -> tuple[Facts, bool] | None:
    """A sibling's facts, and whether it is `content` in its coding: one left behind by a crash is not."""
    try:
        with sibling.open("rb") as file:
            return _facts(os.fstat(file.fileno())), _decoded(file, coding, len(content)) == content
    except (FileNotFoundError, IsADirectoryError):
        return None


def _decoded(file: BinaryIO, coding: str, length: int) -> bytes | None:
    """What is in a compressed file, as far as one byte more than `length`; None where it is no such file."""
    packed = file.read(length + 1024)  # no sibling is worth having that is larger than its file
    try:
        if coding == "gzip":
            unpacker = zlib.decompressobj(wbits=31)
            plain = unpacker.decompress(packed, length + 1)
            return plain if unpacker.eof and not unpacker.unused_data else None
        unbrotli = brotli.Decompressor()
        plain = unbrotli.process(packed, output_buffer_limit=length + 1)
        while not unbrotli.is_finished() and len(plain) <= length and not unbrotli.can_accept_more_data():
            plain += unbrotli.process(b"", output_buffer_limit=length + 1 - len(plain))
        return plain if unbrotli.is_finished() else None
    except (zlib.error, brotli.error):
        return None


async def _send(file: BinaryIO, headers: dict[str, str], scope: Scope, send: Send) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    while scope["method"] != "HEAD" and (chunk := await run_in_threadpool(file.read, _CHUNK)):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _is_same(known: _Known, siblings: Mapping[str, Facts | None]) -> bool:
    return all(known.seen.get(coding, (None,))[0] == facts for coding, facts in siblings.items())


def _sibling(path: Path, coding: str) -> Path:
    return path.with_name(f"{path.name}.{CODINGS[coding]}")


def _facts_at(path: Path | str) -> Facts | None:
    try:
        return _facts(os.stat(path))  # noqa: PTH116 - a Path costs as much again, for each question of each reader
    except (OSError, ValueError):
        return None


def _facts(stat: os.stat_result) -> Facts:
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
