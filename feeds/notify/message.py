"""Stories and health events as messages: grouped, bounded, cut into parts that a service takes. Sends nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from archive.records import Announced, HealthEvent, StoryRecord
from crawler.health.standing import Health
from crawler.language import _, language, ngettext
from crawler.wording import detail_text, reason_text
from feeds.face import template
from feeds.item import CHINA, day_or_minute
from feeds.text import one_line, title_text, web_url
from feeds.wanted import Taxonomy, short_region, zone_name

MAX_PARTS = 5  # of one message: robots take 20 a minute, people fewer
_MEMBERS_NAMED = 3
_TITLE_CHARS = 120  # the longest government titles; a cut one is still told from others


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is told: its place, a title, what else is known, and where it is read."""

    position: int
    title: str
    facts: str
    url: str  # on the web side
    origin: str | None = None  # where it was published


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines under one heading."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told at once. `more` things are counted only, and stand at `link`."""

    subject: str
    groups: tuple[Group, ...]
    more: int
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A text that a service takes at once, and the places told by it."""

    text: str
    positions: tuple[int, ...]


def story_message(name: str, told: Sequence[Announced], count: int, taxonomy: Taxonomy, base_url: str) -> Message:
    """The message about `told`, of `count` stories in all: by zone, else by province; each once, the newest first."""
    base = base_url.rstrip("/")
    grouped: dict[str, list[Announced]] = defaultdict(list)
    for one in told:
        grouped[_group_of(one.story, taxonomy)].append(one)
    fullest_first = sorted(grouped.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    subject = ngettext("{name}: {count} new story", "{name}: {count} new stories", count)
    return Message(
        subject=subject.format(name=one_line(name, 100), count=count),
        groups=tuple(
            Group(name=heading, lines=tuple(_line(one, base) for one in sorted(members, key=_newest_first)))
            for heading, members in fullest_first
        ),
        more=count - len(told),
        link=f"{base}/stories",
    )


def health_message(name: str, events: Sequence[HealthEvent], base_url: str) -> Message:
    """The message about changes of sources' health, by what they became."""
    base = base_url.rstrip("/")
    grouped: dict[Health, list[HealthEvent]] = defaultdict(list)
    for event in events:
        grouped[event.verdict].append(event)
    count = len({event.source_id for event in events})
    subject = ngettext(
        "{name}: the health of {count} source changed", "{name}: the health of {count} sources changed", count
    )
    return Message(
        subject=subject.format(name=one_line(name, 100), count=count),
        groups=tuple(
            Group(name=became_text(verdict), lines=tuple(_health_line(event, base) for event in grouped[verdict]))
            for verdict in Health
            if verdict in grouped
        ),
        more=0,
        link=f"{base}/feeds/health.rss",
    )


def became_text(health: Health) -> str:
    """What became of a source, as a person would say it."""
    return {
        Health.HEALTHY: _("well again"),
        Health.QUIET: _("well again"),
        Health.SLOW: _("answers slowly, or not always"),
        Health.SILENT: _("silent for longer than expected"),
        Health.BROKEN: _("broken: its pages are not what they were"),
        Health.BLOCKED: _("blocked"),
        Health.MOVED: _("moved to another host"),
        Health.REFUSED: _("refused by robots.txt"),
        Health.UNREACHABLE: _("does not answer"),
        Health.FAULT: _("a fault of the program"),
    }[health]


def event_facts(event: HealthEvent) -> str:
    """Since when, and why."""
    since = _("since {time}").format(time=f"{event.since.astimezone(CHINA):%Y-%m-%d %H:%M}")
    reason = reason_text(event.reason) if event.reason is not None else ""
    return " · ".join(part for part in (since, reason, one_line(detail_text(event.detail), 200)) if part)


