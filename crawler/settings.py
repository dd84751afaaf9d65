"""Config → Scrapy's names, and nothing else."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from crawler.catalogue import Catalogue
from crawler.config import Config
from pipelines import ORDER

ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

# Nearest the engine first. Scrapy's own keep their places (redirects 600, decompression 590, retry 550).
DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "crawler.net.guard.HostGuard": 50,  # first: not even robots.txt is asked of a host that is not ours
    "crawler.net.robots.RobotsRules": 100,
    "crawler.net.conditional.ConditionalGet": 540,  # inside: it hashes the body after decompression
    "crawler.net.patience.ObeyRetryAfter": 560,  # inside Scrapy's retries (550), which it may forbid
    "crawler.net.warc.KeepChangedLists": 530,  # outside ConditionalGet, which knows whether a list has changed
    "crawler.net.warc.KeepWarc": 950,  # last: the answer as it came over the wire
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # ours keeps the rules in the archive
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # HostGuard says more, of redirects too
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # public pages need none
}

# Each is a layer around every answer. Referer stays: there are sites that answer nothing without it.
SPIDER_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # every status has an outcome of its own
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # a poll's requests come one from the other, for ever
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # drops without a word what a poll waits for
}


def user_agent(config: Config) -> str:
    """An honest name: product, version, and how to reach whoever runs it."""
    try:
        number = version("hrwatch")
    except PackageNotFoundError:
        number = "0"
    return f"hrwatch/{number} (+{config.contact})" if config.contact else f"hrwatch/{number}"


def scrapy_settings(config: Config, catalogue: Catalogue | None = None, *, is_replay: bool = False) -> dict[str, Any]:
    """Scrapy's settings for this process; the catalogue gives slow hosts their own pace."""
    # Never 0: with DOWNLOAD_DELAY = 0 the limit of one request per host does not hold on the asyncio reactor.
    delay_s = 0.001 if is_replay else config.delay_s
    settings: dict[str, Any] = {
        "BOT_NAME": "hrwatch",
        "SPIDER_MODULES": ["spiders"],
        "ADDONS": {"crawler.wiring.Wiring": 0},
        "USER_AGENT": user_agent(config),
        "TWISTED_REACTOR": ASYNCIO_REACTOR,
        "TWISTED_DNS_RESOLVER": "crawler.net.guard.GuardedResolver",
        "HRWATCH_RESOLVE": dict(config.resolve),
        "HRWATCH_ALLOW_PRIVATE": list(config.allow_private),
        "DOWNLOADER_MIDDLEWARES": DOWNLOADER_MIDDLEWARES,
        "SPIDER_MIDDLEWARES": SPIDER_MIDDLEWARES,
        "ITEM_PIPELINES": {path: 100 * (n + 1) for n, path in enumerate(ORDER)},
        "CONCURRENT_REQUESTS": config.concurrent_hosts * 2,
        # Scrapy starts this many tasks for every answer, with items or without: its 100 are half the cost of a poll.
        "CONCURRENT_ITEMS": 4,
        # Each host has one request waiting at most: there is nothing to balance, which costs a quarter of a poll.
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": delay_s,
        "DOWNLOAD_DELAY_JITTER": 0.0 if is_replay else 0.25,
        "DOWNLOAD_SLOTS": _slots(config, catalogue) if catalogue is not None and not is_replay else {},
        "DOWNLOAD_TIMEOUT": config.timeout_s,
        "DOWNLOAD_MAXSIZE": config.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": config.max_redirects,
        "METAREFRESH_MAXDELAY": 5,
        "RETRY_TIMES": 0 if is_replay else 1,
        "RETRY_HTTP_CODES": [500, 502, 503, 504],
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # the outcome is recorded with its reason
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
        },
        # Public pages need none; and Scrapy's jar asks the network for public suffixes, past guard and replay.
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names itself, past the guard against private addresses
        # Consoles: the second is a server that runs whatever code it is sent, with its key in the user's home.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOADER_STATS": False,  # nobody reads them: what came of a poll is in its report
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMATTER": "crawler.net.log.QuietLogFormatter",
        "EXTENSIONS": {
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
    }
    handler = "crawler.net.warc.ReplayHandler" if is_replay else "crawler.net.heads.BoundedHeads"
    settings["DOWNLOAD_HANDLERS"] = dict.fromkeys(("http", "https"), handler) | dict.fromkeys(
        ("ftp", "s3", "file", "data")
    )
    return settings


def _slots(config: Config, catalogue: Catalogue) -> dict[str, dict[str, float]]:
    slots: dict[str, dict[str, float]] = {}
    for source in catalogue:
        if source.delay_s is not None:
            for host in source.hosts:
                delay_s = max(source.delay_s, config.delay_s, slots.get(host, {}).get("delay", 0.0))
                slots[host] = {"delay": delay_s, "concurrency": 1}
    return slots
