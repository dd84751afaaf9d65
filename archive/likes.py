"""Finds the items that are the same report as a new one: prints in, verified likenesses out. Writes prints only.

Work is bounded: of a crowded band only the newest are looked at, and so many texts are compared and no more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, TextClause, delete, func, select, text, update

from archive.schema import bands, items
from archive.upsert import insert_new
from crawler.text.shingles import ANCHOR_BAND, MAX_CHARS, Likeness, Prints, Text, likeness, prints_of, text_of

_NEWEST_OF_BAND = 48  # reprints come within days; a template's bulletins fill a band for years
_NEWEST_OF_ANCHOR = 16  # set phrases fill anchors
_BANDS_AT_ONCE = 16  # one prepared statement, filled up with what finds nothing
_MAX_COMPARED = 48
_MAX_WEAK = 12  # of these, candidates that share one anchor and nothing else
_BAND_WEIGHT = 3  # a band of four values is rarely shared by chance, an anchor sometimes
_SAME_BODIES = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """An item that is the same report, and the story it belongs to."""

    item_id: int
    story_id: int
    likeness: Likeness


def prepare(folded_title: str, folded_body: str) -> tuple[Text, Prints]:
    """A folded text made ready to be compared, and its prints."""
    ready = text_of(folded_title, folded_body)
    return ready, prints_of(ready)


def save_prints(connection: Connection, item_id: int, prints: Prints) -> None:
    """Replace the prints of an item."""
    connection.execute(delete(bands).where(bands.c.item_id == item_id))
    rows = [{"band": band, "hash": value, "item_id": item_id} for band, value in sorted(prints.bands)]
    insert_new(connection, bands, rows)
    connection.execute(update(items).where(items.c.id == item_id).values(body_hash=prints.body_hash))


def find_likes(connection: Connection, item_id: int, ready: Text, prints: Prints) -> tuple[Like, ...]:
    """Items that are the same report as `item_id`: one a story, the best found of each first compared."""
    if prints.body_hash is None:
        return ()
    same = connection.execute(
        select(items.c.id)
        .where(items.c.body_hash == prints.body_hash, items.c.id != item_id)
        .order_by(items.c.id.desc())
        .limit(_SAME_BODIES)
    ).scalars()
    candidates = list(dict.fromkeys([*same, *_candidates(connection, item_id, prints)]))[: _SAME_BODIES + _MAX_COMPARED]
    story_of = {
        row.id: row.story_id
        for row in connection.execute(select(items.c.id, items.c.story_id).where(items.c.id.in_(candidates)))
    }
    found: dict[int, Like] = {}
    for candidate in candidates:
        story_id = story_of.get(candidate)
        if story_id is None or story_id in found:
            continue
        why = alike(ready, load_text(connection, candidate))
        if why is not None:
            found[story_id] = Like(item_id=candidate, story_id=story_id, likeness=why)
    return tuple(sorted(found.values(), key=lambda like: (-like.likeness.score, like.item_id)))


def alike(one: Text, other: Text) -> Likeness | None:
    """Why two texts are one report, whichever of them came first: figures are matched in order, left to right."""
    first, second = sorted((one, other), key=lambda text: (text.bare, text.title))
    return likeness(first, second)


def load_text(connection: Connection, item_id: int) -> Text:
    """The folded text of an item, ready to be compared."""
    row = connection.execute(
        select(items.c.folded_title, func.substr(items.c.folded_body, 1, 4 * MAX_CHARS)).where(items.c.id == item_id)
    ).one()
    return text_of(row[0], row[1])


def _candidates(connection: Connection, item_id: int, prints: Prints) -> list[int]:
    """Items that share prints, those that share most first."""
    weights: Counter[int] = Counter()
    for start in range(0, len(prints.bands), _BANDS_AT_ONCE):
        chunk = list(prints.bands[start : start + _BANDS_AT_ONCE])
        chunk += [(-1, 0)] * (_BANDS_AT_ONCE - len(chunk))  # no such band
        values: dict[str, Any] = {"item_id": item_id}
        for place, (band, value) in enumerate(chunk):
            values[f"band{place}"], values[f"hash{place}"] = band, value
        is_anchor = chunk[0][0] == ANCHOR_BAND
        weight = 1 if is_anchor else _BAND_WEIGHT
        limit = _NEWEST_OF_ANCHOR if is_anchor else _NEWEST_OF_BAND
        for candidate in connection.execute(_lookup(limit), values).scalars():
            weights[candidate] += weight
    ranked = sorted(weights, key=lambda candidate: (-weights[candidate], -candidate))
    strong = (candidate for candidate in ranked if weights[candidate] > 1)
    weak = (candidate for candidate in ranked if weights[candidate] == 1)
    return [*islice(strong, _MAX_COMPARED - _MAX_WEAK), *islice(weak, _MAX_WEAK)]


@lru_cache(maxsize=4)
def _lookup(limit: int) -> TextClause:
    """The newest items of each of so many bands. One statement: a band at a time costs thirty round trips an item."""
    one = (
        "SELECT item_id FROM (SELECT item_id FROM bands WHERE band = :band{0} AND hash = :hash{0}"
        " AND item_id <> :item_id ORDER BY item_id DESC LIMIT {1}) AS b{0}"
    )
    return text(" UNION ALL ".join(one.format(place, limit) for place in range(_BANDS_AT_ONCE)))
