"""Which feeds the stories call for: all, every zone, every region with its ancestors, every topic. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from archive.records import FeedKey, FeedQuery
from crawler.language import _, language

ALL = "all"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """A feed that should be: its file-safe id, what it is of, and the query of its stories."""

    id: str
    kind: str  # zone, region, topic or all
    key: str  # the zone's Chinese name, the adcode, the topic's id, or "all"
    query: FeedQuery


def wanted_feeds(keys: Iterable[FeedKey], taxonomy: Taxonomy) -> tuple[FeedSpec, ...]:
    """The feeds for what the stories have; none for an archive without stories."""
    zones, topics, regions = set[str](), set[str](), set[str]()
    for key in keys:
        if key.stories > 0:
            {"zone": zones, "topic": topics, "region": regions}[key.kind].add(key.key)
    found = [_spec("zone", zone, FeedQuery(zones=(zone,))) for zone in sorted(zones)]
    found += [
        _spec("region", adcode, FeedQuery(adcodes=tuple(sorted(members))))
        for adcode, members in sorted(_regions(regions, taxonomy.divisions).items())
    ]
    found += [_spec("topic", topic, FeedQuery(topics=(topic,))) for topic in sorted(topics)]
    return (_spec("all", ALL, FeedQuery()), *found) if found else ()


def _spec(kind: str, key: str, query: FeedQuery) -> FeedSpec:
    return FeedSpec(id=feed_id(kind, key), kind=kind, key=key, query=query)


def _regions(adcodes: Iterable[str], divisions: Places) -> dict[str, set[str]]:
    """For each region with stories below it, the adcodes to ask for: itself, and abolished ones that now belong to it.

    A story of 江北区 (500105, abolished in 2025) is also one of 两江新区 (500157), its successor, and of 重庆市.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    for adcode in adcodes:
        for place in (adcode, *divisions.successors(adcode)):
            for region in (place, *divisions.parents(place)):
                asked[region].add(region)
                if not adcode.startswith(significant(region)):
                    asked[region].add(adcode)
    return asked


def region_query(region: str, keys: Iterable[FeedKey], divisions: Places) -> FeedQuery:
    """The query for a region's stories, the same as its feed's."""
    asked = _regions((key.key for key in keys if key.kind == "region" and key.stories > 0), divisions)
    return FeedQuery(adcodes=tuple(sorted(asked.get(region, {region}))))


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
    if kind != "zone":
        return f"{kind}-{_plain(key)}"
    return f"zone-{_plain(key.encode('punycode').decode('ascii'))}"


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
        case _:
            return _("All")


def feed_title(kind: str, key: str, taxonomy: Taxonomy) -> str:
    """A feed's title: "川渝 · 人力资源合作"."""
    return subject(kind, key, taxonomy) + " · " + _("Human-resources cooperation")


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
