"""The rows of `bands`: writes an item's prints, and finds the items that share some, the likeliest first.

Statements are built once and each asks for all prints: thirty round trips an item would cost more than all else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, text, update

from archive.schema import bands, items
from crawler.text.shingles import ANCHOR_BAND, PART_BAND, Prints

_NEWEST_OF_BAND = 48  # reprints come within days; a template's bulletins fill a band for years
_NEWEST_OF_ANCHOR = 16  # set phrases fill anchors
_MAX_SAME_BODIES = 48
_MAX_SHARING = 96
_MAX_WEAK = 12  # of these, candidates that share one anchor and nothing else
_BAND_WEIGHT = 3  # a band of four values is rarely shared by chance, an anchor sometimes
_BODY_WEIGHT = 1000  # the same body comes before all that share prints
_SLOTS = (0, 32, 48, 80, 112)  # a statement for each number of prints, filled up with NULL, which finds nothing

_CLEAR = delete(bands).where(bands.c.item_id == bindparam("of_item"))
_SET_HASH = update(items).where(items.c.id == bindparam("of_item")).values(body_hash=bindparam("new_hash"))
_INSERT = "INSERT INTO bands (band, hash, item_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_INSERT_ARRAYS = text(
    "INSERT INTO bands (band, hash, item_id) SELECT band, hash, :item_id"
    " FROM unnest(CAST(:bands AS smallint[]), CAST(:hashes AS bigint[])) AS given (band, hash) ON CONFLICT DO NOTHING"
)


def save(connection: Connection, item_id: int, prints: Prints, *, is_new: bool) -> None:
    """Write the prints of an item, in place of those it had; a new one was inserted with its `body_hash`."""
    if not is_new:
        connection.execute(_CLEAR, {"of_item": item_id})
        connection.execute(_SET_HASH, {"of_item": item_id, "new_hash": prints.body_hash})
    rows = sorted(set(prints.bands))  # neighbours in the table: a third of the time
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        given = {"item_id": item_id, "bands": [band for band, _ in rows], "hashes": [value for _, value in rows]}
        connection.execute(_INSERT_ARRAYS, given)
    else:
        connection.exec_driver_sql(_INSERT, [(band, value, item_id) for band, value in rows])


def sharing(connection: Connection, item_id: int, prints: Prints) -> list[int]:
    """Items that share prints with one, those that share most first: of a crowded print the newest, and so many."""
    if connection.dialect.name == "postgresql":
        given = [band for band, _ in prints.bands], [value for _, value in prints.bands]
        values = {"item_id": item_id, "body_hash": prints.body_hash, "bands": given[0], "hashes": given[1]}
        found = connection.execute(_SHARING_ARRAYS, values)
    else:
        found = connection.exec_driver_sql(*_sharing(item_id, prints))
    ranked = [(candidate, weight) for candidate, weight in found]
    strong = [candidate for candidate, weight in ranked if weight > 1]
    weak = [candidate for candidate, weight in ranked if weight == 1]
    return [*strong, *weak[:_MAX_WEAK]]


def _sharing(item_id: int, prints: Prints) -> tuple[str, tuple[Any, ...]]:
    """SQLite's statement, which has a place for each print, and what stands in the places."""
    part = next((value for band, value in prints.bands if band == PART_BAND), None)
    hashes = [value for band, value in prints.bands if band != PART_BAND]
    slots = next(size for size in _SLOTS if len(hashes) <= size)
    return _lookup(slots), (item_id, prints.body_hash, part, *hashes, *[None] * (slots - len(hashes)))


@lru_cache(maxsize=len(_SLOTS))
def _lookup(slots: int) -> str:
    """Places are numbered, so that the driver takes them as they are: naming them costs as much as looking up."""
    print_ = (
        "SELECT {weight}, item_id FROM (SELECT item_id FROM bands WHERE band = {band} AND hash = ?{place}"
        " AND item_id <> ?1 ORDER BY item_id DESC LIMIT {limit})"
    )
    same = _SAME_BODIES.replace(":item_id", "?1").replace(":body_hash", "?2")
    parts = [same, print_.format(weight=_BAND_WEIGHT, band=PART_BAND, place=3, limit=_NEWEST_OF_ANCHOR)]
    for slot in range(slots):
        if slot < ANCHOR_BAND:
            parts.append(print_.format(weight=_BAND_WEIGHT, band=slot, place=slot + 4, limit=_NEWEST_OF_BAND))
        else:
            parts.append(print_.format(weight=1, band=ANCHOR_BAND, place=slot + 4, limit=_NEWEST_OF_ANCHOR))
    return _RANKED.format(found=" UNION ALL ".join(parts), limit=_MAX_SHARING)


_RANKED = (
    "SELECT item_id, sum(weight) AS weight FROM ({found}) AS found"
    " GROUP BY item_id ORDER BY 2 DESC, 1 DESC LIMIT {limit}"
)
_SAME_BODIES = (
    f"SELECT {_BODY_WEIGHT} AS weight, id AS item_id FROM (SELECT id FROM items WHERE body_hash = :body_hash"  # noqa: S608 (numbers of this module)
    f" AND id <> :item_id ORDER BY id DESC LIMIT {_MAX_SAME_BODIES}) AS same"
)
_SHARING_PRINTS = (
    f"SELECT CASE band WHEN {ANCHOR_BAND} THEN 1 ELSE {_BAND_WEIGHT} END, one.item_id"  # noqa: S608 (numbers of this module)
    " FROM unnest(CAST(:bands AS smallint[]), CAST(:hashes AS bigint[])) AS given (band, hash) CROSS JOIN LATERAL"
    " (SELECT item_id FROM bands WHERE bands.band = given.band AND bands.hash = given.hash AND item_id <> :item_id"
    f" ORDER BY item_id DESC LIMIT CASE given.band WHEN {ANCHOR_BAND} THEN {_NEWEST_OF_ANCHOR}"
    f" ELSE {_NEWEST_OF_BAND} END) AS one"
)
_SHARING_ARRAYS = text(_RANKED.format(found=f"{_SAME_BODIES} UNION ALL {_SHARING_PRINTS}", limit=_MAX_SHARING))
