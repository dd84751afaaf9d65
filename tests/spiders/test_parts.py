"""Articles on more than one page, over real HTTP: asked in order, joined, kept with their parts, replayed from WARC."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from archive.archive import open_file
from archive.records import PageRecord
from archive.storing.pages import missing_of, pages_of
from crawler.demo.answer import Resource
from crawler.extract.parts import MAX_PARTS, PartLink
from crawler.model import Capture, Entry, ListPage, MissingPart, Page, Reason, Source
from crawler.warc.reading import WarcReplay
from crawler.warc.writing import WarcFiles
from spiders.parts import PartJob, begin, go_on, without
from tests.crawler.loopback import LittleSite, crawl, html, list_page, little_server, settings, source_file, start
from tests.extract.pdfs import pdf, typeset

HOST, FILES, OTHER = "rsj.jia.example", "files.jia.example", "pdf.elsewhere.example"
NAMES = {HOST: "127.0.0.1", FILES: "127.0.0.1", OTHER: "127.0.0.1"}
NOW = datetime(2026, 3, 2, tzinfo=UTC)
LIST = f"http://{HOST}/list"
ENTRY = Entry(source_id="parts", list_url=LIST, url=f"http://{HOST}/a/1.html", title="川渝人社部门签署合作协议")
SOURCE = Source(
    id="parts",
    name="合成",
    kind="news",
    level="media",
    adcode="510000",
    home=f"http://{HOST}/",
    hosts=(HOST,),
    family="generic",
    lists=(ListPage(url=LIST),),
)
NO_NETWORK = settings({}, allow_private="[]")
SENTENCES = [
    "甲人社发〔2026〕7号",
    "为落实两市协作协议，推动公共就业服务同城化，现将协作实施方案印发给你们，请认真贯彻落实。",
]


def sentence(number: int) -> str:
    return f"<p>川渝两地人社部门签署人力资源合作协议，共建公共就业服务平台，第{number}项任务已经落实（合成）。</p>"


def article(title: str, body: str) -> Resource:
    shown = f"<h1>{title}</h1><div>发布时间：2026-03-02 10:20</div><div class='content'>{body}</div>"
    return Resource(body=html(shown, title))


def pager(stem: str, *numbers: int) -> str:
    return "".join(f"<a href='{stem}_{number}.html'>[{number}]</a> " for number in numbers)


def rows(*names: str) -> Resource:
    return list_page(*((f"/a/{name}.html", f"川渝人社部门签署第{name}号合作协议") for name in names))


@dataclass
class Held:
    """What the archive holds of one article."""

    body: str
    note: str | None
    pages: tuple[PageRecord, ...]
    missing: tuple[MissingPart, ...]


def held(data: Path) -> dict[str, Held]:
    """Everything stored, by the name of its file."""
    file = data / "hrwatch.sqlite3"
    with open_file(file):
        pass
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            found = connection.execute(text("select id, url, body, json_extract(origins, '$.parts') from items")).all()
            return {
                url.rpartition("/")[2]: Held(body, note, pages_of(connection, number), missing_of(connection, number))
                for number, url, body, note in found
            }
    finally:
        engine.dispose()


@dataclass
class Pass:
    data: Path
    sources: Path
    report: dict[str, Any]
    paths: list[str]
    most_at_once: int


def site() -> LittleSite:
    pages = {f"{HOST}/list": rows("three", "gone", "pdf", "foreign", "elsewhere", "endless", "same", "refused")}
    for name, asked in (("three", (2, 3)), ("gone", (2, 3, 4)), ("same", (2,)), ("refused", (2,))):
        pages[f"{HOST}/a/{name}.html"] = article(f"{name}号合作协议签署", sentence(1) + pager(name, *asked))
    for number in (2, 3):
        pages[f"{HOST}/a/three_{number}.html"] = article("three号合作协议签署", sentence(number) + pager("three", 2, 3))
    pages[f"{HOST}/a/gone_2.html"] = article("gone号合作协议签署", sentence(2))
    pages[f"{HOST}/a/gone_3.html"] = article("gone号合作协议签署", sentence(3))
    pages[f"{HOST}/a/same_2.html"] = article("same号合作协议签署", sentence(1))
    pages[f"{HOST}/a/refused_2.html"] = article("refused号合作协议签署", sentence(2))
    pages[f"{HOST}/robots.txt"] = Resource(body=b"User-agent: *\nDisallow: /a/refused_2", content_type="text/plain")
    frame = "<iframe src='/pdfjs/web/viewer.html?file=%2Ff%2FP02.pdf'></iframe>"
    pages[f"{HOST}/a/pdf.html"] = article("pdf号合作协议签署", frame)
    pages[f"{HOST}/f/P02.pdf"] = Resource(body=pdf([typeset(SENTENCES)]), content_type="application/pdf")
    for name, host in (("foreign", OTHER), ("elsewhere", FILES)):
        shown = f"<iframe src='http://{host}/f/P02.pdf'></iframe>"
        pages[f"{HOST}/a/{name}.html"] = article(f"{name}号合作协议签署", shown)
        pages[f"{host}/f/P02.pdf"] = pages[f"{HOST}/f/P02.pdf"]
    for number in range(1, MAX_PARTS + 10):
        name = "endless" if number == 1 else f"endless_{number}"
        onward = f"<a href='endless_{number + 1}.html'>下一页</a>"
        pages[f"{HOST}/a/{name}.html"] = article("endless号合作协议签署", sentence(number) + onward)
    return LittleSite(pages)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Pass:
    folder = tmp_path_factory.mktemp("parts")
    data, sources = folder / "D", folder / "sources"
    with little_server(site(), think_s=0.002) as server:
        source_file(sources, "parts", HOST, port=server.port)
        source_file(sources, "files", FILES, port=server.port)
        report = crawl(settings(NAMES), data, "parts", "--sources", sources)["parts"]
        visits = server.visits
    return Pass(data, sources, report, [visit.path for visit in visits], max(visit.at_once for visit in visits))


def test_pages_are_joined_and_kept_in_order(passed: Pass) -> None:
    three = held(passed.data)["three.html"]
    assert [line.partition("第")[2][:1] for line in three.body.split("\n")] == ["1", "2", "3"]
    assert three.note == "pages:2,3"
    assert [page.url.rpartition("/")[2] for page in three.pages] == ["three.html", "three_2.html", "three_3.html"]
    assert all(page.warc is not None for page in three.pages)
    assert three.missing == ()


def test_a_part_that_fails_is_named_and_counted_and_costs_nothing_else(passed: Pass) -> None:
    gone = held(passed.data)["gone.html"]
    assert gone.note == "pages:2,3;missing:4=gone"
    assert [(part.number, part.reason) for part in gone.missing] == [(4, Reason.GONE)]
    assert "第3项" in gone.body
    refused = held(passed.data)["refused.html"]
    assert refused.note == "missing:2=robots"
    assert "/a/refused_2.html" not in passed.paths
    assert passed.report["refused"] == {"gone": 1, "robots": 1, "unregistered-host": 1, "busy": 1, "too-large": 1}
    assert passed.report["stored"] == 8


def test_a_pdf_in_a_frame_is_the_text(passed: Pass) -> None:
    found = held(passed.data)["pdf.html"]
    assert found.body.split("\n") == SENTENCES
    assert found.note == "pdf:2"
    assert [page.url.rpartition("/")[2] for page in found.pages] == ["pdf.html", "P02.pdf"]


def test_other_hosts_are_not_asked(passed: Pass) -> None:
    found = held(passed.data)
    assert found["foreign.html"].note == "missing:2=unregistered-host"
    assert found["elsewhere.html"].note == "missing:2=busy"
    assert passed.paths.count("/f/P02.pdf") == 1


def test_a_chain_without_end_ends_and_says_so(passed: Pass) -> None:
    endless = held(passed.data)["endless.html"]
    assert len(endless.pages) == 1 + MAX_PARTS
    assert [(part.number, part.reason) for part in endless.missing] == [(MAX_PARTS + 2, Reason.TOO_LARGE)]
    assert sum(path.startswith("/a/endless") for path in passed.paths) == 1 + MAX_PARTS


def test_the_first_page_once_more_is_no_part(passed: Pass) -> None:
    same = held(passed.data)["same.html"]
    assert (same.note, len(same.pages), same.missing) == (None, 1, ())


def test_parts_come_one_after_another(passed: Pass) -> None:
    assert passed.most_at_once == 1
    at = passed.paths.index("/a/three.html")
    assert passed.paths[at : at + 3] == ["/a/three.html", "/a/three_2.html", "/a/three_3.html"]
    assert len(set(passed.paths)) == len(passed.paths), "nothing was asked twice"


def test_replay_joins_the_same_parts_without_a_network(passed: Pass, tmp_path: Path) -> None:
    warcs = [part for path in sorted((passed.data / "warc").iterdir()) for part in ("--replay", path)]
    crawl(NO_NETWORK, tmp_path / "R", "parts", "--sources", passed.sources, *warcs)
    before, after = held(passed.data), held(tmp_path / "R")
    names = before.keys() - {"refused.html"}  # robots.txt is not asked of a replay's pages a second time
    assert {name: (after[name].body, after[name].note) for name in names} == {
        name: (before[name].body, before[name].note) for name in names
    }


def test_replay_without_a_part_says_so(passed: Pass, tmp_path: Path) -> None:
    replay = WarcReplay(sorted((passed.data / "warc").iterdir()))
    files = WarcFiles(tmp_path / "W", max_bytes=10**9, user_agent="synthetic")
    for url in replay.urls():
        page = replay.find(url)
        assert isinstance(page, Page)
        if not url.endswith("/three_2.html"):
            files.write(page)
    files.close()
    (file,) = (tmp_path / "W").iterdir()
    crawl(NO_NETWORK, tmp_path / "R", "parts", "--sources", passed.sources, "--replay", file)
    three = held(tmp_path / "R")["three.html"]
    assert three.note == "pages:3;missing:2=not-in-warc"
    assert [line.partition("第")[2][:1] for line in three.body.split("\n")] == ["1", "3"]


def test_a_poll_that_is_stopped_in_an_article_leaves_its_row_open(tmp_path: Path) -> None:
    pages = {f"{HOST}/list": rows("long"), f"{HOST}/a/long_3.html": article("long号合作协议签署", sentence(3))}
    pages[f"{HOST}/a/long.html"] = article("long号合作协议签署", sentence(1) + pager("long", 2, 3))
    second = article("long号合作协议签署", sentence(2))
    pages[f"{HOST}/a/long_2.html"] = Resource(body=second.body, delay_s=90)
    little = LittleSite(pages)
    with little_server(little) as server:
        sources = tmp_path / "sources"
        source_file(sources, "parts", HOST, port=server.port)
        args = ("crawl", "parts", "--sources", sources)
        run = start(settings(NAMES, timeout_s="90"), tmp_path / "D", *args)
        try:
            deadline = time.monotonic() + 60
            while "/a/long.html" not in [visit.path for visit in server.visits]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            run.terminate()
            run.communicate(timeout=60)
        finally:
            if run.poll() is None:
                run.kill()
                run.communicate()
        assert held(tmp_path / "D") == {}
        pages[f"{HOST}/a/long_2.html"] = second
        report = crawl(settings(NAMES), tmp_path / "D", "parts", "--sources", sources)["parts"]
    assert report["stored"] == 1
    assert held(tmp_path / "D")["long.html"].note == "pages:2,3"


def test_a_fault_of_ours_does_not_cost_the_article(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> bool:
        raise RecursionError("synthetic")

    monkeypatch.setattr("spiders.parts.may_have_parts", fault)
    page = Page(url=f"http://{HOST}/a/1.html", status=200, headers={}, body=b"synthetic", fetched_at=NOW)
    capture = Capture(entry=ENTRY, source=SOURCE, page=page)
    assert asyncio.run(begin(capture, page, lambda _: True)).capture == capture
    monkeypatch.setattr("spiders.parts.is_same_article", fault)
    answered = replace(page, body=article("七号合作协议签署", sentence(2)).body)
    link = PartLink(number=2, url=page.url)
    job = PartJob(ENTRY, page.url, capture=capture, link=link, waiting=(), seen=frozenset(), title="")
    (missing,) = asyncio.run(go_on(job, answered, lambda _: True)).capture.missing
    assert (missing.number, missing.reason) == (2, Reason.ERROR)


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.BLOCKED, Reason.GONE])
def test_a_host_that_does_not_answer_is_not_pressed(reason: Reason) -> None:
    capture = Capture(entry=ENTRY, source=SOURCE, page=None)
    second, third = (PartLink(number=number, url=f"http://{HOST}/{number}") for number in (2, 3))
    job = PartJob(ENTRY, second.url, capture=capture, link=second, waiting=(third,), seen=frozenset(), title="")
    gathered = without(job, reason, "synthetic")
    lost = [part.number for part in gathered.capture.missing]
    assert (lost, gathered.waiting) == (([2], (third,)) if reason is Reason.GONE else ([2, 3], ()))
