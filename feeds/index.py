"""The list of all feeds: for programs (index.json), for readers (index.opml) and for people (index.html)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.language import _, language, ngettext
from feeds.feed import ATOM, ATOM_TYPE, JSON, OPML_TYPE, RSS, RSS_TYPE, Feed
from feeds.opml import opml
from feeds.wanted import Taxonomy, short_region, significant

_HERE = Path(__file__).parent
_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

INDEX_JSON = "index.json"
INDEX_OPML = "index.opml"
INDEX_HTML = "index.html"
INDEX_CSS = "index.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A feed as the list shows it: `name` within its group, where the full title would repeat the group's."""

    feed: Feed
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Feeds of one kind under one heading. `lead` is a province's own feed, above those of its cities."""

    kind: str
    title: str
    feeds: tuple[Listed, ...]
    lead: Listed | None = None

    @property
    def all_feeds(self) -> tuple[Listed, ...]:
        """The lead and the others."""
        return (self.lead, *self.feeds) if self.lead else self.feeds


def group_feeds(feeds: Sequence[Feed], taxonomy: Taxonomy) -> tuple[Group, ...]:
    """All, zones, topics, then one group a province; the fullest first, regions in the order of their codes."""
    of_kind = {
        kind: [_listed(feed, feed.subject) for feed in feeds if feed.kind == kind] for kind in ("all", "zone", "topic")
    }
    groups = [
        Group(kind="all", title=_("Everything"), feeds=tuple(of_kind["all"])),
        Group(kind="zone", title=_("Zones and pairs"), feeds=_fullest_first(of_kind["zone"])),
        Group(kind="topic", title=_("Topics"), feeds=_fullest_first(of_kind["topic"])),
    ]
    provinces: dict[str, list[Feed]] = {}
    for feed in sorted((feed for feed in feeds if feed.kind == "region"), key=lambda feed: feed.key):
        provinces.setdefault(feed.key[:2] + "0000", []).append(feed)
    for province, members in provinces.items():
        own = [feed for feed in members if feed.key == province]
        below = tuple(_listed(feed, _within_province(feed.key, taxonomy)) for feed in members if feed.key != province)
        name = short_region(province, taxonomy)
        lead = _listed(own[0], name) if own else None
        groups.append(Group(kind="region", title=name, feeds=below, lead=lead))
    return tuple(group for group in groups if group.all_feeds)


def index_files(feeds: Sequence[Feed], taxonomy: Taxonomy, base_url: str) -> dict[str, bytes]:
    """The list in every form, as {file name: bytes}; index.json is the last, since it promises the others."""
    groups = group_feeds(feeds, taxonomy)
    page = _templates.get_template(INDEX_HTML).render(
        groups=groups, total=len(feeds), language=language(), home=base_url.rstrip("/") + "/", _=_, ngettext=ngettext,
        rss_type=RSS_TYPE, atom_type=ATOM_TYPE, opml_type=OPML_TYPE,
    )  # fmt: skip
    outlines = [(group.title, [listed.feed for listed in group.all_feeds]) for group in groups]
    return {
        INDEX_CSS: (_HERE / "static" / INDEX_CSS).read_bytes(),
        INDEX_OPML: opml(outlines),
        INDEX_HTML: page.encode(),
        INDEX_JSON: _index_json(groups),
    }


def _index_json(groups: Sequence[Group]) -> bytes:
    rows = [
        {
            "id": listed.feed.id,
            "title": listed.feed.title,
            "kind": listed.feed.kind,
            "key": listed.feed.key,
            "rss": f"{listed.feed.id}.{RSS}",
            "atom": f"{listed.feed.id}.{ATOM}",
            "json": f"{listed.feed.id}.{JSON}",
            "items": listed.feed.count,
        }
        for group in groups
        for listed in group.all_feeds
    ]
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def _listed(feed: Feed, name: str) -> Listed:
    return Listed(feed=feed, name=name)


def _fullest_first(listed: list[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(listed, key=lambda one: (-one.feed.count, one.feed.id)))


def _within_province(adcode: str, taxonomy: Taxonomy) -> str:
    """雅安市, 成都市武侯区: a region's address without its province."""
    city = significant(adcode)[:4] + "00"
    name = short_region(adcode, taxonomy)
    city_name = taxonomy.divisions.name(city) if city != adcode else None
    return f"{city_name}{name}" if city_name else name
