"""The analyst's hand: a label is remembered, wins, teaches the vocabulary, and the archive follows. Synthetic."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from archive import Archive
from crawler.taxonomy.datafile import DATA
from tests.cli.worlds import World, analysts_folder, copy_of, crawled_world, opened
from tests.crawler.loopback import LittleSite, article, list_page

PAIRS = ["四川省与重庆市", "山东省与甘肃省", "湖南省与江西省", "辽宁省与吉林省", "福建省与广东省"]
# what the vocabulary knows, what only labels can tell (灵犀工程), and another subject
KNOWN = [(f"/a/known{n}", f"{pair}签署劳务协作协议", f"{pair}人社厅签署劳务协作协议。") for n, pair in enumerate(PAIRS)]
UNKNOWN = [(f"/a/new{n}", f"{pair}签署灵犀工程协议", f"{pair}签署灵犀工程协议。") for n, pair in enumerate(PAIRS)]
OTHER = [(f"/a/other{n}", f"{pair}签署防洪协议", f"{pair}水利部门签署防洪协议。") for n, pair in enumerate(PAIRS)]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    site = LittleSite()
    pages = [*KNOWN, *UNKNOWN, *OTHER]
    for number, (path, title, sentence) in enumerate(pages):
        words = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"[number] * 40
        site.pages[f"news.example{path}"] = article(title, f"{sentence}{words}。")
    site.pages["news.example/list"] = list_page(*((path, title) for path, title, _sentence in pages))
    with crawled_world(tmp_path_factory.mktemp("label"), site) as world:
        yield world


@pytest.fixture
def world(crawled: World, tmp_path: Path) -> World:
    return copy_of(crawled, tmp_path)


def url(world: World, row: tuple[str, str, str]) -> str:
    return f"http://news.example:{world.port}{row[0]}"


def titles(world: World, **more: str) -> set[str]:
    found = world.call("search", "签署", "--json", **more)[0]
    return {story["title"] for story in json.loads(found)}


def explained(world: World, address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.call("explain", address, "--json")[0])[0]
    return found


def measures(world: World, *args: str, **more: str) -> dict[str, dict[str, Any]]:
    rows = json.loads(world.call("taxonomy", "eval", *args, "--json", **more)[0])
    return {row["measure"]: row for row in rows if "measure" in row}


def test_from_label_to_words_to_a_better_archive(world: World, tmp_path: Path) -> None:
    unlabelled = UNKNOWN[4][1]
    for row in UNKNOWN[:4]:
        world.call("label", url(world, row), "relevant", "--by", "kim")
    for row in OTHER[:4]:
        world.call("label", url(world, row), "not", "--by", "kim")
    assert unlabelled not in titles(world)
    assert measures(world, "--archive")["relevance_clear"]["r"] == 0.0, "the rules alone find none of them"

    folder = tmp_path / "words"
    shown = world.call("taxonomy", "suggest", "--archive", "--to", folder)[0]
    assert "灵犀工程" in shown
    assert "Nothing was written" in shown
    assert not folder.exists()
    written = world.call("taxonomy", "suggest", "--archive", "--to", folder, "--yes")[0]
    assert str(folder / "vocabulary.toml") in written
    assert "# What makes an item one of ours" in (folder / "vocabulary.toml").read_text("utf-8"), "comments stay"
    assert [path.name for path in folder.iterdir()] == ["vocabulary.toml"]

    mine = {"HRWATCH_TAXONOMY": str(folder)}
    assert measures(world, "--archive", **mine)["relevance_clear"]["f1"] == 1.0
    assert measures(world, **mine)["relevance_clear"]["f1"] >= 0.95, "the shipped labels are judged as well as before"
    world.run("--judge-only", "--apply", "--yes", **mine)
    assert titles(world, **mine) == {title for _path, title, _sentence in (*KNOWN, *UNKNOWN)}
    assert "nothing to change" in world.run("--judge-only", **mine)
    # nothing more to learn
    assert "nothing to suggest" in world.call("taxonomy", "suggest", "--archive", **mine)[0]


def test_what_the_rules_come_to_say_is_shown_and_the_label_stays(world: World, tmp_path: Path) -> None:
    known = url(world, KNOWN[0])
    world.call("label", known, "relevant", "--by", "kim")
    strict = {"HRWATCH_TAXONOMY": str(analysts_folder(tmp_path / "words"))}
    shown = world.run(known, "--judge-only", **strict)
    assert "by the rules, without the label:" in shown
    assert "relevant: yes → no" in shown
    world.run("--judge-only", "--apply", "--yes", **strict)
    assert titles(world, **strict) == {KNOWN[0][1]}, "only a person's word holds it"
    assert explained(world, known)["judgement"]["label"]["rules"]["relevant"] is False
    (tmp_path / "words" / "vocabulari.toml").write_text("")
    _out, told = world.call("taxonomy", "suggest", "--archive", expect=2, **strict)
    assert str(tmp_path / "words" / "vocabulari.toml") in told.replace("\n", "")


def test_a_label_wins_until_it_is_taken_back(world: World) -> None:
    known, unknown = url(world, KNOWN[0]), url(world, UNKNOWN[0])
    world.call("label", known, "not", "--note", "只是口号", "--by", "kim")
    world.call(
        "label", unknown, "relevant", "--region", "四川", "--region", "500000", "--zone", "川渝", "--topic", "技能培训"
    )
    assert KNOWN[0][1] not in titles(world)
    assert UNKNOWN[0][1] in titles(world)
    found = json.loads(world.call("search", "灵犀工程", "--zone", "川渝", "--topic", "training", "--json")[0])
    assert found[0]["regions"] == ["500000", "510000"]
    world.run("--apply", "--yes")
    assert KNOWN[0][1] not in titles(world), "judging again does not undo it"
    judgement = explained(world, known)["judgement"]
    assert (judgement["relevant"], judgement["score"]) == (False, 0.0)
    assert judgement["evidence"][0]["part"] == "label"
    assert judgement["label"]["by"] == "kim"
    assert judgement["label"]["rules"]["relevant"] is True
    for told in (world.call("explain", known)[0], world.call("show", str(explained(world, known)["story"]["id"]))[0]):
        assert "labelled not relevant by kim on" in told
        assert "只是口号" in told

    world.call("label", known, "--remove")
    world.call("label", known, "--remove", expect=1)
    assert KNOWN[0][1] in titles(world)
    assert explained(world, known)["judgement"]["label"] is None


def test_labels_are_listed_in_the_form_that_eval_reads(world: World, tmp_path: Path) -> None:
    assert "no labels" in world.call("label", "--list")[0]
    world.call("label", url(world, KNOWN[0]), "relevant", "--topic", "none", "--by", "kim")
    world.call("label", url(world, OTHER[0]), "not", "--by", "kim")
    assert KNOWN[0][1] in world.call("label", "--list")[0]
    lines = world.call("label", "--list", "--jsonl")[0]
    first, second = map(json.loads, lines.splitlines())
    assert (first["relevant"], first["topics"], first["regions"], first["by"]) == (True, [], None, "kim")
    assert second["title"] == OTHER[0][1]
    assert json.loads(world.call("label", "--list", "--json")[0]) == [first, second]
    for name, text in (("a.jsonl", lines), ("b.json", world.call("label", "--list", "--json")[0])):
        (tmp_path / name).write_text(text, "utf-8")
        found = measures(world, str(tmp_path / name))
        assert (found["relevance_clear"]["n"], found["relevance_clear"]["f1"]) == (2, 1.0)
        assert found["regions"]["n"] == 0


@pytest.mark.parametrize(
    ("args", "expect", "said"),
    [
        (("99999", "not"), 1, "99999"),
        (("https://nowhere.example/x", "not"), 1, "https://nowhere.example/x"),
        (("1",), 2, "--remove"),
        ((), 2, "number or guid"),
        (("1", "perhaps"), 2, "perhaps"),
        (("1", "not", "--remove"), 2, "--remove"),
        (("1", "relevant", "--region", "nowhere"), 2, "nowhere"),
        (("1", "relevant", "--region", "朝阳区"), 2, "110105"),
        (("1", "relevant", "--zone", "nowhere"), 2, "nowhere"),
        (("1", "relevant", "--topic", "nothing"), 2, "nothing"),
        (("1", "relevant", "--topic", "none", "--topic", "training"), 2, "none"),
        (("--list", "1"), 2, "--list"),
        (("1", "not", "--json"), 2, "--list"),
        (("tag:x,2026:story/1", "not", "--only"), 2, "--only"),
        (("1" * 30, "not", "--only"), 1, "1" * 30),
    ],
)
def test_wrong_use_is_named(crawled: World, args: tuple[str, ...], expect: int, said: str) -> None:
    _out, told = crawled.call("label", *args, expect=expect)
    assert said in told
    assert "Traceback" not in told


def test_a_page_alone_is_labelled_by_its_number(world: World) -> None:
    with opened(world.data) as database:
        ((item_id, title),) = database.execute("SELECT id, title FROM items ORDER BY id LIMIT 1").fetchall()
    world.call("label", str(item_id), "not", "--only")
    assert title not in titles(world)


def test_bad_lines_are_named_and_cost_nothing_else(world: World, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    good = json.dumps({"title": KNOWN[0][1], "relevant": True})
    path.write_bytes(f"{good}\nnonsense\n".encode() + b'{"title": "\xff", "relevant": true}\n' + f"{good}\n".encode())
    out, told = world.call("taxonomy", "eval", path, expect=1)
    assert f"{path}: line 2:" in told.replace("\n", " ")
    assert "line 3: not UTF-8" in told
    assert "relevance\t1.0000" in out
    path.write_text("")
    assert "no labels" in world.call("taxonomy", "eval", path, expect=1)[1]
    world.call("taxonomy", "suggest", path, expect=1)
    world.call("taxonomy", "eval", tmp_path / "none.jsonl", expect=2)


def test_a_bar_that_is_missed_is_an_exit_code(world: World, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    rows = [{"url": "u", "title": UNKNOWN[0][1], "relevant": True}, {"title": KNOWN[0][1], "relevant": True}]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    out, told = world.call("taxonomy", "eval", path, "--min-f1", "0.9", expect=1)
    assert "0.6667" in told
    assert "relevant, but left out" in out
    assert "签署 +" in out, "the words that were found"
    assert "relevant, but left out" not in world.call("taxonomy", "eval", path, "--errors", "0")[0]
    world.call("taxonomy", "eval", path, "--min-f1", "0.6")
    world.call("taxonomy", "eval", "--min-f1", "2", expect=2)


def test_suggestions_are_written_only_where_they_belong(world: World, tmp_path: Path) -> None:
    world.call("taxonomy", "suggest", "--yes", expect=2)
    folder = tmp_path / "words"
    folder.mkdir()
    own = (DATA / "vocabulary.toml").read_text("utf-8") + "# mine\n"
    (folder / "vocabulary.toml").write_text(own, "utf-8")
    path = tmp_path / "labels.jsonl"
    rows = [{"title": title, "lead": text, "relevant": True} for _path, title, text in UNKNOWN]
    rows += [{"title": title, "lead": text, "relevant": False} for _path, title, text in OTHER]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    listed = json.loads(world.call("taxonomy", "suggest", path, "--to", folder, "--yes", "--json")[0])
    assert listed[0]["word"] == "灵犀工程"
    assert listed[0]["file"] == "vocabulary.toml"
    text = (folder / "vocabulary.toml").read_text("utf-8")
    assert "灵犀工程" in text
    assert "# mine" in text


def test_the_text_of_a_judgement_is_shown_with_its_words_marked(world: World) -> None:
    shown = world.call("explain", url(world, KNOWN[0]))[0]
    line = next(line for line in shown.splitlines() if "【" in line)
    assert "【劳务" in line
    assert line.replace("【", "").replace("】", "") == KNOWN[0][1]


@pytest.mark.parametrize(
    ("number", "words", "told", "kept"),
    [
        (signal.SIGINT, ("label", "1", "not", "--by", "kim"), "labelled by kim", (2, 0)),
        (signal.SIGTERM, ("label", "2", "--remove"), "label taken back", (0, 0)),
        (signal.SIGHUP, ("story", "join", "1", "2", "--yes"), "joined", (2, 1)),
    ],
    ids=["label", "remove", "join"],
)
def test_what_a_stop_finds_under_way_is_done_and_told(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    words: tuple[str, ...],
    told: str,
    kept: tuple[int, int],
) -> None:
    world.call("label", "2", "relevant")  # and what joins the story has its label
    submit = Archive.submit

    def stopped(archive: Archive, operation: Callable[[Connection], Any]) -> Any:
        def write(connection: Connection) -> Any:
            os.kill(os.getpid(), number)  # while the command waits for its transaction
            return operation(connection)

        return submit(archive, write)

    with monkeypatch.context() as patched:
        patched.setattr(Archive, "submit", stopped)
        assert told in world.call(*words)[0]
    with opened(world.data) as database:
        counted = "SELECT (SELECT count(*) FROM labels), (SELECT count(*) FROM rulings)"
        assert database.execute(counted).fetchone() == kept
