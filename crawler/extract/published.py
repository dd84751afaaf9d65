"""When an article was published: gathers what selectors, labels, tags, scripts and graph data say; `dates` judges."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crawler.extract.dates import judge_published, read_stamp, row_stamp, script_stamp
from crawler.extract.document import Document
from crawler.extract.labels import Labels
from crawler.extract.loose_dates import relative_stamp
from crawler.extract.meta import Meta
from crawler.extract.select import select_text
from crawler.model import Entry, Page, Selectors, Stamp

# the standard's PubDate and what other systems call it: gov.cn, MOE, Hanweb, Weibo
_TAGS = (
    "pubdate",
    "firstpublishedtime",
    "publishdate",
    "publish_date",
    "maketime",
    "publishtime",
    "weibo:article:create_at",
)
_GRAPH_TAGS = ("article:published_time", "og:published_time", "og:release_date", "datepublished", "dc.date")


def published_stamp(
    document: Document,
    meta: Meta,
    labels: Labels,
    selectors: tuple[Selectors, Selectors],
    *,
    page: Page,
    entry: Entry | None,
    zone: str,
) -> Stamp | None:
    """The time of publication, or None. `selectors` are the source's own and its family's, in this order."""
    own, family = selectors
    labelled = None
    for origin, selector in (("selector", own.published), ("family", family.published)):
        text = select_text(document, selector)
        if text and labelled is None:
            labelled = read_stamp(text, zone, origin) or relative_stamp(text, zone, page.fetched_at, origin)
    return judge_published(
        labelled=labelled or labels.published,
        row=entry.date if entry else None,
        url=page.url,
        tagged=_tagged(meta, _TAGS, zone),
        generated=_generated(meta, zone),
        other=_other(document, meta, labels, zone, page.fetched_at),
        fetched_at=page.fetched_at,
        zone=zone,
    )


def _tagged(meta: Meta, names: tuple[str, ...], zone: str) -> Stamp | None:
    for name in names:
        value = meta.tags.get(name)
        stamp = read_stamp(value, zone, f"meta:{name}") if value else None
        if stamp is not None:
            return stamp
    return None


def _generated(meta: Meta, zone: str) -> Stamp | None:
    """UCAP's `others`: `页面生成时间 2024-04-15 14:53:51`."""
    note = meta.tags.get("others")
    return read_stamp(note, zone, "meta:others") if note is not None and "生成" in note else None


def _other(document: Document, meta: Meta, labels: Labels, zone: str, fetched_at: datetime) -> Stamp | None:
    """What remains: graph tags, a script's variable, `3小时前`, JSON-LD."""
    found = _tagged(meta, _GRAPH_TAGS, zone) or script_stamp(document.script_time, zone)
    if found is None and labels.relative is not None:
        found = relative_stamp(labels.relative, zone, fetched_at, "relative")
    linked = meta.linked.get("datePublished") or meta.linked.get("pubDate")
    found = found or (read_stamp(linked, zone, "json-ld") if linked else None) or _time_element(document, zone)
    if found is None and labels.yearless is not None:
        stamp = row_stamp(labels.yearless, zone, fetched_at)
        found = None if stamp is None else replace(stamp, origin="label-without-year")
    return found


def _time_element(document: Document, zone: str) -> Stamp | None:
    """The one `<time datetime="2024-03-05T08:05:00+08:00">` of the page, or the one that says datePublished."""
    times = [box.element for box in document.boxes if box.tag == "time" and box.element.get("datetime")]
    said = [element for element in times if "publish" in (element.get("itemprop") or "").lower()] or times
    return read_stamp(said[0].get("datetime") or "", zone, "time-element") if len(said) == 1 else None
