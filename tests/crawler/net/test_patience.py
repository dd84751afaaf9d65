"""Retry-After: understood as it is sent, obeyed within a poll and after it, and no row is lost by it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.archive import open_file
from crawler.demo.answer import Resource
from crawler.net.patience import FURTHEST, retry_at
from tests.crawler.loopback import LittleSite, article, crawl, html, list_page, little_server, settings, source_file

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def http_date(when: datetime) -> str:
    return format_datetime(when, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "120"}, timedelta(seconds=120)),
        ({"retry-after": " 0 "}, timedelta(0)),
        ({"retry-after": http_date(NOW + timedelta(hours=2))}, timedelta(hours=2)),
        ({"retry-after": http_date(NOW - timedelta(hours=2))}, timedelta(0)),
        # a site whose clock is a year ahead
        (
            {
                "date": http_date(NOW + timedelta(days=365)),
                "retry-after": http_date(NOW + timedelta(days=365, minutes=5)),
            },
            timedelta(minutes=5),
        ),
        ({"retry-after": "9" * 5000}, FURTHEST),
        ({"retry-after": http_date(NOW.replace(year=9999))}, FURTHEST),
    ],
)
def test_what_sites_say_is_understood(headers: dict[str, str], wait: timedelta) -> None:
    assert retry_at(headers, NOW) == NOW + wait


@pytest.mark.parametrize("said", ["", "-5", "soon", "１２", "1e9", "Mon, 32 Foo 2026 08:00:00 GMT", "1, 2"])
def test_what_nobody_understands_is_nothing(said: str) -> None:
    assert retry_at({"retry-after": said}, NOW) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_breaks_it(said: str, sent: str) -> None:
    when = retry_at({"retry-after": said, "date": sent}, NOW)
    assert when is None or NOW <= when <= NOW + FURTHEST


def test_a_list_that_asks_for_patience_is_asked_once(tmp_path: Path) -> None:
    site = LittleSite({"a.example/list": Resource(body=html("later"), status=503, headers={"Retry-After": "3600"})})
    with little_server(site) as server:
        source_file(tmp_path / "sources", "a", "a.example", port=server.port)
        before = datetime.now(UTC)
        reports = crawl(
            settings({"a.example": "127.0.0.1"}),
            tmp_path / "D",
            "--all",
            "--sources",
            tmp_path / "sources",
            expect=1,
        )
        assert [visit.path for visit in server.visits if visit.path != "/robots.txt"] == ["/list"]  # no retry at once
    assert reports["a"]["reason"] == "server-error"
    with closing(open_file(tmp_path / "D" / "hrwatch.sqlite3")) as archive:
        (state,) = archive.source_states()
    assert state.retry_at is not None
    assert state.next_poll_at is not None
    assert state.next_poll_at >= state.retry_at >= before + timedelta(hours=1)


@pytest.mark.parametrize("headers", [{"Retry-After": "60"}, {}])
def test_rows_behind_too_many_requests_stay_open(tmp_path: Path, headers: dict[str, str]) -> None:
    rows = [(f"/a/{n}", f"川渝人社合作动态第{n}期") for n in range(4)]
    site = LittleSite({"a.example/list": list_page(*rows)})
    site.pages |= {f"a.example{path}": article(title) for path, title in rows}
    refused = site.pages["a.example/a/1"]
    site.pages["a.example/a/1"] = replace(refused, status=429, headers=headers)
    with little_server(site) as server:
        source_file(tmp_path / "sources", "a", "a.example", port=server.port)
        env = settings({"a.example": "127.0.0.1"})
        first = crawl(env, tmp_path / "D", "--all", "--sources", tmp_path / "sources", expect=1)
        asked = [visit.path for visit in server.visits if visit.path.startswith("/a/")]
        assert asked == ["/a/0", "/a/1"]  # the poll ends where the host asks for it
        assert (first["a"]["stored"], first["a"]["reason"]) == (1, "http-error")
        site.pages["a.example/a/1"] = refused
        second = crawl(env, tmp_path / "D", "a", "--sources", tmp_path / "sources")
    assert second["a"]["stored"] == 3
