"""`crawl --backfill` over loopback: how far it walks, why it ends, what it costs, and that a kill loses nothing."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from archive.archive import open_file
from crawler.demo import DemoServer
from crawler.demo.answer import Resource
from tests.cli.worlds import call
from tests.crawler.loopback import (
    GONE,
    LittleSite,
    article,
    crawl,
    html,
    little_server,
    run,
    settings,
    source_file,
    start,
)
from tests.crawler.test_pass import stories

HOST = "rsj.jia.example"
CHINA = ZoneInfo("Asia/Shanghai")
SOME_FAILED = 1
PER_PAGE = 3


def rows(*numbers: int, more: str = "") -> Resource:
    items = "".join(
        f'<li><a href="/a/{n}">川渝两地签署第{n}份人力资源合作协议</a><span>2026-03-02</span></li>' for n in numbers
    )
    return Resource(body=html(f'<ul class="list">{items}</ul>{more}'))


def numbers_of(page: int, per_page: int = PER_PAGE) -> range:
    return range((page - 1) * per_page, page * per_page)


def add_articles(site: LittleSite, *numbers: int) -> None:
    for n in numbers:
        text = f"第{n}份协议由甲{n}市与乙{n}市人社部门签署，川渝人力资源合作的第{n}个项目落地，涉及{n * 37 + 11}人。"
        site.pages[f"{HOST}/a/{n}"] = article(f"川渝两地签署第{n}份人力资源合作协议", text)


def linked(pages: int, *, per_page: int = PER_PAGE) -> LittleSite:
    """A list whose pages /list, /list_2.html, … lead to one another by the link 下一页."""
    site = LittleSite()
    for page in range(1, pages + 1):
        more = f'<a href="/list_{page + 1}.html">下一页</a>' if page < pages else ""
        site.pages[f"{HOST}{path_of(page)}"] = rows(*numbers_of(page, per_page), more=more)
        add_articles(site, *numbers_of(page, per_page))
    return site


def path_of(page: int) -> str:
    return "/list" if page == 1 else f"/list_{page}.html"


@dataclass
class Crawled:
    """A site, an archive of it, and what the command says of both."""

    server: DemoServer
    folder: Path
    env: dict[str, str]

    @property
    def data(self) -> Path:
        return self.folder / "D"

    def args(self, depth: int | None, *more: str | Path) -> tuple[str | Path, ...]:
        back = () if depth is None else ("--backfill", str(depth))
        return ("crawl", "--all", "--sources", self.folder / "sources", "--json", *back, *more)

    def crawl(self, depth: int | None, *more: str | Path, expect: int = 0, data: str = "D") -> dict[str, Any]:
        self.server.forget_visits()
        (report,) = json.loads(run(self.env, self.folder / data, *self.args(depth, *more), expect=expect).stdout)
        assert isinstance(report, dict)
        return report

    def history(self, depth: int, *, expect: int = 0) -> dict[str, Any]:
        (history,) = self.crawl(depth, expect=expect)["history"]
        assert isinstance(history, dict)
        return history

    @property
    def lists(self) -> list[str]:
        """The list pages that were asked for since the last pass began."""
        return [visit.path for visit in self.server.visits if visit.path.startswith("/list")]

    @property
    def articles(self) -> list[int]:
        return sorted(int(visit.path[3:]) for visit in self.server.visits if visit.path.startswith("/a/"))

    def rows_in_archive(self) -> int:
        return len(stories(self.data))


@contextmanager
def watching(site: LittleSite, folder: Path, *, more: str = "", **given: str) -> Iterator[Crawled]:
    with little_server(site, think_s=0.001) as server:
        source_file(folder / "sources", "news-jia", HOST, port=server.port, more=more)
        yield Crawled(server, folder, settings({HOST: "127.0.0.1"}, **given))


def test_walks_as_deep_as_asked_and_then_deeper(tmp_path: Path) -> None:
    with watching(linked(9), tmp_path) as site:
        history = site.history(3)
        assert (history["end"], history["pages"], history["depth"], history["new"]) == ("depth", 3, 3, 9)
        assert site.lists == [path_of(n) for n in range(1, 5)]
        assert site.articles == list(range(4 * PER_PAGE))
        # as deep again: nothing but the poll
        history = site.history(3)
        assert (history["end"], history["pages"], history["depth"]) == ("depth", 0, 3)
        assert (site.lists, site.articles) == (["/list"], [])
        # deeper: the last page again, as pages move on while news come in
        history = site.history(5)
        assert (history["end"], history["pages"], history["depth"], history["new"]) == ("depth", 2, 5, 6)
        assert site.lists == ["/list", *(path_of(n) for n in (4, 5, 6))]
        assert site.articles == list(range(4 * PER_PAGE, 6 * PER_PAGE))
        # to the end, and once more
        history = site.history(100)
        assert (history["end"], history["pages"], history["depth"]) == ("oldest", 3, 8)
        history = site.history(100)
        assert (history["end"], history["pages"], history["depth"]) == ("oldest", 0, 8)
        assert (site.lists, site.articles) == (["/list"], [])
        assert site.rows_in_archive() == 9 * PER_PAGE


def feeds_of(site: Crawled) -> dict[str, bytes]:
    """The documents that subscribers read; what the folder remembers for itself (.published.json) is none of them."""
    call(site.env, site.data, "publish")
    documents = (path for path in (site.data / "feeds").iterdir() if not path.name.startswith("."))
    return {path.name: path.read_bytes() for path in documents if path.suffix in (".rss", ".atom", ".json")}


def test_what_it_finds_reaches_no_feed_and_explain_says_why(tmp_path: Path) -> None:
    with watching(linked(4), tmp_path) as site:
        site.crawl(None)
        feeds = feeds_of(site)
        assert "all.json" in feeds
        assert site.history(3)["stored"] == 3 * PER_PAGE
        assert feeds_of(site) == feeds
        url = f"http://{HOST}:{site.server.port}/a/{2 * PER_PAGE}"
        (explained,) = json.loads(call(site.env, site.data, "explain", url, "--json")[0])
        assert {omission["reason"] for omission in explained["passed_over"]} == {"late"}


def test_young_stories_of_a_history_enter_by_the_rule_of_first_crawls(tmp_path: Path) -> None:
    """What is on page 1 of the same run is news as ever; of 22 young ones that only the history shows, 20 enter."""
    pages = linked(1)
    with watching(pages, tmp_path) as site:
        site.crawl(None)
        assert len(json.loads(feeds_of(site)["all.json"])["items"]) == PER_PAGE
        yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}".encode()
        young = (100, 101, *range(200, 222))
        add_articles(pages, *young)
        for n in young:
            old = pages.pages[f"{HOST}/a/{n}"]
            pages.pages[f"{HOST}/a/{n}"] = Resource(body=old.body.replace(b"2026-03-02", yesterday))
        pages.pages[f"{HOST}/list"] = rows(100, 101, 0, more='<a href="/list_2.html">下一页</a>')
        pages.pages[f"{HOST}/list_2.html"] = rows(*range(200, 222))
        assert site.history(1)["new"] == 22
        assert len(json.loads(feeds_of(site)["all.json"])["items"]) == PER_PAGE + 2 + 20


def test_a_failure_keeps_what_was_read_and_the_place_and_says_nothing_of_the_source(tmp_path: Path) -> None:
    pages = linked(6)
    whole = pages.pages[f"{HOST}/list_4.html"]
    with watching(pages, tmp_path) as site:
        for broken, reason in (
            (replace(GONE, status=500), "server-error"),
            (Resource(body=b"<script>$_ts=window['$_ts']</script>", status=412), "blocked"),
            (Resource(body=html("<p>系统维护中</p>")), "soft-error"),
        ):
            pages.pages[f"{HOST}/list_4.html"] = broken
            report = site.crawl(10, expect=SOME_FAILED)
            (history,) = report["history"]
            assert (history["end"], history["reason"], history["depth"]) == ("failed", reason, 2)
            # the source itself is well
            assert (report["ok"], report["reason"]) == (True, None)
        with open_file(site.data / "hrwatch.sqlite3") as archive:
            (state,) = archive.source_states()
        assert (state.failures, state.last_poll is not None and state.last_poll.reason) == (0, None)
        assert site.rows_in_archive() == 3 * PER_PAGE
        pages.pages[f"{HOST}/list_4.html"] = whole
        history = site.history(10)
        assert (history["end"], history["depth"]) == ("oldest", 5)
        assert site.lists == ["/list", *(path_of(n) for n in (3, 4, 5, 6))]
        assert site.rows_in_archive() == 6 * PER_PAGE


def test_killed_in_the_middle_and_run_again_is_as_if_it_was_never_killed(tmp_path: Path) -> None:
    with watching(linked(8), tmp_path, delay_s="0.02") as site:
        site.crawl(7, data="whole")
        undisturbed = Counter((visit.host, visit.path) for visit in site.server.visits)
        site.server.forget_visits()
        kills = 0
        while kills < 3:
            process = start(site.env, site.data, *site.args(7))
            before = len(site.articles)
            deadline = time.monotonic() + 60
            while len(site.articles) < before + 4 and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            process.kill()
            process.communicate()
            kills += 1
        done = run(site.env, site.data, *site.args(7))
        (report,) = json.loads(done.stdout)
        assert report["history"][0]["depth"] == 7
        assert stories(site.data) == stories(tmp_path / "whole")
        asked = Counter((visit.host, visit.path) for visit in site.server.visits)
        assert asked.keys() == undisturbed.keys()
        # an article on the wire at the kill is asked for again, and the page that a run begins with
        again = {path: count - 1 for (_, path), count in asked.items() if path.startswith("/a/") and count > 1}
        assert sum(again.values()) <= kills
        read_again = {path: count - 1 for (_, path), count in asked.items() if path.startswith("/list_") and count > 1}
        assert sum(read_again.values()) <= 2 * kills
        run(site.env, site.data, "doctor", expect=None)


def test_interrupted_by_hand_it_says_so_and_goes_on_later(tmp_path: Path) -> None:
    pages = linked(6)
    fourth = pages.pages[f"{HOST}{path_of(4)}"]
    with watching(pages, tmp_path, timeout_s="90") as site:
        pages.pages[f"{HOST}{path_of(4)}"] = replace(fourth, delay_s=90)
        process = start(site.env, site.data, *site.args(5))
        deadline = time.monotonic() + 60
        while len(site.lists) < 3 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.terminate()
        out, err = process.communicate(timeout=60)
        pages.pages[f"{HOST}{path_of(4)}"] = fourth
        assert "Traceback" not in err
        (report,) = json.loads(out)
        assert report["history"][0]["end"] == "stopped"
        history = site.history(5)
        assert (history["end"], history["depth"]) == ("oldest", 5)
        assert site.rows_in_archive() == 6 * PER_PAGE


def test_two_backfills_at_once_walk_once(tmp_path: Path) -> None:
    with watching(linked(6), tmp_path, delay_s="0.05") as site:
        both = [start(site.env, site.data, *site.args(5)) for _ in range(2)]
        ends = []
        for process in both:
            out, err = process.communicate(timeout=120)
            assert "Traceback" not in err
            ends.append(json.loads(out)[0]["history"][0]["end"])
        assert "oldest" in ends, ends
        if "busy" in ends:
            assert max(Counter(path for path in site.lists if path != "/list").values()) == 1
        assert site.server.most_at_once()[HOST] == 1
        assert site.rows_in_archive() == 6 * PER_PAGE


def test_from_a_warc_of_such_a_run(tmp_path: Path) -> None:
    with watching(linked(4), tmp_path) as site:
        site.history(10)
        whole = stories(site.data)
        warcs = [arg for path in (site.data / "warc").iterdir() for arg in ("--replay", path)]
        before = len(site.server.visits)
        printed = run(settings({}, allow_private="[]"), tmp_path / "R", *site.args(10), *warcs, expect=None).stdout
        assert len(site.server.visits) == before
        (report,) = json.loads(printed)
        assert report["history"][0]["end"] == "oldest"
        assert stories(tmp_path / "R") == whole


def test_a_list_that_has_moved_on_by_more_than_a_page_is_walked_anew(tmp_path: Path) -> None:
    pages = linked(3)
    with watching(pages, tmp_path) as site:
        assert site.history(10)["depth"] == 2
        # three pages of news since: what was page 1 is page 4 now
        older = [*range(100, 100 + 3 * PER_PAGE), *range(3 * PER_PAGE)]
        add_articles(pages, *older[: 3 * PER_PAGE])
        for page in range(1, 7):
            more = f'<a href="/list_{page + 1}.html">下一页</a>' if page < 6 else ""
            pages.pages[f"{HOST}{path_of(page)}"] = rows(*older[(page - 1) * 3 : page * 3], more=more)
        history = site.history(10)
        assert (history["end"], history["new"]) == ("oldest", 6)
        assert site.articles == older[: 3 * PER_PAGE]


DEPTH = 7
MORE = '<a href="/list_{}.html">下一页</a>'
NOTHING_LIKE_IT = {
    "gone": replace(GONE, status=410),
    "empty": Resource(body=b""),
    "rowless": Resource(body=html("<p>合成：没有数据</p>")),
    "soft": Resource(body=html("<p>对不起，您访问的页面不存在或已被删除！</p>")),
}


def many_sites() -> LittleSite:
    """A site for each way in which a history may end, by the first part of its host name."""
    site = LittleSite()

    def put(name: str, path: str, resource: Resource) -> None:
        site.pages[f"{name}.jia.example{path}"] = resource

    for name, answer in NOTHING_LIKE_IT.items():
        for page in (1, 2):
            put(name, path_of(page), rows(page, page + 10, page + 20, more=MORE.format(page + 1)))
        put(name, path_of(3), answer)
    for page, shown in ((1, rows(1, 2, 3, more=MORE.format(2))), (2, rows(4))):
        put("few", path_of(page), shown)
    for page in range(1, 60):
        put("repeats", path_of(page), rows(0, 1, 2, more=MORE.format(page + 1)))
        put("endless", path_of(page), rows(page * 3, page * 3 + 1, page * 3 + 2, more=MORE.format(page + 1)))
    for page in (1, 2, 3):
        put("circle", path_of(page), rows(page, more=MORE.format({1: 2, 2: 3, 3: 2}[page])))
    put("robots", "/robots.txt", Resource(body=b"User-agent: *\nDisallow: /list_3", content_type="text/plain"))
    for page in (1, 2, 3):
        put("robots", path_of(page), rows(page, page + 10, page + 20, more=MORE.format(page + 1)))
    for back in range(20):
        if back in (4, 5, 6):  # no paper on these days
            continue
        folder = f"{datetime.now(CHINA) - timedelta(days=back):/html/%Y-%m/%d}"
        first = f'<a href="content_1_{back}.htm">甲省与乙省第{back}次联合举办劳务协作招聘会</a>'
        first += '<a href="node_2.htm">第02版</a>'
        put("paper", f"{folder}/node_1.htm", Resource(body=html(first)))
        second = f'<a href="content_2_{back}.htm">丙市与丁市第{back}次商定社会保险关系转移接续</a>'
        put("paper", f"{folder}/node_2.htm", Resource(body=html(second)))
    return site


def test_every_way_to_end(tmp_path: Path) -> None:
    names = (*NOTHING_LIKE_IT, "few", "repeats", "endless", "circle", "robots", "paper")
    with little_server(many_sites()) as server:
        for name in names:
            expect = "[expect]\nmin_rows = 1" if name == "circle" else "[expect]\nmin_rows = 3"
            host = f"{name}.jia.example"
            path = source_file(tmp_path / "sources", f"news-{name}", host, port=server.port, more=expect)
            if name == "paper":
                text = path.read_text("utf-8").replace("/list", "/html/{YYYY}-{MM}/{DD}/node_1.htm")
                text = text.replace("generic", "founder").replace("article = '^/a/'", "").replace("min_rows = 3", "")
                path.write_text(text.replace('rows = "ul.list > li"', ""), "utf-8")
        env = settings({f"{name}.jia.example": "127.0.0.1" for name in names})
        args = ("--all", "--sources", tmp_path / "sources", "--backfill", str(DEPTH))
        reports = crawl(env, tmp_path / "D", *args, expect=SOME_FAILED)
        ends = {name: reports[f"news-{name}"]["history"][0] for name in names}
        assert {name: (end["end"], end["pages"], end["reason"]) for name, end in ends.items()} == {
            **dict.fromkeys(NOTHING_LIKE_IT, ("oldest", 1, None)),
            "few": ("oldest", 1, None),
            "repeats": ("repeated", 2, None),
            "endless": ("depth", DEPTH, None),
            "circle": ("repeated", 4, None),
            "robots": ("failed", 1, "robots"),
            "paper": ("depth", DEPTH, None),
        }
        # none of it is a failure of the source
        assert {report["reason"] for report in reports.values()} == {None}
        asked = Counter(f"{visit.host}{visit.path}" for visit in server.visits)
        assert max(count for path, count in asked.items() if not path.startswith("circle")) == 1
        assert "robots.jia.example/list_3.html" not in asked
        # seven editions before yesterday's, in ten days, with both pages of each
        assert ends["paper"]["new"] == 2 * DEPTH
        assert server.most_at_once()["paper.jia.example"] == 1
        server.forget_visits()
        again = crawl(env, tmp_path / "D", *args, expect=SOME_FAILED)
        assert {name: again[f"news-{name}"]["history"][0]["pages"] for name in names} == dict.fromkeys(names, 0)
        old = [visit.path for visit in server.visits if "node_" in visit.path or "/list_" in visit.path]
        # today's and yesterday's edition; the page before the one that robots.txt refuses
        assert sorted(path for path in old if "/list_" in path) == ["/list_2.html"]
        assert len(old) == 5


def test_the_summary_says_how_far_and_why(tmp_path: Path) -> None:
    with watching(linked(3), tmp_path) as site:
        args = ("crawl", "--all", "--sources", tmp_path / "sources", "--backfill", "5")
        printed = run(site.env, site.data, *args).stdout
        assert "nothing older is there" in printed
        assert "2 pages of history walked in 1 lists" in printed
        assert "walked to its end before" in run(site.env, site.data, *args).stdout


@pytest.mark.parametrize("depth", ["0", "x"])
def test_wrong_use(tmp_path: Path, depth: str) -> None:
    done = run(settings({}), tmp_path / "D", "crawl", "--all", "--backfill", depth, expect=2)
    assert "--backfill" in done.stderr
    assert "Traceback" not in done.stderr
