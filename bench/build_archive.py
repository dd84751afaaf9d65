"""One synthetic archive per size and database, built once: items of 600 characters of real words, with real prints.

`python -m bench.build_archive PLACE COUNT [--search]`: PLACE is a file or a postgresql:// address; what is there is
added to. One item in ten is a reprint, one in fifty a bulletin of a form; every item is a function of its number.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, insert, select, text, update

from archive import Archive
from archive.archive import open_file, open_server
from archive.schema import (
    bands,
    facts,
    item_regions,
    items,
    judgements,
    stories,
    story_regions,
    story_topics,
    story_zones,
)
from archive.search import search_index
from archive.search.facets import facets
from archive.search.refiling import file_all
from archive.storing.likes import prepare

CHARS = 600
NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
_AT_ONCE = 20_000  # items a transaction: their prints are sorted together, so that neighbours are written together
_REPRINT, _BULLETIN = 10, 50  # one item in so many
_REPRINTED_WITHIN = 2000  # items: a reprint comes within days
_FORMS = 20
_SITES = 300
_RELEVANT = 5
# Words of reports and names of places and zones, the frequent ones first. The list is pinned: that of the taxonomy
# grows, and would make another archive each time.
_VOCABULARY = Path(__file__).with_name("vocabulary.txt")
# Words that the list cannot bring about, not by chance of two neighbours either. All are of frequent characters.
RARE, ONE_PERCENT, FREQUENT = "业务", "合力", "协会"
_RARE_EVERY = 12_500  # items; with reprints at most 50 of 500,000
# A province has a tenth of the stories, a county a thousandth.
PROVINCE, COUNTY = "510000", "511823"
_PROVINCES = {
    "44": 10, "33": 9, "32": 8, "11": 7, "31": 7, "37": 6, "42": 5.5, "51": 5.2, "50": 5, "43": 4, "41": 4, "34": 4,
    "35": 3, "61": 3, "36": 3, "13": 3, "52": 2, "53": 2, "45": 2, "12": 2, "21": 2, "62": 1, "64": 1, "63": 0.5,
}  # fmt: skip
_ZONES = ("川渝", "长三角", "京津冀", "粤港澳大湾区", "山海协作", "东西部协作")
_TOPICS = ("agreement", "talent", "training", "labor-export", "job-fair", "policy", "social-insurance", "forum-meeting")


@dataclass(frozen=True, slots=True)
class Made:
    """An item of the archive, and the number of the item that it reprints or is."""

    number: int
    of: int
    title: str
    body: str


def made(number: int) -> Made:
    """The item of that number, counted from 1."""
    if number % _BULLETIN == 0:
        return Made(number, number, *_bulletin(number))
    if number % _REPRINT == 0:
        of = number - random.Random(number).randrange(1, min(number, _REPRINTED_WITHIN))
        if of % _REPRINT != 0:
            title, body = _written(of)
            return Made(number, of, title, f"合成网讯 {_edited(random.Random(number), body)} 责任编辑甲")
    return Made(number, number, *_written(number))


def build(archive: Archive, count: int, *, is_searchable: bool = False) -> Iterator[int]:
    """Add items until the newest has the number `count`; yields the number of the newest, batch by batch."""
    held = archive.submit(_newest).result()
    if held >= count and (not is_searchable or archive.submit(_is_searchable).result()):
        return
    if is_searchable:
        archive.submit(_drop_index).result()
    for start in range(held, count, _AT_ONCE):
        batch = [made(number) for number in range(start + 1, min(start + _AT_ONCE, count) + 1)]
        archive.submit(_writing(batch, is_searchable=is_searchable)).result()
        yield batch[-1].number
    if is_searchable:
        archive.submit(file_all).result()
    archive.submit(_analyse).result()


def _newest(connection: Connection) -> int:
    """The number to go on from: after items of somebody else, far enough that none is taken for what it is not."""
    newest = connection.execute(select(items.c.id, items.c.url_key).order_by(items.c.id.desc()).limit(1)).one_or_none()
    if newest is None:
        return 0
    number: int = newest.id
    return number if newest.url_key == _url_key(number) else number + _REPRINTED_WITHIN


def _is_searchable(connection: Connection) -> bool:
    """True where nothing is left to file; the newest item is filed last."""
    filed = connection.execute(select(items.c.search_facets).order_by(items.c.id.desc()).limit(1)).scalar()
    is_there = "SELECT to_regclass('ix_items_search') IS NOT NULL"
    return filed is not None and (
        connection.dialect.name == "sqlite" or bool(connection.execute(text(is_there)).scalar_one())
    )


def _drop_index(connection: Connection) -> None:
    """PostgreSQL makes the index of all items in a fraction of the time; file_all does it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP INDEX IF EXISTS ix_items_search"))


