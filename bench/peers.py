"""Finding reprints against datasketch's MinHashLSH in memory, doing the same work in the same run, on one core.

The work: from a folded text to its verified likes, one a story, and itself in the index. The peer: MinHash of 128
values over the same character 4-grams, LSH at 0.5, candidates verified by real Jaccard over grams kept in memory,
insertion. Ours does that on SQLite, on disk, and finds excerpts and tells forms by their figures and names besides.
Not counted on either side: folding, and writing the article itself.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]
from sqlalchemy import Connection, insert

from archive.archive import open_file
from archive.schema import items, stories
from archive.storing.likes import find_likes, prepare, save_prints

BAR = 1.0
_THRESHOLD = 0.5
_VALUES = 128
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """Texts a CPU second, and how many likes were found."""

    per_s: float
    likes: int


def ours(texts: Sequence[tuple[str, str]]) -> Rate:
    """Folded titles and bodies through the archive's own code, on a passing database."""
    with tempfile.TemporaryDirectory(prefix="hrwatch-bench-") as folder, open_file(Path(folder) / "peer") as archive:
        return archive.submit(_grouping(texts)).result()


def theirs(texts: Sequence[tuple[str, str]]) -> Rate:
    """The same texts through datasketch."""
    index = MinHashLSH(threshold=_THRESHOLD, num_perm=_VALUES)
    grams_of: dict[int, set[bytes]] = {}
    story_of: dict[int, int] = {}
    likes = 0
    began = time.process_time()
    for number, (_title, body) in enumerate(texts):
        grams = {body[at : at + 4].encode() for at in range(len(body) - 3)}
        signature = MinHash(num_perm=_VALUES, seed=1)
        signature.update_batch(grams)
        found: set[int] = set()
        for candidate in index.query(signature):
            if story_of[candidate] in found:
                continue
            other = grams_of[candidate]
            if len(grams & other) >= _THRESHOLD * max(1, len(grams | other)):
                found.add(story_of[candidate])
        likes += len(found)
        story_of[number] = min(found, default=number)
        index.insert(number, signature)
        grams_of[number] = grams
    return Rate(len(texts) / (time.process_time() - began), likes)


def _grouping(texts: Sequence[tuple[str, str]]) -> Callable[[Connection], Rate]:
    def work(connection: Connection) -> Rate:
        spent, found = 0.0, 0
        for number, (title, body) in enumerate(texts, start=1):
            began = time.process_time()
            ready, prints = prepare(title, body)
            likes = find_likes(connection, number, ready, prints)
            spent += time.process_time() - began
            found += len(likes)
            _write(connection, number, title, body, likes[0].story_id if likes else None, prints.body_hash)
            began = time.process_time()
            save_prints(connection, number, prints, is_new=True)
            spent += time.process_time() - began
        return Rate(len(texts) / spent, found)

    return work


def _write(
    connection: Connection, number: int, title: str, body: str, story_id: int | None, body_hash: str | None
) -> None:
    """The article itself, which is not counted."""
    if story_id is None:
        story_id = number
        face = {"title": title, "first_item_id": number, "text_item_id": number, "first_source": "", "digest": ""}
        times = {"first_seen_at": _NOW, "updated_at": _NOW, "sorted_at": _NOW}
        kind = {"is_relevant": False, "score": 0.0, "agreements": [], "is_link_only": False, "is_backfill": False}
        known = {"id": number, "guid": f"tag:{number}", "seq": number, "found_by": ""}
        connection.execute(insert(stories).values(**face, **times, **kind, **known))
    text = {"title": title, "body": body, "folded_title": title, "folded_body": body, "body_hash": body_hash}
    place = {"url_key": f"peer/{number}", "url": "", "source_id": "", "site_name": "", "found_by": ""}
    kind = {"attachments": [], "origins": {}, "repairs": [], "is_link_only": False, "is_backfill": False}
    times = {"first_seen_at": _NOW, "updated_at": _NOW}
    connection.execute(insert(items).values(id=number, story_id=story_id, **text, **place, **kind, **times))
