"""Labelled texts from files, from the archive, or as shipped; and what a taxonomy says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import click

from archive.records import LabelledItem
from crawler.catalogue import Catalogue
from crawler.cli.judging.label import once_a_story
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import CHINA, complain
from crawler.config import Config
from crawler.errors import DataFileError
from crawler.language import _
from crawler.model import Judgement
from crawler.taxonomy import Taxonomy
from crawler.taxonomy.datafile import DATA, path_of
from crawler.taxonomy.evaluate import BadLabel, Judging, Labelled, read_labels
from crawler.text.fold import fold_text
from crawler.wiring import open_catalogue

SHIPPED = "labels.jsonl"
_MAX_TOLD = 20  # bad lines of one file; the count says how many there are
_MOST_WORDS = 8  # of one judgement: a line of the report

F = TypeVar("F", bound=Callable[..., Any])


def material_options(command: F) -> F:
    """`FILE…` and `--archive`: which labels are meant; without any, the shipped ones."""
    command = click.option("--archive", "with_archive", is_flag=True, help=_("Also the labels of the archive."))(
        command
    )
    return click.argument(
        "files", metavar=_("[FILE.jsonl]..."), nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path)
    )(command)


def read_material(config: Config, files: Sequence[Path], *, with_archive: bool) -> tuple[list[Labelled], bool]:
    """The labels that are meant, and whether every line was one; what is wrong with a line is said."""
    if not files and not with_archive:
        files = [path_of(SHIPPED, config.taxonomy or DATA)]
    found: list[Labelled] = []
    is_whole = True
    for path in files:
        try:
            with path.open(encoding="utf-8", errors="surrogateescape") as lines:
                labelled, bad = read_labels(lines)
        except OSError as error:
            raise DataFileError(f"{path}: {error.strerror or error}") from error
        found += labelled
        is_whole &= not bad
        _tell(path, bad)
    if with_archive:
        with archive_to_ask(config) as archive:
            found += [labelled_of(item) for item in once_a_story(archive.labels())]
    return found, is_whole


def labelled_of(item: LabelledItem) -> Labelled:
    """An item of the archive with its label, as it is scored and learned from."""
    given = item.record.label
    return Labelled(
        id=item.url,
        title=item.title,
        body=item.body,
        relevant=given.relevant,
        regions=None if given.regions is None else frozenset(given.regions),
        zones=None if given.zones is None else frozenset(given.zones),
        topics=None if given.topics is None else frozenset(given.topics),
        published=item.published.astimezone(CHINA).date() if item.published else None,
        source=item.source_id,
        site_code=item.site_code,
    )


def judging(taxonomy: Taxonomy, catalogue: Catalogue | None) -> Judging:
    """What the taxonomy says of a labelled text, judged as a crawl would: as of its date, and by its source."""

    def judge(labelled: Labelled) -> Judgement:
        title, body = _folded(labelled.title, labelled.body)
        source = catalogue.get(labelled.source) if catalogue is not None and labelled.source else None
        return taxonomy.judge(
            title=title, body=body, source=source, site_code=labelled.site_code, on=labelled.published
        )

    return judge


def catalogue_for(config: Config, labelled: Sequence[Labelled]) -> Catalogue | None:
    """The registry, where a label names a source."""
    return open_catalogue(config) if any(label.source for label in labelled) else None


@lru_cache(maxsize=20_000)  # folding costs more than judging, and one text is judged many times
def _folded(title: str, body: str) -> tuple[str, str]:
    return fold_text(title), fold_text(body)


def _tell(path: Path, bad: Sequence[BadLabel]) -> None:
    for fault in bad[:_MAX_TOLD]:
        complain(_("{file}: line {line}: {what}").format(file=path, line=fault.line, what=fault.what))
    if len(bad) > _MAX_TOLD:
        complain(_("{file}: {count} lines are no labels").format(file=path, count=len(bad)))


def reasons_of(judgement: Judgement) -> Iterator[str]:
    """The heaviest words behind a judgement, each with its weight."""
    heaviest: dict[tuple[str, str], float] = {}
    for evidence in judgement.evidence:
        if evidence.weight and evidence.part in ("subject", "cooperation", "rival", "zone", "topic"):
            heaviest.setdefault((evidence.part, evidence.text), evidence.weight)
    ranked = sorted(heaviest.items(), key=lambda pair: -abs(pair[1]))
    return (f"{text} {weight:+g}" for (_part, text), weight in ranked[:_MOST_WORDS])