def _writing(batch: Sequence[Made], *, is_searchable: bool) -> Callable[[Connection], None]:
    def write(connection: Connection) -> None:
        numbers = [item.number for item in batch]
        before = connection.execute(select(stories.c.id).where(stories.c.id > numbers[0] - _REPRINTED_WITHIN)).scalars()
        known = {*before, *numbers}
        told = [item if item.of in known else replace(item, of=item.number) for item in batch]
        new = [item for item in told if item.of == item.number]
        connection.execute(insert(stories), [_story(item) for item in new])
        ready = [prepare(item.title, item.body)[1] for item in told]
        rows = [_item(item) | {"body_hash": prints.body_hash} for item, prints in zip(told, ready, strict=True)]
        if is_searchable:
            rows = [row | {"search_facets": _filed_as(item.of)} for item, row in zip(told, rows, strict=True)]
        connection.execute(insert(items), rows)
        if is_searchable:
            search_index.add(connection, (SimpleNamespace(**row) for row in rows))
        connection.execute(insert(judgements), [_judgement(number) for number in numbers])
        found = {item.number: _facts(item.of) for item in told}
        connection.execute(
            insert(item_regions),
            [{"item_id": number, "adcode": code, "role": "party"} for number in numbers for code in found[number][0]],
        )
        for place, table, column in (
            (0, story_regions, "adcode"),
            (1, story_zones, "zone"),
            (2, story_topics, "topic"),
        ):
            keys = [{"story_id": item.number, column: key} for item in new for key in found[item.number][place]]
            if keys:
                connection.execute(insert(table), keys)
        counts = [len(prints.bands) for prints in ready]
        _write_bands(
            connection,
            np.fromiter(itertools.chain.from_iterable((b for b, _ in p.bands) for p in ready), dtype=np.int64),
            np.fromiter(itertools.chain.from_iterable((h for _, h in p.bands) for p in ready), dtype=np.int64),
            np.repeat(np.asarray(numbers, dtype=np.int64), counts),
        )
        _settle(connection)  # with each batch, so that a build that was interrupted is an archive too

    return write


def _write_bands(connection: Connection, band: Any, value: Any, item_id: Any) -> None:
    order = np.lexsort((item_id, value, band))
    rows = zip(band[order].tolist(), value[order].tolist(), item_id[order].tolist(), strict=True)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy("COPY bands (band, hash, item_id) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(bands.columns))
    connection.exec_driver_sql(f"INSERT OR IGNORE INTO bands VALUES ({places})", list(rows))


def _settle(connection: Connection) -> None:
    """Let the archive count on from what was put into it."""
    highest = connection.execute(select(func.max(stories.c.seq))).scalar_one()
    connection.execute(update(facts).where(facts.c.name == "seq").values(value=str(highest)))
    if connection.dialect.name == "postgresql":
        for table in ("items", "stories"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))


def _analyse(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))


def _url_key(number: int) -> str:
    return f"site{number % _SITES}.example/news/{number}.html"


def when(number: int) -> datetime:
    """When the item of that number was published."""
    return NEWEST - timedelta(days=900) + timedelta(minutes=2 * number)


def _story(item: Made) -> dict[str, Any]:
    published = when(item.number)
    return {
        "id": item.number,
        "guid": f"tag:synthetic:{item.number}",
        "seq": 10 * item.number,  # what is stored between two builds counts on by ones
        "title": item.title,
        "first_item_id": item.number,
        "text_item_id": item.number,
        "first_source": "合成日报",
        "published_at": published,
        "precision": "minute",
        "first_seen_at": published,
        "updated_at": published,
        "sorted_at": published,
        "is_relevant": _is_relevant(item.number),
        "score": 0.9,
        "agreements": [],
        "is_link_only": False,
        "is_backfill": False,
        "found_by": "synthetic",
        "digest": "",
    }


