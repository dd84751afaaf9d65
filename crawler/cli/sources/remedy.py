"""What would mend a source: a column of news, a row selector for a redesigned list, or another family.

Asks nobody itself: pages come from a Visitor, the rows a list used to have from a snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.cli.screen import CHINA
from crawler.cli.sources.editing import Change
from crawler.cli.sources.looking import spider_class
from crawler.cli.sources.readings import GENERIC, Reading, best_reading, is_article, read_as, readings_of, text_of
from crawler.cli.sources.snapshot import Snapshot
from crawler.cli.sources.survey import MIN_ALIKE, article_shape
from crawler.cli.sources.visiting import Visitor
from crawler.edition import is_dated
from crawler.extract.dates import row_stamp
from crawler.extract.navigation import Column, columns_of, kind_of, page_column, promise_of, says_article
from crawler.extract.redesign import new_rows, shared_rows
from crawler.extract.rows import Row, matches, parse_list, rows_of
from crawler.model import Page, Source
from spiders.column import ColumnSpider

# Pages asked for to find one column: the front page and the four likeliest.
MAX_PAGES = 5
# A column whose newest row is older than this is a dead one that the navigation has forgotten.
DEAD = timedelta(days=365)


class Kind(StrEnum):
    """What a remedy changes."""

    COLUMN = "column"  # a list of news is put first
    ROWS = "rows"  # the first list is read by another selector
    FAMILY = "family"  # the first list is read by another family


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A change to a source file, with the rows it would give. `selector` and `article` None: the family's own."""

    kind: Kind
    url: str
    rows: tuple[Row, ...]
    name: str | None = None
    family: str | None = None  # where it changes
    selector: str | None = None
    article: str | None = None
    shared: int = 0  # rows known from the last good snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRemedy:
    """Nothing to propose; `tried` are the addresses that were looked at."""

    tried: tuple[str, ...] = ()


def lacks_news(source: Source, list_names: Sequence[str]) -> bool:
    """True for a source that holds no news column: notices, policy, or a mixture none of whose lists is named news."""
    if source.column == "news":
        return False
    return source.column != "mixed" or not any(map(promise_of, list_names))


def remedy_for_redesign(page: Page, source: Source, snapshot: Snapshot | None) -> Remedy | None:
    """How a list that no longer matches would be read: of all that find rows, what finds most of those known."""
    known = snapshot.rows if snapshot is not None else ()
    found = list(_redesigns(page, source, known))
    # of equals the first
    return max(found, key=lambda remedy: (remedy.shared, _dated(remedy.rows)), default=None)


async def remedy_for_shell(visitor: Visitor, page: Page, source: Source, snapshot: Snapshot | None) -> Remedy | None:
    """Another family whose list page only leads to its rows, where those can be had."""
    listed = source.lists[0]
    best = best_reading(tuple(readings_of(page, listed.url, None)))
    if best is None or not best.leads_on or best.family in (GENERIC, source.family):
        return None
    rows = await visitor.rows_behind(source, listed.url, best.family)
    if not rows:
        return None
    article = _own_pattern(rows, best.family, listed.url)
    shared = shared_rows(rows, snapshot.rows if snapshot is not None else ())
    return Remedy(kind=Kind.FAMILY, url=listed.url, rows=rows, family=best.family, article=article, shared=shared)


def _redesigns(page: Page, source: Source, known: Sequence[Row]) -> Iterator[Remedy]:
    """In the order of preference among equals: another family by its marks, the family's own way, a selector."""
    listed = source.lists[0]
    best = best_reading(tuple(readings_of(page, listed.url, None)))
    if best is not None and best.family not in (GENERIC, source.family) and _has_articles(best):
        yield Remedy(
            kind=Kind.FAMILY,
            url=listed.url,
            rows=best.rows,
            family=best.family,
            article=_own_pattern(best.rows, best.family, listed.url),
            shared=shared_rows(best.rows, known),
        )
    own = read_as(page, listed.url, source.family)
    if source.family != GENERIC and (listed.rows or listed.article or source.article) and _has_articles(own):
        yield Remedy(kind=Kind.ROWS, url=listed.url, rows=own.rows, shared=shared_rows(own.rows, known))
    if not issubclass(spider_class(source.family), ColumnSpider):
        return
    new = new_rows(parse_list(text_of(page)), page.url, known)
    if new is not None:
        pattern = listed.article or source.article or spider_class(source.family).article_pattern
        yield Remedy(
            kind=Kind.ROWS,
            url=listed.url,
            rows=new.rows,
            selector=new.selector,
            # None keeps what holds
            article=_pattern_for(new.rows, listed.url, pattern),
            shared=new.shared,
        )


def _has_articles(reading: Reading) -> bool:
    return sum(is_article(row, reading) for row in reading.rows) >= min(MIN_ALIKE, max(1, len(reading.rows)))


