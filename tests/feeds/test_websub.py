"""Telling a WebSub hub: a real one-page HTTP server on this machine stands for it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from archive import open_archive
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from feeds.websub import UNTOLD, announce, topics_of
from tests.web.archive_of import NOW, store

BASE = "https://feeds.example"


@dataclass
class Hub:
    """What the hub was told, and what it answers: a status for each topic, else 204."""

    url: str = ""
    told: list[dict[str, list[str]]] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)
    bytes_of_answer: int = 0

    @property
    def topics(self) -> list[str]:
        return [one["hub.url"][0] for one in self.told]


@pytest.fixture
def hub() -> Iterator[Hub]:
    found = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            found.told.append(form)
            found.kinds.add(self.headers["content-type"])
            body = b"x" * found.bytes_of_answer
            self.send_response(found.answers.get(form["hub.url"][0], 200 if body else 204))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hub"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_feed_is_told_once_in_every_format(hub: Hub, tmp_path: Path) -> None:
    topics = topics_of(["all", "zone-5rtr57a"], f"{BASE}/")
    assert topics[0] == f"{BASE}/feeds/all.rss"
    assert len(topics) == 6
    report = announce(tmp_path, hub.url, topics)
    assert (report.told, report.untold) == (6, 0)
    assert hub.topics == list(topics)
    assert all(one["hub.mode"] == ["publish"] for one in hub.told)
    assert hub.kinds == {"application/x-www-form-urlencoded"}
    assert announce(tmp_path, hub.url, ()).told == 0
    assert len(hub.told) == 6
    assert not (tmp_path / UNTOLD).exists()


def test_without_a_hub_nothing_is_done(tmp_path: Path) -> None:
    assert announce(tmp_path / "none", None, ["x"]).told == 0
    assert not (tmp_path / "none").exists()


def test_a_hub_that_is_down_is_told_next_time(hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    topics = topics_of(["all"], BASE)
    with caplog.at_level(logging.WARNING):
        report = announce(tmp_path, "http://127.0.0.1:9/hub", topics)
    assert (report.told, report.untold) == (0, 3)
    assert len(caplog.records) == 1  # one line, not one for each feed
    newer = topics_of(["zone-5rtr57a"], BASE)
    report = announce(tmp_path, hub.url, [*newer, topics[0]])
    assert (report.told, report.untold) == (6, 0)
    assert sorted(hub.topics) == sorted([*newer, *topics])  # each once


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_hub_in_trouble_is_left_alone(hub: Hub, tmp_path: Path, status: int) -> None:
    topics = topics_of(["all"], BASE)
    hub.answers[topics[1]] = status
    report = announce(tmp_path, hub.url, topics)
    assert (report.told, report.untold) == (1, 2)
    assert len(hub.told) == 2
    hub.answers.clear()
    assert announce(tmp_path, hub.url, ()).told == 2
    assert hub.topics[2:] == list(topics[1:])


def test_a_feed_that_the_hub_refuses_is_given_up_at_last(
    hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    topics = topics_of(["all"], BASE)
    hub.answers[topics[0]] = 403
    assert announce(tmp_path, hub.url, topics).told == 2  # the others are told all the same
    for _ in range(3):
        assert announce(tmp_path, hub.url, ()).untold == 1
    with caplog.at_level(logging.ERROR):
        assert announce(tmp_path, hub.url, ()).untold == 0
    assert topics[0] in caplog.text
    assert len(hub.told) == 3 + 4
    announce(tmp_path, hub.url, ())
    assert len(hub.told) == 3 + 4


def test_a_long_answer_is_not_read_to_its_end(hub: Hub, tmp_path: Path) -> None:
    hub.bytes_of_answer = 1 << 20
    assert announce(tmp_path, hub.url, topics_of(["all"], BASE)).told == 3


@pytest.mark.parametrize("broken", [b"", b"[1]", b'{"a": "b"}', b"\xff", b"null"])
def test_a_broken_note_of_what_is_untold_stops_nothing(hub: Hub, tmp_path: Path, broken: bytes) -> None:
    (tmp_path / UNTOLD).write_bytes(broken)
    assert announce(tmp_path, hub.url, ["https://feeds.example/feeds/all.rss"]).told == 1


def test_the_note_holds_what_is_left(tmp_path: Path) -> None:
    announce(tmp_path, "http://127.0.0.1:9/", ["https://a.example/合成.rss"])
    assert json.loads((tmp_path / UNTOLD).read_text("utf-8")) == {"https://a.example/合成.rss": 0}


@pytest.mark.parametrize(
    "wrong", ["hub.example", "ftp://hub.example/", "http://", "https://me:secret@hub.example/", "http://中"]
)
def test_the_setting_is_a_web_address(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="websub_hub"):
        Config(data=tmp_path, websub_hub=wrong)
    assert Config(data=tmp_path, websub_hub="http://127.0.0.1:1/hub").websub_hub == "http://127.0.0.1:1/hub"
    assert Config(data=tmp_path).websub_hub is None


def test_a_publication_tells_of_the_feeds_that_changed(hub: Hub, tmp_path: Path) -> None:
    config, taxonomy = Config(data=tmp_path, base_url=BASE, websub_hub=hub.url), load_taxonomy()
    with open_archive(config) as archive:
        store(archive, 1)
        store(archive, 2, regions=("540000", "530000"), zones=())
        publish(archive, taxonomy, config, now=NOW)
        assert len(set(hub.topics)) == len(hub.topics)
        assert {f"{BASE}/feeds/all.rss", f"{BASE}/feeds/region-540000.json"} <= {*hub.topics}
        assert not [topic for topic in hub.topics if "_p" in topic or "index" in topic]
        assert f'href="{hub.url}"'.encode() in (config.feeds_dir / "all.atom").read_bytes()
        hub.told.clear()
        publish(archive, taxonomy, config, now=NOW + timedelta(hours=1))
        assert hub.told == []
        store(archive, 3, now=NOW + timedelta(hours=2))
        publish(archive, taxonomy, config, now=NOW + timedelta(hours=2))
        assert f"{BASE}/feeds/all.rss" in hub.topics
        assert not [topic for topic in hub.topics if "540000" in topic]


def test_a_copy_for_another_server_is_not_told_to_the_hub(hub: Hub, tmp_path: Path) -> None:
    """The addresses do not lead to what was written there; the hub would fetch what was there before."""
    config = Config(data=tmp_path / "data", base_url=BASE, websub_hub=hub.url)
    with open_archive(config) as archive:
        store(archive, 1)
        copied = publish(archive, load_taxonomy(), config, now=NOW, to=tmp_path / "elsewhere")
        assert (copied.changed != (), hub.told) == (True, [])
        assert not (tmp_path / "elsewhere" / UNTOLD).exists()
        publish(archive, load_taxonomy(), config, now=NOW)
        assert f"{BASE}/feeds/all.rss" in hub.topics
