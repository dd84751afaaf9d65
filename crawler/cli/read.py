"""`hrwatch search` and `explain`: questions to the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import click
from rich.text import Text

from archive import Archive, open_archive
from archive.records import FeedQuery, Member, SearchHit, StoryRecord, UrlHistory
from crawler.cli import SOME_FAILED
from crawler.cli.judged import plain_label, print_judgement, topic_text
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.screen import CHINA, cell_text, complain, out, print_line, say, show_json, show_table
from crawler.language import _
from crawler.model import Precision
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.wording import join_text, omission_text, reason_text


@contextmanager
def _archive(ctx: click.Context) -> Iterator[Archive]:
    archive = open_archive(config_of(ctx))
    try:
        yield archive
    finally:
        archive.close()


@click.command(
    help=_('Search the archive: words in any order, "phrases in quotes", newest first.'),
    epilog=example("hrwatch search 川渝", "hrwatch search '社保 互认' --region 500000 --since 2024-01-01 --json"),
)
@click.argument("words", nargs=-1)
@click.option(
    "--region", help=_("Only stories of this region: an adcode, or a name such as 雅安; takes in what is below.")
)
@click.option("--zone", help=_("Only stories of this zone, such as 川渝."))
@click.option("--topic", help=_("Only stories with this topic, such as agreement."))
@click.option("--source", "source_id", help=_("Only stories with a member from this source."))
@click.option(
    "--since", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help=_("Published on this day or later.")
)
@click.option(
    "--until", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help=_("Published on this day or earlier.")
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help=_("At most this many."))
@json_option
@data_option
@click.pass_context
def search(
    ctx: click.Context,
    words: tuple[str, ...],
    region: str | None,
    zone: str | None,
    topic: str | None,
    source_id: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Newest first."""
    taxonomy = load_taxonomy(config_of(ctx).taxonomy)
    query = FeedQuery(
        zones=(_known_zone(taxonomy, zone),) if zone else (),
        adcodes=adcodes_of(taxonomy, region) if region else (),
        topics=(_known_topic(taxonomy, topic),) if topic else (),
    )
    with _archive(ctx) as archive:
        hits = archive.search(
            " ".join(words),
            query=query,
            source=source_id,
            since=since.replace(tzinfo=CHINA) if since else None,
            until=until.replace(tzinfo=CHINA) + timedelta(days=1) if until else None,
            limit=limit,
        )
    if as_json:
        show_json(story_object(hit.story) | {"excerpt": hit.excerpt} for hit in hits)
        return
    if not hits:
        say(_("nothing found"))
        ctx.exit(SOME_FAILED)
    if out.is_terminal:
        for hit in hits:
            _print_hit(hit)
    else:
        show_table(
            (_("id"), _("published"), _("title"), _("first published by"), _("members"), _("zones"), "url"),
            (
                (
                    hit.story.id,
                    published_text(hit.story),
                    hit.story.title,
                    hit.story.first_source,
                    len(hit.story.members),
                    hit.story.zones,
                    hit.story.url,
                )
                for hit in hits
            ),
        )


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
    with _archive(ctx) as archive:
        history = archive.explain(url)
    if history is None:
        complain(_("{url}: never seen on any list").format(url=url))
        ctx.exit(SOME_FAILED)
    if as_json:
        show_json([history_object(history)])
        return
    _print_history(history, load_taxonomy(config_of(ctx).taxonomy))


def adcodes_of(taxonomy: Taxonomy, region: str) -> tuple[str, ...]:
    """The adcodes a user means by a code or a name; raises a usage error that names the region."""
    divisions = taxonomy.divisions
    found = (region,) if divisions.is_known(region) else divisions.find(region)
    if not found:
        raise click.BadParameter(_("{region}: no such region").format(region=region), param_hint="--region")
    # today's map takes in yesterday's names: 两江新区 is also 江北区 and 渝北区
    return tuple(dict.fromkeys(code for heir in found for code in (heir, *divisions.predecessors(heir))))


def published_text(story: StoryRecord) -> str:
    """The publication time as precisely as it is known."""
    if story.published is None:
        return _("undated")
    local = story.published.astimezone(CHINA)
    return f"{local:%Y-%m-%d}" if story.precision is Precision.DAY else f"{local:%Y-%m-%d %H:%M}"


def _known_zone(taxonomy: Taxonomy, zone: str) -> str:
    if zone not in taxonomy.zones:
        raise click.BadParameter(_("{zone}: no such zone").format(zone=zone), param_hint="--zone")
    return zone


