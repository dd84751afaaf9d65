"""`hrwatch sources check` over synthetic sites on loopback: what it finds, says and leaves alone."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.cli.sources.readings import best_reading, readings_of
from crawler.cli.sources.survey import article_shape
from crawler.demo import DemoServer
from crawler.demo.answer import Resource
from crawler.model import Page
from tests.cli.worlds import call
from tests.crawler.loopback import LittleSite, article, crawl, html, little_server, run, settings, source_file
from tests.spiders.golden import PAGES

ALL_WELL, SOME_FAILED, WRONG_USE, NOTHING_RAN = 0, 1, 2, 3
NAMES = dict.fromkeys(("well.example", "thin.example", "quiet.example", "gone.example"), "127.0.0.1")
TODAY = datetime.now(UTC)


def day(back: int) -> str:
    return f"{TODAY - timedelta(days=back):%Y-%m-%d}"


def dated_list(*rows: tuple[str, str, str]) -> Resource:
    """A synthetic list; a row is an href, a headline and a date."""
    items = "".join(f'<li><a href="{href}">{title}</a><span>{date}</span></li>' for href, title, date in rows)
    return Resource(body=html(f'<ul class="list">{items}</ul>', "合成新闻网"))


def site() -> LittleSite:
    three = [(f"/a/{n}.html", f"合成新闻川渝人力资源合作第{n}条", day(n)) for n in range(1, 4)]
    pages = {
        "well.example/list": dated_list(*three),
        "thin.example/list": dated_list(*three[:1]),
        "quiet.example/list": dated_list(("/a/1.html", "合成新闻川渝人力资源合作一条旧闻", day(90))),
        "gone.example/list": dated_list(("/a/1.html", "合成新闻川渝人力资源合作一条不在了", day(1))),
    }
    for host in ("well", "thin", "quiet"):
        pages |= {f"{host}.example/a/{n}.html": article(f"合成新闻川渝人力资源合作第{n}条") for n in range(1, 4)}
    return LittleSite(pages)


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with little_server(site()) as running:
        yield running


@pytest.fixture
def sources(tmp_path: Path, server: DemoServer) -> Path:
    folder = tmp_path / "sources"
    expect = "[expect]\nmin_rows = {rows}\nmax_silence_days = 30"
    source_file(
        folder, "well", "well.example", port=server.port, more='status = "unverified"\n' + expect.format(rows=3)
    )
    source_file(folder, "thin", "thin.example", port=server.port, more=expect.format(rows=3))
    source_file(folder, "quiet", "quiet.example", port=server.port, more=expect.format(rows=1))
    source_file(folder, "gone", "gone.example", port=server.port)
    return folder


def checked(data: Path, *args: str | Path, expect: int) -> dict[str, dict[str, Any]]:
    printed = run(settings(NAMES), data, "sources", "check", "--json", *args, expect=expect).stdout
    return {one["source"]: one for one in json.loads(printed)}


def test_check_says_what_is_wrong_with_each_source(tmp_path: Path, server: DemoServer, sources: Path) -> None:
    found = checked(tmp_path / "D", "--sources", sources, expect=SOME_FAILED)
    assert {name: [fault["fault"] for fault in one["faults"]] for name, one in found.items()} == {
        "well": [],
        "thin": ["failed"],
        "quiet": ["silent"],
        "gone": ["article-refused"],
    }
    assert found["thin"]["faults"][0]["reason"] == "no-rows"
    assert found["gone"]["faults"][0]["reason"] == "gone"
    well = found["well"]
    assert (well["ok"], well["rows"], well["dated"], well["newest"]) == (True, 3, 3, day(1))
    assert well["article"]["title"] == "合成新闻川渝人力资源合作第1条"
    assert well["article"]["published"].startswith("2026-03-02")


def test_check_asks_one_list_and_one_article_and_keeps_nothing(
    tmp_path: Path, server: DemoServer, sources: Path
) -> None:
    run(settings(NAMES), tmp_path / "D", "sources", "check", "well", "--sources", sources)
    assert [visit.path for visit in server.visits] == ["/robots.txt", "/list", "/a/1.html"]
    assert not (tmp_path / "D").exists()


def test_check_leaves_an_archive_as_it_was_but_for_its_manners(
    tmp_path: Path, server: DemoServer, sources: Path
) -> None:
    data = tmp_path / "D"
    crawl(settings(NAMES), data, "quiet", "--sources", sources)
    server.forget_visits()
    run(settings(NAMES), data, "sources", "check", "quiet", "--sources", sources, expect=SOME_FAILED)
    # robots.txt is known to the archive; the list is asked for unconditionally and the article again
    assert [(visit.path, visit.is_conditional) for visit in server.visits] == [("/list", False), ("/a/1.html", False)]
    polls = json.loads(call(settings(NAMES), data, "sources", "list", "--json", "--sources", sources)[0])
    again = crawl(settings(NAMES), data, "quiet", "--sources", sources)
    assert again["quiet"]["new"] == 0
    assert next(one for one in polls if one["id"] == "quiet")["last_reason"] is None


def test_check_replays_without_a_network(tmp_path: Path, server: DemoServer, sources: Path) -> None:
    data = tmp_path / "D"
    run(settings(NAMES), data, "crawl", "quiet", "--sources", sources)
    (warc,) = (data / "warc").iterdir()
    server.forget_visits()
    args = ("--sources", sources, "--replay", warc)
    found = checked(tmp_path / "E", *args, expect=SOME_FAILED)
    assert server.visits == ()
    assert found["quiet"]["article"]["characters"] > 50
    assert found["well"]["skipped"]
    checked(tmp_path / "E", "well", *args, expect=NOTHING_RAN)


def test_check_prints_a_table(tmp_path: Path, sources: Path) -> None:
    done = run(settings(NAMES), tmp_path / "D", "sources", "check", "--sources", sources, expect=SOME_FAILED)
    lines = done.stdout.splitlines()
    assert lines[0].split("\t")[:4] == ["source", "status", "verdict", "rows"]
    assert any(line.startswith("well\tunverified\tok\t3\t3\t") for line in lines)
    assert "4 sources checked, 1 well, 3 not, 0 skipped" in lines[-1]


def test_check_refuses_wrong_use(tmp_path: Path, sources: Path) -> None:
    data = tmp_path / "D"
    call(settings(NAMES), data, "sources", "check", "nobody", "--sources", sources, expect=WRONG_USE)
    call(settings(NAMES), data, "sources", "check", "well", "--all", "--sources", sources, expect=WRONG_USE)


BUREAU = "rsj.heping.example"
PRESS = "www.zhoubao.example"
ADD_NAMES = dict.fromkeys((BUREAU, PRESS), "127.0.0.1")


# UCAP's endpoint of JSON
SEARCH = f"/common/search/{'0a' * 16}?_isJson=true"


def with_head(body: str, *, title: str, **metas: str) -> Resource:
    head = "".join(f'<meta name="{name}" content="{value}">' for name, value in metas.items())
    head = f"<meta charset='utf-8'><title>{title}</title>{head}"
    return Resource(body=f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode())


def new_sites() -> LittleSite:
    """Synthetic: a bureau whose system is TRS, and a newspaper whose system is nobody's."""
    trs = "".join(
        f'<li><a href="./{day(n)[:7].replace("-", "")}/t{day(n).replace("-", "")}_10{n}.html">'
        f"合成新闻川渝人力资源协作第{n}条</a><span>{day(n)}</span></li>"
        for n in range(1, 6)
    )
    press = "".join(
        f'<li><a href="/news/{n}/7{n}.html">合成新闻成渝地区双城经济圈招聘第{n}条</a><em>{day(n * 2)}</em></li>'
        for n in range(1, 9)
    )
    menu = '<ul class="nav">' + "".join(f'<li><a href="/c{n}/">栏目{n}</a></li>' for n in range(9)) + "</ul>"
    pages = {
        f"{BUREAU}/xwdt/": with_head(
            f"{menu}<ul class='list'>{trs}</ul><script>createPageHTML(5, 0, 'index', 'html');</script>",
            title="工作动态-雅安市人力资源和社会保障局",
            SiteName="雅安市人力资源和社会保障局",
            SiteIDCode="5118000007",
            ColumnName="工作动态",
        ),
        f"{PRESS}/news/": with_head(f"{menu}<div><ul>{press}</ul></div>", title="要闻_四川周报网（合成）"),
        f"{PRESS}/empty/": with_head(f"{menu}<p>合成页面，没有新闻。</p>" * 20, title="空_四川周报网（合成）"),
    }
    pages[f"{PRESS}/frame/"] = with_head(
        f"{menu}<iframe id='list' src='/news/'></iframe>", title="要闻_四川周报网（合成）"
    )
    pages[f"{BUREAU}{SEARCH}"] = with_head(f"{menu}<p>合成页面，查询暂停服务。</p>" * 20, title="查询")
    for n in range(1, 6):
        path = f"/xwdt/{day(n)[:7].replace('-', '')}/t{day(n).replace('-', '')}_10{n}.html"
        pages[f"{BUREAU}{path}"] = article(f"合成新闻川渝人力资源协作第{n}条")
    pages[f"{PRESS}/moved/"] = Resource(status=301, location="/news/")
    for n in range(1, 9):
        pages[f"{PRESS}/news/{n}/7{n}.html"] = article(f"合成新闻成渝地区双城经济圈招聘第{n}条")
    return LittleSite(pages)


