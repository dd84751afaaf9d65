"""`hrwatch taxonomy` and its `eval`: how well the data files do on labels, with every error and the words behind it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from crawler.cli import SOME_FAILED
from crawler.cli.judging.labelled import catalogue_for, judging, material_options, read_material, reasons_of
from crawler.cli.judging.measures import measure_text, score_object
from crawler.cli.judging.suggesting import suggest_command
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.questions.judged import topic_text
from crawler.cli.screen import complain, say, show_json, show_table
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.taxonomy.evaluate import Evaluation, Miss, Score, evaluate


@click.group(
    help=_("Score the vocabulary on labels, and learn from them."),
    epilog=example("hrwatch taxonomy eval", "hrwatch taxonomy suggest --archive"),
)
def taxonomy() -> None:
    """The group itself does nothing."""


@taxonomy.command(
    name="eval",
    help=_("Score the data files in use against labels: the shipped synthetic ones, the archive's, or files of yours.")
    + "\n\n"
    + _("Exit code 1: a line is no label, or the F1 of relevance is below --min-f1."),
    epilog=example("hrwatch taxonomy eval", "hrwatch taxonomy eval labels.jsonl --archive --min-f1 0.95"),
)
@material_options
@click.option("--min-f1", metavar="X", type=click.FloatRange(0, 1), help=_("The least F1 of relevance (clear texts)."))
@click.option(
    "--errors",
    "most",
    metavar="N",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    help=_("Show at most this many errors."),
)
@json_option
@data_option
@click.pass_context
def evaluate_command(
    ctx: click.Context, files: tuple[Path, ...], with_archive: bool, min_f1: float | None, most: int, as_json: bool
) -> None:
    """Measures, then topics, then errors with the words that led to them."""
    config = config_of(ctx)
    known = load_taxonomy(config.taxonomy)
    labelled, is_whole = read_material(config, files, with_archive=with_archive)
    judge = judging(known, catalogue_for(config, labelled))
    found = evaluate(labelled, [judge(label) for label in labelled], known.zones)
    if as_json:
        show_json(_objects(found, most))
    else:
        _show(found, known, most)
    reached = found.measures["relevance_clear"].f1
    if min_f1 is not None and reached < min_f1:
        complain(_("the F1 of relevance is {reached:.4f}, below {wanted}").format(reached=reached, wanted=min_f1))
    if not is_whole or not labelled or (min_f1 is not None and reached < min_f1):
        if not labelled:
            complain(_("no labels"))
        ctx.exit(SOME_FAILED)


def _show(found: Evaluation, known: Taxonomy, most: int) -> None:
    show_table(_columns(_("measure")), ((measure_text(name), *_cells(score)) for name, score in found.measures.items()))
    if found.topics:
        say()
        show_table(
            _columns(_("topic")), ((topic_text(known, topic), *_cells(score)) for topic, score in found.topics.items())
        )
    if found.misses and most:
        say()
        show_table(
            (_("error"), _("missing"), _("too much"), _("title"), _("words")),
            (_error_row(miss, known) for miss in found.misses[:most]),
        )
    if len(found.misses) > most:
        say(_("… and {count} more errors").format(count=len(found.misses) - most))


def _error_row(miss: Miss, known: Taxonomy) -> tuple[object, ...]:
    if miss.part == "relevance":
        what = _("relevant, but left out") if miss.labelled.relevant else _("not relevant, but let in")
    else:
        what = measure_text(miss.part)
    return (
        what,
        [_named(miss.part, one, known) for one in miss.missing],
        [_named(miss.part, one, known) for one in miss.extra],
        miss.labelled.title or miss.labelled.id,
        list(reasons_of(miss.judgement)),
    )


def _named(part: str, key: str, known: Taxonomy) -> str:
    if part == "regions":
        return f"{known.divisions.name(key) or '?'} {key}"
    return topic_text(known, key) if part == "topics" else key


def _columns(first: str) -> tuple[str, ...]:
    return first, _("precision"), _("recall"), "F1", _("texts")


def _cells(score: Score) -> tuple[object, ...]:
    return f"{score.precision:.4f}", f"{score.recall:.4f}", f"{score.f1:.4f}", score.items


def _objects(found: Evaluation, most: int) -> Iterable[dict[str, object]]:
    for name, score in found.measures.items():
        yield {"measure": name, **score_object(score)}
    for topic, score in found.topics.items():
        yield {"topic": topic, **score_object(score)}
    for miss in found.misses[:most]:
        yield {
            "error": miss.part,
            "url": miss.labelled.id,
            "title": miss.labelled.title,
            "relevant": miss.labelled.relevant,
            "judged": miss.judgement.relevant,
            "missing": miss.missing,
            "extra": miss.extra,
            "words": list(reasons_of(miss.judgement)),
        }


taxonomy.add_command(suggest_command)