def _known_topic(taxonomy: Taxonomy, topic: str) -> str:
    if topic not in taxonomy.topics:
        known = "、".join(taxonomy.topics)
        raise click.BadParameter(
            _("{topic}: no such topic; there are {known}").format(topic=topic, known=known), param_hint="--topic"
        )
    return topic


def _print_hit(hit: SearchHit) -> None:
    story = hit.story
    out.print(
        Text.assemble(
            (f"{story.id:>6}  ", "dim"),
            (published_text(story), "cyan"),
            "  ",
            (story.title, "bold"),
            (f"  {story.first_source}", "dim"),
            (f"  ×{len(story.members)}" if len(story.members) > 1 else "", "yellow"),
        )
    )
    excerpt = Text(f"{hit.excerpt}", style="dim")
    for start, end in hit.marks:
        excerpt.stylize("bold not dim", start, end)
    out.print(Text("        ") + excerpt)


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
                member.published,
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
        detail = f" ({entry.detail})" if entry.detail else ""
        return _("left out: {reason}").format(reason=reason_text(entry.reason) + detail)
    if entry.outcome == "pending":
        return _("waiting to be fetched")
    story = history.story
    if history.judgement is not None and not history.judgement.relevant:
        return _("stored; not about the subject, so in no feed")
    if story is not None and len(story.members) > 1:
        return _("stored; one of {count} members of story {id}").format(count=len(story.members), id=story.id)
    return _("stored")


def story_object(story: StoryRecord) -> dict[str, object]:
    """A story as plain values."""
    return {
        "id": story.id,
        "guid": story.guid,
        "title": story.title,
        "url": story.url,
        "published": story.published.astimezone(CHINA) if story.published else None,
        "published_precision": story.precision,
        "first_source": story.first_source,
        "document_number": story.document_number,
        "written": story.written,
        "event_date": story.event_date,
        "relevant": story.relevant,
        "score": story.score,
        "regions": story.regions,
        "zones": story.zones,
        "topics": story.topics,
        "agreements": story.agreements,
        "is_link_only": story.is_link_only,
        "members": [
            {
                "item": member.item_id,
                "url": member.url,
                "title": member.title,
                "source": member.source_id,
                "site": member.site_name,
                "source_name": member.source_name,
                "published": member.published.astimezone(CHINA) if member.published else None,
                "is_first": member.is_first,
                "join_reason": member.join_reason,
                "join_score": member.join_score,
                "first_seen": member.first_seen_at.astimezone(CHINA),
                "vanished": member.vanished_at.astimezone(CHINA) if member.vanished_at else None,
            }
            for member in story.members
        ],
    }


def history_object(history: UrlHistory) -> dict[str, object]:
    """A URL's history as plain values."""
    entry, judgement = history.entry, history.judgement
    return {
        "url": history.url,
        "outcome": entry.outcome if entry else None,
        "reason": entry.reason if entry else None,
        "reason_text": reason_text(entry.reason) if entry and entry.reason else None,
        "detail": entry.detail if entry else None,
        "row": {"title": entry.title, "date": entry.row_date, "source": entry.source_id, "list": entry.list_url}
        if entry
        else None,
        "retry_at": entry.retry_at if entry else None,
        "pages": [
            {"url": page.url, "status": page.status, "fetched_at": page.fetched_at, "sha256": page.sha256}
            for page in history.pages
        ],
        "title": history.title,
        "origins": dict(history.origins),
        "repairs": history.repairs,
        "judgement": {
            "relevant": judgement.relevant,
            "score": judgement.score,
            "regions": [{"adcode": region.adcode, "role": region.role} for region in judgement.regions],
            "zones": judgement.zones,
            "topics": judgement.topics,
            "label": None if judgement.label is None else plain_label(judgement.label),
            "evidence": [
                {
                    "part": item.part,
                    "key": item.key,
                    "text": item.text,
                    "where": item.where,
                    "start": item.start,
                    "end": item.end,
                    "weight": item.weight,
                }
                for item in judgement.evidence
            ],
        }
        if judgement
        else None,
        "story": story_object(history.story) if history.story else None,
        "passed_over": [
            {"feed": omission.feed_id, "reason": omission.reason, "at": omission.omitted_at}
            for omission in history.omissions
        ],
        "feeds": [{"id": feed.id, "kind": feed.kind, "key": feed.key, "title": feed.title} for feed in history.feeds],
    }
