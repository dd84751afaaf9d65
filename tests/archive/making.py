"""Synthetic items for the tests of the archive: sources, rows, pages and judgements that were never published."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from archive import Archive
from archive.records import EntryRules, FeedQuery, Question, WantedFeed
from crawler.model import (
    Article,
    Capture,
    Entry,
    Judged,
    Judgement,
    Lease,
    Page,
    PollReport,
    Precision,
    Reason,
    Region,
    Role,
    Source,
    Stamp,
)

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

# characters of an invented language: texts of them are alike only where a test makes them so
_CHARACTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]


def prose(seed: int | str, sentences: int = 12) -> str:
    """A text of its own for every seed, about 30 characters a sentence."""
    rng = random.Random(f"prose {seed}")
    return "".join("".join(rng.choices(_CHARACTERS, k=rng.randint(20, 40))) + "。" for _ in range(sentences))


def source(source_id: str = "synthetic", name: str = "合成日报") -> Source:
    return Source(
        id=source_id,
        name=name,
        kind="news",
        level="province",
        adcode="510000",
        home=f"https://{source_id}.example/",
        hosts=(f"{source_id}.example",),
        family="list",
        lists=(),
    )


def entry(
    url: str, *, source_id: str = "synthetic", list_url: str = "https://synthetic.example/list", title: str = "标题"
) -> Entry:
    return Entry(source_id=source_id, list_url=list_url, url=url, title=title)


def judgement(
    *,
    relevant: bool = True,
    regions: tuple[str, ...] = ("510000", "500000"),
    zones: tuple[str, ...] = ("川渝",),
    topics: tuple[str, ...] = ("agreement",),
) -> Judgement:
    return Judgement(
        relevant=relevant,
        score=0.9 if relevant else 0.1,
        regions=tuple(Region(adcode=adcode, role=Role.PARTY) for adcode in regions),
        zones=zones,
        topics=topics,
        version="test",
    )


def judged(
    url: str,
    body: str,
    *,
    title: str = "川渝人社部门签署合作协议",
    published: datetime | None = NOW - timedelta(days=1),
    source_name: str | None = None,
    of: Source | None = None,
    verdict: Judgement | None = None,
    lease: Lease | None = None,
    repairs: tuple[str, ...] = (),
    is_link_only: bool = False,
    list_url: str = "https://synthetic.example/list",
) -> Judged:
    carrier = of or source()
    article = Article(
        url=url,
        title=title,
        body=body,
        folded_title=title,
        folded_body=body,
        published=None if published is None else Stamp(at=published, precision=Precision.MINUTE, origin="label"),
        source_name=source_name,
        repairs=repairs,
        is_link_only=is_link_only,
    )
    page = (
        None
        if is_link_only
        else Page(url=url, status=200, headers={}, body=body.encode("utf-8", "replace"), fetched_at=NOW)
    )
    capture = Capture(
        entry=entry(url, source_id=carrier.id, title=title, list_url=list_url), source=carrier, page=page, lease=lease
    )
    return Judged(capture=capture, article=article, judgement=verdict or judgement())


def poll(source_id: str = "synthetic", *, at: datetime = NOW, reason: Reason | None = None) -> PollReport:
    return PollReport(source_id=source_id, started_at=at, ended_at=at, reason=reason)


def enter_feed(
    archive: Archive,
    feed_id: str,
    kind: str,
    key: str,
    title: str,
    query: FeedQuery | Question,
    *,
    now: datetime,
    **rules: int,
) -> int:
    """Let the stories that match enter one feed; `rules` are those of EntryRules by name."""
    feed = WantedFeed(id=feed_id, kind=kind, key=key, title=title, query=query)
    return archive.enter_feeds((feed,), rules=EntryRules(**rules), now=now)
