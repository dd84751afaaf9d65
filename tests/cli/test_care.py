"""`hrwatch backup`, `restore`, `migrate`, `prune`, `doctor` as scripts meet them: exit codes, words, what is left."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.demo import DemoServer
from tests.archive.older import move
from tests.cli.test_commands import in_one_process
from tests.crawler.loopback import LittleSite, article, list_page, little_server, run, settings, source_file, start
from tests.real.seeds import HRWATCH, environment

ALL_WELL, SOME_FAILED, WRONG_USE, NOTHING_RAN, INTERRUPTED = 0, 1, 2, 3, 130
COUNT = 4  # of relevant stories
ALL = COUNT + 1

# Commands that ask the archive for something; those that need a story or a folder have one.
ASKING = (
    ("search", "川渝"),
    ("show", "1"),
    ("export", "--format", "csv"),
    ("stats",),
    ("cooperations",),
    ("story", "rulings"),
    ("story", "join", "1", "2"),
    ("explain", "https://news.example/"),
    ("label", "1", "not"),
    ("reprocess",),
    ("publish",),
    ("backup", "COPY"),
    ("migrate",),
    ("migrate", "--check"),
    ("prune", "--older-than", "3d"),
    ("serve", "--port", "0"),
)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder D with an archive of a few stories, and its sources beside."""
    folder = tmp_path_factory.mktemp("care")
    site = LittleSite()
    with little_server(site) as server:
        _fill(site, folder, server)
        run(settings({"news.example": "127.0.0.1"}), folder / "D", "crawl", "news", "--sources", folder / "sources")
    return folder


def _fill(site: LittleSite, folder: Path, server: DemoServer) -> None:
    rows = [(f"/a/{n}", f"川渝人社部门签署第{n}份合作协议") for n in range(COUNT)]
    site.pages["news.example/list"] = list_page(*rows, ("/a/9", "本市发布大风天气预报"))
    for n, (path, title) in enumerate(rows):
        words = "甲乙丙丁戊"[n] * 40
        site.pages[f"news.example{path}"] = article(title, f"川渝两地人社部门签署人力资源合作协议。{words}。")
    site.pages["news.example/a/9"] = article("本市发布大风天气预报", "今天夜间有大风和小雨，请注意防范。")
    source_file(folder / "sources", "news", "news.example", port=server.port)


@pytest.fixture
def data(crawled: Path, tmp_path: Path) -> Path:
    """A data folder of one's own, whose WARC files nobody has written for a day."""
    copy = tmp_path / "D"
    subprocess.run(["cp", "-a", str(crawled / "D"), str(copy)], check=True)
    for path in (copy / "warc").iterdir():
        os.utime(path, (time.time(), time.time() - 86400))
    return copy


def calls(data: Path, *lines: tuple[object, ...], **more: str) -> list[str]:
    """What several commands say, each ending with the exit code before it; in one process, as a start takes long."""
    words = [["--data", str(data), *map(str, line[1:])] for line in lines]
    answers = in_one_process(words, environment("en") | more, data.parent)
    for line, (code, said) in zip(lines, answers, strict=True):
        assert code == line[0], (line, said)
        assert "Traceback" not in said, (line, said)
    return [said for _code, said in answers]


def objects(said: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said)
    return found


def age(data: Path, days: int) -> None:
    """As if all pages had been fetched so long ago."""
    with closing(sqlite3.connect(data / "hrwatch.sqlite3")) as connection, connection:
        connection.execute("UPDATE pages SET fetched_at = datetime(fetched_at, ?)", (f"-{days} days",))


def test_backup_and_restore(data: Path, tmp_path: Path) -> None:
    copy, other = tmp_path / "out" / "copy.sqlite3", tmp_path / "other"
    made, refused, again, kept, back, found, elsewhere = calls(
        data,
        (ALL_WELL, "backup", copy),
        (NOTHING_RAN, "backup", copy),
        (ALL_WELL, "backup", "--force", copy, "--json"),
        (NOTHING_RAN, "restore", copy),
        (ALL_WELL, "restore", "--force", copy),
        (ALL_WELL, "search", "川渝"),
        (ALL_WELL, "--data", other, "restore", copy),
    )
    assert f"{ALL} stories" in made
    assert "not in it: 1 WARC files (" in made
    assert "--force" in refused
    (told,) = objects(again)
    assert (told["stories"], told["bytes"]) == (ALL, copy.stat().st_size)
    assert told["warc_bytes_not_in_it"] == next((data / "warc").iterdir()).stat().st_size
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite3"]
    assert "--force" in kept
    (old,) = data.glob("*.before-restore-*")
    assert str(old) in back
    assert "第1份" in found
    assert f"{ALL} stories" in elsewhere
    assert (other / "hrwatch.sqlite3").exists()


