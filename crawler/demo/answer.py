"""What a server says: an Answer, and how a stored Resource becomes one, conditional requests included. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

HTML = "text/html; charset=utf-8"
# "http://rsj.yanjiang.example/xinwen": where the server's port belongs
DEMO_ORIGIN = re.compile(rb"(https?://[a-z0-9.-]+\.example)(?![a-z0-9.:-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body. The body is `body`, then `tail` as often as `tail_times` says, so that 60 MB cost
    nothing to hold; `delay_s` is waited first; `is_fickle` servers add an ETag that never repeats."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    tail: bytes = b""
    tail_times: int = 0
    delay_s: float = 0.0
    is_fickle: bool = False

    @property
    def length(self) -> int:
        """Bytes of the whole body."""
        return len(self.body) + len(self.tail) * self.tail_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What stands at an address."""

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    modified: datetime | None = None  # with it the answer has validators
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tail: bytes = b""
    tail_times: int = 0
    delay_s: float = 0.0
    is_fickle: bool = False


def answer_with(resource: Resource, port: str, asked: Mapping[str, str]) -> Answer:
    """The answer to a request whose Host names `port` ("" for none) and whose headers are `asked` (lower-case)."""
    body = with_port(resource.body, port)
    headers = {"Content-Type": resource.content_type, **resource.headers}
    if resource.location is not None:
        headers["Location"] = with_port(resource.location.encode(), port).decode()
    if resource.modified is not None and not resource.is_fickle:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers["Last-Modified"] = format_datetime(resource.modified.astimezone(UTC), usegmt=True)
        if _is_known(headers["ETag"], resource.modified, asked):
            return Answer(status=304, headers={key: headers[key] for key in ("ETag", "Last-Modified")})
    return Answer(
        status=resource.status,
        headers=headers,
        body=body,
        tail=resource.tail,
        tail_times=resource.tail_times,
        delay_s=resource.delay_s,
        is_fickle=resource.is_fickle,
    )


def with_port(text: bytes, port: str) -> bytes:
    """`text` with the port put into every address of the demonstration."""
    return DEMO_ORIGIN.sub(rb"\1:" + port.encode(), text) if port else text


def _is_known(etag: str, modified: datetime, asked: Mapping[str, str]) -> bool:
    # RFC 9110, 13.2.2: If-Modified-Since counts only where there is no If-None-Match.
    if (tags := asked.get("if-none-match")) is not None:
        return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    if (since := asked.get("if-modified-since")) is None:
        return False
    try:
        known = parsedate_to_datetime(since)
    except ValueError:
        return False
    if known.tzinfo is None:
        known = known.replace(tzinfo=UTC)
    return modified.replace(microsecond=0) <= known
