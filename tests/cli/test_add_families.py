"""`hrwatch sources add --replay` on every family's golden list: recognised, shown, written, and then crawled."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.model import Page
from crawler.warc.writing import WarcFiles
from crawler.wiring import families
from tests.crawler.loopback import article, crawl, run, settings
from tests.spiders.golden import PAGES, read_list

AT = datetime.fromisoformat("2026-11-20T08:00:00+08:00")
# Shells name the address of their rows; the answer is another golden page of the family, or a synthetic one.
BEHIND = {
    "jpaas/list-column-page": "jpaas/list-unit/list.json",
    "xinhua/list-shell-with-datasource": "xinhua/list-datasource/list.json",
    "jcms/list-shell-posts": "jcms/list-dataproxy/list.xml",
    "generic/list-iframe": "generic/list-date-beside/list.html",
}
# Named by the host they are of, which a golden page does not have.
BY_HOST = {"chinanews/list-regional"}
RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>synthetic</title>
<item><title>synthetic: labour cooperation signed</title><link>https://feed.jia.example/a/1.html</link>
<pubDate>Thu, 19 Nov 2026 08:00:00 +0800</pubDate></item>
<item><title>synthetic: skills training together</title><link>https://feed.jia.example/a/2.html</link>
<pubDate>Wed, 18 Nov 2026 08:00:00 +0800</pubDate></item></channel></rss>"""
EDITION = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>合成日报数字报</title></head><body>
<map name="PagePicMap"><area href="content_1_11.htm"></map><a href="node_2.htm">第02版：要闻</a><ul>
<li><a href="content_1_11.htm">合成新闻：川渝人社部门签署劳务协作协议</a></li>
<li><a href="content_1_12.htm">合成新闻：零工市场共建现场会召开</a></li>
<li><a href="content_1_13.htm">合成新闻：技工院校结对培训农民工</a></li></ul></body></html>""".encode()


@dataclass(frozen=True)
class Case:
    name: str  # family/case
    url: str
    pages: tuple[Page, ...]

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]

    @property
    def id(self) -> str:
        return self.name.replace("/", "-")


def page_of(url: str, body: bytes, headers: dict[str, str] | None = None) -> Page:
    return Page(url=url, status=200, headers=headers or {"content-type": "text/html"}, body=body, fetched_at=AT)


def articles(urls: Iterable[str]) -> tuple[Page, ...]:
    body = article("合成新闻：川渝人力资源合作").body
    return tuple(page_of(url, body, {"content-type": "text/html; charset=utf-8"}) for url in urls)


def golden_cases() -> list[Case]:
    """Of every family its list with most dated rows, and every one that only leads to them."""
    found: dict[str, Case] = {}
    folders = {path.parent for path in PAGES.glob("*/list-*/list.*")}
    for folder in sorted(folders, key=lambda folder: (-_dated_rows(folder), folder)):
        name = str(folder.relative_to(PAGES))
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        expected = read_list(name)
        leads_on = expected.get("lists", []) if not expected.get("rows") else []
        if meta.get("number", 1) > 1 or not (expected.get("rows") or name in BEHIND):
            continue
        key = name if name in BEHIND else name.partition("/")[0]
        if key in found or name in BY_HOST:
            continue
        listed = page_of(meta["url"], next(folder.glob("list.*")).read_bytes(), meta["headers"])
        # a request that posts is known by its address alone
        behind = [address.removeprefix("POST ").split(" ")[0] for address in leads_on] if name in BEHIND else []
        rows = [row.split(" | ")[1] for row in expected.get("rows", ())]
        pages = [page_of(url, (PAGES / BEHIND[name]).read_bytes(), _kind(BEHIND[name])) for url in behind]
        found[key] = Case(name, meta["url"], (listed, *pages, *articles(row for row in rows if "://" in row)))
    feed, edition = "https://feed.jia.example/rss.xml", "https://epaper.jia.example/html/2026-11/20/node_1.htm"
    parts = [edition.replace("node_1", f"content_1_1{n}") for n in (1, 2, 3)]
    links = [f"https://feed.jia.example/a/{n}.html" for n in (1, 2)]
    return [
        *found.values(),
        Case("feed/rss", feed, (page_of(feed, RSS, {"content-type": "application/rss+xml"}), *articles(links))),
        Case("founder/front-page", edition, (page_of(edition, EDITION), *articles(parts))),
    ]


def _dated_rows(folder: Path) -> int:
    return sum(not row.endswith("| -") for row in read_list(str(folder.relative_to(PAGES))).get("rows", ()))


def _kind(name: str) -> dict[str, str]:
    ending = name.rpartition(".")[2]
    return {"content-type": {"json": "application/json", "xml": "text/xml"}.get(ending, "text/html")}


CASES = golden_cases()
# thirty commands one after the other
pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Outcome:
    added: dict[str, str]  # what add printed
    reports: dict[str, dict[str, Any]]
    written: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Every list added from a WARC of its own, then one crawl of all that was written."""
    folder = tmp_path_factory.mktemp("families")
    env = settings({})

    def add(case: Case) -> tuple[Path, Path, str]:
        home = folder / case.id
        files = WarcFiles(home / "warc", max_bytes=10**8, user_agent="synthetic")
        for page in case.pages:
            files.write(page)
        files.close()
        (warc,) = (home / "warc").iterdir()
        to = home / "sources"
        args = ("--replay", warc, "--yes", "--id", case.id, "--to", to, "--adcode", "510000")
        done = run(env, home / "D", "sources", "add", case.url, *args, expect=None)
        return warc, to, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"

    with ThreadPoolExecutor(2) as pool:
        done = list(zip(CASES, pool.map(add, CASES), strict=True))
    folders = [to for _, (_, to, _) in done if to.is_dir()]
    args = [part for _, (warc, _, _) in done for part in ("--replay", warc)]
    args += [part for to in folders for part in ("--sources", to)]
    return Outcome(
        added={case.id: printed for case, (_, _, printed) in done},
        reports=crawl(env, folder / "D", "--all", *args, expect=None),
        written={path.stem: tomllib.loads(path.read_text("utf-8")) for to in folders for path in to.glob("*.toml")},
    )


def test_every_family_has_a_list() -> None:
    assert {case.family for case in CASES} == set(families())


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_add_writes_a_source_that_crawls(case: Case, outcome: Outcome) -> None:
    assert case.id in outcome.written, outcome.added[case.id]
    assert outcome.written[case.id]["family"] == case.family, outcome.added[case.id]
    assert "first rows" in outcome.added[case.id] or "\tfetched and stored" in outcome.added[case.id]
    assert outcome.reports[case.id]["rows"] > 0, outcome.reports[case.id]


def test_a_newspaper_is_added_for_every_day(outcome: Outcome) -> None:
    (listed,) = outcome.written["founder-front-page"]["list"]
    assert listed["url"] == "https://epaper.jia.example/html/{YYYY}-{MM}/{DD}/node_1.htm"