async def remedy_for_column(visitor: Visitor, source: Source, present: Page | None) -> Remedy | NoRemedy:
    """The likeliest column of news of a site, read from its navigation; a few pages are asked for at most."""
    pages, tried = [present] if present is not None else [], []
    asked = 0
    if present is None or _path(present.url) != _path(source.home):
        asked += 1
        tried.append(source.home)
        sight = await visitor.see(source, source.home)
        pages += [sight.page] if sight.page is not None and sight.page.status == 200 else []
    waiting: dict[str, Column] = {}
    for page in pages:
        _gather(waiting, page, source)
    second: Remedy | None = None
    seen = {listed.url for listed in source.lists} | {page.url for page in pages}
    while asked < MAX_PAGES:
        open_ones = (one for one in waiting.values() if one.url not in seen)
        column = max(open_ones, key=lambda one: one.promise, default=None)
        if column is None:
            break
        seen.add(column.url)
        tried.append(column.url)
        asked += 1
        answer = (await visitor.see(source, column.url)).page
        if answer is None or answer.status != 200:
            continue
        _gather(waiting, answer, source)
        remedy = await _as_column(visitor, source, column, answer)
        if remedy is None:
            continue
        if _is_alive(remedy.rows, answer, source):
            return remedy
        second = second or remedy
    return second or NoRemedy(tried=tuple(tried))


def _gather(waiting: dict[str, Column], page: Page, source: Source) -> None:
    for column in columns_of(text_of(page), page.url, source.hosts):
        waiting.setdefault(column.url, column)


async def _as_column(visitor: Visitor, source: Source, column: Column, page: Page) -> Remedy | None:
    """A column's page as a list of this source; None where it holds no rows of news, or only another family's."""
    text = text_of(page)
    told = page_column(text, page.url)
    if told.kind in ("notices", "policy") or says_article(text, page.url):
        return None
    base = Remedy(kind=Kind.COLUMN, url=column.url, name=_name_of(column, told.name), rows=())
    family = spider_class(source.family)
    pattern = source.article or family.article_pattern
    own = read_as(page, column.url, source.family, source.article)
    rows = own.rows
    if own.leads_on:
        rows = await visitor.rows_behind(source, column.url, source.family)
    if rows and source.family != GENERIC:
        article = _pattern_for(rows, page.url, pattern)
        if _enough(rows, article or pattern):
            return replace(base, rows=rows, article=article)
    tree = parse_list(text)
    blind = new_rows(tree, page.url, ()) if issubclass(family, ColumnSpider) else None
    if blind is None:
        return None
    article = _pattern_for(blind.rows, page.url, pattern)
    rows = rows_of(tree, page.url, selector=blind.selector, article=article or pattern)
    if not _enough(rows, article or pattern):
        return None
    return replace(base, rows=rows, selector=blind.selector, article=article)


def _name_of(column: Column, told: str | None) -> str:
    return told if told and len(told) <= 20 and kind_of(told) == "news" else column.name


def _enough(rows: Sequence[Row], pattern: str | None) -> bool:
    """True for rows that are a list: three that would be fetched, most of them with a date where any has one."""
    compiled = re.compile(pattern) if pattern else None
    articles = [row for row in rows if row.url is not None and matches(compiled, row.url)]
    dated = _dated(rows)
    return len(articles) >= MIN_ALIKE and (dated == 0 or dated * 2 >= len(rows))


def _own_pattern(rows: Sequence[Row], family: str, url: str) -> str | None:
    return _pattern_for(rows, url, spider_class(family).article_pattern)


def _pattern_for(rows: Sequence[Row], url: str, pattern: str | None) -> str | None:
    """A pattern of the list's own where the one in force leaves out most of its rows; None where it fits."""
    own = [row.url for row in rows if row.url is not None and urlsplit(row.url).hostname == urlsplit(url).hostname]
    if pattern is None or not own:
        return None
    fitting = sum(matches(re.compile(pattern), address) for address in own)
    return None if fitting * 2 >= len(own) else article_shape(own, url)


def _is_alive(rows: Sequence[Row], page: Page, source: Source) -> bool:
    stamps = [row_stamp(row.date, source.timezone, page.fetched_at) for row in rows if row.date is not None]
    days = [stamp.at for stamp in stamps if stamp is not None]
    return not days or max(days) > page.fetched_at - DEAD


def _dated(rows: Sequence[Row]) -> int:
    return sum(row.date is not None for row in rows)


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").removesuffix("/index.html")


def change_of(remedy: Remedy, source: Source, at: datetime) -> Change:
    """The change to the source file that a remedy is."""
    day = at.astimezone(CHINA).date()
    seen = f"`hrwatch sources check --fix`: {len(remedy.rows)} rows seen"
    match remedy.kind:
        case Kind.COLUMN:
            facts = {"url": remedy.url, "name": remedy.name, "rows": remedy.selector, "article": remedy.article}
            return Change(
                keys={"column": "mixed" if source.lists else "news"},
                new_list={key: value for key, value in facts.items() if value},
                note=f"{seen} in the news column {remedy.name or remedy.url}, found in the site's navigation.",
                day=day,
            )
        case Kind.ROWS:
            listed = {"rows": remedy.selector} | ({"article": remedy.article} if remedy.article else {})
            if remedy.selector is None and remedy.article is None:
                listed |= {"article": None}
            return Change(
                keys={"article": None} if remedy.selector is None else {},
                first_list=listed,
                note=f"{seen} after a redesign, {remedy.shared} of them known from before.",
                day=day,
            )
        case Kind.FAMILY:
            return Change(
                keys={"family": remedy.family, "article": None},
                first_list={"rows": None, "article": remedy.article},
                note=f"{seen} as family {remedy.family}; it was {source.family}, {remedy.shared} known from before.",
                day=day,
            )


def is_readable(source: Source) -> bool:
    """False for lists that are another address every day: what is there today says nothing of their shape."""
    return bool(source.lists) and not is_dated(source.lists[0].url)
