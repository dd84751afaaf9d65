"""`hrwatch import`: saved HTML, PDF, MHTML and WARC files of registered sites, and what is refused with which word."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.cli.coding import without_coding
from crawler.cli.importing.saved import read_saved
from crawler.errors import RefusedError
from crawler.model import Page, Reason
from crawler.warc.writing import WarcFiles
from tests.cli.worlds import call
from tests.crawler.loopback import article, html, settings, source_file
from tests.extract.pdfs import At, pdf, typeset

ALL_WELL, SOME_FAILED, WRONG_USE = 0, 1, 2
ENV = settings({}, allow_private="[]")
HOME = "http://www.qiangnei.example"
TITLE = "合成新闻：四川重庆签署人力资源合作协议"
AT = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A synthetic source behind a wall."""
    folder = tmp_path / "sources"
    more = 'status = "blocked"\nwhy = "synthetic wall"\nsince = 2026-01-01'
    source_file(folder, "qiangnei", "www.qiangnei.example", port=80, more=more)
    return folder


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_bytes(article(TITLE).body)
    return path


def bring(tmp_path: Path, *args: str | Path, expect: int = ALL_WELL) -> list[dict[str, Any]]:
    args = ("import", "--json", "--sources", tmp_path / "sources", *args)
    found: list[dict[str, Any]] = json.loads(call(ENV, tmp_path / "D", *args, expect=expect)[0])
    return found


def explain(tmp_path: Path, url: str) -> dict[str, Any]:
    (found,) = json.loads(call(ENV, tmp_path / "D", "explain", "--json", url)[0])
    assert isinstance(found, dict)
    return found


def mhtml(body: bytes, url: str, charset: str) -> bytes:
    """A synthetic MHTML file, as browsers write them."""
    head = (
        "From: <Saved by a browser>\r\n"
        f"Snapshot-Content-Location: {url}\r\n"
        "Subject: synthetic\r\n"
        "Date: Thu, 5 Mar 2026 08:00:00 -0000\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n'
        "----b\r\n"
        f"Content-Type: text/html; charset={charset}\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-Location: {url}\r\n\r\n"
    )
    picture = b"\r\n----b\r\nContent-Type: image/gif\r\nContent-Location: cid:1\r\n\r\nGIF89a\r\n----b--\r\n"
    return head.encode() + body + picture


def warc(folder: Path, pages: Sequence[tuple[str, int, str, bytes, str]]) -> Path:
    """A WARC of pages: address, status, type, body, content coding."""
    files = WarcFiles(folder, max_bytes=2**30, user_agent="synthetic")
    for url, status, kind, body, coding in pages:
        headers = {"content-type": kind} | ({"content-encoding": coding} if coding else {})
        files.write(Page(url=url, status=status, headers=headers, body=body, fetched_at=AT))
    files.close()
    (path,) = folder.iterdir()
    return path


def test_a_saved_page_enters_as_any_other_and_says_how_it_came(tmp_path: Path, sources: Path, saved: Path) -> None:
    url = f"{HOME}/a/1.html"
    (one,) = bring(tmp_path, saved, "--url", url)
    assert (one["title"], one["stored"], one["new"], one["relevant"]) == (TITLE, True, True, True)
    found = explain(tmp_path, url)
    assert found["row"]["list"] == "by hand"
    assert found["origins"]["page"] == "by hand"
    assert [page["status"] for page in found["pages"]] == [200]
    assert "by hand" in call(ENV, tmp_path / "D", "explain", url)[0]
    assert len(json.loads(call(ENV, tmp_path / "D", "search", "人力资源合作", "--json")[0])) == 1
    # the page is kept as WARC, so that it can be read again
    assert len(list((tmp_path / "D" / "warc").iterdir())) == 1


def test_bringing_a_page_twice_changes_nothing(tmp_path: Path, sources: Path, saved: Path) -> None:
    bring(tmp_path, saved, "--url", f"{HOME}/a/1.html")
    (again,) = bring(tmp_path, saved, "--url", f"{HOME}/a/1.html")
    assert (again["stored"], again["new"]) == (True, False)


def test_mhtml_tells_its_own_address_and_charset(tmp_path: Path, sources: Path) -> None:
    body = article(TITLE).body.decode().replace("<meta charset='utf-8'>", "").encode("gb18030")
    path = tmp_path / "page.mhtml"
    path.write_bytes(mhtml(body, f"{HOME}/a/2.html", "gb2312"))
    (one,) = bring(tmp_path, path)
    assert (one["url"], one["title"], one["stored"]) == (f"{HOME}/a/2.html", TITLE, True)


