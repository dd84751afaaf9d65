"""`hrwatch taxonomy suggest`: what labels would have the data files say; shown first, written on yes."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from crawler.cli import SOME_FAILED
from crawler.cli.judging.labelled import catalogue_for, judging, material_options, read_material
from crawler.cli.judging.measures import measure_text, score_object
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.questions.judged import topic_text
from crawler.cli.screen import complain, err, out, say, show_json, show_table
from crawler.cli.sources.writing import write_whole
from crawler.config import Config
from crawler.errors import DataFileError
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.taxonomy.datafile import DATA
from crawler.taxonomy.evaluate import Evaluation, Judging, Labelled
from crawler.taxonomy.learn import Suggestion, suggest
from crawler.taxonomy.phrases import place_names
from crawler.taxonomy.proposals import MASK, Proposal
from crawler.taxonomy.word_lists import FILES
from crawler.wording import part_text


@click.command(
    name="suggest",
    help=_(
        "Learn words and weights from labels, show what they would change, and write it to your folder of data files."
    )
    + "\n\n"
    + _("The folder is --to, or HRWATCH_TAXONOMY. Nothing is written without a yes."),
    epilog=example(
        "hrwatch taxonomy suggest --archive",
        "hrwatch taxonomy suggest labels.jsonl --to words --yes",
        "HRWATCH_TAXONOMY=words hrwatch reprocess --judge-only --apply",
    ),
)
@material_options
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Folder of data files to change; made where it is missing."),
)
@click.option("--yes", "is_agreed", is_flag=True, help=_("Write without asking."))
@json_option
@data_option
@click.pass_context
def suggest_command(
    ctx: click.Context, files: tuple[Path, ...], with_archive: bool, folder: Path | None, is_agreed: bool, as_json: bool
) -> None:
    """A dry run unless somebody says yes."""
    config = config_of(ctx)
    target = folder or config.taxonomy
    if is_agreed and target is None:
        raise click.UsageError(_("Say where to write: --to, or HRWATCH_TAXONOMY."))
    labelled, is_whole = read_material(config, files, with_archive=with_archive)
    if not labelled:
        complain(_("no labels"))
        ctx.exit(SOME_FAILED)
    with tempfile.TemporaryDirectory(prefix="hrwatch-words-") as place:
        bench = _Bench(Path(place), config, folder, labelled)
        found = _learn(bench, labelled)
    if as_json:
        show_json(_suggested(found))
    else:
        _show_suggestion(found, bench.taxonomy)
    if found.proposals:
        _write(ctx, found, bench, target, is_agreed=is_agreed, can_ask=not as_json)
    if not is_whole:
        ctx.exit(SOME_FAILED)


class _Bench:
    """Data files as they stand, copied to a passing folder in which changed ones are tried."""

    def __init__(self, place: Path, config: Config, folder: Path | None, labelled: Sequence[Labelled]) -> None:
        self.place = place
        own = folder if folder is not None and folder.is_dir() else None
        for each in (config.taxonomy, own):
            if each is not None:
                load_taxonomy(each)  # what is wrong in a person's own files is named with their own path
        for each in (DATA, config.taxonomy, own):
            for path in sorted(each.glob("*.t*")) if each is not None else ():
                if path.suffix in (".toml", ".tsv"):
                    shutil.copyfile(path, place / path.name)
        self.files = {name: (place / name).read_text("utf-8") for name in FILES}
        self._written = dict(self.files)
        self.taxonomy = load_taxonomy(place)
        self._catalogue = catalogue_for(config, labelled)

    def build(self, files: Mapping[str, str]) -> Judging:
        for name, text in files.items():
            if self._written[name] != text:
                (self.place / name).write_text(text, "utf-8")
                self._written[name] = text
        return judging(load_taxonomy(self.place), self._catalogue)


def _learn(bench: _Bench, labelled: Sequence[Labelled]) -> Suggestion:
    with err.status(_("learning")) as status:

        def progress(done: int, of: int) -> None:
            status.update(_("learning: {done} of {count} rounds").format(done=done, count=of))

        return suggest(
            labelled,
            bench.files,
            bench.build,
            places=place_names(bench.place, bench.taxonomy.zones),
            zones=bench.taxonomy.zones,
            progress=progress,
        )


def _write(
    ctx: click.Context, found: Suggestion, bench: _Bench, target: Path | None, *, is_agreed: bool, can_ask: bool
) -> None:
    if not is_agreed:
        is_there = can_ask and target is not None and sys.stdin.isatty() and out.is_terminal
        if not is_there:
            if can_ask:
                words = [*sys.argv[1:], *(["--to", "DIR"] if target is None else []), "--yes"]
                command = " ".join(shlex.quote(word) for word in ["hrwatch", *words])
                say(_("Nothing was written. To write it: {command}").format(command=command))
            return
        if not click.confirm(_("Write these changes?"), default=False):
            complain(_("Nothing was written."))
            ctx.exit(SOME_FAILED)
    assert target is not None  # noqa: S101 - asked for above
    for name, text in sorted(found.files.items()):
        path = target / name
        if path.is_file() and path.read_text("utf-8") != bench.files[name]:
            raise DataFileError(_("{path}: changed by somebody else meanwhile").format(path=path))
        write_whole(path, text)
        if can_ask:
            say(_("Written: {path}").format(path=path))
    if can_ask:
        say(
            _("Set HRWATCH_TAXONOMY={folder}; hrwatch reprocess --judge-only --apply judges the archive anew").format(
                folder=target.resolve()
            )
        )


def _show_suggestion(found: Suggestion, known: Taxonomy) -> None:
    if not found.proposals:
        say(_("nothing to suggest: no word that three labels speak for would mend an error"))
    else:
        show_table(
            (_("word"), _("for"), _("now"), _("proposed"), _("labels for"), _("against"), _("examples")),
            (_proposal_row(one, known) for one in found.proposals),
        )
    say()
    columns = [_("measure"), _("now"), _("then")]
    held = found.held_out
    if held is not None:
        columns += [_("on labels held out: now"), _("then")]
    show_table(columns, _compared(found))
    if held is not None and _errors(held[1]) > _errors(held[0]):
        say(_("On labels held out there are more errors than now: these words may fit only the labels given."))


def _compared(found: Suggestion) -> Iterator[tuple[str, ...]]:
    for name, before in found.before.measures.items():
        cells = [before, found.after.measures[name]]
        if found.held_out is not None:
            cells += [one.measures[name] for one in found.held_out]
        yield measure_text(name), *(f"{score.f1:.4f}" for score in cells)
    cells_of = [found.before, found.after, *(found.held_out or ())]
    yield _("errors"), *(str(_errors(one)) for one in cells_of)


def _errors(evaluation: Evaluation) -> int:
    return len(evaluation.misses)


def _proposal_row(one: Proposal, known: Taxonomy) -> tuple[object, ...]:
    target = topic_text(known, one.target) if one.target in known.topics else part_text(one.target)
    new = _("taken out") if one.new is None else one.new
    if one.target == MASK:
        new = _("not counted")
    return one.word, target, one.old or "", new, one.support, one.against, list(one.examples)


def _suggested(found: Suggestion) -> Iterable[dict[str, object]]:
    for one in found.proposals:
        yield {
            "word": one.word,
            "target": one.target,
            "old": one.old,
            "new": one.new,
            "support": one.support,
            "against": one.against,
            "errors": one.errors,
            "examples": one.examples,
            "file": (one.revision.into or one.revision.out_of).file,  # type: ignore[union-attr]
        }
    for name, before in found.before.measures.items():
        held = found.held_out
        yield {
            "measure": name,
            "before": score_object(before),
            "after": score_object(found.after.measures[name]),
            "held_out_before": score_object(held[0].measures[name]) if held else None,
            "held_out_after": score_object(held[1].measures[name]) if held else None,
        }
