"""Which feed an address means that is no file's name: 四川.rss, 510000.atom, %CB%C4%B4%A8, Zone-5rtr57a.RSS.

Only feeds that were published are meant, as their list (index.json) says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from crawler.taxonomy import Taxonomy
from crawler.taxonomy.meant import places_meant, topic_meant, zone_meant
from crawler.text.fold import fold_text
from feeds.feed import ATOM, JSON, RSS
from feeds.index import INDEX_JSON
from feeds.wanted import feed_id, subject

_ENDINGS = (RSS, ATOM, JSON)
# "四川.rss", "四川"; a name may itself have a point
_PARTS = re.compile(r"(?P<name>.{1,100}?)(?:\.(?P<ending>rss|atom|json))?", re.IGNORECASE)

_NEAR = 8  # names offered
_LIKENESS = 0.2  # 四川盛 and 四川省 share two of their four characters; below this nobody sees the likeness
_LONGEST_LIST = 32 << 20  # bytes of index.json: some 100,000 feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedName:
    """A published feed and what people call it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a name may mean: one feed, or those to choose from."""

    id: str | None
    ending: str
    near: tuple[FeedName, ...] = ()


class FeedNames:
    """The names of the feeds in one folder."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        self._list = folder / INDEX_JSON
        self._taxonomy = taxonomy
        self._read: tuple[tuple[int, int], _Names] | None = None

    def meant(self, raw: bytes) -> Meant | None:
        """What the last part of an address, as it came, means; None where it is no name at all."""
        best: Meant | None = None
        for text in _readings(raw):
            match = _PARTS.fullmatch(text)
            if match is None:
                continue
            ending = (match["ending"] or RSS).lower()
            name = fold_text(match["name"]).strip()
            ids = self._ids(name)
            if len(ids) == 1:
                return Meant(id=ids[0], ending=ending)
            names = self._names()
            near = names.of(ids or self._wider(name)) or names.near(name)
            if best is None or (near and not best.near):
                best = Meant(id=None, ending=ending, near=near[:_NEAR])
        return best

    def _ids(self, name: str) -> tuple[str, ...]:
        """The published feeds that a name means."""
        called = self._names().called
        taxonomy, divisions = self._taxonomy, self._taxonomy.divisions
        if name.lower() in called:
            return (name.lower(),)
        exact = self._names().by_name.get(name.casefold(), ())
        if exact:
            return exact
        keys = [("zone", zone_meant(name, taxonomy)), ("topic", topic_meant(name, taxonomy))]
        found = [feed_id(kind, key) for kind, key in keys if key]
        for code in places_meant(name, taxonomy):  # an abolished place's news are its successor's
            own = [feed_id("region", one) for one in (code, *divisions.successors(code))]
            found += [one for one in own if one in called][:1]
        return tuple(dict.fromkeys(one for one in found if one in called))

    def _wider(self, name: str) -> tuple[str, ...]:
        """The feeds of what a place lies in, for one that has none: offered, since they hold much that is not meant."""
        places, divisions = places_meant(name, self._taxonomy), self._taxonomy.divisions
        wider = [feed_id("region", parent) for code in places for parent in divisions.parents(code)]
        called = self._names().called
        return tuple(dict.fromkeys(one for one in wider if one in called))

    def _names(self) -> _Names:
        try:
            stat = self._list.stat()
            facts = (stat.st_mtime_ns, stat.st_ino)
            if self._read is None or self._read[0] != facts:
                self._read = (facts, _names_in(self._list, self._taxonomy))
        except (OSError, ValueError, KeyError, TypeError):  # not there, or half a copy of one
            return _Names({}, {}, {})
        return self._read[1]


@dataclass(frozen=True, slots=True)
class _Names:
    called: Mapping[str, FeedName]
    by_name: Mapping[str, tuple[str, ...]]
    pieces: Mapping[str, tuple[frozenset[str], ...]]  # of the id, of the name

    def of(self, ids: Iterable[str]) -> tuple[FeedName, ...]:
        """The feeds of these ids."""
        return tuple(self.called[one] for one in ids)

    def near(self, name: str) -> tuple[FeedName, ...]:
        """The feeds whose names or ids are most like a name, the likest first."""
        asked = _pieces(name)
        scores = {
            id_: max(len(asked & one) / len(asked | one) if asked & one else 0.0 for one in written)
            for id_, written in self.pieces.items()
        }
        ranked = sorted((-score, id_) for id_, score in scores.items() if score >= _LIKENESS)
        return self.of(id_ for _score, id_ in ranked[:_NEAR])


def _names_in(file: Path, taxonomy: Taxonomy) -> _Names:
    with file.open("rb") as opened:
        rows = json.loads(opened.read(_LONGEST_LIST))
    called, pieces = dict[str, FeedName](), dict[str, tuple[frozenset[str], ...]]()
    by_name: dict[str, list[str]] = {}
    for row in rows:
        id_, kind, key = str(row["id"]), str(row["kind"]), str(row["key"])
        name = subject(kind, key, taxonomy) if kind in ("all", "zone", "region", "topic") else str(row["title"])
        called[id_] = FeedName(id=id_, name=name)
        pieces[id_] = (_pieces(id_), _pieces(fold_text(name)))
        for one in {fold_text(name).casefold(), fold_text(str(row["title"])).casefold()}:
            by_name.setdefault(one, []).append(id_)
    return _Names(called, {name: tuple(ids) for name, ids in by_name.items()}, pieces)


def _pieces(text: str) -> frozenset[str]:
    """The Chinese characters of a text, and its pairs of others."""
    text = text.casefold()
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return frozenset([one for one in text if not one.isascii()] + [pair for pair in pairs if pair.isascii()])


def _readings(raw: bytes) -> Iterator[str]:
    """A percent-encoded name as text: UTF-8, or what Chinese programs wrote before, encoded once or twice."""
    once = unquote_to_bytes(raw)
    given = [once]
    if b"%" in once:  # %25E5%25B7 …, from programs that encode what is encoded
        given.append(unquote_to_bytes(once))
    for content in given:
        for charset in ("utf-8", "gb18030", "big5"):
            try:
                text = content.decode(charset)
            except UnicodeDecodeError:
                continue
            if text.isprintable() and "/" not in text and "\\" not in text:
                yield text
