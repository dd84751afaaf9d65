"""What Scrapy says of items that go no further: a line for the curious, not a warning with the whole page in it."""

from __future__ import annotations

import logging

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure


class QuietLogFormatter(LogFormatter):
    """Drops are counted and kept with their reason; the log has one short line each, at DEBUG."""

    def dropped(
        self, item: object, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {
            "level": logging.DEBUG,
            "msg": "dropped %(url)s: %(reason)s",
            "args": {"url": response.url if isinstance(response, Response) else "", "reason": str(exception)},
        }
