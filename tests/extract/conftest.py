"""Golden pages: what a stored page must be read as, one value per field."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.errors import RefusedError
from crawler.extract.dates import row_date
from crawler.extract.join import extract_whole
from crawler.extract.parts import further_parts, may_have_parts
from crawler.extract.refusal import refusal_of
from crawler.model import Article, Entry, ListPage, Page, Source, Stamp

PAGES = Path(__file__).parent.parent / "pages"
FIELDS = (
    "refused",
    "title",
    "published",
    "published_from",
    "written",
    "source_name",
    "author",
    "document_number",
    "site_code",
    "charset",
    "attachments",
    "images",
    "columns",
    "further",  # addresses that the page says it goes on at
    "parts",  # what the text was joined from, where the case holds further pages
    "body",
)


def golden_cases() -> list[str]:
    """Every case with a page of its own, as `family/case`."""
    return sorted(str(path.parent.relative_to(PAGES)) for path in PAGES.glob("*/*/page.html"))


def read_case(case: str) -> dict[str, Any]:
    """What the extractor makes of a case now: only fields that have a value."""
    folder = PAGES / case
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    page = _page(meta, meta["url"], folder / "page.html")
    parts = [_page(meta, part["url"], folder / part["file"]) for part in meta.get("parts", ())]
    refusal = refusal_of(page, expects="article")
    if refusal is not None:
        return {"refused": f"{refusal[0]}: {refusal[1]}"}
    try:
        first = extract_whole(page, source=_source(meta), entry=_entry(meta))
        article = extract_whole(page, parts=parts, source=_source(meta), entry=_entry(meta))
    except RefusedError as error:
        return {"refused": str(error)}
    further = [link.url for link in further_parts(page, first)]
    assert may_have_parts(page) or not further, "the quick look must not miss what the full one finds"
    return _fields(article, further)


def _page(meta: dict[str, Any], url: str, path: Path) -> Page:
    return Page(
        url=url,
        status=meta["status"],
        headers=meta["headers"],
        body=path.read_bytes(),
        fetched_at=datetime.fromisoformat(meta["captured_at"]),
    )


def _fields(article: Article, further: list[str]) -> dict[str, Any]:
    fields = {
        "title": article.title,
        "published": _stamp(article.published),
        "published_from": article.published.origin if article.published else None,
        "written": _stamp(article.written),
        "source_name": article.source_name,
        "author": article.author,
        "document_number": article.document_number,
        "site_code": article.site_code,
        "charset": article.charset,
        "attachments": [f"{item.name} {item.url}" for item in article.attachments],
        "images": list(article.images),
        "columns": list(article.columns),
        "further": further,
        "parts": article.origins.get("parts"),
        "body": article.body.split("\n"),
    }
    return {name: value for name, value in fields.items() if value}


def _stamp(stamp: Stamp | None) -> str | None:
    if stamp is None:
        return None
    return stamp.at.strftime("%Y-%m-%d") if stamp.precision == "day" else stamp.at.isoformat(timespec="minutes")


def _source(meta: dict[str, Any]) -> Source:
    url = meta["url"]
    return Source(
        id="golden",
        name="golden",
        kind="agency",
        level="city",
        adcode="510000",
        home=url,
        hosts=(url.split("/")[2],),
        family=meta.get("family", "generic"),
        lists=(ListPage(url=url),),
    )


def _entry(meta: dict[str, Any]) -> Entry | None:
    entry = meta.get("entry")
    if entry is None:
        return None
    return Entry(
        source_id="golden",
        list_url=meta["url"],
        url=meta["url"],
        title=entry["title"],
        date=row_date(entry["date"]) if "date" in entry else None,
    )
