"""`hrwatch story`: what a person rules about stories; whether their pages are still there: still_there.py."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import click

from archive import Archive, open_archive
from archive.records import Ruling, StoryRecord
from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, SOME_FAILED
from crawler.cli.judging.still_there import answers_of, ask, by_source_of, members_of, show_answers
from crawler.cli.log import log_to_stderr
from crawler.cli.options import config_of, data_option, example, json_option, sources_option, verbose_option
from crawler.cli.questions.show import ruling_columns, ruling_object, ruling_row
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import complain, out, say, show_json, show_table
from crawler.cli.stopping import seen_through
from crawler.errors import RulingError
from crawler.language import _
from crawler.polling.runner import run_until_done
from crawler.wiring import open_catalogue, services_for

_MAX_PAGES = 200  # asked again in one call: a look, not a crawl


@click.group(
    help=_("Join, split and check stories by hand."),
    epilog=example("hrwatch story join 12 40", "hrwatch story split 12 345", "hrwatch story rulings"),
)
def story() -> None:
    """The group itself does nothing."""


def _note_option(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--note", default="", metavar="TEXT", help=_("Why, for whoever reads it later."))(command)


def _yes_option(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--yes", "is_yes", is_flag=True, help=_("Do it without asking."))(command)


@story.command(
    help=_("Make one story of several, for good; the oldest keeps its guid."),
    epilog=example("hrwatch story join 12 40 --note 同一签约仪式 --yes"),
)
@click.argument("stories", metavar="STORY STORY...", nargs=-1, required=True)
@_note_option
@_yes_option
@json_option
@data_option
@click.pass_context
def join(ctx: click.Context, stories: tuple[str, ...], note: str, is_yes: bool, as_json: bool) -> None:
    """Remembered: nothing separates them again but `undo`."""
    with closing(open_archive(config_of(ctx))) as archive:
        if not is_yes:
            found = [_named(archive, name) for name in stories]
            _agree(ctx, found, _("Make one story of these?"), as_json=as_json)
        _rule(archive, partial(archive.join_stories, stories, note=note), as_json=as_json)


@story.command(
    help=_("Make some members a story of their own, for good."),
    epilog=example("hrwatch story split 12 345 --yes", "hrwatch story split 12 https://example.gov.cn/a/1.html"),
)
@click.argument("name", metavar="STORY")
@click.argument("items", metavar="ITEM...", nargs=-1, required=True)
@_note_option
@_yes_option
@json_option
@data_option
@click.pass_context
def split(ctx: click.Context, name: str, items: tuple[str, ...], note: str, is_yes: bool, as_json: bool) -> None:
    """Remembered: they never join again those they were split from, but by `undo`."""
    with closing(open_archive(config_of(ctx))) as archive:
        if not is_yes:
            _agree(
                ctx, [_named(archive, name)], _("Split off {items}?").format(items="、".join(items)), as_json=as_json
            )
        _rule(archive, partial(archive.split_story, name, items, note=note), as_json=as_json)


@story.command(
    help=_("List what was ruled, newest first."),
    epilog=example("hrwatch story rulings", "hrwatch story rulings --json"),
)
@json_option
@data_option
@click.pass_context
def rulings(ctx: click.Context, as_json: bool) -> None:
    """With what was taken back."""
    with archive_to_ask(config_of(ctx)) as archive:
        found = archive.rulings()
    if as_json:
        show_json(map(ruling_object, found))
    elif found:
        show_table(ruling_columns(), map(ruling_row, found))
    else:
        say(_("nothing was ruled yet"))


@story.command(help=_("Take a ruling back, and what it did."), epilog=example("hrwatch story undo 3 --yes"))
@click.argument("number", metavar="N", type=click.IntRange(min=1))
@_yes_option
@json_option
@data_option
@click.pass_context
def undo(ctx: click.Context, number: int, is_yes: bool, as_json: bool) -> None:
    """What was split is joined again, what was joined is apart again under its own guids."""
    with closing(open_archive(config_of(ctx))) as archive:
        if not is_yes:
            held = next((ruling for ruling in archive.rulings() if ruling.id == number), None)
            if held is None:
                raise RulingError(_("{number}: no such ruling").format(number=number))
            if not as_json:
                show_table(ruling_columns(), [ruling_row(held)])
            _confirm(ctx, _("Take this back?"), as_json=as_json)
        _rule(archive, partial(archive.undo_ruling, number), as_json=as_json)


@story.command(
    help=_("Ask the members' addresses again: are they there, and what do they say?")
    + "\n\n"
    + _("Exit code 0: all answered; 1: some did not; 2: wrong use; 3: nothing could be asked."),
    epilog=example("hrwatch story check 12", "hrwatch story check 12 40 --json"),
)
@click.argument("stories", metavar="STORY...", nargs=-1, required=True)
@json_option
@verbose_option
@sources_option
@data_option
@click.pass_context
def check(ctx: click.Context, stories: tuple[str, ...], as_json: bool, verbose: int) -> None:
    """By the ordinary crawl: robots.txt, leases and delays hold, registered hosts only."""
    log_to_stderr(verbose)
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    with closing(open_archive(config)) as archive:
        services = services_for(config, catalogue, archive, warc=None, replay=None)
        members = {item.item_id: item for name in stories for item in members_of(archive, _named(archive, name))}
        wanted = [item for item in members.values() if not item.is_link_only]
        if len(wanted) > _MAX_PAGES:
            complain(_("{count} pages; the first {most} are asked").format(count=len(wanted), most=_MAX_PAGES))
        wanted = wanted[:_MAX_PAGES]
        began = services.now()
        by_source = by_source_of(wanted, services)
        is_interrupted = run_until_done(lambda stopping: ask(services, by_source, stopping))
        answers = answers_of(archive, wanted, began)
    show_answers(answers, as_json=as_json)
    if is_interrupted:
        complain(_("Interrupted."))
        ctx.exit(INTERRUPTED)
    asked = [answer for answer in answers if answer.check is not None]
    ctx.exit(NOTHING_RAN if not asked else ALL_WELL if len(asked) == len(answers) else SOME_FAILED)


def _named(archive: Archive, name: str) -> StoryRecord:
    found = archive.find_story(name)
    if found is None:
        raise RulingError(_("{id}: no such story").format(id=name))
    return found


def _agree(ctx: click.Context, stories: Sequence[StoryRecord], question: str, *, as_json: bool) -> None:
    if not as_json:
        show_table(
            (_("story"), _("item"), _("site"), _("title"), "url"),
            (
                (found.id, member.item_id, member.site_name, member.title, member.url)
                for found in stories
                for member in found.members
            ),
        )
    _confirm(ctx, question, as_json=as_json)


def _confirm(ctx: click.Context, question: str, *, as_json: bool) -> None:
    """Ask on a terminal; elsewhere nobody can say yes."""
    if as_json or not (sys.stdin.isatty() and out.is_terminal):
        raise click.UsageError(_("Nobody can be asked here: give --yes."))
    if not click.confirm(question, default=False):
        complain(_("Nothing was written."))
        ctx.exit(SOME_FAILED)


def _rule(archive: Archive, ruled: Callable[..., Ruling], *, as_json: bool) -> None:
    with seen_through():
        ruling = ruled(by=_who(), now=datetime.now(UTC))
        archive.close()
        if as_json:
            show_json([ruling_object(ruling)])
        else:
            show_table(ruling_columns(), [ruling_row(ruling)])


def _who() -> str:
    """Who sits at the keyboard, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name for this user id, as in a container
        return "?"
