"""From what Scrapy and Twisted raise to a Reason that a person can read."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Callable
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from crawler.errors import WarcError
from crawler.model import Reason


class IgnoredError(IgnoreRequest):
    """A request that is not made, with its Reason; `is_registered` where another host's queue may make it."""

    def __init__(self, reason: Reason, detail: str, *, is_registered: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.is_registered = is_registered


class NotInWarcError(WarcError):
    """The WARC files of a replay do not hold this address."""


def reason_of(error: BaseException, url: str, private_address: Callable[[str], str | None]) -> tuple[Reason, str]:
    """Why a request for `url` failed, and a detail for people; `private_address` knows what the resolver refused."""
    host = urlsplit(url).hostname or ""
    match error:
        case IgnoredError():
            return error.reason, error.detail
        case NotInWarcError():
            return Reason.NOT_IN_WARC, str(error)
        case IgnoreRequest() if "max redirections" in str(error):
            return Reason.REDIRECT_LOOP, url
        # the decompression of a small answer into a huge one is stopped by the same limit
        case IgnoreRequest() if "DOWNLOAD_MAXSIZE" in str(error):
            return Reason.TOO_LARGE, url
        case DownloadTimeoutError() | TimeoutError():
            return Reason.TIMEOUT, str(error) or "no answer in time"
        case DownloadCancelledError():
            return Reason.TOO_LARGE, str(error)
        case CannotResolveHostError() | DownloadConnectionRefusedError() if address := private_address(host):
            return Reason.PRIVATE_ADDRESS, f"{host} is {address}"
        case CannotResolveHostError():
            return Reason.UNREACHABLE, f"{host} has no address"
        case DownloadConnectionRefusedError():
            return Reason.UNREACHABLE, f"{host} refused the connection"
        case zlib.error() | EOFError():
            return Reason.UNDECODABLE, f"content coding: {_short(error)}"
        case DownloadFailedError() | ResponseDataLossError() | ssl.SSLError() | OSError():
            return Reason.UNREACHABLE, _short(error)
        case UnsupportedURLSchemeError():
            return Reason.BAD_LINK, url
        case IgnoreRequest():
            return Reason.ERROR, _short(error)
        case _:
            return Reason.ERROR, f"{type(error).__name__}: {_short(error)}"


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
