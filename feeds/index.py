"""The list of all feeds: for programs (index.json), for readers (index.opml) and for people (index.html).

What is for readers and people has no numbers and an order that no story changes: it stays as it is until there is a
feed more, or one has another name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crawler.language import _, language, ngettext
from feeds.face import face_files, template
from feeds.feed import ATOM, ATOM_TYPE, INDEX_HTML, JSON, OPML_TYPE, RSS, RSS_TYPE, Feed
from feeds.opml import opml
from feeds.state import Shown
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

    Zones and topics in the order of the taxonomy, regions in that of their codes, the others in that of their names.
    """
    of_kind: dict[str, list[Feed]] = {}
    for feed in feeds:
        of_kind.setdefault(feed.kind, []).append(feed)
    zones, topics = _places_of(taxonomy.zones), _places_of(taxonomy.topics)
    groups = [
        _group("all", _("Everything"), of_kind),
        _group("custom", _("Feeds of our own"), of_kind),
        _group("zone", _("Zones and pairs"), of_kind, zones),
        _group("topic", _("Topics"), of_kind, topics),
        *_zone_topics(of_kind.get("zone-topic", []), taxonomy, zones, topics),
        *_provinces(of_kind.get("region", []), taxonomy),
        _group("source", _("Sources"), of_kind),
    ]
    return tuple(group for group in groups if group.all_feeds)


def _group(
    kind: str, title: str, of_kind: Mapping[str, Sequence[Feed]], places: Mapping[str, int] = MappingProxyType({})
) -> Group:
    ordered = sorted(of_kind.get(kind, ()), key=lambda feed: (_place(feed.key, places), feed.subject, feed.id))
    return Group(kind=kind, title=title, feeds=tuple(_listed(feed) for feed in ordered))


def _zone_topics(
    feeds: Sequence[Feed], taxonomy: Taxonomy, zone_places: Mapping[str, int], topic_places: Mapping[str, int]
) -> Iterator[Group]:
    zones: dict[str, dict[str, Feed]] = {}
    for feed in feeds:
        zone, topic = zone_and_topic(feed.key)
        zones.setdefault(zone, {})[topic] = feed
    for zone in sorted(zones, key=lambda zone: (_place(zone, zone_places), zone)):
        topics = sorted(zones[zone], key=lambda topic: (_place(topic, topic_places), topic))
        yield Group(
            kind="zone-topic",
            title=_("{zone}, by topic").format(zone=zone_name(zone, taxonomy)),
            feeds=tuple(_listed(zones[zone][topic], topic_name(topic, taxonomy)) for topic in topics),
        )


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
    """The list for readers and people, with the files that it and the feeds are shown with, as {file name: bytes}."""
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
    }


def index_json(feeds: Mapping[str, Shown]) -> bytes:
    """The list for programs, by id: with how many items each feed shows, it changes with every story."""
    rows = [
        {
            "id": feed_id,
            "title": feed.title,
            "kind": feed.kind,
            "key": feed.key,
            "rss": f"{feed_id}.{RSS}",
            "atom": f"{feed_id}.{ATOM}",
            "json": f"{feed_id}.{JSON}",
            "items": feed.items,
        }
        for feed_id, feed in sorted(feeds.items())
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)  # indented, it would take ten times as long
    return f"[\n{lines}\n]\n".encode("utf-8", "replace")


def _listed(feed: Feed, name: str | None = None) -> Listed:
    return Listed(feed=feed, name=name or feed.subject)


def _places_of(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _place(key: str, places: Mapping[str, int]) -> int:
    """Where a key stands; what the taxonomy no longer has comes last."""
    return places.get(key, len(places))


def _within_province(adcode: str, taxonomy: Taxonomy) -> str:
    """雅安市, 成都市武侯区: a region's address without its province."""
    city = significant(adcode)[:4] + "00"
    name = short_region(adcode, taxonomy)
    city_name = taxonomy.divisions.name(city) if city != adcode else None
    return f"{city_name}{name}" if city_name else name
