"""What a reader means by the name of a place, a zone or a topic: full or short, old or new, Chinese or English."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from crawler.taxonomy.divisions import prefix
from crawler.taxonomy.taxonomy import Taxonomy
from crawler.text.fold import fold_text

_MAX_NAME_CHARS = 30  # 内蒙古自治区呼伦贝尔市莫力达瓦达斡尔族自治旗 has 23


def places_meant(name: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """The codes of the places that may be meant; more than one where it does not say which; () where there is none.

    A code is itself. Of places with one short name the widest are meant; abolished ones of the same full name are
    meant too, as news of years is asked for: 江北区 is in Ningbo, and was in Chongqing.
    """
    divisions = taxonomy.divisions
    name = name.strip()
    if divisions.is_known(name):
        return (name,)
    if not name or len(name) > _MAX_NAME_CHARS:
        return ()
    named = _named(taxonomy).get(name, ())
    found = (divisions.find(name) if named else ()) or _widest(taxonomy.called.get(name, ()))
    if not found:
        return _within_another(name, taxonomy)
    width = len(prefix(found[0]))
    past = {code for code in named if name in divisions.names(code) and len(prefix(code)) == width}
    heirs = {code for code in past if set(divisions.successors(code)) & {*found}}  # the same place
    return tuple(sorted({*found, *(past - heirs)}))


def zone_meant(name: str, taxonomy: Taxonomy) -> str | None:
    """The zone with this name or other name, or English name; None where there is none."""
    if name in taxonomy.zones:
        return name
    for zone in taxonomy.zones.values():
        names = (*zone.aliases, *map(fold_text, zone.aliases), zone.english)  # folded: 五省（区）涉藏
        if name.casefold() in map(str.casefold, names):
            return zone.name
    return None


def topic_meant(name: str, taxonomy: Taxonomy) -> str | None:
    """The id of the topic with this id or name, in either language; None where there is none."""
    for topic in taxonomy.topics.values():
        if name.casefold() in (topic.id, topic.zh.casefold(), topic.en.casefold()):
            return topic.id
    return None


def _within_another(name: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Places named with what they lie in: 重庆江北区, 四川省雅安市, 四川凉山."""
    named = _named(taxonomy)
    for cut in range(len(name) - 2, 1, -1):
        outer = taxonomy.divisions.find(name[:cut]) if name[:cut] in named else ()
        if len(outer) != 1:
            continue
        inner = name[cut:]
        codes = (*named.get(inner, ()), *taxonomy.called.get(inner, ())) or _within_another(inner, taxonomy)
        found = _widest(tuple(code for code in codes if code.startswith(prefix(outer[0])) and code != outer[0]))
        if found:
            return found
    return ()


@lru_cache(maxsize=2)  # a taxonomy is never changed
def _named(taxonomy: Taxonomy) -> Mapping[str, tuple[str, ...]]:
    """The codes of the places that have, or ever had, a name in full or in short."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in taxonomy.divisions:
        for name in (row.name, taxonomy.divisions.short_name(row.adcode)):
            found[name or row.name].add(row.adcode)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}


def _widest(codes: tuple[str, ...]) -> tuple[str, ...]:
    width = min((len(prefix(code)) for code in codes), default=0)
    return tuple(sorted({code for code in codes if len(prefix(code)) == width}))
