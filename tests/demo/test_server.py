"""The demonstration's server serves the site on loopback and remembers who asked what."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from crawler.demo import DemoServer, DemoSite
from crawler.demo.answer import Answer
from crawler.demo.items import Answers

LIST = "/content/"


@pytest.fixture
def server(site: DemoSite) -> Iterator[DemoServer]:
    with DemoServer(site) as running:
        yield running


def fetch(
    server: DemoServer, host: str, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, headers={"Host": f"{host}:{server.port}", **headers})
        response = connection.getresponse()
        return response.status, {key.lower(): value for key, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def test_host_header_chooses_and_port_is_put_in(server: DemoServer) -> None:
    status, headers, body = fetch(server, "www.gongwang.example", LIST)
    assert status == 200
    assert int(headers["content-length"]) == len(body)
    assert "综合新闻".encode() in body
    blog = fetch(server, "blog.huaxin.example", "/feed.xml")[2].decode()
    assert f"http://blog.huaxin.example:{server.port}/" in blog
    assert fetch(server, "rsj.yanjiang.example", LIST)[0] == 404


def test_visits_are_logged(server: DemoServer) -> None:
    _, headers, _ = fetch(server, "rst.shudi.example", "/rst/sndt/zwdtlist.shtml", **{"User-Agent": "hrwatch/test"})
    fetch(server, "rst.shudi.example", "/rst/sndt/zwdtlist.shtml", **{"If-None-Match": headers["etag"]})
    first, second = server.visits
    assert (first.host, first.path, first.status) == ("rst.shudi.example", "/rst/sndt/zwdtlist.shtml", 200)
    assert (first.is_conditional, first.user_agent) == (False, "hrwatch/test")
    assert (second.is_conditional, second.status, second.sent_bytes) == (True, 304, 0)
    server.forget_visits()
    assert server.visits == ()


class Meeting:
    """A site that answers nobody before `number` have asked."""

    def __init__(self, site: DemoSite, number: int) -> None:
        self._site = site
        self._all_are_here = threading.Barrier(number)

    def answer(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        self._all_are_here.wait(60)
        return self._site.answer(method, host, path, headers)


def test_simultaneous_requests_are_counted_by_host(site: DemoSite) -> None:
    with DemoServer(cast(DemoSite, Meeting(site, 3))) as server, ThreadPoolExecutor(3) as pool:
        hosts = ["www.gongwang.example", "www.gongwang.example", "rsj.lizhou.example"]
        list(pool.map(lambda host: fetch(server, host, "/"), hosts))
        assert server.most_at_once() == {"www.gongwang.example": 2, "rsj.lizhou.example": 1}


def test_requests_one_after_another_are_never_taken_for_two(site: DemoSite) -> None:
    with DemoServer(site, think_s=0.0) as server:
        for _ in range(50):
            fetch(server, "www.gongwang.example", LIST)
        assert server.most_at_once() == {"www.gongwang.example": 1}


def test_fickle_server_never_repeats_an_etag(server: DemoServer) -> None:
    one = fetch(server, "www.gongwang.example", LIST)
    other = fetch(server, "www.gongwang.example", LIST, **{"If-None-Match": one[1]["etag"]})
    assert other[0] == 200
    assert one[1]["etag"] != other[1]["etag"]
    assert one[2] == other[2]


def test_head_sends_no_body(server: DemoServer) -> None:
    status, headers, body = fetch(server, "www.gongwang.example", LIST, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    assert fetch(server, "www.gongwang.example", LIST, method="POST")[0] == 405


def test_slow_answer_is_slow_and_stopping_does_not_wait_for_it(site: DemoSite) -> None:
    slow = DemoSite(site.now, slow_s=90)
    path = next(item.url for item in slow.items if item.answers is Answers.SLOW).removeprefix(
        "http://wt.kunnan.example"
    )
    begun = time.monotonic()
    with DemoServer(slow) as server:
        asking = threading.Thread(target=fetch, args=(server, "wt.kunnan.example", path))
        asking.start()
        while not server._under_way["wt.kunnan.example"]:
            assert time.monotonic() - begun < 30
            time.sleep(0.01)
        assert asking.is_alive()
    asking.join()
    assert time.monotonic() - begun < 60


def test_client_may_hang_up_on_a_huge_answer(site: DemoSite) -> None:
    url = next(item.url for item in site.items if item.answers is Answers.HUGE)
    with DemoServer(site) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            path = url.removeprefix("http://wt.kunnan.example")
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: wt.kunnan.example\r\n\r\n".encode())
            received = 0
            while received < 2**20:
                received += len(client.recv(2**16))
        deadline = time.monotonic() + 60
        while not server.visits and time.monotonic() < deadline:
            time.sleep(0.01)
        (visit,) = server.visits
        assert 2**20 <= visit.sent_bytes < 2**25


def test_listens_on_loopback_only_and_stops(site: DemoSite) -> None:
    with DemoServer(site) as server:
        port = server.port
        assert server._server is not None
        assert server._server.server_address[0] == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    with pytest.raises(RuntimeError):
        _ = server.port


def test_site_may_be_exchanged_while_running(site: DemoSite, server: DemoServer) -> None:
    path = "/html/xw/dzyw/58151.html"
    assert fetch(server, "www.minjiangwang.example", path)[0] == 404
    server.site = site.advance()
    assert fetch(server, "www.minjiangwang.example", path)[0] == 200
