"""Which division a name in a text means: told by its date, its parents, its neighbours, the zones and the source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawler.taxonomy.divisions import Divisions, prefix
from crawler.taxonomy.lexicon import Hit, Lexicon
from crawler.taxonomy.names import Names
from crawler.taxonomy.reading import Read
from crawler.taxonomy.rules import PlaceRules
from crawler.taxonomy.zones import Zone

# Places beyond these are figures in a table, not actors; it bounds the work on a hostile page.
MAX_PLACES = 400

# How far the words behind a place are looked at: the longest body's name is about 30 characters.
AFTER = 36

_LIST_MARKS = ("、", "和", "与", "及")
_DASHES = ("—", "——", "-", "–", "~", "·")  # 枣庄—丰都, 松江·西双版纳
# 保山衢州两地, 珠海中山江门三市
_CALLED_ROW = re.compile("[两二三四五六七八九十多][地市县区省州]")


@dataclass(slots=True)
class Named:
    """A name at [start, end) with the divisions it may mean, and the one it means where that is known."""

    codes: tuple[str, ...]
    start: int
    end: int
    text: str
    is_full: bool
    is_county_short: bool = False
    adcode: str | None = None
    is_qualifier: bool = False
    outer: int = -1


class Gazetteer:
    """Finds the names of divisions in a text and says which is meant. Holds no state between texts."""

    def __init__(
        self, lexicon: Lexicon, names: Names, divisions: Divisions, zones: Mapping[str, Zone], rules: PlaceRules
    ) -> None:
        self._lexicon = lexicon
        self._names = names
        self._divisions = divisions
        self._zones = zones
        self._rules = rules

    def find(self, read: Read, own: str | None, on: date | None) -> list[Named]:
        """Names in the order of the text; `adcode` is None where nobody can say, and qualifiers are marked."""
        found = self._candidates(read)
        self._resolve(read, found, own, on)
        return found

    def _candidates(self, read: Read) -> list[Named]:
        found = [
            Named(hit.term.codes, hit.start, hit.end, hit.term.text, hit.term.is_full)
            for hit in read.hits
            if hit.term.codes
        ]
        for hit in self._lexicon.find_counties(read.text):
            if read.is_free(hit.start, hit.end):
                found.append(Named(hit.term.codes, hit.start, hit.end, hit.term.text, False, True))
        found.sort(key=lambda one: one.start)
        return found[:MAX_PLACES]

    def _resolve(self, read: Read, candidates: list[Named], own: str | None, on: date | None) -> None:
        provinces = {code[:2] for hit in read.hits if hit.term.zone for code in self._members(hit)}
        # first what stands by itself, so that the rest can lean on it
        for one in candidates:
            one.adcode = self._by_itself(read, one, on)
            if one.adcode is not None:
                provinces.add(one.adcode[:2])
        prefectures = {one.adcode[:4] for one in candidates if one.adcode is not None}
        around = provinces | ({own[:2]} if own else set())
        for position, one in enumerate(candidates):
            before = candidates[position - 1] if position else None
            inside = self._inside(one, before, read)
            if inside is not None and before is not None:
                one.adcode = self._one_of(inside, one.text, on)
                before.is_qualifier = one.adcode is not None
                one.outer = before.outer if before.outer >= 0 else before.start
            elif one.adcode is None:
                one.adcode = self._by_company(read, one, candidates, position, around, prefectures, own, on)

    def _members(self, hit: Hit) -> tuple[str, ...]:
        zone = self._zones[hit.term.zone] if hit.term.zone else None
        return zone.stand_for if zone is not None else ()

    def _by_itself(self, read: Read, one: Named, on: date | None) -> str | None:
        """The division of a name that needs no support: full and single, or a province's or prefecture's short name."""
        if one.is_county_short or one.text in self._names.common:
            return None
        if len(one.text) < 3 and one.is_full and not self._begins_word(read, one):
            return None
        if (owner := self._names.owners.get(one.text)) is not None:
            return owner
        codes = one.codes if one.is_full else tuple(code for code in one.codes if code.endswith("00"))
        if len(codes) > 1 and len({code[:4] for code in codes}) > 1 and len(set(map(self._today, codes))) > 1:
            return None
        return self._one_of(codes, one.text, on)

    def _begins_word(self, read: Read, one: Named) -> bool:
        """理县 in 到理县 begins a word, in 管理县 it does not."""
        before = read.text[one.start - 1 : one.start]
        return not ("一" <= before <= "龥") or before in "到赴与及同向在由从驻对"

    def _today(self, adcode: str) -> str:
        heirs = self._divisions.successors(adcode)
        return heirs[0] if len(heirs) == 1 else adcode

    def _one_of(self, codes: tuple[str, ...], name: str, on: date | None) -> str | None:
        """Of codes that bore one name at different times, the one of that day; undated, today's or the last."""
        if len(codes) == 1 and on is None:
            return codes[0]
        if on is not None:
            held = [code for code in codes if self._divisions.is_held_as(code, name, on)]
            if held:
                return held[-1]
            heirs = {heir for code in codes for heir in self._divisions.successors(code)}
            if len(heirs) == 1:
                return heirs.pop()
        current = [code for code in codes if self._divisions.is_held_as(code, name)]
        if current:
            return current[0]
        return codes[-1] if codes else None

    def _inside(self, one: Named, before: Named | None, read: Read) -> tuple[str, ...] | None:
        """The codes of `one` that lie within the place right before it: 重庆巫山, 成都市蒲江县, 南京市(江宁区)."""
        if before is None or before.adcode is None or one.start - before.end > 1:
            return None
        if one.start > before.end and read.text[before.end] not in "·(（ 市省":
            return None
        if not one.is_full and any(code.endswith("0000") for code in one.codes):
            return None  # 天津河北 are two provinces, 河北区 of 天津 has its suffix
        outer = prefix(before.adcode)
        inside = tuple(code for code in one.codes if code.startswith(outer) and code != before.adcode)
        return self._widest(inside, one) or None

    def _widest(self, codes: tuple[str, ...], one: Named) -> tuple[str, ...]:
        """Of places with one short name, the prefecture: 和田 in 新疆和田 is 和田地区, not a county in it."""
        wide = tuple(code for code in codes if code.endswith("00"))
        return wide if wide and not one.is_full else codes

    def _by_company(
        self,
        read: Read,
        one: Named,
        candidates: list[Named],
        position: int,
        around: set[str],
        prefectures: set[str],
        own: str | None,
        on: date | None,
    ) -> str | None:
        codes = one.codes
        near = tuple(code for code in codes if code[:4] in prefectures or (own is not None and code[:4] == own[:4]))
        near = near or tuple(code for code in codes if code[:2] in around)
        is_common = one.text in self._names.common and not one.is_full
        if is_common and not (
            self._is_agency(read, one)
            or self._in_list(read, candidates, position)
            or self._has_suffix(read, one)
            or self._in_row(read, candidates, position)
        ):
            return None
        near = self._widest(near, one)
        if near:
            places = {self._today(code) for code in near}
            return self._one_of(near, one.text, on) if len(places) == 1 else None
        if one.is_county_short:
            # 永川 is one place in the whole country: it needs no more than a body, a list or a neighbour
            if len({self._today(code) for code in codes}) > 1:
                return None
            backed = self._in_row(read, candidates, position) or (
                not is_common and (self._is_agency(read, one) or self._in_list(read, candidates, position))
            )
            return self._one_of(codes, one.text, on) if backed else None
        if one.is_full:
            return None
        wide = tuple(code for code in codes if code.endswith("00"))
        return self._one_of(wide, one.text, on) if len({self._today(code) for code in wide}) == 1 else None

    def _is_agency(self, read: Read, one: Named) -> bool:
        after = read.text[one.end : one.end + AFTER]
        return any(rule.makes == "agency" and rule.regex.match(after) for rule in self._rules.after)

    def _has_suffix(self, read: Read, one: Named) -> bool:
        return read.text[one.end : one.end + 1] in ("市", "州", "县", "区") and not one.is_county_short

    def _in_list(self, read: Read, candidates: list[Named], position: int) -> bool:
        """True where a neighbour in a list (合川、潼南、大足) is a division that was found."""
        one = candidates[position]
        is_common = one.text in self._names.common
        for other in (*candidates[max(0, position - 1) : position], *candidates[position + 1 : position + 2]):
            left, right = (other, one) if other.start < one.start else (one, other)
            between = read.text[left.end : right.start]
            # 内江永川 are neighbours, 山城重庆 is not a pair of places
            joined = between in _LIST_MARKS or (
                not is_common and (between in _DASHES or (not between and other is left))
            )
            if joined and (other.adcode is not None or other.text not in self._names.common):
                return True
        return False

    def _in_row(self, read: Read, candidates: list[Named], position: int) -> bool:
        """True in a row of names with no sign between (珠海中山江门): of three, called so (保山衢州两地), or acting."""
        first = last = position
        while first and candidates[first - 1].end == candidates[first].start:
            first -= 1
        while last + 1 < len(candidates) and candidates[last].end == candidates[last + 1].start:
            last += 1
        if last == first or all(one.text in self._names.common for one in candidates[first : last + 1]):
            return False
        end = candidates[last].end
        return last - first > 1 or bool(_CALLED_ROW.match(read.text, end)) or read.acts_at(end)
