"""Counts and delays as people read them: what dimensions, their keys and pairs of regions are called."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.language import _, language
from crawler.taxonomy import Taxonomy
from crawler.text.fields import KINDS

# A story has one period and one publisher, and may have several of these.
MANY = ("region", "pair", "zone", "topic", "source", "kind")


def dimension_text(dimension: str) -> str:
    """What stories are counted by, in a word."""
    return {
        "year": _("year"),
        "quarter": _("quarter"),
        "month": _("month"),
        "week": _("week"),
        "day": _("day"),
        "region": _("region"),
        "pair": _("pair of regions"),
        "zone": _("zone"),
        "topic": _("topic"),
        "source": _("source"),
        "kind": _("kind of source"),
        "publisher": _("first publisher"),
    }[dimension]


def key_text(dimension: str, key: str | None, taxonomy: Taxonomy, names: Mapping[str, str] | None = None) -> str:
    """A key of a count by its name; `names` are those of sources."""
    if key is None:
        return _("undated") if dimension in ("year", "quarter", "month", "week", "day") else _("none")
    match dimension:
        case "region":
            return region_text(key, taxonomy)
        case "pair":
            first, _dash, second = key.partition("-")
            return pair_text((first, second), taxonomy)
        case "zone":
            zone = taxonomy.zones.get(key)
            return zone.english if zone is not None and language() == "en" else key
        case "topic":
            topic = taxonomy.topics.get(key)
            return key if topic is None else topic.en if language() == "en" else topic.zh
        case "source":
            return (names or {}).get(key, key)
        case "kind":
            return key if language() == "en" else KINDS.get(key, (key,))[0]
    return key


def delay_text(seconds: float | None) -> str | None:
    """How long something took, to the precision that people care for: 40 s, 12 min, 3.5 h, 2.1 d."""
    if seconds is None:
        return None
    if seconds < 60:
        return _("{n} s").format(n=round(seconds))
    if seconds < 90 * 60:
        return _("{n} min").format(n=round(seconds / 60))
    if seconds < 36 * 3600:
        return _("{n} h").format(n=round(seconds / 3600, 1))
    return _("{n} d").format(n=round(seconds / 86400, 1))


def region_text(adcode: str, taxonomy: Taxonomy) -> str:
    """A region in short: 四川, 雅安; a county with what it lies in, as many have one name: 成都锦江区."""
    divisions = taxonomy.divisions
    if divisions.level(adcode) != "county":
        return divisions.short_name(adcode) or adcode
    above = "".join(divisions.short_name(code) or "" for code in divisions.parents(adcode)[:1])
    return above + (divisions.name(adcode) or adcode)


def pair_text(pair: tuple[str, str], taxonomy: Taxonomy) -> str:
    """Two regions in the order that people name them, or what is within one: 四川—重庆, 四川省内."""
    first, second = in_order(pair, taxonomy)
    if first == second:
        return _("within {region}").format(region=taxonomy.divisions.name(first) or first)
    return f"{region_text(first, taxonomy)}—{region_text(second, taxonomy)}"


def in_order(pair: tuple[str, str], taxonomy: Taxonomy) -> tuple[str, str]:
    """A pair in the order of the zone that is made of just these two (川渝: Sichuan first), else by code."""
    for zone in taxonomy.zones.values():
        if len(zone.members) == 2 and {*zone.members} == {*pair}:
            return zone.members[0], zone.members[1]
    return pair
