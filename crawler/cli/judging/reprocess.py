"""`hrwatch reprocess`: read and judge again what the archive holds, show what would change, then write it."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import click
from rich.text import Text

from archive import open_archive
from archive.records import KeptItem, KeptQuery, Likening
from crawler.cli import INTERRUPTED, SOME_FAILED
from crawler.cli.judging.again import Rereading, Unread
from crawler.cli.judging.redoing import Tally, Told, Work, named
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.questions.differences import MAX_CHARS, MAX_LINES, field_text, lines_of, worth_showing
from crawler.cli.screen import CHINA, complain, out, print_line, say, show_json, show_table
from crawler.cli.stopping import minding
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.wiring import open_catalogue
from crawler.wording import join_text


@click.command(
    help=_("Extract and judge the archive again, show what would change, and write it with --apply.")
    + "\n\n"
    + _("Names are numbers or guids of stories, or URLs; without any, all items are looked at.")
    + " "
    + _(
        "Long texts are shown as the lines that differ: at most {lines} of {chars} characters; --json has them whole."
    ).format(lines=MAX_LINES, chars=MAX_CHARS)
    + "\n\n"
    + _("Exit code 0: all well; 1: some could not be read again; 2: wrong use; 3: nothing could run."),
    epilog=example(
        "hrwatch reprocess --since 2026-01-01",
        "hrwatch reprocess --judge-only --apply",
        "hrwatch reprocess 12 https://rsj.yaan.gov.cn/xinwen/show/991827fd844d80bc21063f7701ff6aac.html",
    ),
)
@click.argument("names", metavar=_("[STORY|URL]..."), nargs=-1)
@click.option("--source", "source_ids", metavar="ID", multiple=True, help=_("Only items of this source (repeatable)."))
@click.option(
    "--since", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help=_("Published on this day or later.")
)
@click.option(
    "--until", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help=_("Published on this day or earlier.")
)
@click.option("--relevant/--irrelevant", default=None, help=_("Only items judged so until now."))
@click.option("--refused", is_flag=True, help=_("Also try pages again that were refused."))
@click.option("--judge-only", is_flag=True, help=_("Judge the stored texts; read no WARC files."))
@click.option("--apply", "is_applied", is_flag=True, help=_("Write what changes."))
@click.option("--yes", "is_agreed", is_flag=True, help=_("With --apply: do not ask."))
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help=_("Items in one transaction."),
)
@json_option
@sources_option
@data_option
@click.pass_context
def reprocess(
    ctx: click.Context,
    names: tuple[str, ...],
    source_ids: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    relevant: bool | None,
    refused: bool,
    judge_only: bool,
    is_applied: bool,
    is_agreed: bool,
    batch: int,
    as_json: bool,
) -> None:
    """A dry run unless told to apply."""
    can_ask = sys.stdin.isatty() and out.is_terminal and not as_json
    if is_agreed and not is_applied:
        raise click.UsageError(_("--yes goes with --apply."))
    if refused and (judge_only or relevant is not None):
        raise click.UsageError(_("--refused does not go with --judge-only, --relevant or --irrelevant."))
    if is_applied and not is_agreed and not can_ask:
        raise click.UsageError(_("Nobody can be asked here: give --yes with --apply."))
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    catalogue = open_catalogue(config)
    catalogue.select(source_ids)
    query = KeptQuery(
        source_ids=source_ids,
        since=since.replace(tzinfo=CHINA) if since else None,
        until=until.replace(tzinfo=CHINA) + timedelta(days=1) if until else None,
        relevant=relevant,
    )
    stopping = threading.Event()
    with open_archive(config) as archive:
        rereading = Rereading(
            catalogue,
            taxonomy,
            config.warc_dir,
            max_bytes=config.max_page_bytes,
            page_now=archive.page_now,
            judge_only=judge_only,
        )
        items, rows, unknown = named(archive, query, names, refused)
        for name in unknown:
            complain(_("{name}: no such story or URL").format(name=name))
        work = Work(archive, rereading, items, rows, batch, stopping.is_set)
        tally, is_written = Tally(), is_applied and is_agreed
        with minding(stopping):
            if as_json:
                show_json(_objects(work, tally, is_writing=is_applied))
            else:
                _show(work, tally, taxonomy, is_writing=is_written)
        if is_applied and not is_agreed and tally.to_write and not stopping.is_set():
            if not click.confirm(_("Write these changes?"), default=False):
                complain(_("Nothing was written."))
                ctx.exit(SOME_FAILED)
            tally, is_written = Tally(), True
            with minding(stopping):
                for told in work.run(is_writing=True):
                    tally.add(told)
        if not as_json:
            _show_summary(tally, is_written=is_written)
        if stopping.is_set():
            complain(_("Interrupted; what was written is whole, and the same command goes on with the rest."))
            ctx.exit(INTERRUPTED)
    if tally.has_failed or unknown:
        ctx.exit(SOME_FAILED)


def _show(work: Work, tally: Tally, taxonomy: Taxonomy, *, is_writing: bool) -> None:
    for told in work.run(is_writing=is_writing):
        tally.add(told)
        _show_one(told, taxonomy)


def _show_one(told: Told, taxonomy: Taxonomy) -> None:
    done, again = told.redone, told.again
    shown = () if done is None else worth_showing(done.changes)
    is_told = again.unread is not None and isinstance(again.of, KeptItem)
    if done is None or not (shown or done.is_new or done.likenings or done.fault or done.is_overtaken or is_told):
        if is_told:
            _head(again.of.url if isinstance(again.of, KeptItem) else "", "", None)
            _line("!", f"{unread_text(again.unread)}: {again.detail}" if again.unread else "")
        return
    _head(done.url, done.title, done.story_id)
    if again.unread is not None:
        _line("!", f"{unread_text(again.unread)}: {again.detail}")
    if done.is_new:
        verdict = _("relevant") if done.relevant else _("not relevant")
        _line("+", _("was refused, is an article now ({verdict})").format(verdict=verdict))
    for change in shown:
        lines = lines_of(change, taxonomy)
        if len(lines) == 1 and lines[0].sign == " ":
            _line(" ", f"{field_text(change.name)}: {lines[0].text}")
            continue
        _line(" ", f"{field_text(change.name)}:")
        for line in lines:
            _line(line.sign, f"  {line.text}")
    for like in done.likenings:
        _line("!", likening_text(like))
    if done.is_overtaken:
        _line("!", _("changed by another run meanwhile; left as it is"))
    if done.fault is not None:
        _line("!", _("could not be written: {fault}").format(fault=done.fault))


def _head(url: str, title: str, story_id: int | None) -> None:
    number = f"[{story_id}] " if story_id is not None else ""
    if out.is_terminal:
        out.print(Text.assemble((number, "dim"), (title, "bold"), "  ", (url, "dim")))
    else:
        print_line(f"{number}{title}  {url}")


def _line(sign: str, text: str) -> None:
    if out.is_terminal:
        style = {"-": "red", "+": "green", "!": "yellow"}.get(sign, "")
        out.print(Text(f"    {sign} {text}", style=style))
    else:
        print_line(f"    {sign} {text}")


def _show_summary(tally: Tally, *, is_written: bool) -> None:
    if tally.fields:
        say()
        rows = [(field_text(name), count) for name, count in tally.fields.most_common()]
        show_table((_("field"), _("items that change")), rows)
        say()
    say(
        _("{items} items and {rows} refused rows looked at: {changed} items change, {new} become items").format(
            items=tally.looked_at, rows=tally.rows, changed=tally.changed, new=tally.new
        )
    )
    for why, count in tally.unread.most_common():
        say(_("not read again {count}: {reason}").format(count=count, reason=f"{unread_text(why)} ({why})"))
    if tally.overtaken:
        say(_("left alone {count}: changed by another run meanwhile").format(count=tally.overtaken))
    if tally.faults:
        complain(_("{count} could not be written").format(count=tally.faults))
    if tally.likenings["would-join"] or tally.likenings["not-alike"]:
        say(_("Stories are neither joined nor split here: such notes are for you to look at."))
    if not tally.to_write:
        say(_("nothing to change"))
    elif is_written:
        say(_("written; hrwatch publish brings the feeds up to date"))
    else:
        command = " ".join(shlex.quote(word) for word in ["hrwatch", *sys.argv[1:], "--apply"])
        say(_("Nothing was written. To write it: {command}").format(command=command))


def unread_text(why: Unread | None) -> str:
    """Why a page was not read again, in words."""
    words = {
        Unread.NO_PAGE: _("no page of it was kept"),
        Unread.LET_GO: _("its page was let go to save room"),
        Unread.WARC_GONE: _("its WARC file is gone"),
        Unread.WARC_DAMAGED: _("its WARC record cannot be read"),
        Unread.UNREGISTERED: _("its source is not registered; left as it is"),
        Unread.REFUSED: _("no article by the rules of today"),
        Unread.FAULT: _("a fault of the program"),
    }
    return "" if why is None else words[why]


def likening_text(like: Likening) -> str:
    """What a changed text means for its story, in a sentence."""
    if like.kind == "not-alike":
        return _("no longer like the other members of story {story}; it stays there").format(story=like.story_id)
    why = f"{join_text(like.reason)} {like.score or 0:.2f}"
    if like.kind == "joins":
        return _("joins story {story} ({why})").format(story=like.story_id, why=why)
    return _("would now join story {story} ({why}); it stays where it is").format(story=like.story_id, why=why)


def _objects(work: Work, tally: Tally, *, is_writing: bool) -> Iterator[dict[str, object]]:
    """Every item that changes or could not be read again, then one object with the sums."""
    for told in work.run(is_writing=is_writing):
        tally.add(told)
        done, again = told.redone, told.again
        has_changed = done is not None and (done.changes or done.is_new or done.likenings)
        if not has_changed and again.unread is None and not (done and (done.is_overtaken or done.fault)):
            continue
        yield {
            "url": again.of.url if isinstance(again.of, KeptItem) else again.of.entry.url,
            "title": again.of.title if isinstance(again.of, KeptItem) else again.of.entry.title,
            "item": done.item_id if done else None,
            "story": done.story_id if done else None,
            "is_new": bool(done and done.is_new),
            "changes": [
                {"field": change.name, "old": change.old, "new": change.new}
                for change in (done.changes if done else ())
            ],
            "notes": [
                {"kind": like.kind, "story": like.story_id, "reason": like.reason, "score": like.score}
                for like in (done.likenings if done else ())
            ],
            "unread": again.unread,
            "detail": again.detail,
            "overtaken": bool(done and done.is_overtaken),
            "fault": done.fault if done else None,
            "written": told.is_written,
        }
    yield {
        "items": tally.looked_at,
        "refused_rows": tally.rows,
        "changed": tally.changed,
        "new": tally.new,
        "fields": dict(tally.fields.most_common()),
        "unread": {str(why): count for why, count in tally.unread.items()},
        "written": is_writing,
    }
