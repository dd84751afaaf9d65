"""How places are called: full names, names without their suffix, and the aliases of names.toml, each with its codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crawler.taxonomy.datafile import read_toml
from crawler.taxonomy.divisions import Holder

FILE = "names.toml"

# Names that went out of use before this year are found in no article that is watched, and clash with today's.
OLDEST_NAME = 2000

# 雅安市, 凉山彝族自治州 (after the people's name is gone: 凉山), 锡林郭勒盟
_SUFFIX = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|新区|林区|特区|[省市区县盟旗])$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Where each name may lie. `full` stand by themselves; `short` of counties and common words need support."""

    full: dict[str, tuple[str, ...]]
    short: dict[str, tuple[str, ...]]
    characters: dict[str, str]
    owners: dict[str, str]
    common: frozenset[str]
    short_of: dict[str, str]  # full name → the short name shown to people


def read_names(holders: Iterable[Holder], folder: Path) -> Names:
    """The names of all holders, with those of names.toml; DataFileError naming the key."""
    table = read_toml(FILE, folder)
    known = {holder.adcode for holder in holders}
    codes: dict[str, dict[str, str]] = {}
    for key in ("characters", "aliases", "owners"):
        section = table.table(key)
        for name in section.values:
            if section.text(name) not in known:
                raise section.fault(name, f"{section.text(name)!r} is no known adcode")
        codes[key] = dict(section.values)
    words = table.table("words")
    peoples = sorted(words.words("peoples"), key=len, reverse=True)
    common = frozenset((*words.words("common_counties"), *words.words("common_prefectures")))
    words.done()
    table.done()

    # 秀山土家族苗族自治县 → 秀山, 伊犁哈萨克自治州 → 伊犁
    autonomous = re.compile(rf"^(.{{2,}}?)(?:(?:{'|'.join(peoples)})族?)+自治([区州县旗])$")
    full: dict[str, set[str]] = defaultdict(set)
    short: dict[str, set[str]] = defaultdict(set)
    short_of: dict[str, str] = {}
    for holder in holders:
        if holder.until is not None and holder.until < OLDEST_NAME:
            continue
        full[holder.name].add(holder.adcode)
        stem = holder.name
        if match := autonomous.match(holder.name):
            stem = match[1]
            if match[2] != "区":
                full[stem + match[2]].add(holder.adcode)  # 凉山州
        else:
            stem = _SUFFIX.sub("", holder.name)
        if len(stem) >= 2 and stem != holder.name:
            short[stem].add(holder.adcode)
            short_of[holder.name] = stem
    for alias, adcode in codes["aliases"].items():
        (short if alias in short else full)[alias].add(adcode)
        if adcode.endswith("0000") and alias not in short_of.values():
            short_of.setdefault(_name_of(holders, adcode), alias)
    return Names(
        full={name: tuple(sorted(found)) for name, found in full.items()},
        short={name: tuple(sorted(found)) for name, found in short.items() if name not in full},
        characters=codes["characters"],
        owners=codes["owners"],
        common=common,
        short_of=short_of,
    )


def _name_of(holders: Iterable[Holder], adcode: str) -> str:
    return next(holder.name for holder in holders if holder.adcode == adcode and holder.until is None)
