"""The options that every question to the archive shares (search, export, stats, cooperations), and their Question."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import click

from archive.records import Question
from archive.search.asking import Doubt, Filters, ask
from archive.search.doubts import slip_text
from crawler.cli.options import config_of
from crawler.cli.screen import complain
from crawler.language import _
from crawler.taxonomy import load_taxonomy
from crawler.text.fields import days_of

F = TypeVar("F", bound=Callable[..., Any])
# -高速, -"高 速", -(高速 铁路), -title:x, but no option: those are of the alphabet and have no colon
_EXCLUDED = re.compile(r"-(?!-)(?:[^\x00-\x7f]|[\"(]|[a-z]+:)")


class QuestionCommand(click.Command):
    """A command whose words may begin with a hyphen, as the language has it: `hrwatch search 川渝 -高速`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f"NOT {arg[1:]}" if _EXCLUDED.match(arg) else arg for arg in args])


class Day(click.ParamType[date]):
    """A year, a month or a day; its first day, or its last where `is_last`."""

    name = "day"

    def __init__(self, *, is_last: bool = False) -> None:
        self._is_last = is_last

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        days = days_of(str(value))
        if days is None:
            self.fail(_("{value}: a day is written 2026-03-01, a month 2026-03, a year 2026").format(value=value))
        return days[1] if self._is_last else days[0]


def question_options(command: F) -> F:
    """WORDS, --region, --pair, --zone, --topic, --source, --kind, --since, --until.

    The command takes them as `**asked: Any` and hands them to `question_of`.
    """
    for option in reversed(
        (
            click.argument("words", nargs=-1),
            click.option(
                "--region",
                "regions",
                multiple=True,
                help=_("Only stories of this region: an adcode, or a name such as 雅安; takes in what is below."),
            ),
            click.option(
                "--pair",
                nargs=2,
                metavar=_("REGION REGION"),
                help=_("Only stories of both regions, such as: 四川 重庆."),
            ),
            click.option("--zone", "zones", multiple=True, help=_("Only stories of this zone, such as 川渝.")),
            click.option(
                "--topic", "topics", multiple=True, help=_("Only stories with this topic, such as agreement.")
            ),
            click.option(
                "--source", help=_("Only stories with a member from this source: an id, or a part of a name.")
            ),
            click.option("--kind", help=_("Only stories with a member from this kind of source, such as gov or 媒体.")),
            click.option("--since", metavar="YYYY[-MM[-DD]]", type=Day(), help=_("Published on this day or later.")),
            click.option(
                "--until", metavar="YYYY[-MM[-DD]]", type=Day(is_last=True), help=_("Published on this day or earlier.")
            ),
        )
    ):
        command = option(command)
    return command


def question_of(
    ctx: click.Context,
    *,
    words: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
    pair: tuple[str, str] | None = None,
    zones: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    source: str | None = None,
    kind: str | None = None,
    since: date | None = None,
    until: date | None = None,
    relevant_only: bool = True,
) -> Question:
    """What the options ask.

    An unknown value of an option is a usage error; what of the words was not understood is said on standard error.
    """
    asked = ask(
        " ".join(words),
        Filters(
            regions=regions,
            zones=zones,
            topics=topics,
            pair=pair,
            source=source,
            kind=kind,
            since=since,
            until=until,
            relevant_only=relevant_only,
        ),
        load_taxonomy(config_of(ctx).taxonomy),
    )
    for slip in asked.slips:
        if isinstance(slip, Doubt) and slip.is_filter and slip.reason != "ambiguous":
            raise click.BadParameter(slip_text(slip), param_hint=f"--{slip.field}")
    for slip in asked.slips:
        complain(slip_text(slip))
    return asked.question
