"""Lists of unlike length over real HTTP: an edition with a page of advertisements, a list longer than is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.demo.answer import Resource
from tests.crawler.loopback import (
    LittleSite,
    article,
    crawl,
    html,
    list_page,
    little_server,
    run,
    settings,
    source_file,
)

HOST = "paper.heping.example"
ENV = settings({HOST: "127.0.0.1"})


def edition(day: str) -> dict[str, Resource]:
    """A front page of two articles, a page of advertisements, a page of one article."""
    link = '<a href="content_{n}.htm">合成新闻：川渝人社部门签署协议第{n}号</a>'
    pages = '<map name="PagePicMap"></map><a href="node_2.htm">第02版：广告</a><a href="node_3.htm">第03版：要闻</a>'
    bodies = {
        "node_1.htm": pages + link.format(n=1) + link.format(n=2),
        "node_2.htm": pages + "<p>合成的整版广告。</p>",
        "node_3.htm": pages + link.format(n=3),
    }
    found = {f"{HOST}/{day}/{name}": Resource(body=html(body)) for name, body in bodies.items()}
    return found | {
        f"{HOST}/{day}/content_{n}.htm": article(f"合成新闻：川渝人社部门签署协议第{n}号") for n in (1, 2, 3)
    }


def test_a_page_of_advertisements_is_no_failure_and_nothing_of_the_edition_is_lost(tmp_path: Path) -> None:
    now = datetime.now(ZoneInfo("Asia/Shanghai"))  # midnight may come before the paper is read
    today, tomorrow = (edition(f"{day:%Y-%m/%d}") for day in (now, now + timedelta(days=1)))
    with little_server(LittleSite(today | tomorrow)) as server:
        path = source_file(tmp_path / "S", "paper", HOST, port=server.port, more="[expect]\nmin_rows = 2")
        text = path.read_text("utf-8").replace('"generic"', '"founder"').replace("article = '^/a/'", "")
        text = text.replace("/list", "/{YYYY}-{MM}/{DD}/node_1.htm").replace('rows = "ul.list > li"', "")
        path.write_text(text, "utf-8")
        report = crawl(ENV, tmp_path / "D", "paper", "--sources", tmp_path / "S")["paper"]
    assert (report["reason"], report["rows"], report["stored"]) == (None, 3, 3)


def test_rows_beyond_the_limit_are_left_and_said(tmp_path: Path) -> None:
    rows = [
        (f"/a/{n}", f"合成的第{n}行：川渝人社部门合作") for n in range(10_007)
    ]  # of more than 10,000 not all are looked at
    pages = {f"{HOST}/a/{n}": article(f"合成的第{n}行：川渝人社部门合作") for n in range(3)}
    with little_server(LittleSite({f"{HOST}/list": list_page(*rows), **pages})) as server:
        source_file(tmp_path / "S", "long", HOST, port=server.port)
        env = ENV | {"HRWATCH_MAX_ROWS": "3"}
        done = run(env, tmp_path / "D", "crawl", "long", "--sources", tmp_path / "S")
        asked = [visit.path for visit in server.visits if visit.path.startswith("/a/")]
        said = f"http://{HOST}:{server.port}/list: only the first 3 rows were read (HRWATCH_MAX_ROWS)"
        health = run(env, tmp_path / "D", "sources", "health", "long", "--sources", tmp_path / "S")
    assert said in done.stdout
    assert sorted(asked) == ["/a/0", "/a/1", "/a/2"]
    assert "ok (9997 rows and 7 links left out)" in health.stdout
