"""A real archive in a temporary folder, filled with invented (synthetic) items, for the tests of feeds and web."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archive import Archive
from crawler.model import (
    Article,
    Capture,
    Entry,
    Evidence,
    Judged,
    Judgement,
    ListReport,
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

BODY = "合成的两地人社部门签署合成劳务协作协议，编号{number}。\n双方将联合举办合成招聘活动，推动社保互认与职称互认。"


def source(id_: str = "synthetic-a", name: str = "合成日报") -> Source:
    host = f"{id_}.example"
    return Source(
        id=id_,
        name=name,
        kind="news",
        level="city",
        adcode="510000",
        home=f"https://{host}/",
        hosts=(host,),
        family="generic",
        lists=(),
    )


def store(
    archive: Archive,
    number: int,
    *,
    by: Source | None = None,
    title: str | None = None,
    body: str | None = None,
    body_html: str | None = None,
    regions: tuple[str, ...] = ("510000", "500105"),
    zones: tuple[str, ...] = ("川渝",),
    published: datetime | None = datetime(2026, 3, 1, tzinfo=UTC),
    relevant: bool = True,
    now: datetime = NOW,
    **given: Any,
) -> str:
    """Store one item; return its URL. Numbers in words, so that the bodies of two numbers are far apart."""
    by = by or source()
    url = f"https://{by.hosts[0]}/{number}.html"
    title = title if title is not None else f"川渝签署第{number}份合成协议"
    words = "".join(chr(0x4E00 + (number * 7919 + place * 104_729) % 20_000) for place in range(300))
    body = body if body is not None else f"{BODY.format(number=number)}\n{words}"
    article = Article(
        url=url,
        title=title,
        body=body,
        body_html=body_html,
        published=Stamp(at=published, precision=Precision.DAY, origin="label") if published else None,
        source_name=by.name,
        folded_title=title,
        folded_body=body,
        **given,
    )
    judgement = Judgement(
        relevant=relevant,
        score=4.0,
        regions=tuple(Region(adcode=adcode, role=Role.PARTY) for adcode in regions),
        zones=zones,
        topics=("agreement",),
        evidence=(
            Evidence(part="act", key="sign", text="签署", where="body", start=8, end=10, weight=2.0),
            Evidence(part="zone", key="川渝", text="川渝", where="title", start=0, end=2, weight=1.0),
        ),
        version="synthetic",
    )
    page = Page(url=url, status=200, headers={}, body=b"synthetic", fetched_at=now)
    row = Entry(source_id=by.id, list_url=by.home, url=url, title=title)
    capture = Capture(entry=row, source=by, page=None if article.is_link_only else page)
    archive.store(Judged(capture=capture, article=article, judgement=judgement), now=now)
    return url


def poll(archive: Archive, by: Source, reason: Reason | None = None, detail: str = "") -> None:
    """Record a poll that ended with `reason`."""
    page = ListReport(url=by.home, status=200, rows=20, new=1, newest=NOW.date())
    archive.record_poll(
        PollReport(source_id=by.id, started_at=NOW, ended_at=NOW, lists=(page,), reason=reason, detail=detail)
    )
