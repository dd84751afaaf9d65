"""The feed files as HTTP sees them: types, validators, codings, CORS, names; hostile requests. Synthetic files."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlsplit

import brotli
import httpx
import pytest
from lxml import html

from archive import Archive, open_archive
from crawler.config import Config
from crawler.language import use_language
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, store
from tests.web.client import Client
from web.app import create_app
from web.server import WebProcess

FEED = "<rss><!-- synthetic 合成 --></rss>\n".encode() * 400
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture
def client(archive: Archive, config: Config) -> Client:
    return Client(create_app(archive, load_taxonomy(), config))


@pytest.fixture
def folder(config: Config) -> Path:
    config.feeds_dir.mkdir(parents=True)
    return config.feeds_dir


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Config]]:
    """Three stories, published once: the tests that read them change nothing."""
    config = Config(data=tmp_path_factory.mktemp("published"))
    with open_archive(config) as archive:
        store(archive, 1)
        store(archive, 2, regions=("510000", "540000"), zones=("川藏",))
        store(archive, 3, regions=("511800", "500000"))
        publish(archive, load_taxonomy(), config, now=NOW)
        yield Client(create_app(archive, load_taxonomy(), config)), config


@pytest.fixture
def published(house: tuple[Client, Config]) -> Client:
    return house[0]


def put(path: Path, content: bytes, *, packed: bytes | None = None, aged_s: float = 60) -> None:
    """A file as it is published, with its siblings; `packed` is what they hold."""
    held = content if packed is None else packed
    for name, body in (("", content), (".gz", gzip.compress(held, mtime=0)), (".br", brotli.compress(held))):
        new = path.with_name(f"{path.name}{name}.new")
        new.write_bytes(body)
        os.utime(new, (time.time() - aged_s,) * 2)
        new.replace(path.with_name(path.name + name))


def tag(client: Client, path: str, coding: str) -> str:
    return str(client.get(path, headers={"accept-encoding": coding}).headers["etag"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("all.rss", "application/rss+xml; charset=utf-8"),
        ("all.atom", "application/atom+xml; charset=utf-8"),
        ("all.json", "application/feed+json; charset=utf-8"),
        ("index.json", "application/json; charset=utf-8"),
        ("index.opml", "text/x-opml; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_type_head_and_304(house: tuple[Client, Config], name: str, kind: str) -> None:
    published, config = house
    path = f"/feeds/{name}"
    full = published.get(path, headers=PLAIN)
    assert (full.status_code, full.headers["content-type"]) == (200, kind)
    assert full.content == (config.feeds_dir / (name or "index.html")).read_bytes()
    head = published.ask("HEAD", path, headers=PLAIN)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(full.content))
    assert head.headers["etag"] == full.headers["etag"]
    for given in (full.headers["etag"], f'"x", W/{full.headers["etag"]}', "*"):
        unchanged = published.get(path, headers=PLAIN | {"if-none-match": given})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["etag"] == full.headers["etag"]
        assert "Accept-Encoding" in unchanged.headers["vary"]
        assert "content-type" not in unchanged.headers
    for wrong in ('"wrong", nonsense,,', "", '"', "W/", full.headers["etag"].strip('"'), "\x7f" * 9, '"a' * 2000):
        assert published.get(path, headers=PLAIN | {"if-none-match": wrong}).status_code == 200, wrong
    assert full.headers["access-control-allow-origin"] == "*"
    assert full.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_tag_is_of_the_content_alone(client: Client, folder: Path) -> None:
    put(folder / "all.rss", FEED)
    first = tag(client, "/feeds/all.rss", "identity")
    put(folder / "all.rss", FEED + b"\n", aged_s=50)
    assert tag(client, "/feeds/all.rss", "identity") != first
    put(folder / "all.rss", FEED, aged_s=40)
    assert tag(client, "/feeds/all.rss", "identity") == first
    put(folder / "zone-a.rss", FEED, aged_s=30)
    assert tag(client, "/feeds/zone-a.rss", "identity") == first


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        *(("", None), ("identity", None), ("gzip", "gzip"), ("x-gzip", "gzip"), ("br", "br")),
        *(("gzip, deflate, br", "br"), ("br;q=no", None)),
        *(("GZIP;Q=0.5", "gzip"), ("gzip;q=1.0, br;q=0.5", "gzip"), ("gzip;q=0.2, identity", None), ("deflate", None)),
        *(("*", "br"), ("*;q=0.1, br;q=0", "gzip"), ("gzip;q=0", None), ("identity;q=0, gzip", "gzip")),
        *(("gzip;q=2, br;q=0.001", "br"), (",,;;q,gzip", "gzip"), ("identity;q=0, *", "br"), ("q" * 5000, None)),
    ],
)  # fmt: skip
def test_codings_by_weight(client: Client, folder: Path, accept: str, coding: str | None) -> None:
    put(folder / "all.rss", FEED)
    answer = client.get("/feeds/all.rss", headers={"accept-encoding": accept})
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == coding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.content == FEED
    packed = folder / f"all.rss{ {'gzip': '.gz', 'br': '.br', None: ''}[coding] }"
    assert answer.headers["content-length"] == str(packed.stat().st_size)


def test_a_coding_that_is_not_there(client: Client, folder: Path) -> None:
    (folder / "all.rss").write_bytes(FEED)
    assert "content-encoding" not in client.get("/feeds/all.rss", headers={"accept-encoding": "br, gzip"}).headers
    refused = client.get("/feeds/all.rss", headers={"accept-encoding": "gzip, identity;q=0"})
    assert refused.status_code == 406
    assert "内容编码" in refused.text or "content coding" in refused.text


def test_a_304_only_for_a_coding_that_the_client_can_read(client: Client, folder: Path) -> None:
    put(folder / "all.rss", FEED)
    plain, packed = (tag(client, "/feeds/all.rss", coding) for coding in ("identity", "gzip"))
    assert plain != packed
    for held, accept, status in (
        (packed, "gzip", 304),
        (plain, "gzip", 304),  # whoever takes gzip takes it plain too, and has it
        (packed, "gzip, br", 304),
        (packed, "identity", 200),  # a cache that holds gzip asks for a client that cannot read it
        (plain, "gzip, identity;q=0", 200),
        (f"W/{packed}, {plain}", "identity", 304),
    ):
        answer = client.get("/feeds/all.rss", headers={"accept-encoding": accept, "if-none-match": held})
        assert answer.status_code == status, (held, accept)
        if status == 304:
            assert answer.headers["etag"] in held


@pytest.mark.parametrize("packed", [b"<rss>yesterday</rss>", FEED + b"x", FEED[:-1], b"0" * (1 << 22)])
def test_a_stale_sibling_is_never_served(client: Client, folder: Path, packed: bytes) -> None:
    put(folder / "all.rss", FEED, packed=packed)
    for accept in ("gzip", "br"):
        answer = client.get("/feeds/all.rss", headers={"accept-encoding": accept})
        assert answer.content == FEED
        assert "content-encoding" not in answer.headers
    (folder / "all.rss.gz").write_bytes(b"no gzip")
    (folder / "all.rss.br").write_bytes(b"")
    assert client.get("/feeds/all.rss", headers={"accept-encoding": "gzip, br"}).content == FEED
    put(folder / "all.rss", FEED, aged_s=30)  # mended: served from then on
    assert client.get("/feeds/all.rss", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
    newer = FEED + b"newer\n"
    (folder / "all.rss.new").write_bytes(newer)
    (folder / "all.rss.new").replace(folder / "all.rss")  # a publisher between two of its files
    answer = client.get("/feeds/all.rss", headers={"accept-encoding": "gzip"})
    assert (answer.content, answer.headers.get("content-encoding")) == (newer, None)


def test_dates(client: Client, folder: Path) -> None:
    put(folder / "all.rss", FEED, aged_s=3600)
    modified = client.get("/feeds/all.rss").headers["last-modified"]
    for since, status in (
        (modified, 304),
        (formatdate(time.time(), usegmt=True), 304),
        (formatdate(time.time() - 7200, usegmt=True), 200),
        ("yesterday", 200),
        ("Sun, 99 Foo 2026 00:00:00 GMT", 200),
        ("", 200),
    ):
        assert client.get("/feeds/all.rss", headers={"if-modified-since": since}).status_code == status, since
    both = {"if-modified-since": modified, "if-none-match": '"another"'}
    assert client.get("/feeds/all.rss", headers=both).status_code == 200  # the tag decides
    ahead = time.time() + 60
    os.utime(folder / "all.rss", (ahead, ahead))  # as one that changes in this very second, once more perhaps
    assert "last-modified" not in client.get("/feeds/all.rss").headers


def test_cors_preflight_and_other_methods(published: Client) -> None:
    asked = {"origin": "https://reader.example", "access-control-request-method": "GET"}
    answer = published.ask("OPTIONS", "/feeds/all.rss", headers=asked)
    assert answer.status_code == 204
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]
    assert published.get("/feeds/all.rss").headers["access-control-expose-headers"] == "ETag"
    refused = published.post("/feeds/all.rss", content=b"x")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


SICHUAN, ZONE = "region-510000", "zone-5rtr57a"


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        (quote("四川.rss"), f"{SICHUAN}.rss"),
        (quote("四川省.atom"), f"{SICHUAN}.atom"),
        (quote("四川"), f"{SICHUAN}.rss"),
        (quote("四川.rss".encode("gbk")), f"{SICHUAN}.rss"),
        (quote("四川.RSS".encode("gb18030")), f"{SICHUAN}.rss"),
        (quote(quote("四川.json")), f"{SICHUAN}.json"),
        (quote("重慶.rss".encode("big5")), "region-500000.rss"),
        (quote("重慶.rss"), "region-500000.rss"),
        (quote("四川省雅安市.rss"), "region-511800.rss"),
        ("510000.rss", f"{SICHUAN}.rss"),
        ("500105.rss", "region-500105.rss"),
        ("500000.json", "region-500000.json"),
        (quote("川渝.rss"), f"{ZONE}.rss"),
        (quote("成渝地区双城经济圈.rss"), None),
        ("agreement.rss", "topic-agreement.rss"),
        (quote("合作协议.rss"), "topic-agreement.rss"),
        ("ALL.rss", "all.rss"),
        (quote("全部.rss"), "all.rss"),
        ("Zone-5RTR57A.Atom", f"{ZONE}.atom"),
    ],
)
def test_names_lead_to_the_feed(published: Client, name: str, leads_to: str | None) -> None:
    answer = published.get(f"/feeds/{name}")
    if leads_to is None:
        assert answer.status_code == 404
        return
    assert answer.status_code == 308, answer.text
    assert answer.headers["location"] == f"/feeds/{leads_to}"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert published.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        (quote("四川盛.rss"), f"/feeds/{SICHUAN}.rss"),
        (quote("成都.atom"), f"/feeds/{SICHUAN}.atom"),  # no story of its own: what it lies in
        ("zone-5rtr57b.rss", f"/feeds/{ZONE}.rss"),
        (quote("绵阳市.rss".encode("gbk")), f"/feeds/{SICHUAN}.rss"),
        ("nothing-like-it-at-all.rss", "/feeds/"),
        ("%FF%FE.rss", "/feeds/"),
        ("%00.rss", "/feeds/"),
        (quote("<script>alert(1)<script>.rss", safe=""), "/feeds/"),
        ("a" * 5000, "/feeds/"),
        ("index.json.gz", "/feeds/"),
        ("all.rss.gz", "/feeds/"),
        (".lock", "/feeds/"),
    ],
)
def test_an_unknown_name_is_a_404_that_helps(published: Client, name: str, offered: str) -> None:
    for language, told in (("zh", "没有"), ("en", "There is no feed of this name")):
        use_language(language)
        answer = published.get(f"/feeds/{name}")
        assert answer.status_code == 404
        page = html.fromstring(answer.text)
        assert offered in [link.get("href") for link in page.cssselect("main li a")]
        assert not page.cssselect("main script")
        if language == "en":
            assert told in page.text_content()


@pytest.mark.parametrize(
    "path",
    ["../hrwatch.sqlite3", "%2e%2e%2fhrwatch.sqlite3", "..%5chrwatch.sqlite3", "%2e%2e/%2e%2e/etc/passwd",
     "....//all.rss", "/etc/passwd", "%252e%252e%252fhrwatch.sqlite3",
      "all.rss%00.html", "feeds/all.rss", "~root"],
)  # fmt: skip
def test_nothing_outside_the_folder(published: Client, path: str) -> None:
    answer = published.get(f"/feeds/{path}")
    assert answer.status_code == 404
    assert "SQLite" not in answer.text


def test_before_anything_is_published(client: Client) -> None:
    assert client.get("/feeds/").status_code == 200
    assert client.get("/feeds/all.rss").status_code == 404
    assert client.get(f"/feeds/{quote('四川.rss')}").status_code == 404


def test_a_list_of_feeds_that_is_broken_breaks_nothing(client: Client, folder: Path) -> None:
    put(folder / "all.rss", FEED)
    for broken in (b"", b"[{", b"{}", b'[{"id": 1}]', b"[1]", b"\xff"):
        (folder / "index.json").write_bytes(broken)
        assert client.get("/feeds/nope.rss").status_code == 404, broken
        assert client.get("/feeds/all.rss").status_code == 200


def test_a_real_server(tmp_path: Path) -> None:
    """Over a socket: what ASGI tests cannot see are lengths, bodies of HEAD and 304, and connections that go on."""
    config = Config(data=tmp_path, port=0)
    config.feeds_dir.mkdir()
    put(config.feeds_dir / "all.rss", FEED)
    web = WebProcess(config)
    address = urlsplit(web.start())
    try:
        connection = HTTPConnection(str(address.hostname), address.port, timeout=60)

        def ask(method: str, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()

        whole, body = ask("GET", "/feeds/all.rss")
        assert (whole.status, body) == (200, FEED)
        packed, body = ask("GET", "/feeds/all.rss", accept_encoding="gzip")
        assert gzip.decompress(body) == FEED
        assert int(packed.headers["Content-Length"]) == len(body)
        head, body = ask("HEAD", "/feeds/all.rss", accept_encoding="br")
        assert (head.status, body, head.headers["Content-Encoding"]) == (200, b"", "br")
        assert int(head.headers["Content-Length"]) == (config.feeds_dir / "all.rss.br").stat().st_size
        for tag, status in ((whole.headers["ETag"], 304), ('"wrong"', 200)):
            unchanged, body = ask("GET", "/feeds/all.rss", if_none_match=tag)
            assert (unchanged.status, bool(body)) == (status, status == 200)
        first = connection.sock
        named, _body = ask("GET", f"/feeds/{quote('四川.rss'.encode('gbk'))}")
        assert named.status == 404  # nothing of the kind is published here; and no fault
        assert connection.sock is first  # one connection served them all
        connection.close()
    finally:
        web.stop()


def test_a_removed_file_is_gone(client: Client, folder: Path) -> None:
    put(folder / "all.rss", FEED)
    held: httpx.Response = client.get("/feeds/all.rss")
    (folder / "all.rss").unlink()
    assert client.get("/feeds/all.rss", headers={"if-none-match": held.headers["etag"]}).status_code == 404
