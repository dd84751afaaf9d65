"""Stored lists and what a family must read from them. A case is `tests/pages/<family>/list-<case>/`.

`list.html`, `list.json` or `list.xml` with `meta.json` (url, status, headers, captured_at, origin; source facts where
they matter) and `expected.json` (rows as "title | url | date | marks", lists, next, refused).
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.errors import RefusedError
from crawler.extract.refusal import refusal_of
from crawler.extract.rows import Row
from crawler.model import ListPage, Page, RowDate, Source
from crawler.polling.poll import ListJob
from spiders.base import ListSpider

PAGES = Path(__file__).parent.parent / "pages"


def list_cases() -> list[str]:
    """Every stored list, as `family/list-case`."""
    return sorted(str(path.parent.relative_to(PAGES)) for path in PAGES.glob("*/list-*/list.*"))


def family(name: str) -> ListSpider:
    """A spider of that family, bound to nothing."""
    spider = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]})).load(name)()
    assert isinstance(spider, ListSpider)
    return spider


def list_of(
    body: bytes,
    url: str = "http://www.jia.example/list/index.html",
    *,
    family: str = "generic",
    headers: dict[str, str] | None = None,
    number: int = 1,
    first: str | None = None,
    rows: str | None = None,
    article: str | None = None,
) -> tuple[Page, ListJob, Source]:
    """What a family's hooks are given: a page, the job it answers (page `number` of the list `first`), its source."""
    page = Page(
        url=url,
        status=200,
        headers=headers or {},
        body=body,
        fetched_at=datetime.fromisoformat("2026-11-20T08:00:00+08:00"),
    )
    listed = ListPage(url=first or url, rows=rows, article=article)
    source = Source(
        id="golden",
        name="golden",
        kind="news",
        level="province",
        adcode="510000",
        home=url,
        hosts=(url.split("/")[2],),
        family=family,
        lists=(listed,),
    )
    return page, ListJob(listed, url, is_first=number == 1, number=number), source


def read_list(case: str) -> dict[str, Any]:
    """What the case's family makes of it now: only what there is."""
    folder = PAGES / case
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    name = case.split("/", maxsplit=1)[0]
    page, job, source = list_of(
        next(folder.glob("list.*")).read_bytes(),
        meta["url"],
        family=name,
        headers=meta["headers"],
        number=meta.get("number", 1),
        first=meta.get("first"),
        rows=meta.get("rows"),
        article=meta.get("article"),
    )
    refusal = refusal_of(page, expects="list")
    if refusal is not None:
        return {"refused": f"{refusal[0]}: {refusal[1]}"}
    spider = family(name)
    try:
        rows = spider.read_rows(page, job, source)
    except RefusedError as error:
        return {"refused": str(error)}
    following = spider.next_page(page, job, source)
    found = {
        "rows": [_shown(row) for row in rows],
        "lists": [str(getattr(more, "key", more)) for more in spider.more_lists(page, job, source)],
        "next": following.key if following is not None else None,
    }
    return {key: value for key, value in found.items() if value}


def _shown(row: Row) -> str:
    marks = [mark for mark, is_so in (("pinned", row.is_pinned), ("no article", not row.is_article)) if is_so]
    return " | ".join((row.title, row.url or row.href, shown_date(row.date), *marks))


def shown_date(date: RowDate | None) -> str:
    """ "2026-10-03 08:05", "10-03", "-"."""
    if date is None:
        return "-"
    year = f"{date.year}-" if date.year is not None else ""
    clock = f" {date.hour:02}:{date.minute:02}" if date.hour is not None and date.minute is not None else ""
    return f"{year}{date.month:02}-{date.day:02}{clock}"
