"""The peer of the polling bench: a plain Scrapy spider that fetches the same pages and does nothing with them.

`python -m bench.bare PORT HOSTS FETCHES CONCURRENT`; prints its account as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from bench.loopback import host

SETTINGS = {
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "DOWNLOAD_DELAY": 0.001,  # never 0: see crawler/settings.py
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
}


class BareSpider(Spider):
    name = "bare"
    port, hosts, fetches, concurrent = 0, 0, 0, 16
    done = 0
    began = cpu = 0.0
    took: ClassVar[dict[str, float]] = {}

    async def start(self) -> AsyncIterator[Any]:
        type(self).began, type(self).cpu = time.perf_counter(), time.process_time()
        for n in range(self.fetches):
            yield Request(f"http://{host(n % self.hosts)}:{self.port}/list/index.html", dont_filter=True)

    def parse(self, response: Response) -> None:
        spider = type(self)
        spider.done += response.status == 200
        # without starting and ending Scrapy itself
        spider.took = {"wall_s": time.perf_counter() - self.began, "cpu_s": time.process_time() - self.cpu}


def main(port: int, hosts: int, fetches: int, concurrent: int) -> None:
    """Fetch, and print how many came and how long it took."""
    BareSpider.port, BareSpider.hosts, BareSpider.fetches = port, hosts, fetches
    process = AsyncCrawlerProcess({**SETTINGS, "CONCURRENT_REQUESTS": concurrent})
    process.crawl(BareSpider)
    process.start()
    sys.stdout.write(json.dumps({"done": BareSpider.done, **BareSpider.took}) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
