"""Whatever a site answers has an outcome with a reason, in the summary and in `explain`, and the pass goes on."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from archive import Archive
from archive.archive import open_file
from archive.records import UrlHistory
from crawler.demo import DemoServer
from crawler.demo.answer import Resource
from crawler.model import Reason
from tests.crawler.loopback import LittleSite, article, crawl, html, list_page, little_server, settings, source_file
from tests.extract.pdfs import At, pdf, typeset

HOST, OTHER, NEXT, STRANGER = "bad.example", "other.example", "next.example", "stranger.example"
WALL = b"<html><head><script>$_ts=window['$_ts'];$_ts.nsd=1;</script></head><body></body></html>"
DOCUMENT = pdf([[At("甲乙简报", 780, None, 22), *typeset(["四川、重庆人社部门签署人力资源合作协议（合成）。"])]])
LONG = "/a/" + "x" * 3000
CHUNK = b"<p>synthetic</p>" * 4096

# path → what stands there, and what must become of the row
ARTICLES: dict[str, tuple[Resource | None, Reason | None]] = {
    "/a/good": (article("川渝人社部门签署合作协议"), None),
    "/a/empty": (Resource(), Reason.EMPTY),
    "/a/white": (Resource(body=b" \r\n\t "), Reason.EMPTY),
    "/a/huge": (Resource(body=b"<html><body>", tail=CHUNK, tail_times=960), Reason.TOO_LARGE),
    "/a/bomb": (Resource(body=gzip.compress(CHUNK * 300), headers={"Content-Encoding": "gzip"}), Reason.TOO_LARGE),
    "/a/pdf": (Resource(body=b"%PDF-1.4 synthetic", content_type="application/pdf"), Reason.BAD_PDF),
    # not of the shape of an article, but a PDF may stand anywhere
    "/files/notice.pdf": (Resource(body=DOCUMENT, content_type="application/pdf"), None),
    "/files/scan.pdf": (Resource(body=pdf([b""]), content_type="application/octet-stream"), Reason.NO_TEXT),
    "/a/zip": (Resource(body=b"PK\x03\x04synthetic", content_type="text/html"), Reason.WRONG_TYPE),
    "/a/gone": (None, Reason.GONE),
    "/a/410": (Resource(status=410, body=html("gone")), Reason.GONE),
    "/a/403": (Resource(status=403, body=html("no")), Reason.HTTP_ERROR),
    "/a/412": (Resource(status=412, body=WALL), Reason.BLOCKED),
    "/a/521": (Resource(status=521, body=html("wall")), Reason.BLOCKED),
    "/a/wall": (Resource(body=WALL), Reason.BLOCKED),
    "/a/500": (Resource(status=500, body=html("error")), Reason.SERVER_ERROR),
    "/a/503": (Resource(status=503, body=html("error")), Reason.SERVER_ERROR),
    "/a/loop": (Resource(status=302, location=f"http://{HOST}/a/loop"), Reason.REDIRECT_LOOP),
    "/a/offsite": (Resource(status=302, location=f"http://{STRANGER}/"), Reason.REDIRECT_OFFSITE),
    "/a/refreshed": (
        Resource(body=html(f'<meta http-equiv="refresh" content="0;url=http://{STRANGER}/">')),
        Reason.REDIRECT_OFFSITE,
    ),
    "/a/private": (Resource(status=302, location="http://10.0.0.1/"), Reason.REDIRECT_OFFSITE),
    "/a/file": (Resource(status=302, location="file:///etc/passwd"), Reason.REDIRECT_OFFSITE),
    "/a/moved": (Resource(status=301, location=f"http://{OTHER}/a/moved"), None),
    "/a/circle": (Resource(status=302, location=f"http://{OTHER}/a/circle"), Reason.REDIRECT_LOOP),
    "/a/nowhere": (Resource(status=302, body=html("Object moved")), Reason.HTTP_ERROR),
    LONG: (None, Reason.BAD_LINK),
    "/about/": (article("关于我们"), Reason.OTHER_PATH),
}
# What is refused for one reason or another, but for a reason
NOTHING = {
    "/a/torn": Resource(body=gzip.compress(html("x" * 500))[:40] + b"\0" * 40, headers={"Content-Encoding": "gzip"}),
    "/a/unpacked": Resource(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}),
    "/a/notitle": Resource(body=b"<html><body></body></html>"),
}
HREFS = {
    # a server that is given up on is still at work when the next request comes: a host of its own
    "http://late.example/a/slow": Reason.TIMEOUT,
    "javascript:void(0)": Reason.BAD_LINK,
    "mailto:office@bad.example": Reason.BAD_LINK,
    "http://[broken": Reason.BAD_LINK,
    "http://bad.example:port/a/1": Reason.BAD_LINK,
    "http://10.0.0.1/a/1": Reason.UNREGISTERED_HOST,
    "http://stranger.example/a/1": Reason.UNREGISTERED_HOST,
}


@dataclass
class Pass:
    """One pass over the bad sites: its reports, what the server saw, and the archive it left."""

    reports: dict[str, dict[str, Any]]
    server: DemoServer
    port: int
    archive: Archive

    def history(self, url: str) -> UrlHistory:
        found = self.archive.explain(url)
        assert found is not None, f"{url} was never heard of"
        return found


def _lists(port: int) -> dict[str, Resource]:
    """Lists that fail, one source each, by host."""
    return {
        "empty.example": Resource(),
        "huge.example": Resource(body=b"<html><body>", tail=CHUNK, tail_times=960),
        "norows.example": Resource(body=html("<div class='card'>{{item.title}}</div>")),
        "gone.example": Resource(status=404, body=html("404")),
        "wall.example": Resource(status=412, body=WALL),
        "error.example": Resource(status=500, body=html("500")),
        "slow.example": Resource(body=html("late"), delay_s=90),
        "loop.example": Resource(status=302, location="http://loop.example/list"),
        "offsite.example": Resource(status=302, location=f"http://{STRANGER}/"),
        "private.example": Resource(status=302, location="http://192.168.1.1/"),
        "picture.example": Resource(body=b"\x89PNG\r\n\x1a\nsynthetic", content_type="image/png"),
        "robots.example": list_page(("/a/1", "川渝人社部门签署合作协议")),
        "robots500.example": list_page(("/a/1", "川渝人社部门签署合作协议")),
        "robotsaway.example": list_page(("/a/1", "川渝人社部门签署合作协议一")),
        "robotsbom.example": list_page(("/a/1", "川渝人社部门签署合作协议")),
        "unsolicited.example": Resource(status=304),
    }


LIST_REASONS = {
    "empty": Reason.EMPTY,
    "huge": Reason.TOO_LARGE,
    "norows": Reason.NO_ROWS,
    "gone": Reason.GONE,
    "wall": Reason.BLOCKED,
    "error": Reason.SERVER_ERROR,
    "slow": Reason.TIMEOUT,
    "loop": Reason.REDIRECT_LOOP,
    "offsite": Reason.REDIRECT_OFFSITE,
    "private": Reason.REDIRECT_OFFSITE,
    "picture": Reason.WRONG_TYPE,
    "robots": Reason.ROBOTS,
    "robots500": Reason.SERVER_ERROR,
    "robotsbom": Reason.ROBOTS,
    "unsolicited": Reason.EMPTY,
    "nowhere": Reason.UNREACHABLE,
    "inside": Reason.PRIVATE_ADDRESS,
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pass]:
    folder = tmp_path_factory.mktemp("bad")
    site = LittleSite()
    with little_server(site) as server:
        port = server.port
        rows = [(path, f"合成的一行{n}：川渝人社合作") for n, path in enumerate(ARTICLES)]
        rows += [(path, f"合成的空页：{path}") for path in NOTHING]
        rows += [(href, "合成的坏链接一行") for href in HREFS]
        site.pages = {f"{HOST}{path}": resource for path, (resource, _) in ARTICLES.items() if resource is not None}
        site.pages |= {f"{HOST}{path}": resource for path, resource in NOTHING.items()}
        site.pages["late.example/a/slow"] = Resource(body=html("late"), delay_s=90)
        site.pages["late.example/list"] = list_page(("/a/own", "合成"))
        site.pages[f"{HOST}/list"] = list_page(*rows)
        site.pages[f"{OTHER}/list"] = list_page(("/a/own", "合成：川渝劳务协作动态"))
        site.pages[f"{OTHER}/a/own"] = article("川渝劳务协作动态", "川渝两地人社部门开展劳务协作，共办招聘会。")
        site.pages[f"{OTHER}/a/moved"] = article("川渝社保互认", "川渝两地人社部门推进社会保险关系转移互认。")
        site.pages[f"{OTHER}/a/circle"] = Resource(status=302, location=f"http://{NEXT}/a/circle")
        site.pages[f"{NEXT}/a/circle"] = Resource(status=302, location=f"http://{HOST}/a/circle")
        site.pages[f"{NEXT}/list"] = list_page(("/a/own", "合成：川渝人才评价结果互认"))
        site.pages[f"{NEXT}/a/own"] = article("川渝人才评价结果互认", "川渝两地人社部门互认职称评审结果。")
        site.pages |= {f"{host}/list": resource for host, resource in _lists(port).items()}
        plain = "text/plain; charset=utf-8"
        site.pages["robots.example/robots.txt"] = Resource(body=b"User-agent: *\nDisallow: /\n", content_type=plain)
        site.pages["robotsbom.example/robots.txt"] = Resource(
            body=b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n", content_type=plain
        )
        site.pages["robots500.example/robots.txt"] = Resource(status=500, body=b"error")
        site.pages["robotsaway.example/robots.txt"] = Resource(status=302, location=f"http://{STRANGER}/404")
        site.pages["robotsaway.example/a/1"] = article("川渝人社部门签署合作协议一", "川渝两地人社部门会商用工保障。")
        sources = folder / "sources"
        for host in (HOST, OTHER, NEXT, "late.example", *_lists(port), "nowhere.example", "inside.example"):
            source_file(sources, host.removesuffix(".example"), host, port=port)
        names = dict.fromkeys((HOST, OTHER, NEXT, STRANGER, "late.example", *_lists(port)), "127.0.0.1")
        env = settings(names | {"inside.example": "127.0.0.2"}, timeout_s="6")
        reports = crawl(env, folder / "D", "--all", "--sources", sources, expect=1)
        with open_file(folder / "D" / "hrwatch.sqlite3") as archive:
            yield Pass(reports=reports, server=server, port=port, archive=archive)


@pytest.mark.parametrize("path", [path for path, (_, reason) in ARTICLES.items() if isinstance(reason, Reason)])
def test_an_article_that_is_none_leaves_with_its_reason(bad: Pass, path: str) -> None:
    entry = bad.history(f"http://{HOST}:{bad.port}{path}").entry
    assert entry is not None
    assert (entry.outcome, entry.reason) == ("refused", ARTICLES[path][1])


@pytest.mark.parametrize("path", NOTHING)
def test_an_answer_that_is_nothing_leaves_with_some_reason(bad: Pass, path: str) -> None:
    entry = bad.history(f"http://{HOST}:{bad.port}{path}").entry
    assert entry is not None
    assert entry.outcome == "refused"
    assert entry.reason not in (None, Reason.ERROR)


@pytest.mark.parametrize("href", HREFS)
def test_a_link_that_leads_nowhere_or_away_is_recorded(bad: Pass, href: str) -> None:
    # the server puts its port behind every host that has none
    entry = bad.history(re.sub(r"(\.example)/", rf"\1:{bad.port}/", href)).entry
    assert entry is not None
    # a bare link whose title is about the subject becomes a link-only story; this title is not
    assert entry.reason == HREFS[href]


def test_the_good_rows_beside_the_bad_ones_are_stored(bad: Pass) -> None:
    for url in (
        f"http://{HOST}:{bad.port}/a/good",
        f"http://{OTHER}:{bad.port}/a/own",
        f"http://{NEXT}:{bad.port}/a/own",
    ):
        history = bad.history(url)
        assert history.entry is not None
        assert (history.entry.outcome, history.judgement is not None) == ("stored", True)


def test_a_row_that_leads_to_a_pdf_is_an_item_with_the_title_of_the_row(bad: Pass) -> None:
    path = "/files/notice.pdf"
    history = bad.history(f"http://{HOST}:{bad.port}{path}")
    assert history.entry is not None
    assert (history.entry.outcome, history.title) == ("stored", f"合成的一行{list(ARTICLES).index(path)}：川渝人社合作")
    assert history.origins["body"] == "pdf"


def test_a_redirect_to_another_registered_host_is_followed_in_that_hosts_turn(bad: Pass) -> None:
    moved = bad.history(f"http://{HOST}:{bad.port}/a/moved")
    assert moved.entry is not None
    assert moved.entry.outcome == "stored"
    assert moved.title == "川渝社保互认"


@pytest.mark.parametrize("source", LIST_REASONS)
def test_a_list_that_fails_fails_its_source_by_name(bad: Pass, source: str) -> None:
    report = bad.reports[source]
    assert (report["ok"], report["reason"]) == (False, LIST_REASONS[source])
    assert report["lists"][0]["reason"] == LIST_REASONS[source]
    (poll,) = bad.archive.polls_of(source)
    assert poll.reason == LIST_REASONS[source]


def test_a_robots_txt_that_leads_away_is_none(bad: Pass) -> None:
    assert bad.reports["robotsaway"]["stored"] == 1


def test_the_summary_counts_every_reason(bad: Pass) -> None:
    refused = bad.reports["bad"]["refused"]
    for reason in {reason for _, reason in ARTICLES.values() if isinstance(reason, Reason)} | set(HREFS.values()):
        assert refused[reason] >= 1, reason
    assert "error" not in refused
    assert bad.reports["bad"]["ok"]


def test_nobody_else_was_asked_and_nobody_twice_at_once(bad: Pass) -> None:
    most = bad.server.most_at_once()
    assert STRANGER not in most
    assert "inside.example" not in most
    late = {"late.example", "slow.example"}
    # a page that we stop reading for its size keeps the server's thread until it notices that nobody listens
    cut = {"bad.example": sum(reason is Reason.TOO_LARGE for _, reason in ARTICLES.values())}
    beside = Counter(visit.host for visit in bad.server.visits if visit.at_once > 1 and visit.host not in late)
    assert beside - Counter(cut) == Counter()


def test_robots_txt_is_asked_for_once_and_nothing_behind_a_no(bad: Pass) -> None:
    asked = [(visit.host, visit.path) for visit in bad.server.visits]
    assert asked.count((HOST, "/robots.txt")) == 1
    for host in ("robots.example", "robotsbom.example", "robots500.example"):
        assert {path for name, path in asked if name == host} == {"/robots.txt"}


def test_the_archive_is_whole_and_no_lease_is_held(bad: Pass) -> None:
    assert bad.archive.check() == ()
    lease = bad.archive.acquire_lease(HOST, "test", 10)
    assert lease is not None
    bad.archive.release_lease(lease)