def test_a_warc_brings_its_articles_and_passes_over_the_rest(tmp_path: Path, sources: Path) -> None:
    page = article(TITLE).body
    path = warc(
        tmp_path / "warcs",
        [
            (f"{HOME}/a/1.html", 200, "text/html", page, ""),
            (f"{HOME}/a/2.html", 200, "text/html; charset=utf-8", gzip.compress(page), "gzip"),
            (f"{HOME}/a/3.html", 404, "text/html", page, ""),
            (f"{HOME}/list", 200, "text/html", page, ""),
            (f"{HOME}/", 200, "text/html", page, ""),
            (f"{HOME}/about.html", 200, "text/html", page, ""),
            (f"{HOME}/style.css", 200, "text/css", b"a{}", ""),
            (f"{HOME}/robots.txt", 200, "text/html", page, ""),
            ("http://spam.example/a/1.html", 200, "text/html", page, ""),
        ],
    )
    found = {one["url"]: one for one in bring(tmp_path, path, expect=SOME_FAILED)}
    assert {url: one["reason"] for url, one in found.items()} == {
        f"{HOME}/a/1.html": None,
        f"{HOME}/a/2.html": None,
        "http://spam.example/a/1.html": "unregistered-host",
    }
    assert found[f"{HOME}/a/2.html"]["title"] == TITLE


@pytest.mark.parametrize("content", [b"", b"synthetic: no WARC", gzip.compress(b"synthetic: no WARC")])
def test_a_warc_by_name_that_is_none_is_called_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    (found,) = read_saved(path, None, max_bytes=10**6)
    assert found.refused is not None
    assert found.refused[0] is Reason.WRONG_TYPE
    assert str(path) in found.refused[1]


def test_a_warc_that_breaks_off_brings_what_stands_before_and_says_so(tmp_path: Path) -> None:
    pages = [(f"{HOME}/a/{n}.html", 200, "text/html", article(TITLE).body, "") for n in (1, 2)]
    path = warc(tmp_path / "warcs", pages)
    path.write_bytes(path.read_bytes()[:-20])
    first, broken = read_saved(path, None, max_bytes=10**6)
    assert first.page is not None
    assert first.url == f"{HOME}/a/1.html"
    assert broken.refused is not None
    assert "breaks off" in broken.refused[1]
    assert "\n" not in broken.refused[1]


def test_what_cannot_be_brought_is_said_and_the_others_go_on(tmp_path: Path, sources: Path, saved: Path) -> None:
    pdf, stranger, short, nameless = (tmp_path / name for name in ("a.pdf", "b.html", "c.html", "d.html"))
    pdf.write_bytes(b"%PDF-1.4 synthetic")
    mark = "<!-- saved from url=(0042){} -->"
    stranger.write_bytes(mark.format("http://spam.example/a/1.html").encode() + article(TITLE).body)
    short.write_bytes(mark.format(f"{HOME}/a/7.html").encode() + html("<h1>合成</h1>"))
    nameless.write_bytes(article(TITLE).body)
    saved.write_bytes(mark.format(f"{HOME}/a/8.html").encode() + article(TITLE).body)
    found = bring(tmp_path, pdf, stranger, short, nameless, saved, expect=SOME_FAILED)
    assert [one["stored"] for one in found] == [False, False, False, False, True]
    assert [one["reason"] for one in found[:2]] == ["bad-link", "unregistered-host"]
    assert found[3]["reason"] == "bad-link"
    assert explain(tmp_path, f"{HOME}/a/7.html")["reason"] == found[2]["reason"]
    told, _err = call(ENV, tmp_path / "D", "import", "--sources", sources, pdf, stranger, expect=SOME_FAILED)
    assert "its address is not known: give --url" in told
    assert "its host is not registered (spam.example)" in told


DOCUMENT = "关于签署甲乙两地人力资源合作协议的通知"


def document() -> bytes:
    """A synthetic PDF about the subject."""
    said = "四川、重庆人社部门签署人力资源合作协议，共建公共就业服务平台，川渝两地定期举办专场招聘活动（合成）。"
    signature = [At("四川省人力资源和社会保障厅", 300, 260), At("2026年3月2日", 272, 330)]
    return pdf([[At(DOCUMENT, 780, None, 22), *typeset([said, said.replace("、", "和")]), *signature]])


def test_a_pdf_enters_as_any_other_page(tmp_path: Path, sources: Path) -> None:
    path = tmp_path / "notice.pdf"
    path.write_bytes(document())
    url = f"{HOME}/files/P020260303402979611996.pdf"
    (one,) = bring(tmp_path, path, "--url", url)
    assert (one["title"], one["stored"], one["relevant"], one["reason"]) == (DOCUMENT, True, True, None)
    found = explain(tmp_path, url)
    assert (found["origins"]["page"], found["origins"]["body"], found["origins"]["published"]) == (
        "by hand",
        "pdf",
        "url",
    )
    assert len(json.loads(call(ENV, tmp_path / "D", "search", "公共就业服务平台", "--json")[0])) == 1


