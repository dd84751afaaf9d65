"""Which feeds the stories call for: all, zones, regions with what they lie in, topics, sources. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from archive.records import FeedQuery, FeedRecord, WantedFeed
from crawler.language import _, language

ALL = "all"

# Feeds whose name is not the taxonomy's to give: the record has it.
_NAMED = ("source", "custom")


class Named(Protocol):
    """A topic as the taxonomy has it."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


class Places(Protocol):
    """Divisions of the country by adcode."""

    def name(self, adcode: str) -> str | None: ...
    def parents(self, adcode: str) -> Sequence[str]: ...
    def successors(self, adcode: str) -> Sequence[str]: ...
    def reach(self, adcode: str) -> Sequence[str]: ...


class EnglishNamed(Protocol):
    """A zone as the taxonomy has it."""

    @property
    def english(self) -> str | None: ...


class Taxonomy(Protocol):
    """What feeds and pages need to know of the taxonomy: names, and what lies in what."""

    @property
    def divisions(self) -> Places: ...
    @property
    def zones(self) -> Mapping[str, EnglishNamed]: ...
    @property
    def topics(self) -> Mapping[str, Named]: ...
    @property
    def version(self) -> str: ...


def wanted_feeds(
    keys: Iterable[tuple[str, str]], taxonomy: Taxonomy, source_names: Mapping[str, str]
) -> tuple[WantedFeed, ...]:
    """The feeds that stories with these keys, each as (kind, key), belong to. `source_names` are by id."""
    found = {(kind, key) for kind, key in keys if kind != "region"}
    found |= {("region", region) for kind, key in keys if kind == "region" for region in _regions(key, taxonomy)}
    return tuple(
        WantedFeed(
            id=feed_id(kind, key),
            kind=kind,
            key="" if kind == ALL else key,
            title=source_names.get(key) or key if kind == "source" else feed_title(kind, key, taxonomy),
            query=_query(kind, key, taxonomy),
        )
        for kind, key in sorted(found)
    )


def _query(kind: str, key: str, taxonomy: Taxonomy) -> FeedQuery:
    match kind:
        case "zone":
            return FeedQuery(zones=(key,))
        case "region":
            return FeedQuery(adcodes=_adcodes(key, taxonomy.divisions))
        case "topic":
            return FeedQuery(topics=(key,))
        case "zone-topic":
            zone, topic = zone_and_topic(key)
            return FeedQuery(zones=(zone,), topics=(topic,))
        case "source":
            return FeedQuery(sources=(key,))
        case _:
            return FeedQuery()


def _regions(adcode: str, taxonomy: Taxonomy) -> set[str]:
    """The regions whose feeds hold stories of `adcode`: it, its heirs, and what they lie in.

    A story of 江北区 (500105, abolished in 2025) is also one of 两江新区 (500157), its successor, and of 重庆市.
    """
    divisions = taxonomy.divisions
    return {
        region for place in (adcode, *divisions.successors(adcode)) for region in (place, *divisions.parents(place))
    }


def _adcodes(region: str, divisions: Places) -> tuple[str, ...]:
    """The codes that a region's feed asks for: its own, and those of abolished places that are within it now."""
    heirs = {*divisions.successors(region)}  # what an abolished region became is not what it was
    return tuple(sorted(code for code in divisions.reach(region) if code not in heirs))


def zone_and_topic(key: str) -> tuple[str, str]:
    """The two that the key of a zone × topic feed names: 川渝/talent."""
    zone, _slash, topic = key.rpartition("/")
    return zone, topic


def significant(adcode: str) -> str:
    """The digits of `adcode` that all codes below it share: "51" of 510000, "5118" of 511800."""
    if adcode.endswith("0000"):
        return adcode[:2]
    return adcode[:4] if adcode.endswith("00") else adcode


def feed_id(kind: str, key: str) -> str:
    """A name for files and addresses in [a-z0-9-], made from the key alone, so that it never changes.

    Zones have only their Chinese name for good (English names are translations, and may be improved), and a name
    must survive every file system, archive and web server: punycode, the encoding of Chinese host names
    (RFC 3492), is ASCII, short and reversible. 川渝 → zone-5rtr57a.
    """
    if kind == "all":
        return ALL
    if kind == "zone-topic":
        zone, topic = zone_and_topic(key)
        return f"zone-topic-{_plain(f'{_ascii(zone)}/{topic}')}"
    return f"{kind}-{_plain(_ascii(key) if kind in ('zone', 'custom') else key)}"


def _ascii(name: str) -> str:
    return name.encode("punycode").decode("ascii")


def _plain(text: str) -> str:
    # An upper-case letter or sign is written as _ and its code: "A区" and "a区" must not be one file where the
    # system folds case.
    return "".join(
        letter if letter.isascii() and (letter.islower() or letter.isdigit() or letter == "-") else f"_{ord(letter):x}"
        for letter in text
    )


def subject(kind: str, key: str, taxonomy: Taxonomy) -> str:
    """What a feed is of, for people: "川渝", "四川省雅安市", "合作协议", "全部"."""
    match kind:
        case "zone":
            return zone_name(key, taxonomy)
        case "region":
            return region_name(key, taxonomy)
        case "topic":
            return topic_name(key, taxonomy)
        case "zone-topic":
            zone, topic = zone_and_topic(key)
            return f"{zone_name(zone, taxonomy)} · {topic_name(topic, taxonomy)}"
        case "source" | "custom":
            return key
        case _:
            return _("All")


def feed_title(kind: str, key: str, taxonomy: Taxonomy) -> str:
    """A feed's title: "川渝 · 人力资源合作"."""
    return subject(kind, key, taxonomy) + " · " + _("Human-resources cooperation")


def record_subject(record: FeedRecord, taxonomy: Taxonomy) -> str:
    """What a published feed is of, in the language in use; sources and custom feeds have the name they were given."""
    if record.kind in _NAMED:
        return record.title or record.key
    return subject(record.kind, record.key, taxonomy)


def record_title(record: FeedRecord, taxonomy: Taxonomy) -> str:
    """A published feed's title; that of a custom feed is as given, whole."""
    if record.kind == "custom":
        return record_subject(record, taxonomy)
    return record_subject(record, taxonomy) + " · " + _("Human-resources cooperation")


def zone_name(name: str, taxonomy: Taxonomy) -> str:
    """A zone in the language in use; the Chinese name where there is no other."""
    zone = taxonomy.zones.get(name)
    return (zone.english if zone is not None and language() == "en" else None) or name


def topic_name(topic: str, taxonomy: Taxonomy) -> str:
    """A topic in the language in use; its id where the taxonomy no longer has it."""
    known = taxonomy.topics.get(topic)
    if known is None:
        return topic
    return known.en if language() == "en" else known.zh


def region_name(adcode: str, taxonomy: Taxonomy) -> str:
    """A region with what it lies in, as addresses are written: 四川省雅安市. Its code where it is not known."""
    divisions = taxonomy.divisions
    names = [divisions.name(code) for code in (*reversed(divisions.parents(adcode)), adcode)]
    return "".join(name for name in names if name) or adcode


def short_region(adcode: str, taxonomy: Taxonomy) -> str:
    """A region by its own name alone: 雅安市."""
    return taxonomy.divisions.name(adcode) or adcode
