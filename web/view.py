"""Records made ready to show: names, dates, marked words, the state of the sources. Templates do the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup, escape

from archive.records import FeedRecord, JudgementRecord, PollRecord, SearchHit, SourceState
from crawler.language import _
from crawler.model import Evidence, Source, Status
from crawler.text.harmless import harmless
from crawler.wording import detail_text, part_text, reason_text, status_text
from feeds.text import one_line, title_text, web_url
from feeds.wanted import Taxonomy, record_subject, region_name, topic_name, zone_name

# Text shown on either side of a word that was evidence.
_CONTEXT = 24

# A judgement over a long text may rest on hundreds of words; the weightiest explain it.
_EVIDENCE_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source as the list of sources shows it; `light` is ok, bad or none."""

    id: str
    name: str
    home: str | None
    light: str
    words: str
    detail: str
    is_active: bool  # blocked and unverified sources are listed, but nobody waits for them
    polled_at: datetime | None
    poll: PollRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """What stands above the stories: sources that cannot be read, and how far the first pass has come."""

    troubles: tuple[SourceRow, ...]
    awaiting: bool
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    part: str
    key: str
    before: str
    text: str
    after: str
    where: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    id: str
    name: str
    href: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    title: str
    rows: tuple[ShelfRow, ...]


def source_rows(sources: Mapping[str, Source], states: Sequence[SourceState]) -> tuple[SourceRow, ...]:
    """All sources, known or polled; those in trouble first, then by id."""
    by_id = {state.source_id: state for state in states}
    rows = [_source_row(id_, sources.get(id_), by_id.get(id_)) for id_ in sorted({*sources, *by_id})]
    return tuple(sorted(rows, key=lambda row: (row.light != "bad", row.id)))


def banner(rows: Sequence[SourceRow], has_stories: bool) -> Banner:
    """The state of the sources in short; the first pass counts as going on while there is no story at all."""
    active = [row for row in rows if row.is_active]
    done = sum(row.polled_at is not None for row in active)
    return Banner(
        troubles=tuple(row for row in rows if row.light == "bad"),
        awaiting=not has_stories and (done < len(active) or not active),
        done=done,
        total=len(active),
    )


def _source_row(source_id: str, source: Source | None, state: SourceState | None) -> SourceRow:
    poll = state.last_poll if state else None
    light, words, detail = "none", _("not polled yet"), ""
    if poll is not None and poll.reason is not None and not poll.skipped:
        light, words, detail = "bad", reason_text(poll.reason), detail_text(poll.detail)
    elif poll is not None and poll.skipped:
        words = _("passed over")
    elif state is not None and state.last_ok_at is not None:
        light, words = "ok", _("readable")
    if source is not None and source.status is not Status.ACTIVE:
        words = f"{status_text(source.status)} · {words}"
        detail = detail or source.why or ""
    return SourceRow(
        id=source_id,
        name=source.name if source else source_id,
        home=web_url(source.home) if source else None,
        light=light,
        words=words,
        detail=one_line(detail, 200),
        is_active=source is None or source.status is Status.ACTIVE,
        polled_at=state.last_polled_at if state else None,
        poll=poll,
    )


def evidence_rows(judgement: JudgementRecord, title: str, body: str, taxonomy: Taxonomy) -> tuple[EvidenceRow, ...]:
    """The words behind a judgement with the text around them, the weightiest first, each word and key once.

    Offsets of evidence are those of the folded text, which readers do not see: the words are looked for in the
    text as shown, and stand alone where folding changed them.
    """
    once: dict[tuple[str, str, str], Evidence] = {}
    for one in judgement.evidence:
        once.setdefault((one.part, one.key, one.text), one)
    # a person's word has no weight, and comes before all that has
    ranked = sorted(once.values(), key=lambda one: (one.part != "label", -abs(one.weight)))[:_EVIDENCE_SHOWN]
    return tuple(_evidence_row(one, title if one.where == "title" else body, taxonomy) for one in ranked)


def _evidence_row(one: Evidence, text: str, taxonomy: Taxonomy) -> EvidenceRow:
    at = text.find(one.text) if one.text else -1
    before = text[max(0, at - _CONTEXT) : at] if at >= 0 else ""
    after = text[at + len(one.text) :][:_CONTEXT] if at >= 0 else ""
    names = {"region": region_name, "agency": region_name, "zone": zone_name, "topic": topic_name}
    name = names.get(one.part)
    key = name(one.key, taxonomy) if name else one.key
    return EvidenceRow(
        part=part_text(one.part),
        key="" if key == one.text else key,
        before=harmless(before).rpartition("\n")[2],
        text=harmless(one.text),
        after=harmless(after).partition("\n")[0],
        where=one.where,
        weight=one.weight,
    )


def marked(hit: SearchHit) -> Markup:
    """A hit's excerpt, escaped, with its words marked."""
    return _marked(hit.excerpt, hit.marks)


def marked_title(hit: SearchHit) -> Markup:
    """The title of a hit's story, escaped, with its words marked where it is shown as it stands."""
    title = title_text(hit.story.title)
    return _marked(title or _("Untitled"), hit.title_marks if title == hit.story.title else ())


def _marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    shown, at = Markup(""), 0
    for start, end in marks:
        if at <= start < end <= len(text):
            shown += escape(harmless(text[at:start])) + Markup("<mark>{}</mark>").format(harmless(text[start:end]))
            at = end
    return shown + escape(harmless(text[at:]))


def directory(feeds: Sequence[FeedRecord], taxonomy: Taxonomy) -> tuple[Shelf, ...]:
    """The feeds to offer beside the stories: all, zones, provinces, topics, each the fullest first."""

    def rows(chosen: list[FeedRecord]) -> tuple[ShelfRow, ...]:
        return tuple(shelf_row(feed, taxonomy) for feed in sorted(chosen, key=lambda feed: (-feed.items, feed.id)))

    kinds = {kind: [feed for feed in feeds if feed.kind == kind] for kind in ("all", "zone", "region", "topic")}
    shelves = (
        Shelf(title=_("Everything"), rows=rows(kinds["all"])),
        Shelf(title=_("Zones and pairs"), rows=rows(kinds["zone"])),
        Shelf(title=_("Regions"), rows=rows([feed for feed in kinds["region"] if feed.key.endswith("0000")])),
        Shelf(title=_("Topics"), rows=rows(kinds["topic"])),
    )
    return tuple(shelf for shelf in shelves if shelf.rows)


def shelf_row(feed: FeedRecord, taxonomy: Taxonomy) -> ShelfRow:
    """A feed with the address of its stories."""
    href = "/stories" if feed.kind == "all" else f"/stories?{urlencode({feed.kind: feed.key})}"
    return ShelfRow(id=feed.id, name=record_subject(feed, taxonomy), href=href, items=feed.items)