def test_pdfs_in_a_warc_are_brought(tmp_path: Path, sources: Path) -> None:
    path = warc(
        tmp_path / "warcs",
        [
            (f"{HOME}/files/1.pdf", 200, "application/pdf", document(), ""),
            (f"{HOME}/files/2.pdf", 200, "application/pdf", gzip.compress(document()), "gzip"),
            (f"{HOME}/files/3.pdf", 200, "application/pdf", b"%PDF-1.7 synthetic", ""),
            (f"{HOME}/files/4.doc", 200, "application/msword", b"\xd0\xcf\x11\xe0synthetic", ""),
            ("http://spam.example/5.pdf", 200, "application/pdf", document(), ""),
        ],
    )
    found = {one["url"]: one["reason"] for one in bring(tmp_path, path, expect=SOME_FAILED)}
    assert found == {
        f"{HOME}/files/1.pdf": None,
        f"{HOME}/files/2.pdf": None,
        f"{HOME}/files/3.pdf": "bad-pdf",
        "http://spam.example/5.pdf": "unregistered-host",
    }


def test_a_folder_is_brought_and_a_bad_file_costs_no_neighbour(tmp_path: Path, sources: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "1_files").mkdir(parents=True)
    mark = "<!-- saved from url=(0042){} -->"
    pages = {
        "1.html": mark.format(f"{HOME}/a/1.html").encode() + article(TITLE).body,
        "2.mhtml": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n\0\xff",
        "3.pdf": b"%PDF-1.7 synthetic",
        "4.warc.gz": b"\x1f\x8bsynthetic",
        "5.html": b"\0\1\2" * 500,
        "6.html": mark.format(f"{HOME}/a/6.html").encode() + b"<script>$_ts=window['$_ts'];$_ts.nsd=1;</script>",
        "7.mhtml": mhtml(article(TITLE).body, f"{HOME}/a/7.html", "utf-8"),
        "8.png": b"\x89PNG",
        "9.mhtml": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        + b"--b\r\n\r\n" * 20_000,
        "10.mhtml": mhtml(article(TITLE).body, f"{HOME}/a/10.html", "utf-8").replace(
            b"multipart/related;", b"multipart/related;" + b"a=b;" * 1_000_000, 1
        ),
        "1_files/frame.html": article(TITLE).body,
    }
    for name, body in pages.items():
        (folder / name).write_bytes(body)
    found = bring(tmp_path, folder, expect=SOME_FAILED)
    assert [(Path(one["file"]).name, one["reason"]) for one in found] == [
        ("1.html", None),
        ("10.mhtml", "wrong-type"),
        ("2.mhtml", "empty"),
        ("3.pdf", "bad-link"),
        ("4.warc.gz", "wrong-type"),
        ("5.html", "bad-link"),
        ("6.html", "blocked"),
        ("7.mhtml", None),
        ("9.mhtml", "wrong-type"),
    ]


def test_an_address_that_cannot_be_the_pages_is_refused(tmp_path: Path, sources: Path, saved: Path) -> None:
    source_file(sources, "linshe", "www.linshe.example", port=80)
    marked = b"<!-- saved from url=(0042)http://www.linshe.example/a/1.html -->" + article(TITLE).body
    saved.write_bytes(marked)
    other, listed, front, stranger = (
        bring(tmp_path, saved, "--url", url, expect=SOME_FAILED)[0]
        for url in (f"{HOME}/a/1.html", "http://www.linshe.example:80/list", f"{HOME}/", "http://spam.example/a/1.html")
    )
    assert (other["reason"], "www.linshe.example" in other["detail"]) == ("bad-link", True)
    assert (listed["reason"], front["reason"]) == ("list-page", "list-page")
    assert stranger["reason"] == "unregistered-host"
    (own,) = bring(tmp_path, saved, "--url", "http://www.linshe.example/a/2.html")
    assert own["stored"] is True


def test_wrong_use_is_refused(tmp_path: Path, sources: Path, saved: Path) -> None:
    call(ENV, tmp_path / "D", "import", saved, saved, "--url", f"{HOME}/a/1.html", expect=WRONG_USE)
    call(ENV, tmp_path / "D", "import", saved, "--url", "no address", expect=WRONG_USE)
    call(ENV, tmp_path / "D", "import", tmp_path / "nothing.html", expect=WRONG_USE)


def page_of(body: bytes, coding: str) -> Page:
    headers = {"content-encoding": coding, "content-type": "text/html"}
    return Page(url=f"{HOME}/a/1.html", status=200, headers=headers, body=body, fetched_at=AT)


def test_a_content_coding_is_undone_within_a_size() -> None:
    assert without_coding(page_of(gzip.compress(b"<p>synthetic"), "gzip"), max_bytes=100).body == b"<p>synthetic"
    assert without_coding(page_of(zlib.compress(b"<p>synthetic"), "deflate"), max_bytes=100).body == b"<p>synthetic"
    bombs = [page_of(gzip.compress(bytes(10**6)), "gzip"), page_of(bytes(101), "")]
    for bomb in bombs:
        with pytest.raises(RefusedError) as refused:
            without_coding(bomb, max_bytes=100)
        assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(("body", "coding"), [(b"no gzip", "gzip"), (b"x", "sdch")])
def test_a_broken_or_unknown_coding_is_refused(body: bytes, coding: str) -> None:
    with pytest.raises(RefusedError) as refused:
        without_coding(page_of(body, coding), max_bytes=100)
    assert refused.value.reason is Reason.WRONG_TYPE
