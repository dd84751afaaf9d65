"""Rows of `source_health` and `polls` as the values that judge a source's health, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import Row

from archive.periods import CHINA
from crawler.health.standing import Health, PollSeen, Snapshot, Standing
from crawler.health.usual import ArticlesSeen, ArticlesUsual, ListSeen, ListUsual, Sample, Usual, list_key
from crawler.model import Reason, WarcPosition

# Articles that came without what makes them one: a page that was redesigned has no text where it was.
_UNREAD = (Reason.NO_BODY, Reason.NO_TITLE)


def poll_seen(row: Row[Any]) -> PollSeen:
    """What a poll tells of its source; pages of a list's history tell nothing of the list."""
    # the end of that day in China: rows show no hours
    newest = None if row.newest is None else datetime.combine(row.newest, time.max, CHINA)
    lists = [values for values in row.lists if values.get("number", 1) == 1]
    return PollSeen(
        ended_at=row.ended_at,
        reason=None if row.reason is None else Reason(row.reason),
        detail=row.detail,
        # a poll of an older program, or of a test, may have its sums alone
        new=sum(values["new"] for values in lists) if lists else row.new,
        newest=newest,
        is_skipped=row.is_skipped,
        lists=tuple(_list_seen(values) for values in lists if values["reason"] is None),
        articles=ArticlesSeen(
            read=row.read or 0,
            dated=row.read_dated or 0,
            unread=sum(row.refused.get(reason.value, 0) for reason in _UNREAD) if row.read is not None else 0,
        ),
        snapshot=_snapshot_of(lists, row.ended_at),
    )


def _list_seen(values: dict[str, Any]) -> ListSeen:
    return ListSeen(
        key=list_key(values["url"]),
        # a poll of an older program measured nothing: it says nothing of what is usual
        is_read=not values["unchanged"] and values.get("linked") is not None,
        rows=values["rows"],
        titled=values.get("titled"),
        dated=values.get("dated"),
        linked=values.get("linked"),
        size=values.get("bytes"),
        wait_ms=values.get("wait_ms"),
        shows_family=values.get("shows_family"),
    )


def _snapshot_of(lists: Sequence[dict[str, Any]], at: datetime) -> Snapshot | None:
    """The first list that was read, and where it is kept."""
    for values in lists:
        if values["reason"] is None and not values["unchanged"]:
            warc = values.get("warc")
            return Snapshot(url=values["url"], at=at, warc=None if warc is None else WarcPosition(**warc))
    return None


def standing_of(row: Row[Any]) -> Standing:
    """What is remembered of a source."""
    return Standing(
        verdict=None if row.verdict is None else Health(row.verdict),
        since=row.since,
        reason=None if row.reason is None else Reason(row.reason),
        detail=row.detail or "",
        next=None if row.next_verdict is None else Health(row.next_verdict),
        next_since=row.next_since,
        apart=row.polls_apart,
        alike=row.polls_alike,
        freshest_at=row.freshest_at,
        news_at=row.news_at,
        read_at=row.read_at,
        good_at=row.good_at,
        snapshot=snapshot_of(row),
        digest=row.source_digest or "",
        usual=_usual_of(row.usual),
    )


def snapshot_of(row: Row[Any]) -> Snapshot | None:
    """The last good list, from a row of `source_health`."""
    if row.snapshot_url is None:
        return None
    warc = None
    if row.warc_file is not None:
        warc = WarcPosition(file=row.warc_file, offset=row.warc_offset, length=row.warc_length)
    return Snapshot(url=row.snapshot_url, at=row.snapshot_at, warc=warc)


def values_of(standing: Standing) -> dict[str, Any]:
    """A standing as a row of `source_health`, without the source."""
    snapshot = standing.snapshot
    warc = snapshot.warc if snapshot is not None else None
    return {
        "verdict": standing.verdict,
        "since": standing.since,
        "next_verdict": standing.next,
        "next_since": standing.next_since,
        "polls_apart": standing.apart,
        "polls_alike": standing.alike,
        "freshest_at": standing.freshest_at,
        "reason": standing.reason,
        "detail": standing.detail,
        "news_at": standing.news_at,
        "read_at": standing.read_at,
        "good_at": standing.good_at,
        "snapshot_url": snapshot.url if snapshot is not None else None,
        "snapshot_at": snapshot.at if snapshot is not None else None,
        "warc_file": warc.file if warc is not None else None,
        "warc_offset": warc.offset if warc is not None else None,
        "warc_length": warc.length if warc is not None else None,
        "source_digest": standing.digest or None,
        "usual": _plain(standing.usual),
    }


def _plain(usual: Usual) -> dict[str, Any]:
    """What is usual, as JSON: lists in order, samples as bare numbers, answers as "1101"."""
    articles = usual.articles
    return {
        "lists": [
            {"key": key, "fault": one.fault, "samples": [_plain_sample(sample) for sample in one.samples]}
            for key, one in usual.lists.items()
        ],
        "articles": [
            articles.read,
            articles.dated,
            articles.unread,
            articles.unread_run,
            articles.undated_run,
        ],
        "gaps": list(usual.gaps),
        "answers": "".join("1" if is_there else "0" for is_there in usual.answers),
    }


def _plain_sample(sample: Sample) -> list[int | bool | None]:
    return [
        round(sample.at.timestamp()),
        sample.rows,
        sample.titled,
        sample.dated,
        sample.linked,
        sample.size,
        sample.wait_ms,
        sample.shows_family,
    ]


def _usual_of(plain: dict[str, Any] | None) -> Usual:
    if plain is None:
        return Usual()
    return Usual(
        lists={
            one["key"]: ListUsual(fault=one["fault"], samples=tuple(_sample(*sample) for sample in one["samples"]))
            for one in plain["lists"]
        },
        articles=_articles(*plain["articles"]),
        gaps=tuple(plain["gaps"]),
        answers=tuple(answer == "1" for answer in plain["answers"]),
    )


def _sample(
    at: int,
    rows: int,
    titled: int | None,
    dated: int | None,
    linked: int | None,
    size: int | None,
    wait_ms: int | None,
    shows_family: bool | None,
) -> Sample:
    return Sample(
        at=datetime.fromtimestamp(at, UTC),
        rows=rows,
        titled=titled,
        dated=dated,
        linked=linked,
        size=size,
        wait_ms=wait_ms,
        shows_family=shows_family,
    )


def _articles(read: int, dated: int, unread: int, unread_run: int, undated_run: int) -> ArticlesUsual:
    return ArticlesUsual(read=read, dated=dated, unread=unread, unread_run=unread_run, undated_run=undated_run)
