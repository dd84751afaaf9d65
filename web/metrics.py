"""/metrics: what Prometheus asks of the archive, as text or OpenMetrics by what the scraper accepts.

Computed from the archive when asked, as polls are made by other processes. What there is to tell: metered.py.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from archive.records import PollTotals
from crawler.config import Config
from feeds.websub import count_untold
from web.metered import families_of, gauge
from web.reading import Reader

# Several scrapers, or one that hurries, cost no more than one.
_KEPT_S = 10.0
# Of each of six parts: together less than the ten seconds that Prometheus waits.
_LIMIT_S = 1.5


class MetricsPage:
    """The handler; each part is given up after `limit_s`."""

    def __init__(
        self,
        archive: Reader,
        config: Config,
        *,
        limit_s: float = _LIMIT_S,
    ) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_ArchiveCollector(archive, config, limit_s))

    def show(self, request: Request) -> Response:
        """The metrics in the format that the scraper prefers."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={"content-type": content_type, "cache-control": "no-store"})


class _ArchiveCollector(Collector):
    def __init__(self, archive: Reader, config: Config, limit_s: float) -> None:
        self._archive = archive
        self._config = config
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._counted = PollTotals()
        self._made_at = 0.0
        self._metrics: tuple[Metric, ...] = ()

    def describe(self) -> Iterable[Metric]:
        return ()  # else the archive would be asked when the page is made

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if not self._metrics or time.monotonic() - self._made_at > _KEPT_S:
                began = time.monotonic()
                now = datetime.now(UTC)
                meters = self._archive.meters(self._counted, now=now, limit_s=self._limit_s)
                self._counted = meters.polls
                told = [*families_of(meters, now), *_files(self._config)]
                told.append(
                    gauge("hrwatch_scrape_duration_seconds", "Time it took to measure this.", time.monotonic() - began)
                )
                self._metrics = tuple(told)
                self._made_at = time.monotonic()
            metrics = self._metrics
        yield from metrics


def _files(config: Config) -> Iterator[Metric]:
    try:
        usage = shutil.disk_usage(config.data)
    except OSError:
        return  # no such folder yet: the archive is on a server
    yield gauge("hrwatch_disk_free_bytes", "Free room where the data is.", usage.free)
    yield gauge("hrwatch_websub_untold", "Feeds that the hub is still to be told of.", count_untold(config.feeds_dir))
