"""`hrwatch stats`: stories counted by one or two dimensions, as a table, for programs, or as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import click

from archive.periods import PERIODS
from archive.records import Count, Statistics
from archive.reports.dimensions import DIMENSIONS
from archive.reports.statistics import MAX_DIMENSIONS
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.output.chart import Bars, Grid, write_chart
from crawler.cli.output.formats import row_writer
from crawler.cli.output.landing import landing
from crawler.cli.questions.asking import QuestionCommand, question_of, question_options
from crawler.cli.questions.counting import MOST_DRAWN, TOP, asked_text, bar, output_options, remark, show_grid
from crawler.cli.questions.sheets import Column, Kind
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import complain, err, out, say, show_json, show_table
from crawler.figures import MANY, dimension_text, key_text
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy


@click.command(
    cls=QuestionCommand,
    help=_("Count stories by time, region, pair, zone, topic or source: a table, or a chart."),
    epilog=example(
        "hrwatch stats --by month --since 2024",
        "hrwatch stats 技能大赛 --by pair --top 20 --plot pairs.png",
        "hrwatch stats --region 四川 --by year --by topic --csv topics.csv",
    ),
)
@question_options
@click.option(
    "--by",
    "by",
    multiple=True,
    type=click.Choice(DIMENSIONS),
    default=("month",),
    show_default=True,
    help=_("What to count by; once, or twice for a table of both."),
)
@output_options
@json_option
@data_option
@click.pass_context
def stats(
    ctx: click.Context,
    /,
    *,
    by: tuple[str, ...],
    level: str,
    top: int | None,
    csv_file: str | None,
    plot_file: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Periods in order, all else by the number of stories."""
    if len(by) > MAX_DIMENSIONS or len({*by}) < len(by):
        raise click.BadParameter(_("one dimension, or two different ones"), param_hint="--by")
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    question = question_of(ctx, **asked)
    with archive_to_ask(config) as archive, err.status(_("counting …")):
        found = archive.statistics(question, by=by, level=level)
        # a story of several keys counts once here
        rows_alone = archive.statistics(question, by=by[:1], level=level) if len(by) == MAX_DIMENSIONS else found
    shown = Shown(found, rows_alone, taxonomy, top)
    if as_json:
        show_json(shown.objects())
    if csv_file is not None:
        with landing(csv_file) as stream, row_writer("csv", stream, shown.columns()) as writer:
            for row in shown.objects():
                writer.write(row)
    if not found.stories:
        if not as_json:
            say(_("nothing found"))
        ctx.exit(SOME_FAILED)
    if plot_file is not None:
        warning = write_chart(plot_file, shown.chart(asked_text(asked, top)))
        remark(_("written: {file}").format(file=plot_file))
        if warning is not None:
            complain(warning)
    if not as_json and csv_file is None and plot_file is None:
        shown.show()
    if not as_json:
        for line in shown.remarks():
            remark(line)