@pytest.fixture
def new_server() -> Iterator[DemoServer]:
    with little_server(new_sites()) as running:
        yield running


def test_add_recognises_a_family_and_says_where_it_is(tmp_path: Path, new_server: DemoServer) -> None:
    url = f"http://{BUREAU}:{new_server.port}/xwdt/"
    to = tmp_path / "mine"
    args = ("sources", "add", url, "--yes", "--to", to)
    done = run(settings(ADD_NAMES), tmp_path / "D", *args)
    written = tomllib.loads((to / "rsj-heping.toml").read_text("utf-8"))
    assert {key: written[key] for key in ("id", "name", "kind", "level", "adcode", "family", "column")} == {
        "id": "rsj-heping",
        "name": "雅安市人力资源和社会保障局",
        "kind": "gov-hrss",
        "level": "city",
        "adcode": "511800",
        "family": "trs",
        "column": "news",
    }
    assert "article" not in written
    assert written["list"] == [{"url": url, "name": "工作动态"}]
    assert done.stdout.count("fetched and stored") == 5
    assert "hrwatch crawl rsj-heping --sources" in done.stdout
    assert [visit.path for visit in new_server.visits] == ["/robots.txt", "/xwdt/"]
    (case,) = (tmp_path / "D" / "cases" / "trs").iterdir()
    assert json.loads((case / "meta.json").read_text("utf-8"))["origin"] == "captured"
    assert len(json.loads((case / "expected.json").read_text("utf-8"))["rows"]) == 5


