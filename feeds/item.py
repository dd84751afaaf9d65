"""A story as one entry of a feed, the same in every format: texts, links, dates and categories. No XML here."""

from __future__ import annotations

import html
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from archive.records import FeedEntry, Member, StoryRecord
from crawler.language import _
from crawler.model import Precision
from crawler.text.harmless import harmless
from feeds.body import body_html
from feeds.text import EXCERPT_LENGTH, SUMMARY_LENGTH, one_line, title_text, web_url
from feeds.wanted import Taxonomy, short_region, topic_name, zone_name

# China keeps one time; a day of publication is a day there.
CHINA = ZoneInfo("Asia/Shanghai")

# A story reprinted by hundreds shows its first publishers; the rest are on its page.
MEMBERS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    scheme: str  # region, zone or topic
    term: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry. Texts hold nothing that XML forbids, dates are aware and of whole seconds, URLs are URIs."""

    guid: str
    url: str
    title: str
    summary: str  # plain text
    content: str  # HTML
    published: datetime
    updated: datetime
    publisher: str
    categories: tuple[Category, ...]


def feed_item(entry: FeedEntry, taxonomy: Taxonomy, base_url: str, excerpts: Collection[str] = frozenset()) -> FeedItem:
    """The entry for a story; its content depends on the story alone, never on the moment.

    `excerpts` are ids of sources whose texts are shown as excerpts.
    """
    story = entry.story
    page = f"{base_url}/stories/{story.id}"
    title = title_text(story.title) or _("Untitled")
    publisher = one_line(story.first_source, 100) or _("Unknown source")
    if story.is_link_only:
        title = _("[link] {title}").format(title=title)
    return FeedItem(
        guid=harmless(entry.guid),
        url=web_url(story.url) or page,
        title=title,
        summary=_summary(story, publisher),
        content=_content(story, publisher, page, is_excerpt=_is_excerpt(story, excerpts)),
        published=published_at(story),
        updated=whole_second(story.updated_at),
        publisher=publisher,
        categories=_categories(story, taxonomy),
    )


def published_at(story: StoryRecord) -> datetime:
    """When a story was published: midnight in China where only the day is known; never after we first saw it.

    A story without a date is dated by first sight. Clamping to first sight rather than to now keeps a feed's
    bytes the same tomorrow.
    """
    seen = whole_second(story.first_seen_at)
    if story.published is None:
        return seen
    at = story.published.astimezone(CHINA)
    if story.precision is not Precision.MINUTE:
        at = at.replace(hour=0, minute=0, second=0)
    return min(at.replace(microsecond=0), seen)


def whole_second(moment: datetime) -> datetime:
    """`moment` in China's time without its fraction, which feeds have no use for."""
    return moment.astimezone(CHINA).replace(microsecond=0)


def day_or_minute(moment: datetime, precision: Precision | None) -> str:
    """A date as far as it is known: 2022-05-28, or 2022-05-28 09:30, in China's time."""
    at = moment.astimezone(CHINA)
    return f"{at:%Y-%m-%d %H:%M}" if precision is Precision.MINUTE else f"{at:%Y-%m-%d}"


def _summary(story: StoryRecord, publisher: str) -> str:
    text = one_line(story.body, SUMMARY_LENGTH)
    if story.is_link_only or not text:
        return _("First published by {source}. Link only: this site's pages are not fetched.").format(source=publisher)
    return text


def _is_excerpt(story: StoryRecord, excerpts: Collection[str]) -> bool:
    """True where the first publisher, or the member whose text is shown, is a source of excerpts."""
    return any(
        member.source_id in excerpts
        for member in story.members
        if member.is_first or member.item_id == story.text_item_id
    )


def _content(story: StoryRecord, publisher: str, page: str, *, is_excerpt: bool) -> str:
    facts = [_("First published by: {source}").format(source=_link(story.url, publisher))]
    if story.published is not None:
        facts.append(day_or_minute(story.published, story.precision))
    if story.document_number:
        facts.append(_("Document number: {number}").format(number=_escape(story.document_number)))
    parts = [f"<p>{' · '.join(facts)}</p>"]
    if story.is_link_only:
        note = _("Link only: this site's pages are not fetched.")
        parts.append(f"<p><em>{note}</em></p>")
    if is_excerpt:
        parts.append(f"<p>{_escape(one_line(story.body, EXCERPT_LENGTH))}</p>" if story.body else "")
        whole = _("The whole text is at the publisher's.")
        parts.append(f"<p>{_link(story.url, whole)}</p>")
    else:
        parts.append(body_html(story))
    others = [member for member in story.members if not member.is_first]
    if others:
        heading = _("Also reported by:")
        rows = "".join(f"<li>{_also(member)}</li>" for member in others[:MEMBERS_SHOWN])
        parts.append(f"<p>{heading}</p>\n<ul>{rows}</ul>")
    more = _("Sources, dates and why this story is here")
    parts.append(f'<p><a href="{html.escape(page)}">{more}</a></p>')
    return "\n".join(part for part in parts if part)


def _also(member: Member) -> str:
    text = _link(member.url, one_line(member.source_name or member.site_name, 100) or member.source_id)
    if member.published is None:
        return text
    return f"{text} · {day_or_minute(member.published, member.precision)}"


def _link(url: str, text: str) -> str:
    address = web_url(url)
    return f'<a href="{html.escape(address)}">{_escape(text)}</a>' if address else _escape(text)


def _escape(text: str) -> str:
    return html.escape(harmless(text), quote=False)


def _categories(story: StoryRecord, taxonomy: Taxonomy) -> tuple[Category, ...]:
    named = [("zone", zone, zone_name(zone, taxonomy)) for zone in story.zones]
    named += [("region", adcode, short_region(adcode, taxonomy)) for adcode in story.regions]
    named += [("topic", topic, topic_name(topic, taxonomy)) for topic in story.topics]
    found = [Category(scheme=kind, term=harmless(key), label=harmless(label)) for kind, key, label in named]
    return tuple(category for category in found if category.term and category.label)