def text_parts(message: Message, limit: int, size: Callable[[str], int]) -> list[Part]:
    """The message as plain text, in at most MAX_PARTS parts none of which is larger than `limit` by `size`.

    What finds no room in them is counted at the end of the last.
    """
    parts: list[Part] = []
    text, positions, heading = _chat(message.subject), [], ""
    rest = [(group.name, line) for group in message.groups for line in group.lines]
    room = limit - size("\n\n" + _more(10**6, message.link))
    while rest:
        name, line = rest[0]
        block = _block(line) if name == heading else f"\n【{_chat(name)}】\n{_block(line)}"
        if size(f"{text}\n{block}") <= room:
            text, heading = f"{text}\n{block}", name
            positions.append(line.position)
            rest.pop(0)
        elif positions:
            if len(parts) == MAX_PARTS - 1:
                break
            parts.append(Part(text=text, positions=tuple(positions)))
            text, positions, heading = _chat(message.subject), [], ""
        else:
            text = _fitted(f"{text}\n{_chat(line.title)}", room, size)
            positions.append(line.position)
            rest.pop(0)
    more = message.more + len(rest)
    ending = "\n\n" + _more(more, message.link) if more else ""
    parts.append(Part(text=_fitted(text + ending, limit, size), positions=tuple(positions)))
    return parts


def html_page(message: Message) -> str:
    """The whole message as a page for mail programs: no scripts, no pictures, styles in place."""
    more = _more(message.more, message.link) if message.more else ""
    return template("digest.html").render(
        _=_, language="en" if language() == "en" else "zh-CN", message=message, more=more
    )


def _line(told: Announced, base: str) -> Line:
    story = told.story
    publisher = one_line(story.first_source, 60) or _("Unknown source")
    facts = [publisher if story.published is None else f"{publisher} {day_or_minute(story.published, story.precision)}"]
    others = list(
        dict.fromkeys(
            one_line(member.source_name or member.site_name, 60) or member.source_id
            for member in story.members
            if not member.is_first
        )
    )
    if others:
        named = "、".join(others[:_MEMBERS_NAMED])
        also = (
            _("also reported by {names}") if len(others) <= _MEMBERS_NAMED else _("also by {names} and others: {count}")
        )
        facts.append(also.format(names=named, count=len(others)))
    return Line(
        position=told.position,
        title=one_line(title_text(story.title) or _("Untitled"), _TITLE_CHARS),
        facts=" · ".join(facts),
        url=f"{base}/stories/{story.id}",
        origin=web_url(story.url),
    )


def _health_line(event: HealthEvent, base: str) -> Line:
    return Line(
        position=event.id,
        title=f"{one_line(event.name, 60)} ({event.source_id})",
        facts=event_facts(event),
        url=f"{base}/feeds/health.rss",
        origin=web_url(event.home or ""),
    )


def _group_of(story: StoryRecord, taxonomy: Taxonomy) -> str:
    """A story's heading: its zone, else the province of its first region. One only, so that it stands once."""
    if story.zones:
        return zone_name(story.zones[0], taxonomy)
    if story.regions:
        return short_region(story.regions[0][:2] + "0000", taxonomy)
    return _("Elsewhere")


def _newest_first(told: Announced) -> tuple[float, int]:
    at = told.story.published or told.story.first_seen_at
    return -at.timestamp(), -told.position


def _block(line: Line) -> str:
    return f"· {_chat(line.title)}\n  {_chat(line.facts)}\n  {line.url}"


def _chat(text: str) -> str:
    """Text that calls nobody and is no markup: services obey "@all", "<!channel>", '<at user_id="all">' in any text."""
    return text.replace("<", "＜").replace("@", "＠")


def _more(count: int, link: str) -> str:
    return _("and {count} more: {link}").format(count=count, link=link)


def _fitted(text: str, limit: int, size: Callable[[str], int]) -> str:
    while size(text) > limit and text:
        text = text[: max(len(text) * 9 // 10 - 1, 0)].rstrip()
    return text


def positions_of(message: Message) -> Iterable[int]:
    """The places told by the whole message."""
    return (line.position for group in message.groups for line in group.lines)
