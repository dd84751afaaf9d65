"""Groups articles of a file into stories, through the archive's own code on a passing database."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from archive.archive import open_file
from archive.schema import items
from archive.storing.folding import fold
from archive.storing.items import store
from archive.storing.likes import Like, load_text
from archive.storing.stories import choose_story, merge, refresh
from crawler.model import Article, Capture, Entry, Judged, Judgement, Precision, Source, Stamp
from crawler.text.likeness import same_address
from crawler.text.urls import host_of, url_key

_FILE = Source(
    id="file", name="", kind="", level="", adcode="", home="", hosts=(), family="", lists=()
)  # an article in a file has no site
_JUDGEMENT = Judgement(relevant=True, score=0.0)  # all of them are to be grouped
_MAX_OF_ADDRESS = 20  # texts compared under one address; more are a list page, not one report


def group(articles: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, int]]:
    """Yield (id, story number) for each of `articles`: mappings with id, title and body, and where known url,
    published (ISO 8601), source_name and document_number.

    Articles are read one by one into a temporary file, so that memory grows with their ids and addresses only.
    """
    with tempfile.TemporaryDirectory(prefix="hrwatch-") as folder, open_file(Path(folder) / "group.sqlite3") as archive:
        numbered: list[tuple[int, Any]] = []
        by_address: dict[str, list[int]] = defaultdict(list)
        for number, article in enumerate(articles):
            stored = archive.submit(_placing(number, article, by_address))
            numbered.append((stored.result(), article.get("id")))
        story_of = archive.submit(_stories_of_items).result()
    for item_id, article_id in numbered:
        yield article_id, story_of[item_id]


def _placing(number: int, article: Mapping[str, Any], by_address: dict[str, list[int]]) -> Any:
    def place(connection: Connection) -> int:
        now = datetime.now(UTC)
        title, body = str(article.get("title") or ""), str(article.get("body") or "")
        # each line of the file is an item, also where two have one address
        entry = Entry(source_id=_FILE.id, list_url="", url=f"file:{number}", title=title)
        text = Article(
            url=entry.url,
            title=title,
            body=body,
            folded_title=fold(title),
            folded_body=fold(body),
            published=_stamp(article.get("published")),
            source_name=_text(article.get("source_name")),
            document_number=_text(article.get("document_number")),
        )
        site = host_of(str(article.get("url") or "")) or f"file:{number}"
        capture = Capture(entry=entry, source=replace(_FILE, id=site), page=None)
        stored = store(connection, Judged(capture=capture, article=text, judgement=_JUDGEMENT), now=now)
        if url := str(article.get("url") or ""):
            _join_address(connection, stored.item_id, by_address[url_key(url)], now)
        return stored.item_id

    return place


def _stamp(published: object) -> Stamp | None:
    """2025-11-13, 2025-11-13 19:07:34 or 2025-12-12T03:26:36.258Z; what is none of these is no date."""
    try:
        at = datetime.fromisoformat(str(published).strip())
    except ValueError:
        return None
    return Stamp(at=at if at.tzinfo else at.replace(tzinfo=UTC), precision=Precision.DAY, origin="file")


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _join_address(connection: Connection, item_id: int, neighbours: list[int], now: datetime) -> None:
    """Join an article to those under the same address whose text it shares: an address may hold several reports."""
    ready = load_text(connection, item_id)
    for neighbour in neighbours[-_MAX_OF_ADDRESS:]:
        story_of = _stories_of_items(connection, item_id, neighbour)
        why = same_address(ready, load_text(connection, neighbour))
        if why is None or story_of[item_id] == story_of[neighbour]:
            continue
        like = Like(item_id=neighbour, story_id=story_of[neighbour], likeness=why)
        survivor, same = choose_story(connection, story_of[item_id], [like], now)
        merge(connection, same, survivor, now)
        refresh(connection, survivor, now)
    neighbours.append(item_id)


def _stories_of_items(connection: Connection, *item_ids: int) -> dict[int, int]:
    asked = select(items.c.id, items.c.story_id)
    if item_ids:
        asked = asked.where(items.c.id.in_(item_ids))
    return {row.id: row.story_id for row in connection.execute(asked)}
