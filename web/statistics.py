"""The page of statistics: stories by month, the pairs of regions that cooperate, topics and regions. No scripts."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from archive.records import Cooperation, Cooperations, Statistics
from archive.search.doubts import slip_text
from crawler.figures import key_text, pair_text
from crawler.taxonomy import Taxonomy
from web.counted import UNDATED, Counted
from web.query import read_query
from web.reading import Reader, asked_of

_PICTURED = 96  # months in the picture: eight years stay readable on a laptop
_LEAST_PICTURED = 36  # the room of so many is there: three columns as wide as a page are no picture
_YEARS = 30  # of the table; news sites are younger
_PAIRS, _PAIR_YEARS = 30, 8
_BARS = 12
_SHADES = 5  # classes s1 to s5 of style.css
_HEIGHT, _STEP = 120, 10  # of the picture and of its columns, in its own units


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A count in a table; `shade` is 0 for none and _SHADES for the most, `href` leads to the stories counted."""

    count: int
    shade: int
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    href: str | None
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A month in the picture, in the picture's units."""

    name: str
    count: int
    x: int
    y: float
    height: float
    href: str | None
    year: str | None  # written below January, and below the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    name: str
    count: int
    width: float  # of 100
    href: str | None


class StatisticsPage:
    """The handler; `render` fills a template."""

    def __init__(self, archive: Reader, taxonomy: Taxonomy, render: Callable[..., Response]) -> None:
        self._archive = archive
        self._taxonomy = taxonomy
        self._render = render

    def show(self, request: Request) -> Response:
        """Counts of the stories that words and filters ask for; all without any."""
        query = read_query(request.query_params)
        asked = asked_of(query, self._taxonomy)
        months = self._archive.statistics(asked.question, by=("month",))
        pairs = self._archive.cooperations(asked.question, by="year", top=_PAIRS)
        by_topic = self._archive.statistics(asked.question, by=("topic",))
        by_region = self._archive.statistics(asked.question, by=("region",))
        years = pairs.periods[-_PAIR_YEARS:]
        counted = Counted(query=query, has_undated=months.undated > 0)
        columns = _columns(months, counted)
        return self._render(
            "statistics.html",
            query=query,
            notes=tuple(map(slip_text, asked.slips)),
            months=months,
            most=max((column.count for column in columns), default=0),
            columns=columns,
            width=_STEP * max(len(columns), _LEAST_PICTURED),
            height=_HEIGHT,
            years=_years(months, counted),
            pairs=pairs,
            pair_years=years,
            pair_rows=_pair_rows(pairs, years, counted, self._taxonomy),
            undated=counted.list_of(UNDATED),
            topics=self._bars(by_topic, counted),
            regions=self._bars(by_region, counted),
        )

    def _bars(self, found: Statistics, counted: Counted) -> tuple[Bar, ...]:
        dimension = found.by[0]
        counts = [(key, count.stories) for count in found.counts if (key := count.keys[0]) is not None][:_BARS]
        most = max((count for _key, count in counts), default=1)
        return tuple(
            Bar(
                name=key_text(dimension, key, self._taxonomy),
                count=count,
                width=round(100 * count / most, 1),
                href=counted.list_of(**{dimension: key}),
            )
            for key, count in counts
        )


def _columns(months: Statistics, counted: Counted) -> tuple[Column, ...]:
    held = {count.keys[0]: count.stories for count in months.counts}
    shown = months.periods[-_PICTURED:]
    most = max((held.get(month, 0) for month in shown), default=0) or 1
    has_room = not any(month.endswith("-01") for month in shown[1:3])  # a year is as wide as two columns
    columns = []
    for number, month in enumerate(shown):
        count = held.get(month, 0)
        height = round(_HEIGHT * count / most, 1)
        columns.append(
            Column(
                name=month,
                count=count,
                x=number * _STEP,
                y=round(_HEIGHT - height, 1),
                height=height,
                href=_of_month(counted, month),
                year=month[:4] if month.endswith("-01") or (number == 0 and has_room) else None,
            )
        )
    return tuple(columns)


def _years(months: Statistics, counted: Counted) -> tuple[Row, ...]:
    """Years, the latest first, with their twelve months."""
    held = {key: count.stories for count in months.counts if (key := count.keys[0]) is not None}
    most = max(held.values(), default=0)
    years = sorted({month[:4] for month in months.periods}, reverse=True)[:_YEARS]
    return tuple(
        Row(
            name=year,
            href=counted.list_of_days(*_year(year)),
            total=sum(count for month, count in held.items() if month.startswith(year)),
            cells=tuple(
                _cell(held.get(month, 0), most, _of_month(counted, month))
                for month in (f"{year}-{number:02}" for number in range(1, 13))
            ),
        )
        for year in years
    )


def _pair_rows(pairs: Cooperations, years: Sequence[str], counted: Counted, taxonomy: Taxonomy) -> tuple[Row, ...]:
    most = max((count for pair in pairs.pairs for count in _latest(pair, years)), default=0)
    return tuple(
        Row(
            name=pair_text(pair.regions, taxonomy),
            href=counted.list_of(_both(pair)),
            total=pair.stories,
            cells=tuple(
                _cell(count, most, counted.list_of_days(*_year(year), _both(pair)))
                for year, count in zip(years, _latest(pair, years), strict=True)
            ),
        )
        for pair in pairs.pairs
    )


def _latest(pair: Cooperation, years: Sequence[str]) -> Iterable[int]:
    return pair.by_period[-len(years) :] if years else ()


def _cell(count: int, most: int, href: str | None) -> Cell:
    # square root: a few have most of the stories, and the others should still be told apart
    shade = math.ceil(_SHADES * math.sqrt(count / most)) if count else 0
    return Cell(count=count, shade=min(shade, _SHADES), href=href)


def _of_month(counted: Counted, month: str) -> str | None:
    year, number = int(month[:4]), int(month[5:])
    return counted.list_of_days(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]))


def _year(year: str) -> tuple[date, date]:
    return date(int(year), 1, 1), date(int(year), 12, 31)


def _both(pair: Cooperation) -> str:
    """As a field of the search: of two places within one region it is that region twice."""
    return "对:" + "-".join(pair.regions)
