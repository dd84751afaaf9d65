"""How the families that a list page may be of read it: rows, and the shape of its articles' addresses.

Asks nobody. A family is tried by having its own spider read the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.catalogue import NATIONAL
from crawler.cli.sources.looking import spider_class
from crawler.cli.sources.survey import MIN_ALIKE, article_shape
from crawler.errors import RefusedError
from crawler.extract.decode import decode
from crawler.extract.navigation import is_dated_address, says_article
from crawler.extract.recognise import families_of
from crawler.extract.rows import Row, matches
from crawler.model import ListPage, Page, Source
from crawler.polling.poll import ListJob

GENERIC = "generic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A list page as one family reads it. `leads_on` where the rows are behind another address."""

    family: str
    rows: tuple[Row, ...] = ()
    article: str | None = None  # a pattern of the source's own; None: the family's, or none
    leads_on: bool = False
    refused: str = ""


def provisional_source(source_id: str, url: str, family: str, article: str | None = None) -> Source:
    """A source that lets one list be read: its host, and nothing known of it."""
    parts = urlsplit(url)
    return Source(
        id=source_id,
        name=source_id,
        kind="news",
        level="media",
        adcode=NATIONAL,
        home=f"{parts.scheme}://{parts.netloc}/",
        hosts=((parts.hostname or "").lower(),),
        family=family,
        lists=(ListPage(url=url),),
        article=article,
        min_rows=0,
    )


def readings_of(page: Page, url: str, family: str | None) -> Iterator[Reading]:
    """How the families that the page may be of read it, the likeliest first; generic last."""
    wanted = (family,) if family is not None else (*families_of(text_of(page), page.url), GENERIC)
    for name in dict.fromkeys(wanted):
        yield generic_reading(page, url) if name == GENERIC else read_as(page, url, name)


def best_reading(readings: Sequence[Reading]) -> Reading | None:
    """The likeliest family that finds articles, else the first that leads on to them, else the generic one's rows.

    A family whose marks stand on a page of another system finds next to nothing there, and the generic reader much.
    """
    own = [reading for reading in readings if reading.family != GENERIC]
    blind = max((len(reading.rows) for reading in readings if reading.family == GENERIC), default=0)
    for enough in (MIN_ALIKE, max(1, blind / 2)):
        for reading in own:
            if sum(is_article(row, reading) for row in reading.rows) >= enough:
                return reading
    # a shell's own rows, if any, are a menu
    onward = next((reading for reading in readings if reading.leads_on), None)
    return onward or next((reading for reading in reversed(readings) if reading.rows), None)


def is_article_of_a_list(page: Page, readings: Sequence[Reading]) -> bool:
    """True for an article where a list was expected: it says so, or its address is what its family's articles have."""
    text = text_of(page)
    own = Row(href=page.url, url=page.url, title="", date=None, is_pinned=False, is_article=True)
    has_shape = any(
        reading.family != GENERIC and spider_class(reading.family).article_pattern and is_article(own, reading)
        for reading in readings
    )
    has_rows = any(len(reading.rows) >= MIN_ALIKE for reading in readings)
    return says_article(text, page.url) or (is_dated_address(page.url) and (has_shape or not has_rows))


def read_as(page: Page, url: str, family: str, article: str | None = None) -> Reading:
    """The page as the spider of a family reads it."""
    source = provisional_source("provisional", url, family, article)
    spider, job = spider_class(family)(), ListJob(source.lists[0], url)
    try:
        rows = tuple(spider.read_rows(page, job, source))
        leads_on = not rows and any(True for _ in spider.more_lists(page, job, source))
    except RefusedError as error:
        return Reading(family=family, refused=str(error))
    return Reading(family=family, rows=rows, article=article, leads_on=leads_on)


def generic_reading(page: Page, url: str) -> Reading:
    """The repeated block of links, and then the rows by the shape that its addresses share, where that finds as many.

    Rows without a date on a page where most have one are menus.
    """
    blind = read_as(page, url, GENERIC)
    shape = article_shape([row.url for row in blind.rows if row.url is not None], page.url)
    if shape is None:
        return blind
    shaped = read_as(page, url, GENERIC, shape)
    return shaped if len(shaped.rows) >= len(blind.rows) * 0.7 else blind


def is_article(row: Row, reading: Reading) -> bool:
    """True for a row whose address has the shape of the family's articles."""
    pattern = reading.article or spider_class(reading.family).article_pattern
    return row.url is not None and matches(re.compile(pattern) if pattern else None, row.url)


def text_of(page: Page) -> str:
    """The page's markup, decoded."""
    return decode(page.body, headers=page.headers).text
