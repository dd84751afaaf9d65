"""What a right pass over the demonstration's site holds: stories, refusals, failures, and what nobody may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawler.demo import items as hosts
from crawler.demo.items import WEIXIN, Answers, Item
from crawler.demo.registry import stranger_hosts
from crawler.demo.site import DemoSite
from crawler.model import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedStory:
    """A story with exactly these members; regions, zones and topics at least these."""

    key: str
    title: str
    members: frozenset[str]  # addresses without port
    published: date  # the first member's day, on the sites' clock
    first_source: str | None  # a fragment of it
    regions: frozenset[str]
    zones: frozenset[str]
    topics: frozenset[str]
    document_number: str | None = None
    is_link_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRefusal:
    """A row that goes no further, for one of `reasons`. `url` has no port; for a bad link it is the href."""

    url: str
    title: str
    reasons: frozenset[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFailure:
    """A source whose poll fails as a whole, for one of `reasons`."""

    source_id: str
    reasons: frozenset[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Everything a right pass holds. `feeds` are by zone name or adcode: keys of the stories that each has at least."""

    stories: tuple[ExpectedStory, ...]
    refusals: tuple[ExpectedRefusal, ...]
    failures: tuple[ExpectedFailure, ...]
    never_published: tuple[str, ...]  # titles
    never_asked_hosts: tuple[str, ...]
    never_asked_urls: tuple[str, ...]
    asked_once: frozenset[str]  # pages that are read once and for all
    polled: frozenset[str]  # lists whose servers send validators: every poll but the first is conditional
    feeds: Mapping[str, frozenset[str]]


FAILURES = (
    ExpectedFailure(source_id="demo-zhangai-blocked", reasons=frozenset({Reason.BLOCKED})),
    ExpectedFailure(source_id="demo-jinzhi-robots", reasons=frozenset({Reason.ROBOTS})),
    ExpectedFailure(source_id="demo-gaiban-redesigned", reasons=frozenset({Reason.NO_ROWS})),
    ExpectedFailure(source_id="demo-neiwang-private", reasons=frozenset({Reason.PRIVATE_ADDRESS})),
)
_READ_ONCE = frozenset({Answers.ARTICLE, Answers.WRONG_CHARSET, Answers.SLOW})
# The title alone is all there is behind a link; these are what it says.
_LINK_ONLY = {
    "weixin-pact": (frozenset({"510000", "500000"}), frozenset({"川渝"}), frozenset({"agreement", "labor-export"}))
}


def expected(site: DemoSite) -> Expected:
    """What a right pass over `site`, as it now is, holds."""
    told: dict[str, list[Item]] = {}
    for item in site.items:
        if not item.reasons:
            told.setdefault(item.story, []).append(item)
    stories = tuple(_story(key, members) for key, members in told.items())
    refused = [item for item in site.items if item.reasons]
    feeds: dict[str, set[str]] = {}
    for story in stories:
        for name in story.zones | story.regions:
            feeds.setdefault(name, set()).add(story.key)
    return Expected(
        stories=stories,
        refusals=tuple(ExpectedRefusal(url=item.url, title=item.text.title, reasons=item.reasons) for item in refused),
        failures=FAILURES,
        never_published=tuple(dict.fromkeys(item.text.title for item in refused)),
        never_asked_hosts=stranger_hosts(),
        never_asked_urls=tuple(item.url for item in refused if item.reasons == {Reason.ROBOTS})
        + tuple(url for url in site.addresses() if url.startswith(hosts.FORBIDDEN) and "robots.txt" not in url),
        asked_once=frozenset(
            item.url for item in site.items if item.answers in _READ_ONCE and item.reasons <= {Reason.IRRELEVANT}
        ),
        polled=frozenset(site.lists()),
        feeds={name: frozenset(keys) for name, keys in feeds.items()},
    )


def _story(key: str, members: list[Item]) -> ExpectedStory:
    first = min(members, key=lambda item: (item.at, item.answers is Answers.ELSEWHERE, item.from_day))
    text = first.text
    is_link_only = first.url.startswith(WEIXIN)
    regions, zones, topics = _LINK_ONLY.get(
        first.key, (frozenset(text.regions), frozenset(text.zones), frozenset(text.topics))
    )
    return ExpectedStory(
        key=key,
        title=text.title,
        members=frozenset(item.url for item in members),
        published=first.at.date(),
        first_source=first.credit,
        regions=regions,
        zones=zones,
        topics=topics,
        document_number=text.document_number,
        is_link_only=is_link_only,
    )