def test_what_add_writes_crawls(tmp_path: Path, new_server: DemoServer) -> None:
    url = f"http://{PRESS}:{new_server.port}/news/"
    to, data = tmp_path / "mine", tmp_path / "D"
    run(settings(ADD_NAMES), data, "sources", "add", url, "--yes", "--to", to)
    written = tomllib.loads((to / "zhoubao.toml").read_text("utf-8"))
    assert (written["family"], written["article"]) == ("generic", r"^/news/\d+/\d+\.html$")
    assert (written["name"], written["adcode"], written["level"]) == ("四川周报网（合成）", "510000", "media")
    report = crawl(settings(ADD_NAMES), data, "zhoubao", "--sources", to)["zhoubao"]
    assert (report["rows"], report["stored"]) == (8, 8)


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/moved/", ["/robots.txt", "/moved/", "/news/"]), ("/frame/", ["/robots.txt", "/frame/", "/news/"])],
)
def test_add_follows_to_where_the_rows_are(tmp_path: Path, new_server: DemoServer, path: str, asked: list[str]) -> None:
    to, data = tmp_path / "mine", tmp_path / "D"
    url = f"http://{PRESS}:{new_server.port}{path}"
    run(settings(ADD_NAMES), data, "sources", "add", url, "--yes", "--to", to)
    assert [visit.path for visit in new_server.visits] == asked
    report = crawl(settings(ADD_NAMES), data, "zhoubao", "--sources", to)["zhoubao"]
    assert report["stored"] == 8


