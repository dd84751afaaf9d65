"""`hrwatch story` and `show` as an operator meets them: rulings, pages asked again, differences. Synthetic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.archive import open_file
from crawler.model import RobotsRecord
from tests.cli.worlds import call
from tests.crawler.loopback import GONE, LittleSite, article, list_page, little_server, run, settings, source_file

HOSTS = ("news", "mirror", "other")


@dataclass
class World:
    site: LittleSite
    env: dict[str, str]
    data: Path
    sources: Path
    port: int

    def url(self, host: str) -> str:
        return f"http://{host}.example:{self.port}/a/1"

    def json(self, *args: str, expect: int | None = 0) -> Any:
        return json.loads(call(self.env, self.data, *args, "--json", expect=expect)[0])

    def story(self, host: str) -> dict[str, Any]:
        found: dict[str, Any] = self.json("show", self.url(host))[0]
        return found

    def check(self, *names: str, expect: int | None = 0) -> dict[str, tuple[str | None, bool]]:
        words = ("story", "check", *names, "--sources", str(self.sources), "--json")
        rows = json.loads(run(self.env, self.data, *words, expect=expect).stdout)
        return {row["url"]: (row["outcome"], row["vanished"] is not None) for row in rows}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    site = LittleSite()
    with little_server(site) as server:
        env = settings({f"{host}.example": "127.0.0.1" for host in HOSTS})
        for host in HOSTS:
            site.pages[f"{host}.example/list"] = list_page(("/a/1", "川渝人社部门签署合作协议"))
            text = (
                article("川渝人社部门签署合作协议")
                if host != "other"
                else article("川渝共建平台", "另一篇完全不同的合成报道。")
            )
            site.pages[f"{host}.example/a/1"] = text
            source_file(tmp_path / "sources", host, f"{host}.example", port=server.port)
        run(env, tmp_path / "D", "crawl", *HOSTS, "--sources", tmp_path / "sources")
        yield World(site, env, tmp_path / "D", tmp_path / "sources", server.port)


def test_join_split_and_undo(world: World) -> None:
    first, other = world.story("news"), world.story("other")
    assert len(first["members"]) == 2
    _out, refused = call(world.env, world.data, "story", "join", str(first["id"]), str(other["id"]), expect=2)
    assert "--yes" in refused
    (ruling,) = world.json("story", "join", str(first["id"]), other["guid"], "--note", "同一件事", "--yes")
    assert (ruling["kind"], ruling["note"]) == ("join", "同一件事")
    joined = world.story("other")
    # the older one is kept, and three hosts answer in any order
    kept, gone = (first, other) if joined["guid"] == first["guid"] else (other, first)
    assert (joined["id"], joined["guid"], len(joined["members"])) == (kept["id"], kept["guid"], 3)
    assert [retired["guid"] for retired in joined["retired"]] == [gone["guid"]]
    assert "ruling" in {member["join_reason"] for member in joined["members"]}
    words = ("story", "split", world.url("news"), world.url("other"), "--yes")
    _out, contradiction = call(world.env, world.data, *words, expect=2)
    assert str(ruling["id"]) in contradiction
    world.json("story", "undo", str(ruling["id"]), "--yes")
    assert world.story("other")["guid"] == other["guid"]
    world.json("story", "split", world.url("news"), world.url("mirror"), "--yes")
    assert world.story("mirror")["id"] != world.story("news")["id"]
    run(world.env, world.data, "crawl", *HOSTS, "--sources", world.sources)
    assert world.story("mirror")["id"] != world.story("news")["id"]
    listed = world.json("story", "rulings")
    assert [(one["kind"], one["undone_at"] is None) for one in listed] == [("split", True), ("join", False)]
    printed, _err = call(world.env, world.data, "story", "rulings")
    assert "同一件事" in printed
    assert "undone by" in printed


def test_wrong_use_is_said_and_changes_nothing(world: World) -> None:
    for words in (
        ("join", "1", "999", "--yes"),
        ("join", "1", "--yes"),
        ("split", "1", "999", "--yes"),
        ("undo", "7", "--yes"),
        ("check", "999", "--sources", str(world.sources)),
    ):
        _out, told = call(world.env, world.data, "story", *words, expect=2)
        assert told
        assert "Traceback" not in told
    assert world.json("story", "rulings") == []


def test_pages_asked_again(world: World) -> None:
    story = world.story("news")
    news, mirror, other = (world.url(host) for host in HOSTS)
    assert world.check(str(story["id"])) == {news: ("same", False), mirror: ("same", False)}
    assert world.story("news")["guid"] == story["guid"]
    assert story["url"] == mirror  # of the same minute, the first by address
    world.site.pages["mirror.example/a/1"] = GONE
    world.site.pages["news.example/a/1"] = article("川渝人社部门签署合作协议（更新）")
    assert world.check(news, other) == {mirror: ("gone", True), news: ("changed", False), other: ("same", False)}
    found = world.story("news")
    assert (found["url"], found["guid"], len(found["members"])) == (news, story["guid"], 2)
    (revision,) = found["revisions"]
    assert revision["title"] == "川渝人社部门签署合作协议"
    assert any("（更新）" in line for line in revision["difference"])
    shown, _err = call(world.env, world.data, "show", mirror)
    assert "gone since" in shown
    assert "edited, seen" in shown
    # the page is there again
    world.site.pages["mirror.example/a/1"] = article("川渝人社部门签署合作协议")
    assert world.check(mirror)[mirror] == ("same", False)
    assert world.story("news")["url"] == mirror


def test_asking_again_keeps_to_robots_txt(world: World) -> None:
    with open_file(world.data / "hrwatch.sqlite3") as archive:
        rules = b"User-agent: *\nDisallow: /a/\n"
        origin = f"http://news.example:{world.port}"
        archive.save_robots(RobotsRecord(origin=origin, fetched_at=datetime.now(UTC), body=rules))
    answers = world.check(world.url("news"))
    assert answers == {world.url("news"): ("robots", False), world.url("mirror"): ("same", False)}


def test_show_tells_how_members_differ(world: World) -> None:
    world.site.pages["mirror.example/a/1"] = article("川渝两地人社部门签约")
    world.check(world.url("mirror"))
    told = world.json("show", world.url("news"), "--diff")[0]
    (difference,) = told["differences"]
    assert any("川渝两地人社部门签约" in line for line in difference["difference"])
    printed, _err = call(world.env, world.data, "show", world.url("news"), "--diff")
    assert "against the text that is shown" in printed
    call(world.env, world.data, "show", "999", expect=1)
