"""`hrwatch sources check --fix` over synthetic sites: columns of news, redesigned lists, other families."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.demo import DemoServer
from crawler.demo.answer import Resource
from tests.crawler.loopback import LittleSite, article, crawl, html, little_server, run, settings, source_file

ALL_WELL, SOME_FAILED, WRONG_USE = 0, 1, 2
HOST = "rsj.heping.example"
ENV = settings({HOST: "127.0.0.1"})
TODAY = datetime.now(UTC)
NAV = (
    '<div class="nav"><a href="/">首页</a><a href="/tzgg/">通知公告</a><a href="/zcfg/">政策法规</a>'
    '<a href="/xwzx/">新闻中心</a><a href="/ksxx/">考试动态</a></div>'
)


def day(back: int) -> str:
    return f"{TODAY - timedelta(days=back):%Y-%m-%d}"


def listing(kind: str, count: int = 6, *, look: str = "list", meta: str = "") -> Resource:
    rows = "".join(
        f'<li><a href="/a/{kind}/{n}.html">合成{kind}川渝人力资源合作第{n}条</a><span>{day(n)}</span></li>'
        for n in range(1, count + 1)
    )
    head = f"<meta charset='utf-8'><title>合成</title>{meta}"
    return Resource(body=f"<html><head>{head}</head><body>{NAV}<ul class='{look}'>{rows}</ul></body></html>".encode())


def site() -> LittleSite:
    """A bureau whose news stands two clicks from its front door; its list of notices is what is registered."""
    centre = '<div class="left"><a href="/gzdt/">工作动态</a><a href="/tpxw/">图片新闻</a></div>'
    pages = {
        f"{HOST}/": Resource(body=html(NAV + "<p>合成的首页，欢迎访问本局网站。</p>" * 20)),
        f"{HOST}/list": listing("通知", meta="<meta name='ColumnName' content='通知公告'>"),
        f"{HOST}/tzgg/": listing("通知"),
        f"{HOST}/xwzx/": Resource(body=html(NAV + centre + "<p>合成的新闻中心页面，请选择栏目。</p>" * 20)),
        f"{HOST}/gzdt/": listing(
            "动态",
            meta="<meta name='ColumnName' content='工作动态'><meta name='ColumnType' content='工作动态'>",
        ),
    }
    for kind in ("通知", "动态"):
        pages |= {f"{HOST}/a/{kind}/{n}.html": article(f"合成{kind}川渝人力资源合作第{n}条") for n in range(1, 7)}
    # what a browser asks for has its hanzi escaped
    quoted = {"通知": "%E9%80%9A%E7%9F%A5", "动态": "%E5%8A%A8%E6%80%81"}
    for kind, code in quoted.items():
        pages |= {f"{HOST}/a/{code}/{n}.html": pages[f"{HOST}/a/{kind}/{n}.html"] for n in range(1, 7)}
    return LittleSite(pages)


@pytest.fixture
def pages() -> LittleSite:
    return site()


@pytest.fixture
def server(pages: LittleSite) -> Iterator[DemoServer]:
    with little_server(pages) as running:
        yield running


@pytest.fixture
def sources(tmp_path: Path, server: DemoServer) -> Path:
    source_file(tmp_path / "S", "heping", HOST, port=server.port, more='column = "notices"  # a comment that stays')
    return tmp_path / "S"


def checked(data: Path, *args: str | Path, expect: int = ALL_WELL) -> dict[str, Any]:
    (one,) = json.loads(run(ENV, data, "sources", "check", "--json", *args, expect=expect).stdout)
    assert isinstance(one, dict)
    return one


def test_fix_finds_the_column_of_news(tmp_path: Path, server: DemoServer, sources: Path) -> None:
    found = checked(tmp_path / "D", "--fix", "--sources", sources)
    remedy = found["remedy"]
    assert (found["column"], remedy["kind"], remedy["name"]) == ("notices", "column", "工作动态")
    assert remedy["url"] == f"http://{HOST}:{server.port}/gzdt/"
    assert [row["title"] for row in remedy["rows"]][:2] == [
        "合成动态川渝人力资源合作第1条",
        "合成动态川渝人力资源合作第2条",
    ]
    assert not remedy["written"]
    # the check's own two requests, then the front page, 新闻中心 and 工作动态, and nothing that is named otherwise
    asked = [visit.path for visit in server.visits]
    assert asked[:2] == ["/robots.txt", "/list"]
    assert asked[3:] == ["/", "/xwzx/", "/gzdt/"]


def test_fix_writes_on_yes_and_keeps_comments(tmp_path: Path, server: DemoServer, sources: Path) -> None:
    path = sources / "heping.toml"
    before = path.read_text("utf-8")
    run(ENV, tmp_path / "D", "sources", "check", "--fix", "--sources", sources)
    assert path.read_text("utf-8") == before
    done = run(ENV, tmp_path / "D", "sources", "check", "--fix", "--yes", "--sources", sources)
    assert "Written:" in done.stdout
    assert "notices only: 1" in done.stdout
    after = path.read_text("utf-8")
    assert after.startswith("# synthetic\n")
    facts = tomllib.loads(after)
    assert [listed["url"].rpartition(":")[2].partition("/")[2] for listed in facts["list"]] == ["gzdt/", "list"]
    assert (facts["column"], facts["list"][0]["name"]) == ("mixed", "工作动态")
    assert "# a comment that stays" in after
    assert len(facts["notes"]) == 1
    assert facts["notes"][0]["date"].isoformat() >= day(1)
    report = crawl(ENV, tmp_path / "D", "heping", "--sources", sources)["heping"]
    assert report["rows"] == 12
    # it has its news now
    again = checked(tmp_path / "E", "--fix", "--sources", sources)
    assert again["remedy"] is None


def test_fix_says_where_there_is_no_news(tmp_path: Path, pages: LittleSite, server: DemoServer, sources: Path) -> None:
    del pages.pages[f"{HOST}/gzdt/"], pages.pages[f"{HOST}/xwzx/"]
    server.forget_visits()
    done = run(ENV, tmp_path / "D", "sources", "check", "--fix", "--yes", "--sources", sources)
    assert "heping: no column of news was found" in done.stdout
    assert len([visit for visit in server.visits if visit.path != "/robots.txt"]) <= 2 + 5
    assert checked(tmp_path / "E", "--fix", "--sources", sources)["remedy"]["kind"] is None


@pytest.mark.parametrize("has_known_rows", [True, False])
def test_fix_reads_a_redesigned_list(
    tmp_path: Path, pages: LittleSite, server: DemoServer, sources: Path, has_known_rows: bool
) -> None:
    data = tmp_path / "D"
    assert crawl(ENV, data, "heping", "--sources", sources)["heping"]["stored"] == 6
    kind = "通知" if has_known_rows else "动态"
    rows = "".join(
        f'<div class="news-item"><h3><a href="/a/{kind}/{n}.html">合成{kind}川渝人力资源合作第{n}条</a></h3>'
        f"<em>{day(n)}</em></div>"
        for n in range(1, 7)
    )
    side = '<ul class="hot"><li><a href="/b/1.html">合成的热门文章不在列表之中之一</a></li></ul>'
    pages.pages[f"{HOST}/list"] = Resource(body=html(f"{NAV}<div id='main'>{rows}</div>{side}"))
    found = checked(data, "--fix", "--sources", sources, expect=SOME_FAILED)
    assert found["faults"][0]["reason"] == "no-rows"
    remedy = found["remedy"]
    assert (remedy["kind"], remedy["rows_selector"]) == ("rows", "div.news-item")
    assert remedy["known_rows"] == (6 if has_known_rows else 0)
    assert remedy["snapshot_at"] is not None
    assert [row["title"] for row in remedy["rows"]] == [f"合成{kind}川渝人力资源合作第{n}条" for n in range(1, 7)]
    run(ENV, data, "sources", "check", "--fix", "--yes", "--sources", sources)
    assert tomllib.loads((sources / "heping.toml").read_text("utf-8"))["list"][0]["rows"] == "div.news-item"
    assert crawl(ENV, data, "heping", "--sources", sources)["heping"]["rows"] == 6


@pytest.mark.parametrize("is_coded", [False, True])
def test_fix_knows_the_rows_of_a_kept_page_where_no_archive_is(
    tmp_path: Path, pages: LittleSite, server: DemoServer, sources: Path, is_coded: bool
) -> None:
    data, old = tmp_path / "D", pages.pages[f"{HOST}/list"]
    if is_coded:
        headers = {"Content-Encoding": "gzip"}
        pages.pages[f"{HOST}/list"] = Resource(body=gzip.compress(old.body), headers=headers)
    crawl(ENV, data, "heping", "--sources", sources)
    (tmp_path / "E").mkdir()
    (data / "warc").rename(tmp_path / "E" / "warc")
    (tmp_path / "E" / "warc" / "torn.warc.gz").write_bytes(b"")  # the newest, and nothing in it yet
    rows = "".join(
        f'<div class="item"><a href="/a/通知/{n}.html">合成通知川渝人力资源合作第{n}条</a><em>{day(n)}</em></div>'
        for n in range(1, 7)
    )
    pages.pages[f"{HOST}/list"] = Resource(body=html(f"{NAV}<div id='main'>{rows}</div>"))
    remedy = checked(tmp_path / "E", "--fix", "--sources", sources, expect=SOME_FAILED)["remedy"]
    assert (remedy["kind"], remedy["known_rows"], remedy["rows_selector"]) == ("rows", 6, "div.item")
    assert remedy["snapshot_at"] is not None


def test_fix_finds_the_family_whose_page_only_leads_to_its_rows(
    tmp_path: Path, pages: LittleSite, server: DemoServer, sources: Path
) -> None:
    name = "0f" * 16
    items = [
        {
            "title": f"合成新闻川渝人力资源协作第{n}条",
            "publishUrl": f"http://{HOST}:{server.port}/20260302/{n:032x}/c.html",
            "publishTime": f"{day(n)} 10:00:00",
        }
        for n in range(1, 6)
    ]
    pages.pages[f"{HOST}/list"] = Resource(
        body=html(f"{NAV}<div id='content-list' data='datasource:{name}' datatype='ds'></div>")
    )
    pages.pages[f"{HOST}/ds_{name}.json"] = Resource(
        body=json.dumps({"datasource": items}).encode(), content_type="application/json"
    )
    done = run(ENV, tmp_path / "D", "sources", "check", "--fix", "--yes", "--sources", sources)
    assert "is of family xinhua now" in done.stdout
    facts = tomllib.loads((sources / "heping.toml").read_text("utf-8"))
    assert (facts["family"], "article" in facts, "rows" in facts["list"][0]) == ("xinhua", False, False)
    assert checked(tmp_path / "E", "--sources", sources, expect=SOME_FAILED)["rows"] == 5


def test_fix_says_that_a_site_is_of_another_family_now(
    tmp_path: Path, pages: LittleSite, server: DemoServer, sources: Path
) -> None:
    data = tmp_path / "D"
    rows = "".join(
        f'<li><a href="./{day(n)[:7].replace("-", "")}/t{day(n).replace("-", "")}_10{n}.html">'
        f"合成新闻川渝人力资源协作第{n}条</a><i>{day(n)}</i></li>"
        for n in range(1, 6)
    )
    pages.pages[f"{HOST}/list"] = Resource(
        body=html(f"{NAV}<ul class='gl-list'>{rows}</ul><script>createPageHTML(5, 0, 'index', 'html');</script>")
    )
    done = run(ENV, data, "sources", "check", "--fix", "--yes", "--sources", sources)
    assert "is of family trs now" in done.stdout
    facts = tomllib.loads((sources / "heping.toml").read_text("utf-8"))
    assert (facts["family"], "article" in facts, "rows" in facts["list"][0]) == ("trs", False, False)
    assert checked(tmp_path / "E", "--sources", sources, expect=SOME_FAILED)["rows"] == 5


def test_fix_replays(tmp_path: Path, pages: LittleSite, server: DemoServer, sources: Path) -> None:
    data = tmp_path / "D"
    facts = (sources / "heping.toml").read_text("utf-8")
    # a crawl of every page that the fix will ask for leaves them in a WARC
    everything = sources.parent / "all"
    for n, path in enumerate(("", "xwzx/", "gzdt/")):
        source_file(everything, f"page{n}", HOST, port=server.port, more="[expect]\nmin_rows = 0")
        file = everything / f"page{n}.toml"
        file.write_text(file.read_text("utf-8").replace(f":{server.port}/list", f":{server.port}/{path}"), "utf-8")
    crawl(ENV, data, "heping", "--sources", sources)
    crawl(ENV, data, "--all", "--sources", everything, expect=None)
    warcs = [part for path in sorted((data / "warc").iterdir()) for part in ("--replay", path)]
    server.forget_visits()
    found = checked(tmp_path / "E", "--fix", "--sources", sources, *warcs)
    assert server.visits == ()
    assert found["remedy"]["name"] == "工作动态"
    assert (sources / "heping.toml").read_text("utf-8") == facts


def test_fix_of_a_file_that_cannot_be_changed(tmp_path: Path, server: DemoServer, sources: Path) -> None:
    path = sources / "heping.toml"
    # valid TOML, but no line of its own for the key
    text = path.read_text("utf-8").replace("[[list]]\n", "").replace('rows = "ul.list > li"\n', "")
    url = f"http://{HOST}:{server.port}/list"
    text = text.replace(f'url = "{url}"', f'list = [{{ url = "{url}", rows = "ul.list > li" }}]')
    path.write_text(text, "utf-8")
    done = run(ENV, tmp_path / "D", "sources", "check", "--fix", "--yes", "--sources", sources)
    assert str(path) in done.stderr
    assert "by hand" in done.stderr
    assert path.read_text("utf-8") == text


def test_yes_belongs_to_fix(tmp_path: Path, sources: Path) -> None:
    run(ENV, tmp_path / "D", "sources", "check", "--yes", "--sources", sources, expect=WRONG_USE)
