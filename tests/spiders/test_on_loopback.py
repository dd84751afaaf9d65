"""Families that ask for more than an address, over real HTTP: POST, Referer, lists behind shells."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.crawler.loopback import article, run, settings

HOST = "rst.jia.example"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
ENDPOINT = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
PROXY = "/module/web/jpage/dataproxy.jsp"
UUID = "0f5c9a4e-1c1f-4c43-9d0a-3f6f3f6f3f6f"
SHELL = (
    f'<html><!-- synthetic --><script src="/AuthorizedRead/unitbuild.js" url="{UNIT}"'
    " queryData=\"{'webId':'1','pageId':'7','tplSetId':'a','tagId':'当前栏目list'}\"></script></html>"
)
POSTING = (
    f"<html><!-- synthetic --><script>$('#9').jpage({{proxyUrl:'{PROXY}',perPage:20,"
    "ajaxParam:{col:1,webid:1,columnid:8,unitid:'9',webname:'合成'}});</script></html>"
)


@dataclass
class Asked:
    """What the site was asked, as "METHOD path"."""

    log: list[str] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    asked: ClassVar[Asked]

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        self.asked.log.append(f"{self.command} {path}")
        status, content = _content(self, path, body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if content[:1] in b"{" else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _content(request: BaseHTTPRequestHandler, path: str, body: bytes) -> tuple[int, bytes]:
    row = "<li><a href='{}'>甲省与乙市签署人力资源合作协议</a><span>2026-03-02</span></li>"
    if path == "/col/col7/index.html":
        return 200, SHELL.encode()
    if path == "/col/col8/index.html":
        return 200, POSTING.encode()
    if path == UNIT:
        asked = json.loads(parse_qs(urlsplit(request.path).query)["paramJson"][0])
        if not (request.headers.get("Referer") or "").endswith("/col/col7/index.html") or asked["pageNo"] != 1:
            return 403, b"no referer"
        return 200, json.dumps({"data": {"html": row.format("/art/2026/3/2/art_7_1.html")}}).encode()
    if path == ENDPOINT and request.command == "POST" and json.loads(body)["pageIndex"] == 0:
        rows = [
            {"realtitle": "甲省与乙市签署劳务协作协议", "infourl": f"/x/20260302/{UUID}.html", "infodate": "2026-03-02"}
        ]
        return 200, json.dumps({"custom": {"total": 1, "data": rows}}).encode()
    if path == PROXY and request.command == "POST" and parse_qs(body.decode())["columnid"] == ["8"]:
        record = f"<record><![CDATA[{row.format('/art/2026/3/2/art_8_1.html')}]]></record>"
        return 200, f"<datastore><recordset>{record}</recordset></datastore>".encode()
    if path.startswith(("/art/", "/x/")):
        return 200, article("甲省与乙市签署人力资源合作协议").body
    return 404, b"<html>synthetic: 404</html>"


@contextmanager
def _site() -> Iterator[tuple[int, Asked]]:
    asked = Asked()
    handler = type("Handler", (_Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _source(folder: Path, family: str, url: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    origin = url.split("/", 3)[:3]
    (folder / f"hrss-{family}.toml").write_text(
        f"""# synthetic
id = "hrss-{family}"
name = "合成{family}"
kind = "agency"
level = "province"
adcode = "510000"
home = "{"/".join(origin)}/"
family = "{family}"

[[list]]
url = "{url}"
""",
        encoding="utf-8",
    )


def test_lists_behind_posts_and_shells_are_read_and_their_articles_fetched(tmp_path: Path) -> None:
    with _site() as (port, asked):
        origin = f"http://{HOST}:{port}"
        sources = tmp_path / "sources"
        _source(sources, "jpaas", f"{origin}/col/col7/index.html")
        _source(sources, "jcms", f"{origin}/col/col8/index.html")
        _source(sources, "epoint", f"{origin}{ENDPOINT}?siteGuid=7e&categorynum=001")
        env = settings({HOST: "127.0.0.1"})
        printed = run(env, tmp_path / "D", "crawl", "--all", "--sources", sources, "--json").stdout
        first = list(asked.log)
        assert {report["source"]: report["stored"] for report in json.loads(printed)} == {
            "hrss-jpaas": 1,
            "hrss-jcms": 1,
            "hrss-epoint": 1,
        }
        assert first.count(f"GET {UNIT}") == first.count(f"POST {ENDPOINT}") == first.count(f"POST {PROXY}") == 1
        asked.log.clear()
        run(env, tmp_path / "D", "crawl", "--all", "--sources", sources)
        # the lists are asked for again, the articles are not
        assert asked.log.count(f"GET {UNIT}") == asked.log.count(f"POST {PROXY}") == 1
        assert not [line for line in asked.log if line.startswith(("GET /art/", "GET /x/"))]
