"""The operators' feed: how the health of sources changed. Beside the subscribers' feeds, and in none of their lists."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from archive.records import HealthEvent
from crawler.config import Config
from crawler.health.standing import Expected, expected_of
from crawler.language import _, language
from crawler.model import Source
from crawler.text.harmless import harmless
from feeds.feed import ATOM, JSON, RSS, Feed
from feeds.files import alone_in, sync_folder, write_with_siblings
from feeds.item import Category, FeedItem, whole_second
from feeds.jsonfeed import json_feed
from feeds.notify.message import became_text, event_facts
from feeds.syndication import atom, rss
from feeds.text import one_line, web_url

HEALTH = "health"
_LENGTH = 100  # as of every feed
_FORMATS = ((RSS, rss), (ATOM, atom), (JSON, json_feed))


class HealthStore(Protocol):
    """What the health feed asks of the archive."""

    def judge_health(self, expected: Mapping[str, Expected], *, now: datetime) -> int: ...
    def health_events(self, *, limit: int = ...) -> Sequence[HealthEvent]: ...
    def guid_base(self) -> tuple[str, datetime]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """What publishing the health feed came to."""

    changed: int  # sources whose health is another
    rewritten: int  # files whose bytes changed, siblings not counted


class HealthFeed(Feed):
    """A feed whose page is that of the sources."""

    __slots__ = ()

    @property
    def page(self) -> str:
        """The page on the web side that shows how sources stand."""
        return f"{self.base_url}/sources"


def publish_health(
    archive: HealthStore, sources: Iterable[Source], config: Config, *, now: datetime, to: Path | None = None
) -> HealthReport:
    """Judge what was polled since the last call, and bring health.rss, .atom and .json in `to` up to it.

    Raises OSError naming the file that cannot be written.
    """
    changed = archive.judge_health(expected_of(sources), now=now)
    feed = health_feed(archive.health_events(limit=_LENGTH), archive.guid_base(), config.base_url)
    folder = to if to is not None else config.feeds_dir
    with alone_in(folder):
        rewritten = sum(write_with_siblings(folder / f"{HEALTH}.{ending}", render(feed)) for ending, render in _FORMATS)
        if rewritten:
            sync_folder(folder)
    return HealthReport(changed=changed, rewritten=rewritten)


def health_feed(events: Sequence[HealthEvent], guid_base: tuple[str, datetime], base_url: str) -> Feed:
    """The feed of `events`, newest first; without any it is as old as the archive."""
    base, made_at = base_url.rstrip("/"), guid_base[1]
    items = tuple(_item(event, guid_base[0], base) for event in events)
    return HealthFeed(
        id=HEALTH,
        kind=HEALTH,
        key="",
        title=_("Health of the sources"),
        subject=_("Health of the sources"),
        description=_("For operators: sources that broke, fell silent, were blocked, moved or recovered."),
        base_url=base,
        language="en" if language() == "en" else "zh-CN",
        updated=max((item.updated for item in items), default=whole_second(made_at)),
        items=items,
    )


def _item(event: HealthEvent, guid_base: str, base: str) -> FeedItem:
    name = one_line(event.name, 100) or event.source_id
    verdict = became_text(event.verdict)
    facts = event_facts(event)
    if event.previous is not None:
        before = _("before: {health}").format(health=became_text(event.previous))
        facts = f"{facts} · {before}"
    noticed_at = whole_second(event.noticed_at)
    return FeedItem(
        guid=f"{guid_base}{HEALTH}/{event.id}",
        url=web_url(event.home or "") or f"{base}/sources",
        title=f"{name}: {verdict}" if language() == "en" else f"{name}：{verdict}",
        summary=facts,
        content=f"<p>{html.escape(harmless(f'{name} ({event.source_id})'))}</p>\n<p>{html.escape(harmless(facts))}</p>",
        published=noticed_at,
        updated=noticed_at,
        publisher=name,
        categories=(Category(scheme=HEALTH, term=event.verdict.value, label=verdict),),
    )
