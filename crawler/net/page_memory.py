"""Ends the processes of Chromium's pages that grow too large: a script can take gigabytes within seconds."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import psutil

logger = logging.getLogger(__name__)

# A portal's page takes 100 to 300 MB; a DOM of 50 MB took 1.3 GB (2026-11-22).
MAX_BYTES = 2**30
# Measured: a script filled 0.4 GB a second.
LOOK_EVERY_S = 0.25


async def watch_memory() -> None:
    """End every page of a browser of ours that is over MAX_BYTES, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.to_thread(_end_large_pages)


def _end_large_pages() -> None:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.memory_info().rss > MAX_BYTES and "--type=renderer" in " ".join(process.cmdline()):
                logger.info("a page took over %d MiB and was ended", MAX_BYTES // 2**20)
                process.kill()
