"""`hrwatch cooperations`: which regions cooperate with which, period by period, as a table or a square picture."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import click

from archive.periods import PERIODS
from archive.records import Cooperation, Cooperations
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.output.chart import Grid, write_chart
from crawler.cli.output.formats import row_writer
from crawler.cli.output.landing import landing
from crawler.cli.questions.asking import QuestionCommand, question_of, question_options
from crawler.cli.questions.counting import TOP, asked_text, curve, output_options, remark, show_grid
from crawler.cli.questions.sheets import Column, Kind
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import complain, err, out, say, show_json
from crawler.figures import in_order, pair_text, region_text
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy

_MOST_REGIONS = 34  # of a picture: all provinces


@click.command(
    cls=QuestionCommand,
    help=_("Show which regions cooperate: pairs by year, or a square picture of all (--plot)."),
    epilog=example(
        "hrwatch cooperations",
        "hrwatch cooperations --region 四川 --level city --by quarter --since 2024",
        "hrwatch cooperations --plot matrix.svg",
    ),
)
@question_options
@click.option("--by", type=click.Choice(PERIODS), default="year", show_default=True, help=_("The periods."))
@output_options
@json_option
@data_option
@click.pass_context
def cooperations(
    ctx: click.Context,
    /,
    *,
    by: str,
    level: str,
    top: int | None,
    csv_file: str | None,
    plot_file: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Pairs with most stories first."""
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    question = question_of(ctx, **asked)
    with archive_to_ask(config) as archive, err.status(_("counting …")):
        found = archive.cooperations(question, by=by, level=level, top=top)
    if as_json:
        show_json(_object(pair, found, taxonomy) for pair in found.pairs)
    if csv_file is not None:
        _write_csv(csv_file, found, taxonomy)
    if not found.pairs:
        if not as_json:
            say(_("nothing found"))
        ctx.exit(SOME_FAILED)
    if plot_file is not None:
        warning = write_chart(plot_file, _matrix(found, taxonomy, asked_text(asked, top)))
        remark(_("written: {file}").format(file=plot_file))
        if warning is not None:
            complain(warning)
    if not as_json and csv_file is None and plot_file is None:
        _show(found, taxonomy)
    if not as_json:
        for line in _remarks(found):
            remark(line)


def _show(found: Cooperations, taxonomy: Taxonomy) -> None:
    pairs: Sequence[Cooperation] = found.pairs
    if out.is_terminal:
        pairs = pairs[:TOP]
    has_undated = any(pair.undated for pair in found.pairs)
    has_curve = out.is_terminal and 1 < len(found.periods) <= TOP
    left_out = show_grid(
        [
            _("pair of regions"),
            _("in all"),
            *([""] if has_curve else []),
            *([_("undated")] if has_undated else []),
            *found.periods,
        ],
        [
            [
                pair_text(pair.regions, taxonomy),
                pair.stories,
                *([curve(pair.by_period)] if has_curve else []),
                *([pair.undated] if has_undated else []),
                *pair.by_period,
            ]
            for pair in pairs
        ],
        kept=2 + has_curve + has_undated,
        is_latest=True,
    )
    if left_out:
        remark(_("{count} earlier periods are not shown (--csv FILE has all).").format(count=left_out))
    if len(pairs) < len(found.pairs):
        remark(_("{count} more are not shown (--csv FILE has all).").format(count=len(found.pairs) - len(pairs)))


def _remarks(found: Cooperations) -> list[str]:
    told = [
        _("{pairs} pairs in {paired} of {stories} stories; a story of three regions is one of three pairs.").format(
            pairs=found.found, paired=found.paired, stories=found.stories
        )
    ]
    if found.has_gaps:
        told.append(_("Periods without stories are left out, as there would be too many."))
    return told


def _object(pair: Cooperation, found: Cooperations, taxonomy: Taxonomy) -> dict[str, object]:
    first, second = in_order(pair.regions, taxonomy)
    return {
        "pair": pair_text(pair.regions, taxonomy),
        "regions": [first, second],
        "region_names": [region_text(first, taxonomy), region_text(second, taxonomy)],
        "is_within": first == second,
        "stories": pair.stories,
        "members": pair.members,
        "undated": pair.undated,
        "by_period": dict(zip(found.periods, pair.by_period, strict=True)),
    }


def _write_csv(file: str, found: Cooperations, taxonomy: Taxonomy) -> None:
    texts, numbers = ("pair", "region_1", "region_2"), ("stories", "members", "undated", *found.periods)
    columns: list[Column[dict[str, object]]] = [Column(name, Kind.TEXT, itemgetter(name)) for name in texts]
    columns += [Column(name, Kind.INTEGER, itemgetter(name)) for name in numbers]
    with landing(file) as stream, row_writer("csv", stream, columns) as writer:
        for pair in found.pairs:
            first, second = in_order(pair.regions, taxonomy)
            writer.write(
                {
                    "pair": pair_text(pair.regions, taxonomy),
                    "region_1": first,
                    "region_2": second,
                    "stories": pair.stories,
                    "members": pair.members,
                    "undated": pair.undated,
                    **dict(zip(found.periods, pair.by_period, strict=True)),
                }
            )


def _matrix(found: Cooperations, taxonomy: Taxonomy, about: str) -> Grid:
    """A square of the regions with most stories, symmetric; on its diagonal what is within one region."""
    weight: dict[str, int] = {}
    held: dict[tuple[str, str], int] = {}
    for pair in found.pairs:
        first, second = pair.regions
        held[first, second] = held[second, first] = pair.stories
        for region in {first, second}:
            weight[region] = weight.get(region, 0) + pair.stories
    regions = sorted(weight, key=lambda region: (-weight[region], region))
    shown = regions[:_MOST_REGIONS]
    names = [region_text(region, taxonomy) for region in shown]
    notes = _remarks(found)
    if len(regions) > len(shown):
        notes.append(_("{count} more are not shown (--csv FILE has all).").format(count=len(regions) - len(shown)))
    return Grid(
        title=_("Stories of cooperation, by pairs of regions"),
        about=about + " · " + _("on the diagonal: within one region"),
        note=" · ".join(notes),
        rows=names,
        columns=names,
        values=[[held.get((row, column), 0) for column in shown] for row in shown],
    )
