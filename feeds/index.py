"""The list of all feeds: for programs (index.json), for readers (index.opml) and for people (index.html)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.language import _, language, ngettext
from feeds.face import face_files, template
from feeds.feed import ATOM, ATOM_TYPE, INDEX_HTML, JSON, OPML_TYPE, RSS, RSS_TYPE, Feed
from feeds.opml import opml
from feeds.wanted import Taxonomy, short_region, significant, topic_name, zone_and_topic, zone_name

INDEX_JSON = "index.json"
INDEX_OPML = "index.opml"


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
    """All, custom feeds, zones, topics, the topics of each zone, the places of each province, then sources.

    The fullest first; regions in the order of their codes.
    """
    of_kind: dict[str, list[Feed]] = {}
    for feed in feeds:
        of_kind.setdefault(feed.kind, []).append(feed)
    groups = [
        _group("all", _("Everything"), of_kind),
        _group("custom", _("Feeds of our own"), of_kind),
        _group("zone", _("Zones and pairs"), of_kind),
        _group("topic", _("Topics"), of_kind),
        *_zone_topics(of_kind.get("zone-topic", []), taxonomy),
        *_provinces(of_kind.get("region", []), taxonomy),
        _group("source", _("Sources"), of_kind),
    ]
    return tuple(group for group in groups if group.all_feeds)


def _group(kind: str, title: str, of_kind: Mapping[str, Sequence[Feed]]) -> Group:
    return Group(kind=kind, title=title, feeds=_fullest_first(_listed(feed) for feed in of_kind.get(kind, ())))


def _zone_topics(feeds: Sequence[Feed], taxonomy: Taxonomy) -> Iterator[Group]:
    zones: dict[str, list[Listed]] = {}
    for feed in feeds:
        zone, topic = zone_and_topic(feed.key)
        zones.setdefault(zone, []).append(_listed(feed, topic_name(topic, taxonomy)))
    for zone, listed in sorted(zones.items(), key=lambda item: (-len(item[1]), item[0])):
        title = _("{zone}, by topic").format(zone=zone_name(zone, taxonomy))
        yield Group(kind="zone-topic", title=title, feeds=_fullest_first(listed))


def _provinces(feeds: Sequence[Feed], taxonomy: Taxonomy) -> Iterator[Group]:
    provinces: dict[str, list[Feed]] = {}
    for feed in sorted(feeds, key=lambda feed: feed.key):
        provinces.setdefault(feed.key[:2] + "0000", []).append(feed)
    for province, members in provinces.items():
        own = [feed for feed in members if feed.key == province]
        below = tuple(_listed(feed, _within_province(feed.key, taxonomy)) for feed in members if feed.key != province)
        name = short_region(province, taxonomy)
        yield Group(kind="region", title=name, feeds=below, lead=_listed(own[0], name) if own else None)


def index_files(feeds: Sequence[Feed], taxonomy: Taxonomy, base_url: str) -> dict[str, bytes]:
    """The list in every form, as {file name: bytes}; index.json is the last, since it promises the others."""
    groups = group_feeds(feeds, taxonomy)
    page = template(INDEX_HTML).render(
        groups=groups, total=len(feeds), language=language(), home=base_url.rstrip("/") + "/", _=_, ngettext=ngettext,
        rss_type=RSS_TYPE, atom_type=ATOM_TYPE, opml_type=OPML_TYPE,
    )  # fmt: skip
    outlines = [(group.title, [listed.feed for listed in group.all_feeds]) for group in groups]
    return {
        **face_files(),
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
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _listed(feed: Feed, name: str | None = None) -> Listed:
    return Listed(feed=feed, name=name or feed.subject)


def _fullest_first(listed: Iterable[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(listed, key=lambda one: (-one.feed.count, one.feed.id)))


def _within_province(adcode: str, taxonomy: Taxonomy) -> str:
    """雅安市, 成都市武侯区: a region's address without its province."""
    city = significant(adcode)[:4] + "00"
    name = short_region(adcode, taxonomy)
    city_name = taxonomy.divisions.name(city) if city != adcode else None
    return f"{city_name}{name}" if city_name else name