def test_backup_of_nothing(tmp_path: Path) -> None:
    (said,) = calls(tmp_path / "D", (NOTHING_RAN, "backup", tmp_path / "copy.sqlite3"))
    assert "hrwatch.sqlite3" in said
    assert list(tmp_path.iterdir()) == []


def test_while_hrwatch_runs_a_copy_is_made_and_none_put_back(crawled: Path, data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    env = settings({"news.example": "127.0.0.1"})
    running = start(env, data, "run", "--port", "0", "--sources", crawled / "sources")
    try:
        assert running.stdout is not None
        assert "hrwatch serves" in running.stdout.readline()
        _made, refused = calls(data, (ALL_WELL, "backup", copy), (NOTHING_RAN, "restore", "--force", copy))
        assert "stop hrwatch first" in refused
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=120)
    calls(data, (ALL_WELL, "restore", "--force", copy))


def test_migrate(data: Path, tmp_path: Path) -> None:
    nothing, absent = calls(data, (ALL_WELL, "migrate", "--check"), (ALL_WELL, "--data", tmp_path / "none", "migrate"))
    assert "nothing to do" in nothing
    assert "not made yet" in absent
    assert not (tmp_path / "none").exists()
    back(data)
    wanted, told, nothing, found = calls(
        data,
        (SOME_FAILED, "migrate", "--check"),
        (ALL_WELL, "migrate", "--backup", tmp_path / "before.sqlite3"),
        (ALL_WELL, "migrate"),
        (ALL_WELL, "search", "川渝"),
    )
    assert "schema 0008" in wanted
    assert "schema 0008 → 00" in told
    with closing(sqlite3.connect(tmp_path / "before.sqlite3")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0008",)
    assert "nothing to do" in nothing
    assert "第1份" in found


def back(data: Path) -> None:
    """An archive of before the last migrations."""
    move(data / "hrwatch.sqlite3", "0008")


def newer(data: Path) -> None:
    with closing(sqlite3.connect(data / "hrwatch.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def another_programs(data: Path) -> None:
    (data / "hrwatch.sqlite3").unlink()
    with closing(sqlite3.connect(data / "hrwatch.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE theirs (x)")


def garbage(data: Path) -> None:
    """The pages behind the first, where the schema is, are another file's."""
    file = data / "hrwatch.sqlite3"
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:100] + os.urandom(size - 100))


@pytest.mark.parametrize("damage", [newer, another_programs, garbage])
def test_every_command_says_clearly_what_it_cannot_open(data: Path, tmp_path: Path, damage: Any) -> None:
    damage(data)
    before = (data / "hrwatch.sqlite3").read_bytes()
    asking = [tuple(str(tmp_path / "c") if word == "COPY" else word for word in words) for words in ASKING]
    *answers, doctor = calls(
        data, *((NOTHING_RAN, *words) for words in asking), (SOME_FAILED, "doctor", "--json"), HRWATCH_CONTACT="x@y.z"
    )
    for words, said in zip(asking, answers, strict=True):
        assert "hrwatch.sqlite3" in said, words
        assert "9999" in said or damage is not newer, words
    assert (data / "hrwatch.sqlite3").read_bytes() == before
    (found,) = [check for check in objects(doctor) if not check["ok"]]
    assert "hrwatch.sqlite3" in found["detail"]
    assert bool(found["remedy"]) == (damage is garbage)


def test_prune(crawled: Path, data: Path) -> None:
    kept, *_wrong = calls(
        data,
        (ALL_WELL, "prune"),
        (WRONG_USE, "prune", "--older-than", "x"),
        (WRONG_USE, "prune", "--older-than", "0d"),
        (WRONG_USE, "prune", "--irrelevant-older-than", "-3d"),
    )
    assert "All pages are kept" in kept
    age(data, 100)
    sources = ("--sources", crawled / "sources")
    dry, told, found, again, shown, _story = calls(
        data,
        (ALL_WELL, "prune", "--older-than", "90d", "--dry-run", "--json"),
        (ALL_WELL, "prune"),
        (ALL_WELL, "search", "第1份", "--json"),
        (ALL_WELL, "reprocess", *sources, "--json"),
        (ALL_WELL, "reprocess", *sources),
        (ALL_WELL, "show", "1"),
        HRWATCH_KEEP_PAGES_DAYS="90",
    )
    (planned,) = objects(dry)
    assert (planned["fate"], planned["let_go"]) == ("rewritten", ALL)  # the list of today stays
    assert f"{ALL} pages let go" in told
    assert objects(again)[-1]["unread"] == {"let-go": ALL}
    assert "let go" in shown
    url = objects(found)[0]["url"]
    explained, as_json = calls(data, (ALL_WELL, "explain", url), (ALL_WELL, "explain", url, "--json"))
    assert "let go" in explained
    assert [page["let_go_at"] is not None for page in objects(as_json)[0]["pages"]] == [True]


def test_irrelevant_pages_go_and_the_others_are_read_again(crawled: Path, data: Path) -> None:
    age(data, 100)
    sources = ("--sources", crawled / "sources")
    calls(data, (ALL_WELL, "label", "1", "not"))
    told, again, deep = calls(
        data,
        (ALL_WELL, "prune", "--irrelevant-older-than", "90d", "--json"),
        (ALL_WELL, "reprocess", *sources, "--json"),
        (ALL_WELL, "doctor", "--deep", "--json"),
        HRWATCH_CONTACT="x@y.z",
    )
    (pruned,) = objects(told)
    assert (pruned["fate"], pruned["let_go"], pruned["kept"]) == ("rewritten", 1, COUNT)
    assert objects(again)[-1]["unread"] == {"let-go": 1}
    assert [check["ok"] for check in objects(deep) if check["check"] == "WARC files"] == [True]


def test_doctor_says_what_to_do(data: Path) -> None:
    (warc,) = (data / "warc").iterdir()
    whole = warc.read_bytes()
    warc.write_bytes(whole[:2000] + bytes(300) + whole[2300:])
    (deep,) = calls(data, (SOME_FAILED, "doctor", "--deep", "--json"))
    (fault,) = [check for check in objects(deep) if check["check"] == "WARC files" and not check["ok"]]
    assert str(warc) in fault["detail"]
    assert fault["remedy"]
    warc.unlink()
    (light,) = calls(data, (SOME_FAILED, "doctor", "--json"))
    faults = [check for check in objects(light) if not check["ok"]]
    assert len([check for check in faults if str(warc) in check["detail"]]) == 1
    assert all(check["remedy"] for check in faults)


def test_doctor_does_not_take_a_disk_that_is_away_for_an_archive_not_made_yet(tmp_path: Path) -> None:
    (tmp_path / "D").symlink_to(tmp_path / "unmounted")
    (said,) = calls(tmp_path / "D", (SOME_FAILED, "doctor", "--json"), HRWATCH_CONTACT="x@y.z")
    assert [check["detail"] for check in objects(said) if not check["ok"]] == [
        f"{tmp_path / 'D'}: a link that leads nowhere"
    ]


def test_a_ctrl_c_that_python_drops_is_heard_all_the_same(data: Path, tmp_path: Path) -> None:
    """What is raised while an object is taken away is told on standard error and goes no further."""
    code = (
        "import signal, time\n"
        "import archive.database.snapshot\n"
        "class Dying:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "def work(*_given, **_named):\n"
        "    Dying()\n"
        "    time.sleep(280)\n"
        "archive.database.snapshot.take = work\n"
        "from crawler.cli import main\n"
        "main()\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    command = [HRWATCH[0], "-c", code, "--data", str(data), "backup", str(out / "c.sqlite3")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment("en"))
    assert done.returncode == INTERRUPTED, done.stderr
    assert "ignored" not in done.stderr
    assert "Interrupted" in done.stderr
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("words", [("backup", "COPY"), ("doctor", "--deep")], ids=" ".join)
def test_interrupted(data: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Ctrl-C in the middle of the work."""
    code = (
        "import sys, _thread\n"
        "import archive.database.snapshot, crawler.warc.members as warc\n"
        "def stopped(*_given, **_named): raise KeyboardInterrupt\n"
        "archive.database.snapshot.take = stopped\n"
        "warc._members = stopped\n"
        "from crawler.cli import main\n"
        "main()\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    given = [str(out / "c.sqlite3") if word == "COPY" else word for word in words]
    done = subprocess.run(
        [HRWATCH[0], "-c", code, "--data", str(data), *given],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment("en"),
    )
    assert done.returncode == INTERRUPTED, done.stderr
    assert "Traceback" not in done.stderr
    assert "Interrupted" in done.stderr
    assert list(out.iterdir()) == []
