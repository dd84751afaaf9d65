"""`hrwatch reprocess`: shows field by field what better rules make of the archive, writes it, and is done then."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.records import FieldChange
from crawler.cli.questions.differences import MAX_CHARS, MAX_LINES, lines_of
from crawler.demo.answer import Resource
from crawler.taxonomy import load_taxonomy
from tests.cli.worlds import World, analysts_folder, copy_of, crawled_world, opened
from tests.crawler.loopback import LittleSite, html, list_page, little_server, run, settings, source_file, start

COUNT = 12
ROWS = [(f"/a/{n}", f"川渝人社部门签署第{n}份合作协议") for n in range(1, COUNT + 1)]
# its title stands where only a selector finds it, and the row says too little to be one
UNTITLED = ("/a/untitled", "公告")


def page(title: str, number: int) -> Resource:
    words = "甲乙丙丁戊己庚辛壬癸子丑"[number - 1] * 40
    body = "".join(f"<p>川渝两地人社部门签署人力资源合作协议。{words}第{n}项（合成）。</p>" for n in range(1, 9))
    head = f"<h1>{title}</h1><div class='second'>别名{number}：川渝合作</div><div>发布时间：2026-03-02 10:20</div>"
    return Resource(body=html(f"{head}<div class='content'>{body}</div>", title))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    site = LittleSite()
    for number, (path, title) in enumerate(ROWS, 1):
        site.pages[f"news.example{path}"] = page(title, number)
    text = "".join(f"<p>川渝两地人社部门签署人力资源合作协议，第{n}项工作（合成）。</p>" for n in range(9))
    untitled = f"<div class='content'>{text}</div><div class='below'>川渝人社合作的公告全文</div>"
    site.pages[f"news.example{UNTITLED[0]}"] = Resource(body=html(untitled, ""))
    site.pages["news.example/list"] = list_page(*ROWS, UNTITLED)
    with crawled_world(tmp_path_factory.mktemp("reprocess"), site) as world:
        yield world


@pytest.fixture
def world(crawled: World, tmp_path: Path) -> World:
    return copy_of(crawled, tmp_path)


SECOND_TITLE = "[selectors]\ntitle = '.second'"


def test_what_was_just_crawled_does_not_change(world: World) -> None:
    assert "nothing to change" in world.run()
    assert world.objects() == [
        {
            "items": COUNT,
            "refused_rows": 0,
            "changed": 0,
            "new": 0,
            "fields": {},
            "unread": {},
            "written": False,
        }
    ]


def test_a_better_selector_is_shown_then_written_then_done(world: World) -> None:
    world.source(SECOND_TITLE)
    before = world.titles()
    shown = world.run()
    assert f"title: {ROWS[0][1]} → 别名1：川渝合作" in shown
    assert "read from: title:" in shown
    assert f"{COUNT} items change" in shown
    assert re.search(r"Nothing was written\. To write it: hrwatch .*reprocess .*--apply", shown)
    assert world.titles() == before

    written = world.run("--apply", "--yes", "--batch", "5")
    assert f"title: {ROWS[0][1]} → 别名1：川渝合作" in written
    assert world.titles() == {f"别名{n}：川渝合作" for n in range(1, COUNT + 1)}
    assert "nothing to change" in world.run("--apply", "--yes")
    found = json.loads(world.call("search", "别名3", "--json")[0])
    assert [story["title"] for story in found] == ["别名3：川渝合作"]
    published = world.call("publish")[0]
    assert " 0 new entries" in published


def test_only_what_is_named_is_looked_at(world: World) -> None:
    world.source(SECOND_TITLE)
    url = f"http://news.example:{world.port}/a/3"
    *changed, sums = world.objects(url)
    assert [one["url"] for one in changed] == [url]
    assert {"field": "title", "old": ROWS[2][1], "new": "别名3：川渝合作"} in changed[0]["changes"]
    assert sums["items"] == 1
    assert world.objects(str(changed[0]["story"]))[-1]["items"] == 1
    assert world.objects("--source", "news", "--since", "2026-03-02", "--until", "2026-03-02")[-1]["items"] == COUNT
    assert world.objects("--since", "2026-03-03")[-1]["items"] == 0
    assert world.objects("--irrelevant")[-1]["items"] == 0
    world.run("99999", expect=1)
    world.run("--source", "unheard-of", expect=2)


@pytest.mark.parametrize(
    "args", [("--yes",), ("--apply",), ("--refused", "--judge-only"), ("--batch", "0"), ("--since", "soon")]
)
def test_wrong_use_is_refused(world: World, args: tuple[str, ...]) -> None:
    world.run(*args, expect=2)


def test_after_a_change_of_data_files_the_archive_is_judged_again(world: World, tmp_path: Path) -> None:
    folder = str(analysts_folder(tmp_path / "words"))
    shown = world.run("--judge-only", HRWATCH_TAXONOMY=folder)
    assert "relevant: yes → no" in shown
    world.run("--judge-only", "--apply", "--yes", HRWATCH_TAXONOMY=folder)
    assert world.call("search", expect=1)[0].strip() == "nothing found"
    assert "nothing to change" in world.run("--apply", "--yes", HRWATCH_TAXONOMY=folder)
    # back to the shipped files: the archive is as it was, and no feed announces anything anew
    world.run("--apply", "--yes", "--irrelevant")
    assert len(json.loads(world.call("search", "--json")[0])) == COUNT
    assert " 0 new entries" in world.call("publish")[0]


def test_a_folder_of_data_files_that_is_wrong_is_named(world: World, tmp_path: Path) -> None:
    world.run(expect=2, HRWATCH_TAXONOMY=str(tmp_path / "nowhere"))
    (tmp_path / "zone.toml").write_text("")
    _out, told = world.call("reprocess", "--sources", world.sources, expect=2, HRWATCH_TAXONOMY=str(tmp_path))
    assert "zone.toml" in told


@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_a_page_that_cannot_be_read_leaves_its_item(world: World, tmp_path: Path, damage: str) -> None:
    (warc,) = (world.data / "warc").iterdir()
    if damage == "gone":
        warc.unlink()
    elif damage == "cut":
        warc.write_bytes(warc.read_bytes()[:200])
    else:
        with opened(world.data) as database:
            places = list(database.execute("SELECT id, warc_offset, warc_length FROM pages ORDER BY id"))
            for (number, *_place), (_id, offset, length) in zip(places, places[1:] + places[:1], strict=True):
                database.execute(
                    "UPDATE pages SET warc_offset = ?, warc_length = ? WHERE id = ?", (offset, length, number)
                )
    world.source(SECOND_TITLE)
    before = world.titles()
    *told, sums = world.objects("--apply", "--yes", expect=1)
    assert sums["unread"] == {"warc-gone" if damage == "gone" else "warc-damaged": COUNT}
    assert sums["changed"] == 0
    assert len(told) == COUNT
    assert all(one["detail"] for one in told)
    assert world.titles() == before
    # the stored text can still be judged, and nothing is wrong with that
    folder = str(analysts_folder(tmp_path / "words"))
    assert world.objects("--judge-only", HRWATCH_TAXONOMY=folder)[-1]["changed"] == COUNT
    assert world.objects(expect=1, HRWATCH_TAXONOMY=folder)[-1]["fields"]["relevant"] == COUNT


def test_a_source_that_is_no_longer_registered_is_said(world: World) -> None:
    (world.sources / "news.toml").unlink()
    source_file(world.sources, "other", "other.example", port=world.port)
    assert world.objects(expect=1)[-1]["unread"] == {"unregistered": COUNT}


def test_what_was_refused_is_tried_again(world: World) -> None:
    assert world.objects("--refused")[-1]["unread"] == {"refused": 1}
    world.source("[selectors]\ntitle = '.second, .below'")
    url = f"http://news.example:{world.port}{UNTITLED[0]}"
    *told, sums = world.objects("--refused")
    assert [one["url"] for one in told if one["is_new"]] == [url]
    assert sums["new"] == 1
    assert "was refused, is an article now" in world.run(url, "--apply", "--yes")
    assert "川渝人社合作的公告全文" in world.titles()
    explained = json.loads(world.call("explain", url, "--json")[0])
    assert explained[0]["story"]
    assert world.objects("--refused")[-1]["refused_rows"] == 0


def test_old_pages_are_read_by_the_parser_that_was_valid_then(world: World) -> None:
    today = date.today()  # noqa: DTZ011 - a day more or less is added below
    first = f"[[former]]\nvalid_until = {today - timedelta(days=9)}\nselectors = {{ title = '.content' }}"
    second = f"[[former]]\nvalid_until = {today + timedelta(days=1)}\nselectors = {{ title = 'h1' }}"
    world.source(f"{SECOND_TITLE}\n{first}\n{second}")
    assert world.objects()[-1]["fields"] == {"origins": COUNT}, "the title is the same, found by the former selector"
    world.source(f"{SECOND_TITLE}\n{first}")
    assert world.objects()[-1]["fields"]["title"] == COUNT


def first_change(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if "→" in line:
            return
    raise AssertionError("ended without a change")


def test_a_killed_run_is_finished_by_the_next(world: World) -> None:
    world.source(SECOND_TITLE)
    words = ("reprocess", "--apply", "--yes", "--batch", "1", "--sources", world.sources)
    process = start(world.env, world.data, *words)
    try:
        first_change(process)
    finally:
        process.kill()
        process.communicate(timeout=120)
    world.run("--apply", "--yes")
    assert world.titles() == {f"别名{n}：川渝合作" for n in range(1, COUNT + 1)}
    assert "nothing to change" in world.run("--apply", "--yes")
    with opened(world.data) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_ctrl_c_ends_after_the_batch_under_way(world: World) -> None:
    world.source(SECOND_TITLE)
    words = ("reprocess", "--apply", "--yes", "--batch", "1", "--sources", world.sources)
    process = start(world.env, world.data, *words)
    try:
        first_change(process)
        process.send_signal(signal.SIGINT)
        _out, told = process.communicate(timeout=120)
    finally:
        process.kill()
    # it may have been done already when the signal came
    assert process.returncode in (0, 130)
    assert "Traceback" not in told
    if process.returncode == 130:
        assert "Interrupted" in told
    world.run("--apply", "--yes")
    assert world.titles() == {f"别名{n}：川渝合作" for n in range(1, COUNT + 1)}


def shown(name: str, old: object, new: object) -> list[str]:
    return [f"{line.sign}{line.text}" for line in lines_of(FieldChange(name=name, old=old, new=new), load_taxonomy())]


def test_differences_are_short_and_show_what_differs() -> None:
    same = "一样的一段" * 40
    old, new = f"{same}旧的结尾", f"{same}新的结尾"
    minus, plus = shown("body", f"首段\n{old}\n末段", f"首段\n{new}\n末段")
    assert minus.startswith("-…")
    assert "旧的结尾" in minus
    assert "新的结尾" in plus
    assert shown("body", "甲\n乙\n丙", "甲\n丙") == ["-乙"]
    long = shown("body", "", "\n".join(f"{n}{same}" for n in range(100)))
    assert len(long) == MAX_LINES + 1
    assert all(len(line) <= MAX_CHARS + 1 for line in long)
    assert len(shown("body", "\n".join(map(str, range(5000))), "\n".join(map(str, range(9, 5009))))) == MAX_LINES + 1
    assert shown("zones", ["川渝", "成渝"], ["川渝", "川藏"]) == ["-成渝", "+川藏"]
    assert shown("source_name", None, "新华社")[0].endswith(" → 新华社")
    assert "四川省 510000" in shown("regions", [], ["510000 party"])[0]


def test_an_article_of_several_pages_is_read_whole_again(tmp_path: Path) -> None:
    site = LittleSite()
    title = "川渝人社部门签署合作协议"
    pager = "<div class='page'><a href='/a/1.html'>1</a> <a href='/a/1_2.html'>2</a> <a href='/a/1_3.html'>3</a></div>"
    with little_server(site) as server:
        for number, name in ((1, "1"), (2, "1_2")):  # the third is not there
            words = "".join(
                f"<p>第{number}页第{n}段：川渝两地人社部门合作{'甲乙丙丁戊己'[n] * 30}。</p>" for n in range(6)
            )
            text = f"<h1>{title}</h1><div>发布时间：2026-03-02</div><div class='content'>{words}{pager}</div>"
            site.pages[f"news.example/a/{name}.html"] = Resource(body=html(text, title))
        site.pages["news.example/list"] = list_page(("/a/1.html", title))
        world = World(tmp_path / "D", tmp_path / "sources", settings({"news.example": "127.0.0.1"}), server.port)
        world.source()
        run(world.env, world.data, "crawl", "news", "--sources", world.sources)
    with opened(world.data) as database:
        ((body, origins),) = database.execute("SELECT body, origins FROM items").fetchall()
    assert "第2页第5段" in body
    assert json.loads(origins)["parts"] == "pages:2;missing:3=gone"
    assert world.objects()[-1]["changed"] == 0
    world.source("[selectors]\nbody = '.content'\nsource_name = 'h1'")
    changed, _sums = world.objects()
    fields = {change["field"]: change["new"] for change in changed["changes"]}
    assert fields["source_name"] == title
    assert "第2页第5段" in fields.get("body", body)
    assert fields["origins"]["parts"] == "pages:2;missing:3=gone"
