"""What scripts and people rely on: help with an example, exit codes, --data anywhere, --json, and quiet pipes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.worlds import call
from tests.crawler.loopback import LittleSite, article, list_page, little_server, run, settings, source_file
from tests.real.seeds import HRWATCH, environment

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("run",),
    ("crawl",),
    ("publish",),
    ("serve",),
    ("search",),
    ("show",),
    ("export",),
    ("story",),
    ("story", "join"),
    ("story", "split"),
    ("story", "undo"),
    ("story", "rulings"),
    ("story", "check"),
    ("explain",),
    ("sources",),
    ("sources", "list"),
    ("sources", "check"),
    ("sources", "add"),
    ("sources", "pause"),
    ("sources", "resume"),
    ("sources", "poll"),
    ("schedule",),
    ("import",),
    ("label",),
    ("taxonomy",),
    ("taxonomy", "eval"),
    ("taxonomy", "suggest"),
    ("reprocess",),
    ("extract",),
    ("classify",),
    ("group",),
    ("doctor",),
    ("backup",),
    ("restore",),
    ("migrate",),
    ("prune",),
    ("copy-archive",),
    ("demo",),
)
ALL_WELL, SOME_FAILED, WRONG_USE, NOTHING_RAN = range(4)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """A data folder with a few relevant stories in it, its sources, and the port they were on."""
    folder = tmp_path_factory.mktemp("cli")
    site = LittleSite()
    with little_server(site) as server:
        rows = [(f"/a/{n}", f"川渝人社部门签署第{n}份合作协议") for n in range(1, 6)]
        site.pages["news.example/list"] = list_page(*rows)
        for n, (path, title) in enumerate(rows):
            words = "甲乙丙丁戊"[n] * 40
            site.pages[f"news.example{path}"] = article(title, f"川渝两地人社部门签署人力资源合作协议。{words}。")
        source_file(folder / "sources", "news", "news.example", port=server.port)
        env = settings({"news.example": "127.0.0.1"})
        run(env, folder / "D", "crawl", "news", "--sources", folder / "sources")
        call(env, folder / "D", "publish")
        return folder / "D", folder / "sources", server.port


# Calls main() as often as there are calls, in one process: a start takes a second or two.
MANY_CALLS = """
import contextlib, io, json, sys
from crawler.cli import main
for words in json.load(sys.stdin):
    sys.argv = ["hrwatch", *words]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
    print(json.dumps([code, out.getvalue()]))
"""


def in_one_process(calls: list[list[str]], env: dict[str, str], cwd: Path) -> list[tuple[int, str]]:
    """Exit code and output of each call."""
    done = subprocess.run(
        [HRWATCH[0], "-c", MANY_CALLS],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        timeout=120,
        env=env,
        cwd=cwd,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


# Ctrl-C while the program is still being read
EARLY = """
import signal, sys
class Stopping:
    def find_spec(self, name, *rest):
        if name == sys.argv[1]:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Stopping())
