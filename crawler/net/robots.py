"""robots.txt: obeyed, and kept in the archive for a day, so that long-lived and short crawls ask alike.

RFC 9309: 4xx means no rules. So does a page of HTML. After 5xx or no answer the last known rules hold; where none
are known the host is not asked now.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.extract.refusal import refusal_of
from crawler.model import Reason, RobotsRecord
from crawler.net.failure import IgnoredError, NotInWarcError, reason_of
from crawler.net.guard import refused_addresses
from crawler.net.page import page_of
from crawler.services import services_of
from crawler.text.urls import host_of

logger = logging.getLogger(__name__)

# Google reads 500 KiB and RFC 9309 asks for no less; more is somebody's mistake.
MAX_ROBOTS_BYTES = 500 * 1024
# A Crawl-delay beyond this is a refusal in disguise; such hosts are asked this slowly instead of never.
MAX_CRAWL_DELAY_S = 60.0
# A robots.txt that cannot be had is not asked for again at every request to its host.
RETRY_AFTER = timedelta(minutes=5)
# How a missing robots.txt often answers: with another host's page, or in a circle. RFC 9309, 2.3.1.2: as if there
# were none.
NO_RULES = frozenset({Reason.REDIRECT_OFFSITE, Reason.REDIRECT_LOOP})


class RobotsRules:
    """Refuses what a host's robots.txt disallows for our user agent, and slows down where it asks for it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._services = services_of(crawler)
        self._user_agent: str = crawler.settings["USER_AGENT"]
        self._rules: dict[str, tuple[datetime, Protego | None]] = {}  # good until then
        self._refused: dict[str, tuple[datetime, IgnoredError]] = {}
        self._asking: dict[str, asyncio.Task[RobotsRecord]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsRules:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots"):
            return
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc.lower()}"
        rules = await self._rules_of(origin)
        if rules is None:
            return
        if not rules.can_fetch(request.url, self._user_agent):
            raise IgnoredError(Reason.ROBOTS, f"{origin}/robots.txt")
        delay = rules.crawl_delay(self._user_agent)
        if delay:
            self._slow_down(url.hostname or "", min(float(delay), MAX_CRAWL_DELAY_S))

    async def _rules_of(self, origin: str) -> Protego | None:
        now = self._services.now()
        kept = self._rules.get(origin)
        fresh_for = timedelta(seconds=self._services.config.robots_ttl_s)
        if kept is not None and kept[0] > now:
            return kept[1]
        refused = self._refused.get(origin)
        if refused is not None and refused[0] > now:
            raise IgnoredError(refused[1].reason, refused[1].detail)
        record = None
        if self._services.replay is None:
            record = await asyncio.to_thread(self._services.archive.robots, origin)
        if record is None or record.fetched_at + fresh_for <= now:
            task = self._asking.get(origin)
            if task is None:
                task = asyncio.ensure_future(self._ask(origin, record))
                self._asking[origin] = task
            try:
                record = await asyncio.shield(task)
            except IgnoredError as error:
                self._refused[origin] = (now + RETRY_AFTER, error)
                raise
            finally:
                self._asking.pop(origin, None)
        # utf-8-sig: behind a byte order mark the first User-agent would not be one
        # in a thread: half a second for the longest
        text = record.body.decode("utf-8-sig", "replace") if record.body is not None else None
        rules = await asyncio.to_thread(Protego.parse, text) if text is not None else None
        self._rules[origin] = (max(record.fetched_at + fresh_for, now + RETRY_AFTER), rules)
        return rules

    async def _ask(self, origin: str, last_known: RobotsRecord | None) -> RobotsRecord:
        url = f"{origin}/robots.txt"
        engine = self._crawler.engine
        assert engine is not None  # noqa: S101 - requests flow only while the engine runs
        try:
            response: Response = await engine.download_async(
                Request(url, callback=NO_CALLBACK, meta={"is_robots": True}, dont_filter=True)
            )
        except NotInWarcError:
            return RobotsRecord(origin=origin, fetched_at=self._services.now(), body=None)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the answer is the same: not now
            reason, detail = reason_of(error, url, refused_addresses.of)
            if reason in NO_RULES:
                return await self._keep(RobotsRecord(origin=origin, fetched_at=self._services.now(), body=None))
            return self._last_known(origin, last_known, reason, detail)
        page = page_of(response)
        refusal = refusal_of(page, expects="list") if response.status >= 500 else None
        if refusal is not None:
            return self._last_known(origin, last_known, *refusal)
        is_rules = response.status == 200 and not _is_html(response)
        return await self._keep(
            RobotsRecord(
                origin=origin,
                fetched_at=self._services.now(),
                body=response.body[:MAX_ROBOTS_BYTES] if is_rules else None,
            )
        )

    async def _keep(self, record: RobotsRecord) -> RobotsRecord:
        if self._services.replay is None:
            await asyncio.to_thread(self._services.archive.save_robots, record)
        return record

    def _last_known(self, origin: str, last_known: RobotsRecord | None, reason: Reason, detail: str) -> RobotsRecord:
        if last_known is None:
            raise IgnoredError(reason, f"robots.txt: {detail}")
        logger.warning(
            "%s/robots.txt: %s (%s); the rules of %s hold",
            origin,
            reason,
            detail,
            last_known.fetched_at,
            extra={"host": host_of(origin), "reason": reason},
        )
        return last_known

    def _slow_down(self, host: str, delay_s: float) -> None:
        engine = self._crawler.engine
        if engine is not None:
            slot = engine.downloader.slots.get(host)
            if slot is not None:
                slot.delay = max(slot.delay, delay_s)


def _is_html(response: Response) -> bool:
    kind = (response.headers.get("Content-Type") or b"").lower()
    return b"html" in kind or response.body.lstrip()[:1] == b"<"