def _item(item: Made) -> dict[str, Any]:
    published, site = when(item.number), item.number % _SITES
    url = _url_key(item.number)
    return {
        "id": item.number,
        "url_key": url,
        "url": f"https://{url}",
        "source_id": f"site{site}",
        "site_name": f"合成第{site}号",
        "found_by": f"site{site}",
        "title": item.title,
        "body": item.body,
        "published_at": published,
        "precision": "minute",
        "attachments": [],
        "origins": {},
        "repairs": [],
        "folded_title": item.title,
        "folded_body": item.body,
        "is_link_only": False,
        "is_backfill": False,
        "first_seen_at": published,
        "updated_at": published,
        "story_id": item.of,
    }


def _judgement(number: int) -> dict[str, Any]:
    known = {"agreements": [], "evidence": [], "version": "synthetic", "judged_at": NEWEST}
    return {"item_id": number, "is_relevant": _is_relevant(number), "score": 0.9, **known}


def _filed_as(story: int) -> str:
    return facets(when(story), _is_relevant(story), *_facts(story))


def _is_relevant(number: int) -> bool:
    return number % _RELEVANT == 1


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[list[str], list[float]]:
    """Words and how often each is drawn, added up: few are frequent, most are rare, as in any text."""
    words = _VOCABULARY.read_text("utf-8").split()
    return words, list(itertools.accumulate(1 / (rank + 20) for rank in range(len(words))))


def _written(number: int) -> tuple[str, str]:
    chance = random.Random(number)
    words, weights = _vocabulary()
    drawn = chance.choices(words, cum_weights=weights, k=CHARS // 2)
    for word in _planted(chance, number):
        drawn[chance.randrange(6, 200)] = word  # of 300, the last of which are cut off
    lines = ("".join(drawn[at : at + 12]) + "。" for at in range(6, len(drawn), 12))
    return "".join(drawn[:6]), "".join(lines)[:CHARS]


def _planted(chance: random.Random, number: int) -> Iterator[str]:
    if number % _RARE_EVERY == 6:  # of relevant stories
        yield RARE
    if chance.random() < 0.01:
        yield ONE_PERCENT
    if chance.random() < 0.3:
        yield FREQUENT


@lru_cache(maxsize=100_000)
def _facts(number: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Adcodes of the parties, zones and topics of the story of that number."""
    chance = random.Random(-number)
    provinces = chance.choices(list(_PROVINCES), list(_PROVINCES.values()), k=2)
    parties = {f"{province}{_below(chance)}" for province in provinces}
    if chance.random() < 0.001:
        parties.add(COUNTY)
    zones = {chance.choice(_ZONES)} if chance.random() < 0.3 else set()
    topics = set(chance.choices(_TOPICS, [1 / rank for rank in range(1, len(_TOPICS) + 1)], k=2))
    return tuple(sorted(parties)), tuple(sorted(zones)), tuple(sorted(topics))


def _below(chance: random.Random) -> str:
    """The rest of an adcode: a province's own, a prefecture's or a county's."""
    prefecture = chance.randint(1, 12)
    return chance.choice(
        ("0000", f"{prefecture:02}00", f"{prefecture:02}00", f"{prefecture:02}{chance.randint(1, 9):02}")
    )


def _edited(chance: random.Random, body: str) -> str:
    at = chance.randrange(len(body) - 60)
    return body[:at] + body[at + 30 :]


def _bulletin(number: int) -> tuple[str, str]:
    title, body = _written(-1 - number // _BULLETIN % _FORMS)
    a, b, c, d = random.Random(number).sample(range(10_000), 4)
    return title, f"{body[:300]}新增{a}例，累计{b}例，治愈{c}例，观察{d}人。{body[300:]}"


def main() -> int:
    """Build the archive that is asked for, and say at what rate."""
    asked = argparse.ArgumentParser(prog="python -m bench.build_archive", description=__doc__)
    asked.add_argument("place")
    asked.add_argument("count", type=int)
    asked.add_argument("--search", action="store_true", help="fill the search index too")
    given = asked.parse_args()
    is_server = given.place.startswith("postgresql:")
    began, done = time.perf_counter(), 0
    with open_server(given.place) if is_server else open_file(Path(given.place)) as archive:
        for done in build(archive, given.count, is_searchable=given.search):
            sys.stdout.write(f"{done:,} items, {time.perf_counter() - began:,.0f} s\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