from crawler.cli import main
main()
"""


@pytest.mark.parametrize("module", ["click", "pydantic", "crawler.cli.commands"])
def test_interrupted_at_its_start_it_ends_without_a_traceback(tmp_path: Path, module: str) -> None:
    command = [HRWATCH[0], "-c", EARLY, module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment("en"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_helps_with_an_example(tmp_path: Path, language: str) -> None:
    calls = [[*words, "--help"] for words in COMMANDS]
    done = in_one_process(calls, environment(language), tmp_path)
    assert {code for code, _ in done} == {ALL_WELL}
    helps = [text for _, text in done]
    assert len(helps) == len(COMMANDS)
    for words, text in zip(COMMANDS, helps, strict=True):
        _, _, examples = text.partition("Examples:" if language == "en" else "示例")
        assert f"hrwatch {words[0]}" in examples or "hrwatch --data D " + words[0] in examples, text
        assert ("Usage:" in text) == (language == "en"), text


def test_exit_codes(crawled: tuple[Path, Path, int], tmp_path: Path) -> None:
    data, sources, _port = crawled
    env = settings({"news.example": "127.0.0.1"})
    call(env, data, "search", "川渝", expect=ALL_WELL)
    # the server is gone
    run(env, data, "crawl", "--all", "--sources", sources, expect=SOME_FAILED)
    wrong = [
        ["crawl"],
        ["crawl", "--all", "news"],
        ["crawl", "unheard-of"],
        ["crawl", "--nonsense"],
        ["nonsense"],
        ["search", "--since", "soon"],
        ["search", "--region", "nowhere"],
        ["crawl", "--all", "--sources", str(tmp_path / "nowhere")],
        ["crawl", "--all", "--replay", str(tmp_path / "nowhere.warc.gz")],
        ["run", "--port", "65536"],
    ]
    answers = in_one_process(wrong, env | {"HRWATCH_DATA": str(data)}, tmp_path)
    for words, (code, said) in zip(wrong, answers, strict=True):
        assert code == WRONG_USE, words
        assert said
        assert "Traceback" not in said
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    done = run(env, tmp_path / "file" / "D", "search", "x", expect=NOTHING_RAN)
    assert "Traceback" not in done.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    run(env, data, "crawl", "--all", "--sources", empty, expect=NOTHING_RAN)


def test_a_wrong_setting_is_wrong_use(tmp_path: Path) -> None:
    done = run(settings({}, port="x"), tmp_path / "D", "doctor", expect=WRONG_USE)
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


def test_data_stands_before_or_after_the_command(crawled: tuple[Path, Path, int], tmp_path: Path) -> None:
    data, _sources, _port = crawled
    printed = set()
    for words in (
        ("--data", str(data), "search", "川渝"),
        ("search", "川渝", "--data", str(data)),
        ("--data", str(tmp_path), "search", "--data", str(data), "川渝"),
    ):
        done = subprocess.run(
            [*HRWATCH, *words], capture_output=True, text=True, timeout=60, env=environment("en"), cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        printed.add(done.stdout)
    by_setting = subprocess.run(
        [*HRWATCH, "search", "川渝"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment("en") | {"HRWATCH_DATA": str(data)},
        cwd=tmp_path,
    )
    assert printed == {by_setting.stdout}
    assert "第1份" in by_setting.stdout


def told_by_run(env: dict[str, str], data: Path, *args: str | Path, expect: int | None) -> tuple[str, str]:
    """What `call` answers, for commands that want a process of their own."""
    done = run(env, data, *args, expect=expect)
    return done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("search", "川渝"),
        ("search", "nothing-like-it"),
        ("sources", "list"),
        ("doctor",),
        ("explain", "URL"),
        ("show", "1"),
        ("crawl", "--all"),
    ],
    ids=" ".join,
)
def test_json_is_a_list_of_objects_and_plain_output_has_no_codes(
    crawled: tuple[Path, Path, int], words: tuple[str, ...]
) -> None:
    data, sources, port = crawled
    words = tuple(word.replace("URL", f"http://news.example:{port}/a/1") for word in words)
    given = ("--sources", sources) if words[0] in ("sources", "doctor", "crawl") else ()
    env = settings({"news.example": "127.0.0.1"}) | {"TERM": "xterm-256color"}
    ask = told_by_run if words[0] == "crawl" else call
    plain, errors = ask(env, data, *words, *given, expect=None)
    found: list[Any] = json.loads(ask(env, data, *words, *given, "--json", expect=None)[0])
    assert isinstance(found, list)
    assert all(isinstance(row, dict) for row in found)
    assert bool(found) == (words[-1] != "nothing-like-it")
    assert "\x1b" not in plain + errors
    assert "Traceback" not in errors


def test_a_reader_that_has_seen_enough_ends_it_quietly(crawled: tuple[Path, Path, int]) -> None:
    data, _sources, _port = crawled
    for words in ("search --limit 1000 --json", "search 川渝", "show 1"):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", f'"$0" "$1" "$2" --data "$3" {words} | head -c 1', *HRWATCH, str(data)],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment("en"),
        )
        assert done.stderr == "", words


def test_a_closed_output_ends_it_quietly(crawled: tuple[Path, Path, int], tmp_path: Path) -> None:
    """Longer than any pipe holds, so that the writer is sure to notice."""
    rows = "".join(json.dumps({"id": n, "title": "川渝人社合作", "body": "川渝" * 200}) + "\n" for n in range(400))
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", '"$0" "$1" "$2" classify --jsonl | head -1', *HRWATCH],
        input=rows,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment("en"),
        cwd=tmp_path,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)["id"] == 0