def test_add_replays_and_asks_nobody(tmp_path: Path, new_server: DemoServer) -> None:
    to, data = tmp_path / "mine", tmp_path / "D"
    url = f"http://{PRESS}:{new_server.port}/news/"
    run(settings(ADD_NAMES), data, "sources", "add", url, "--yes", "--to", to)
    run(settings(ADD_NAMES), data, "crawl", "zhoubao", "--sources", to)
    (warc,) = (data / "warc").iterdir()
    new_server.forget_visits()
    again = tmp_path / "again"
    run(settings(ADD_NAMES), tmp_path / "E", "sources", "add", url, "--yes", "--to", again, "--replay", warc)
    assert new_server.visits == ()
    assert (again / "zhoubao.toml").read_text("utf-8") == (to / "zhoubao.toml").read_text("utf-8")


def test_add_writes_nothing_unless_told(tmp_path: Path, new_server: DemoServer) -> None:
    url = f"http://{PRESS}:{new_server.port}/news/"
    to = tmp_path / "mine"
    done = run(settings(ADD_NAMES), tmp_path / "D", "sources", "add", url, "--to", to, expect=SOME_FAILED)
    assert 'family = "generic"' in done.stdout
    assert not to.exists()
    assert not (tmp_path / "D").exists()


def test_add_refuses_what_is_no_new_list(tmp_path: Path, new_server: DemoServer) -> None:
    data, to, env = tmp_path / "D", tmp_path / "mine", settings(ADD_NAMES)
    base = f"http://{PRESS}:{new_server.port}"
    empty = run(env, data, "sources", "add", f"{base}/empty/", "--yes", "--to", to, expect=SOME_FAILED)
    assert "no rows" in empty.stderr
    gone = run(env, data, "sources", "add", f"{base}/nowhere/", "--yes", "--to", to, expect=NOTHING_RAN)
    assert "404" in gone.stderr
    run(env, data, "sources", "add", "ftp://x.example/", expect=WRONG_USE)
    run(env, data, "sources", "add", f"{base}/news/", "--family", "nobody", expect=WRONG_USE)
    run(env, data, "sources", "add", f"{base}/news/", "--yes", "--to", to)
    again = run(env, data, "sources", "add", f"{base}/news/", "--yes", "--to", to, "--id", "x", expect=WRONG_USE)
    assert "registered already, as zhoubao" in again.stderr
    other = f"http://{BUREAU}:{new_server.port}/xwdt/"
    taken = run(env, data, "sources", "add", other, "--yes", "--to", to, "--id", "zhoubao", expect=WRONG_USE)
    assert "taken" in taken.stderr
    shipped = run(env, data, "sources", "add", "https://rsj.yaan.gov.cn/x/", expect=WRONG_USE)
    assert "rsj-sc-yaan" in shipped.stderr


def test_add_of_an_article_tries_its_column(tmp_path: Path, new_server: DemoServer) -> None:
    path = f"/xwdt/{day(1)[:7].replace('-', '')}/t{day(1).replace('-', '')}_101.html"
    base, to = f"http://{BUREAU}:{new_server.port}", tmp_path / "mine"
    done = run(settings(ADD_NAMES), tmp_path / "D", "sources", "add", base + path, "--yes", "--to", to)
    assert f"is an article; trying its column {base}/xwdt/" in done.stderr
    written = tomllib.loads((to / "rsj-heping.toml").read_text("utf-8"))
    assert (written["list"][0]["url"], written["family"]) == (f"{base}/xwdt/", "trs")
    lonely = f"http://{PRESS}:{new_server.port}/news/1/71.html"
    failed = run(settings(ADD_NAMES), tmp_path / "D", "sources", "add", lonely, "--yes", "--to", to, expect=None)
    assert failed.returncode in (SOME_FAILED, NOTHING_RAN)
    assert not (to / "zhoubao.toml").exists()


