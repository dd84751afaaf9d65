"""`scrapy list` and `scrapy crawl` work as in any Scrapy project."""

from __future__ import annotations

from pathlib import Path

from archive.archive import open_file
from crawler.demo import DemoServer, DemoSite
from tests.crawler.loopback import demo_settings, demo_sources, scrapy
from tests.demo.conftest import NOW

ENV = {"HRWATCH_SOURCES": "[]"}


def test_scrapy_list_names_the_families(tmp_path: Path) -> None:
    done = scrapy(demo_settings(), tmp_path / "D", "list")
    assert done.returncode == 0, done.stderr
    assert {"feed", "founder", "generic", "showlist", "ucap"} <= set(done.stdout.split())


def test_scrapy_crawl_polls_the_sources_named(tmp_path: Path) -> None:
    with DemoServer(DemoSite(NOW)) as server:
        folder = demo_sources(tmp_path / "sources", server)
        env = demo_settings(sources=f'["{folder}"]')
        done = scrapy(env, tmp_path / "D", "crawl", "showlist", "-a", "sources=demo-yanjiang-hr")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        asked = {visit.host for visit in server.visits}
        assert "rsj.yanjiang.example" in asked
        assert "epaper.shuwan.example" not in asked
        assert max(server.most_at_once().values()) == 1
    with open_file(tmp_path / "D" / "hrwatch.sqlite3") as archive:
        assert archive.counts().items >= 5
        assert archive.check() == ()
        assert [state.source_id for state in archive.source_states()] == ["demo-yanjiang-hr"]


def test_scrapy_crawl_names_what_it_cannot_poll_and_ends(tmp_path: Path) -> None:
    with DemoServer(DemoSite(NOW)) as server:
        folder = demo_sources(tmp_path / "sources", server)
        env = demo_settings(sources=f'["{folder}"]')
        for named, said in (("unheard-of", "no such source"), ("demo-shuwan-daily", "scrapy crawl founder")):
            done = scrapy(env, tmp_path / "D", "crawl", "showlist", "-a", f"sources={named}")
            assert said in done.stderr
            assert "Traceback" not in done.stderr
        assert server.visits == ()
