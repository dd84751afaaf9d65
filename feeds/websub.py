"""Telling a WebSub hub which feeds have changed, so that it fetches them and tells its subscribers at once.

The W3C's recommendation leaves to publisher and hub how that is done; the form sent here (hub.mode=publish and the
topic, form-encoded) is that of PubSubHubbub 0.4, which hubs go on to take. A hub that fails stops no publication: what
it was not told is kept beside the feeds, and told next time.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from crawler.language import _
from feeds.feed import ATOM, FEEDS_PATH, JSON, RSS
from feeds.files import alone_in, write_whole

_log = logging.getLogger(__name__)

UNTOLD = ".websub.json"  # a leading dot: no server hands it out

# Between two publications there are at least seconds, mostly minutes; a hub takes milliseconds for a ping.
_TIMEOUT_S = 10.0
_IN_ALL_S = 20.0

# A hub that refuses a feed so often does not want it: another one's, or over a quota for good.
_REFUSALS = 5

# Ten publications of a thousand feeds in three formats; whoever was away for longer has missed them anyway.
_MOST_UNTOLD = 30_000

_ANSWER_BYTES = 1 << 16  # a hub answers 204, or a line of why not


@dataclass(frozen=True, slots=True, kw_only=True)
class PingReport:
    """What telling the hub came to: feeds that it was told of, and those left for the next time."""

    told: int
    untold: int


def topics_of(feed_ids: Iterable[str], base_url: str) -> tuple[str, ...]:
    """The addresses that subscribers of these feeds gave their hub: each feed's own in every format."""
    base = f"{base_url.rstrip('/')}/{FEEDS_PATH}"
    return tuple(f"{base}/{feed_id}.{ending}" for feed_id in feed_ids for ending in (RSS, ATOM, JSON))


def announce(folder: Path, hub: str | None, topics: Iterable[str]) -> PingReport:
    """Tell `hub` once of each topic, and of those that it was not told of before. Raises OSError for the folder alone.

    To be called once the files are in place: the hub fetches them at once. Without a hub nothing is done.
    """
    if hub is None:
        return PingReport(told=0, untold=0)
    with alone_in(folder):
        due = _read(folder)  # the oldest first
        due |= {topic: 0 for topic in topics if topic not in due}
        _write(folder, due)  # whoever is cut short here tells them next time
    told, refused = _tell(hub, due)
    with alone_in(folder):
        left = {topic: refused.get(topic, times) for topic, times in _read(folder).items() if topic not in told}
        given_up = [topic for topic, times in left.items() if times >= _REFUSALS]
        for topic in given_up:
            _log.error(_("WebSub: the hub goes on refusing {topic}; it is not told again").format(topic=topic))
            del left[topic]
        _write(folder, left)
    return PingReport(told=len(told), untold=len(left))


def count_untold(folder: Path) -> int:
    """How many topics the hub is still to be told of."""
    return len(_read(folder))


def _tell(hub: str, due: Mapping[str, int]) -> tuple[set[str], dict[str, int]]:
    """The topics that the hub was told of, and those that it refused, with how often."""
    told, refused = set[str](), dict[str, int]()
    until = time.monotonic() + _IN_ALL_S
    with httpx.Client(timeout=_TIMEOUT_S, headers={"user-agent": "hrwatch"}) as client:
        for topic, times in due.items():
            if time.monotonic() > until:
                _log.warning(_("WebSub: the hub is slow; {n} feeds are told next time").format(n=len(due) - len(told)))
                break
            try:
                status = _ping(client, hub, topic)
            except httpx.HTTPError as error:
                why = str(error) or type(error).__name__
                _log.warning(
                    _("WebSub: the hub cannot be reached ({why}); {n} feeds are told next time").format(
                        why=why, n=len(due) - len(told)
                    )
                )
                break
            if 200 <= status < 300:
                told.add(topic)
                continue
            _log.warning(_("WebSub: the hub answered {status} for {topic}").format(status=status, topic=topic))
            if status >= 500 or status == 429:
                break  # in trouble of its own: the others would only add to it
            refused[topic] = times + 1
    return told, refused


def _ping(client: httpx.Client, hub: str, topic: str) -> int:
    with client.stream("POST", hub, data={"hub.mode": "publish", "hub.url": topic}) as answer:
        size = 0
        for chunk in answer.iter_raw():  # read to its end, the connection serves the next ping
            size += len(chunk)
            if size > _ANSWER_BYTES:
                break
        return answer.status_code


def _read(folder: Path) -> dict[str, int]:
    """What the hub was not told yet, with how often it refused; nothing where that cannot be read."""
    try:
        held = json.loads((folder / UNTOLD).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(held, dict):
        return {}
    return {str(topic): times for topic, times in held.items() if isinstance(times, int)}


def _write(folder: Path, untold: Mapping[str, int]) -> None:
    path = folder / UNTOLD
    if not untold:
        path.unlink(missing_ok=True)
        return
    newest = dict(list(untold.items())[-_MOST_UNTOLD:])
    write_whole(path, json.dumps(newest, ensure_ascii=False, indent=0).encode())
