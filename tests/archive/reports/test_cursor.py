"""`seq` as a cursor: who pages by it while two processes write misses nothing. Synthetic items."""

from __future__ import annotations

import subprocess
import sys

from archive import Archive
from archive.records import Question
from tests.archive.places import Place

# each stores items of its own and edits them, and reprints what the other stores
_WRITE = """
import sys
from datetime import timedelta
from tests.archive.making import NOW, judged, prose, source
from tests.archive.places import Place
own = sys.argv[2]
with Place(sys.argv[1]).open() as archive:
    site = source(own, own)
    for n in range(16):
        url = f"https://{own}.example/{n}"
        archive.store(judged(url, prose(n // 2), of=site), now=NOW)
        if n % 3 == 0:
            edited = prose(n // 2) + prose(f"{own} {n}", 2)
            archive.store(judged(url, edited, of=site), now=NOW + timedelta(1))
print("done")
"""


def read_on(archive: Archive, seen: dict[int, int], cursor: int) -> int:
    """What is new since `cursor`, a few at a time, as a reader of the documentation would."""
    while page := archive.changes(Question(relevant_only=False), after_seq=cursor, limit=5):
        assert [story.seq for story in page] == sorted({story.seq for story in page})
        seen.update((story.id, story.seq) for story in page)
        cursor = page[-1].seq
    return cursor


def test_a_reader_who_pages_by_seq_misses_no_story(place: Place) -> None:
    with place.open() as archive:
        writers = [
            subprocess.Popen([sys.executable, "-c", _WRITE, place.name, own], stdout=subprocess.PIPE)
            for own in ("one", "two")
        ]
        seen: dict[int, int] = {}
        cursor = looks = 0
        while any(writer.poll() is None for writer in writers):
            before = cursor
            cursor = read_on(archive, seen, cursor)
            looks += cursor > before
        assert [writer.communicate(timeout=60)[0] for writer in writers] == [b"done\n"] * 2
        read_on(archive, seen, cursor)
        held = {story.id: story.seq for story in archive.stories(limit=1000, relevant_only=False)}
    assert looks > 2, "the reader was to read while others write"
    assert len(held) >= 8
    assert {story_id: seen.get(story_id) for story_id in held} == held
