"""`hrwatch explain`, and how commands show a story."""

from __future__ import annotations

import click
from rich.text import Text

from archive.records import Member, StoryRecord, UrlHistory
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.questions.judged import print_judgement, topic_text
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import CHINA, cell_text, complain, out, print_line, say, show_json, show_table
from crawler.language import _
from crawler.model import Precision
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.wording import join_text, omission_text, told
from web.api.explained import Explained


@click.command(
    help=_("Tell what happened to a URL, and why it is or is not in the feeds."),
    epilog=example("hrwatch explain https://rsj.yaan.gov.cn/xinwen/show/991827fd844d80bc21063f7701ff6aac.html"),
)
@click.argument("url")
@json_option
@data_option
@click.pass_context
def explain(ctx: click.Context, url: str, as_json: bool) -> None:
    """Every stage of the way of an item that the URL went."""
    with archive_to_ask(config_of(ctx)) as archive:
        history = archive.explain(url)
    if history is None:
        complain(_("{url}: never seen on any list").format(url=url))
        if as_json:
            show_json(())
        ctx.exit(SOME_FAILED)
    if as_json:
        show_json([Explained.of(history).model_dump()])
        return
    _print_history(history, load_taxonomy(config_of(ctx).taxonomy))


def published_text(story: StoryRecord | Member) -> str:
    """The publication time as precisely as it is known."""
    if story.published is None:
        return _("undated")
    local = story.published.astimezone(CHINA)
    return f"{local:%Y-%m-%d}" if story.precision is Precision.DAY else f"{local:%Y-%m-%d %H:%M}"


def print_story(story: StoryRecord, taxonomy: Taxonomy) -> None:
    """A story's facts and members."""
    facts: list[tuple[str, object]] = [
        (_("id"), f"{story.id}  {story.guid}"),
        (_("title"), story.title),
        (_("published"), published_text(story)),
        (_("first published by"), story.first_source),
        (_("written"), story.written),
        (_("event"), story.event_date),
        (_("document number"), story.document_number),
        (_("regions"), [f"{taxonomy.divisions.name(code) or '?'} {code}" for code in story.regions]),
        (_("zones"), story.zones),
        (_("topics"), [topic_text(taxonomy, topic) for topic in story.topics]),
        (_("agreements"), [f"《{name}》" for name in story.agreements]),
        (_("relevant"), (_("yes") if story.relevant else _("no")) + f" ({story.score:.2f})"),
    ]
    _print_facts(facts)
    say()
    show_table(
        (_("members"), _("item"), _("published"), _("site"), _("joined because"), "url"),
        (
            (
                "★" if member.is_first else "",
                member.item_id,
                published_text(member),
                member.site_name,
                _joined(member),
                member.url,
            )
            for member in story.members
        ),
    )


def _joined(member: Member) -> str:
    score = f" {member.join_score:.2f}" if member.join_score is not None else ""
    gone = ""
    if member.vanished_at is not None:
        gone = " " + _("[gone since {time}]").format(time=cell_text(member.vanished_at))
    return (join_text(member.join_reason) + score + gone).strip()


def _print_facts(facts: list[tuple[str, object]]) -> None:
    width = max(len(name) for name, _value in facts)
    for name, value in facts:
        text = cell_text(value)
        if not text:
            continue
        if out.is_terminal:
            out.print(Text.assemble((f"{name}{'　' * (width - len(name))}  ", "dim"), text))
        else:
            print_line(f"{name}\t{text}")


def _print_history(history: UrlHistory, taxonomy: Taxonomy) -> None:
    facts: list[tuple[str, object]] = [(_("address"), history.url)]
    entry = history.entry
    if entry is not None:
        facts += [
            (_("row"), f"{entry.title}  {entry.row_date or ''}".rstrip()),
            (_("list"), f"{entry.source_id}  {entry.list_url}"),
            (_("first seen"), entry.first_seen_at),
            (_("outcome"), outcome_text(history)),
        ]
        if entry.retry_at is not None:
            facts.append((_("tried again"), entry.retry_at))
    for page in history.pages:
        where = f"  {page.warc.file} @{page.warc.offset}" if page.warc else ""
        if page.let_go_at is not None:
            where = "  " + _("let go {time}").format(time=cell_text(page.let_go_at))
        facts.append((_("fetched"), f"{cell_text(page.fetched_at)}  {page.status}  {page.size} B{where}"))
    if history.title:
        facts.append((_("title"), history.title))
    facts += [(_("read from"), [f"{name} ← {origin}" for name, origin in history.origins.items()])]
    if history.repairs:
        facts.append((_("repaired"), history.repairs))
    _print_facts(facts)
    if history.judgement is not None:
        say()
        print_judgement(history, history.judgement, taxonomy)
    if history.story is not None:
        say()
        print_story(history.story, taxonomy)
    if history.feeds:
        say()
        say(_("in the feeds: {feeds}").format(feeds="、".join(feed.title for feed in history.feeds)))
    elif history.story is not None:
        say()
        say(_("in no feed"))
    for omission in history.omissions:
        say(
            _("passed over by the feed {feed}: {reason}").format(
                feed=omission.title, reason=omission_text(omission.reason)
            )
        )


def outcome_text(history: UrlHistory) -> str:
    """What became of a row, in a sentence."""
    entry = history.entry
    if entry is None:
        return ""
    if entry.reason is not None:
        return _("left out: {reason}").format(reason=told(entry.reason, entry.detail))
    if entry.outcome == "pending":
        return _("waiting to be fetched")
    story = history.story
    if history.judgement is not None and not history.judgement.relevant:
        return _("stored; not about the subject, so in no feed")
    if story is not None and len(story.members) > 1:
        return _("stored; one of {count} members of story {id}").format(count=len(story.members), id=story.id)
    return _("stored")