def test_add_says_what_a_broken_endpoint_answered(tmp_path: Path, new_server: DemoServer) -> None:
    url = f"http://{BUREAU}:{new_server.port}{SEARCH}"
    done = run(settings(ADD_NAMES), tmp_path / "D", "sources", "add", url, "--yes", expect=SOME_FAILED)
    assert "read as ucap" in done.stderr
    assert "HTML instead of JSON" in done.stderr
    assert not (tmp_path / "D").exists()


def test_add_names_a_folder_it_cannot_write(tmp_path: Path, new_server: DemoServer) -> None:
    (tmp_path / "file").write_text("synthetic", "utf-8")
    url, to = f"http://{PRESS}:{new_server.port}/news/", tmp_path / "file" / "sub"
    done = run(settings(ADD_NAMES), tmp_path / "D", "sources", "add", url, "--yes", "--to", to, expect=WRONG_USE)
    assert str(to) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "D").exists()


def test_add_without_a_network(tmp_path: Path) -> None:
    # nobody listens on port 1
    args = ("sources", "add", f"http://{PRESS}:1/news/", "--yes", "--to", tmp_path / "mine")
    done = run(settings(ADD_NAMES), tmp_path / "D", *args, expect=NOTHING_RAN)
    assert f"{PRESS}:1/news/" in done.stderr
    assert not (tmp_path / "mine").exists()


# Families whose pages carry marks of their own; the others are for single hosts or are named by hand.
MARKED = (
    "aspnet", "boda", "channels", "epoint", "gkmlpt", "ilist", "jcms", "jpaas", "listdata", "longxun", "powereasy",
    "showlist", "trs", "ucap",
)  # fmt: skip


@pytest.mark.parametrize("name", MARKED)
def test_add_recognises_the_golden_lists_of_a_family(name: str) -> None:
    found = []
    for case in sorted({path.parent for path in PAGES.glob(f"{name}/list-*/list.*")}):
        meta = json.loads((case / "meta.json").read_text("utf-8"))
        page = Page(
            url=meta["url"],
            status=200,
            headers=meta["headers"],
            body=next(case.glob("list.*")).read_bytes(),
            fetched_at=datetime.fromisoformat(meta["captured_at"]),
        )
        best = best_reading(tuple(readings_of(page, page.url, None)))
        found.append(best.family if best is not None else None)
    assert name in found, found


@pytest.mark.parametrize(
    ("paths", "shape"),
    [
        (["/a/1.html", "/a/22.html", "/a/333.html"], r"^/a/\d+\.html$"),
        ([f"/{c}/202403/t20240311_{n}.html" for c in "ab" for n in range(3)], r"/\d{6}/t\d{8}_\d+\.html$"),
        ([f"/xinwen/show/{c * 32}.html" for c in "abc"], r"^/xinwen/show/[0-9a-f]{32}\.html$"),
        (["/show.php?id=1", "/show.php?id=20", "/show.php?id=3"], r"^/show\.php\?id=\d+$"),
        (["/xw/hezuo.html", "/xw/laowu.html", "/xw/jineng.html"], r"^/xw/[^/]+\.html$"),
        (["/xw/1/", "/xw/2/", "/xw/3/"], r"^/xw/\d+/$"),
        (["/a/1.html", "/b.html", "/c/d/e.html"], None),
        ([], None),
    ],
)
def test_addresses_share_a_shape(paths: list[str], shape: str | None) -> None:
    assert article_shape([f"http://h.example{path}" for path in paths], "http://h.example/list/") == shape
