"""What a pass left behind, set against what is expected: one finding a line, for people and for tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.demo.expected import Expected, ExpectedStory
from crawler.demo.registry import without_port
from crawler.demo.server import Visit
from crawler.language import _
from crawler.model import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStory:
    """A story as the archive has it; addresses may carry the server's port."""

    title: str
    members: Collection[str]
    published: date | None
    first_source: str | None
    regions: Collection[str]
    zones: Collection[str]
    topics: Collection[str]
    document_number: str | None = None
    is_link_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a pass left: refusals by address (or href), failures by source, titles by feed (zone name or adcode)."""

    stories: Sequence[SeenStory]
    refusals: Mapping[str, Reason]
    failures: Mapping[str, Reason]
    feeds: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is as it should be, or not; `detail` says what differs."""

    is_right: bool
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{'✓' if self.is_right else '✗'} {self.subject}" + (f": {self.detail}" if self.detail else "")


def check(expected: Expected, seen: Seen) -> tuple[Finding, ...]:
    """Every expectation with whether it holds, in the order of `expected`."""
    return (
        *_stories(expected, seen),
        *_refusals(expected, seen),
        *_failures(expected, seen),
        *_feeds(expected, seen),
    )


def check_manners(expected: Expected, visits: Sequence[Visit]) -> tuple[Finding, ...]:
    """Whether the crawler behaved, over one pass or more: it asks politely, and nobody who is not to be asked."""
    crowded = sorted({visit.host for visit in visits if visit.at_once > 1})
    strangers = sorted({visit.host for visit in visits} & set(expected.never_asked_hosts))
    forbidden = sorted({_url(visit) for visit in visits} & set(expected.never_asked_urls))
    times = Counter(_url(visit) for visit in visits if visit.status == 200)
    again = sorted(url for url in expected.asked_once if times[url] > 1)
    return (
        _finding(_("the sites were asked"), [] if visits else [_("not one request")]),
        _finding(_("one request at a time per host"), crowded),
        _finding(_("no request to unregistered hosts"), strangers),
        _finding(_("robots.txt obeyed"), forbidden),
        _finding(_("no page fetched twice"), again),
        _finding(_("lists asked for conditionally"), _unconditional(expected, visits)),
    )


def _url(visit: Visit) -> str:
    return f"http://{visit.host}{visit.path}"


def _unconditional(expected: Expected, visits: Sequence[Visit]) -> list[str]:
    """Lists that were asked for again as if they had never been seen."""
    known: set[str] = set()
    faults: dict[str, None] = {}
    for visit in sorted(visits, key=lambda visit: visit.began_at):
        url = _url(visit)
        if url in known and not visit.is_conditional:
            faults.setdefault(url)
        if url in expected.polled and visit.status == 200:
            known.add(url)
    return list(faults)


def _finding(subject: str, faults: Sequence[str]) -> Finding:
    return Finding(is_right=not faults, subject=subject, detail="; ".join(faults))


def _stories(expected: Expected, seen: Seen) -> Iterator[Finding]:
    left = list(seen.stories)
    for story in expected.stories:
        subject = _("story {title}").format(title=story.title)
        found = next((other for other in left if _members(other) & story.members), None)
        if found is None:
            yield _finding(subject, [_("not found")])
            continue
        left.remove(found)
        yield _finding(subject, list(_differences(story, found)))
    for other in left:
        yield _finding(_("story {title}").format(title=other.title), [_("not expected")])


def _members(story: SeenStory) -> set[str]:
    return {without_port(url) for url in story.members}


def _differences(story: ExpectedStory, found: SeenStory) -> Iterator[str]:
    members = _members(found)
    for url in sorted(story.members - members):
        yield _("member missing: {url}").format(url=url)
    for url in sorted(members - story.members):
        yield _("member too many: {url}").format(url=url)
    if found.published != story.published:
        yield _("published {seen}, not {expected}").format(seen=found.published, expected=story.published)
    if story.first_source is not None and story.first_source not in (found.first_source or ""):
        yield _("first source {seen}, not {expected}").format(seen=found.first_source, expected=story.first_source)
    if story.document_number is not None and found.document_number != story.document_number:
        yield _("document number {seen}, not {expected}").format(
            seen=found.document_number, expected=story.document_number
        )
    if found.is_link_only != story.is_link_only:
        yield _("link only: {seen}").format(seen=found.is_link_only)
    for wanted, had in (
        (story.regions, found.regions),
        (story.zones, found.zones),
        (story.topics, found.topics),
    ):
        if missing := sorted(wanted - set(had)):
            yield _("missing: {names}").format(names=", ".join(missing))


def _refusals(expected: Expected, seen: Seen) -> Iterator[Finding]:
    reasons = {without_port(url): reason for url, reason in seen.refusals.items()}
    for refusal in expected.refusals:
        reason = reasons.get(refusal.url)
        subject = _("refused ({reasons}) {title}").format(
            reasons="/".join(sorted(refusal.reasons)), title=refusal.title
        )
        yield _finding(subject, [] if reason in refusal.reasons else [f"{reason or _('not found')} {refusal.url}"])


def _failures(expected: Expected, seen: Seen) -> Iterator[Finding]:
    for failure in expected.failures:
        reason = seen.failures.get(failure.source_id)
        subject = _("source {source} reported ({reasons})").format(
            source=failure.source_id, reasons="/".join(sorted(failure.reasons))
        )
        yield _finding(subject, [] if reason in failure.reasons else [str(reason or _("not found"))])
    known = {failure.source_id for failure in expected.failures}
    for source_id in sorted(set(seen.failures) - known):
        yield _finding(_("source {source}").format(source=source_id), [str(seen.failures[source_id])])


def _feeds(expected: Expected, seen: Seen) -> Iterator[Finding]:
    titles = {story.key: story.title for story in expected.stories}
    # A feed may mark a title (a link-only story), so that it is looked for inside.
    for name, keys in sorted(expected.feeds.items()):
        published = seen.feeds.get(name, ())
        missing = sorted(titles[key] for key in keys if not any(titles[key] in title for title in published))
        yield _finding(_("feed {name}").format(name=name), missing)
    shown = {title for published in seen.feeds.values() for title in published}
    leaked = sorted(title for title in expected.never_published if any(title in other for other in shown))
    yield _finding(_("no noise in any feed"), leaked)