class Shown:
    """Counts made ready: names for keys, zeros for periods without stories, the greatest first."""

    def __init__(self, found: Statistics, rows_alone: Statistics, taxonomy: Taxonomy, top: int | None) -> None:
        self._found = found
        self._alone = {count.keys[0]: count for count in rows_alone.counts}
        self._taxonomy = taxonomy
        self._keys = [self._keys_of(at) for at in range(len(found.by))]
        self._top = top
        self._cut = 0

    def objects(self) -> list[dict[str, object]]:
        """Rows for programs, with keys and names; two dimensions leave out what has no story."""
        chosen = [{*self._chosen(at, None)} for at in range(len(self._keys))]
        counts: Sequence[Count] = self._found.counts
        if len(self._keys) == 1:
            held = {count.keys[0]: count for count in counts}
            counts = [held.get(key) or Count(keys=(key,), stories=0, members=0) for key in self._chosen(0, None)]
        return [
            {
                **dict(self._named(count)),
                "stories": count.stories,
                "members": count.members,
            }
            for count in counts
            if all(key in chosen[at] for at, key in enumerate(count.keys))
        ]

    def columns(self) -> list[Column[dict[str, object]]]:
        """The columns of `objects`."""
        names = [name for name, _key in self._named(Count(keys=(None,) * len(self._keys), stories=0, members=0))]
        columns: list[Column[dict[str, object]]] = [Column(name, Kind.TEXT, itemgetter(name)) for name in names]
        columns += [Column(name, Kind.INTEGER, itemgetter(name)) for name in ("stories", "members")]
        return columns

    def show(self) -> None:
        """A table for people."""
        if len(self._keys) == 1:
            self._show_list()
        else:
            self._show_grid()

    def chart(self, about: str) -> Bars | Grid:
        """A picture of the same."""
        by = self._found.by
        title = _("Stories by {what}").format(what=" × ".join(map(dimension_text, by)))
        if len(by) == 1:
            keys = self._drawn(0)
            if by[0] in PERIODS:
                keys = [key for key in keys if key is not None]  # no place in time
            return Bars(
                title=title,
                about=about,
                note=" · ".join(self.remarks()),
                names=[self._name(0, key) for key in keys],
                values=[self._alone[key].stories if key in self._alone else 0 for key in keys],
                is_time=by[0] in PERIODS,
            )
        # time goes from left to right
        across = 0 if by[0] in PERIODS else 1
        down = 1 - across
        columns, rows = self._drawn(across), self._drawn(down)
        held = {(count.keys[down], count.keys[across]): count.stories for count in self._found.counts}
        return Grid(
            title=title,
            about=about,
            note=" · ".join(self.remarks()),
            rows=[self._name(down, key) for key in rows],
            columns=[self._name(across, key) for key in columns],
            values=[[held.get((row, column), 0) for column in columns] for row in rows],
        )

    def remarks(self) -> list[str]:
        """What a reader of the counts must know."""
        found = self._found
        told = [
            _("{stories} stories, {members} members in all").format(stories=found.stories, members=found.members)
            + (
                _("; {count} without a date, counted apart").format(count=found.undated)
                if found.undated and {*found.by} & {*PERIODS}
                else ""
            )
        ]
        if {*found.by} & {*MANY}:
            told.append(_("A story of several counts in each, so that counts may come to more."))
        if found.has_gaps:
            told.append(_("Periods without stories are left out, as there would be too many."))
        if self._cut:
            told.append(_("{count} more are not shown (--csv FILE has all).").format(count=self._cut))
        return told

    def _show_list(self) -> None:
        keys = self._chosen(0, TOP if out.is_terminal else None)
        counts = [self._alone.get(key) or Count(keys=(key,), stories=0, members=0) for key in keys]
        columns: list[str] = [dimension_text(self._found.by[0]), _("stories"), _("members")]
        rows: list[list[object]] = [[self._name(0, c.keys[0]), c.stories, c.members] for c in counts]
        if out.is_terminal:
            most = max(count.stories for count in counts)
            columns.append("")
            rows = [[*row, bar(count.stories, most)] for row, count in zip(rows, counts, strict=True)]
        show_table(columns, rows)

    def _show_grid(self) -> None:
        most = TOP if out.is_terminal else None
        rows, columns = self._chosen(0, most), self._chosen(1, most)
        held = {count.keys: count.stories for count in self._found.counts}
        self._cut += show_grid(
            [dimension_text(self._found.by[0]), _("in all"), *(self._name(1, key) for key in columns)],
            [
                [
                    self._name(0, row),
                    self._alone[row].stories if row in self._alone else 0,
                    *(held.get((row, column), 0) for column in columns),
                ]
                for row in rows
            ],
            kept=2,
            is_latest=self._found.by[1] in PERIODS,
        )

    def _chosen(self, at: int, most: int | None) -> list[str | None]:
        """Keys of a dimension to be shown: periods all, of others the first of `--top`, or as many as there is room."""
        keys = self._keys[at]
        if self._found.by[at] in PERIODS:
            return keys
        limit = self._top or most or len(keys)
        self._cut = max(self._cut, 0 if self._top else len(keys) - limit)
        return keys[:limit]

    def _drawn(self, at: int) -> list[str | None]:
        keys = self._chosen(at, TOP)
        if self._found.by[at] in PERIODS:
            return keys
        self._cut = max(self._cut, len(keys) - MOST_DRAWN)
        return keys[:MOST_DRAWN]

    def _keys_of(self, at: int) -> list[str | None]:
        seen: dict[str | None, int] = {}
        for count in self._found.counts:
            seen[count.keys[at]] = seen.get(count.keys[at], 0) + count.stories
        if self._found.by[at] in PERIODS:
            return [*self._found.periods, *([None] if None in seen else [])]
        return sorted(seen, key=lambda key: (key is None, -seen[key], key or ""))

    def _name(self, at: int, key: str | None) -> str:
        return key_text(self._found.by[at], key, self._taxonomy, self._found.names)

    def _named(self, count: Count) -> list[tuple[str, object]]:
        named: list[tuple[str, object]] = []
        for at, (dimension, key) in enumerate(zip(self._found.by, count.keys, strict=True)):
            named.append((dimension, key))
            if dimension in MANY:
                named.append((f"{dimension}_name", None if key is None else self._name(at, key)))
        return named
