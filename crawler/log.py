"""The log on standard error: lines for people, or one JSON object a line for programs. No secret gets into either.

Whoever logs about a source, host, reason or address gives it as `extra`, so that a program need not read sentences.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from crawler.text.harmless import harmless

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # quiet, -v, -vv
# What `extra` may hold; libraries put objects of their own there.
FIELDS = ("source", "host", "reason", "url", "family", "rows", "new", "stored", "seconds")

_CHATTY = ("scrapy", "twisted", "apscheduler", "uvicorn", "alembic", "asyncio", "httpx", "httpcore")
# What a site does wrong stands in the summary and in `explain`; here it would be said twice.
_TOLD_ELSEWHERE = ("scrapy.downloadermiddlewares", "scrapy.core.downloader", "scrapy.core.engine")

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

# Addresses of other kinds are Apprise's, where every part may be a secret: tgram://token/chat
_OPEN_SCHEMES = ("http", "https", "ws", "wss", "ftp", "file", "sqlite", "postgresql", "postgresql+psycopg")
_ADDRESS = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]{0,60})://([^\s\"'<>]*)")
# user:password@ before a host; a password may hold an @ that nobody has encoded
_USER = re.compile(r"^[^/?#]*@")
# access_token=…, and password=… as libpq writes it
_NAMED = re.compile(r"\b((?:access_?|auth_?)?token|secret|password|passwd|pwd|api_?key)=[^\s&\"']+", re.IGNORECASE)


def start_log(verbose: int, form: str, handler: logging.Handler | None = None) -> None:
    """Send the log to standard error: warnings, with 1 what happens, with 2 everything; `form` is text or json.

    `handler` stands in for plain text on a terminal.
    """
    level = LEVELS[min(verbose, 2)]
    if form == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_JsonLines(is_ascii=not _is_utf8(getattr(sys.stderr, "encoding", None))))
    elif handler is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Lines(_TEXT))
    handler.addFilter(_conceal)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(form == "json")  # else a warning of a library would stand between the objects
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.INFO if verbose > 1 else logging.WARNING))
    for name in _TOLD_ELSEWHERE:
        logging.getLogger(name).setLevel(logging.CRITICAL if verbose == 0 else level)


def concealed(text: str) -> str:
    """`text` without passwords, tokens, and addresses that are secrets as a whole."""
    return _NAMED.sub(r"\1=…", _ADDRESS.sub(_conceal_address, text))


def _conceal_address(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    if scheme.lower() not in _OPEN_SCHEMES:
        return f"{scheme}://…"
    return f"{scheme}://{_USER.sub('…@', rest)}"


def _conceal(record: logging.LogRecord) -> bool:
    """A filter that lets everything pass, without its secrets."""
    try:
        record.msg = concealed(record.getMessage())
        record.args = None
    except (TypeError, ValueError, KeyError):
        return True  # arguments that do not fit their sentence: the handler says so
    if record.exc_info and not record.exc_text:
        record.exc_text = logging.Formatter().formatException(record.exc_info)  # what a formatter would keep there
    if record.exc_text:
        record.exc_text = concealed(record.exc_text)
    record.exc_info = None
    return True


class _Lines(logging.Formatter):
    """A record a line; further lines are indented, so that no address or title can pass for a record of its own."""

    def format(self, record: logging.LogRecord) -> str:
        return harmless(super().format(record)).replace("\n", "\n  ")


class _JsonLines(JsonFormatter):
    """time, level, logger, message; what is known of FIELDS; `exception` where there was one."""

    def __init__(self, *, is_ascii: bool) -> None:
        super().__init__(("message",), json_ensure_ascii=is_ascii)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data |= {"level": record.levelname, "logger": record.name, "message": record.message}
        log_data |= dict(_extra(record))
        if record.exc_text:
            log_data["exception"] = record.exc_text


def _extra(record: logging.LogRecord) -> Iterable[tuple[str, str | int | float]]:
    for name in FIELDS:
        value = record.__dict__.get(name)
        if isinstance(value, int | float):
            yield name, value
        elif value is not None:
            yield name, concealed(str(value))


def _is_utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "") == "utf8"
