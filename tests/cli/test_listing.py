"""Starting the command reads no library that it does not need; what is listed is what there is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click
import pytest

from crawler.cli.commands import COMMANDS, hrwatch
from tests.real.seeds import HRWATCH, environment

# What takes a second to read, and what none of these calls needs.
HEAVY = {"scrapy", "twisted", "sqlalchemy", "alembic", "lxml", "numpy", "fastapi", "starlette", "rich"}

# Runs the command and tells which modules it read.
TELLING = """
import json, sys
from crawler.cli import main
sys.argv = ["hrwatch", *sys.argv[1:]]
try:
    main()
finally:
    sys.stderr.write(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def run(folder: Path, *words: str, language: str = "en", **settings: str) -> tuple[str, set[str]]:
    """What a call prints, and the packages that it read."""
    done = subprocess.run(
        [HRWATCH[0], "-c", TELLING, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(language) | settings,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, set(json.loads(done.stderr))


def test_version_and_help_read_no_heavy_library(tmp_path: Path) -> None:
    said, read = run(tmp_path, "--version")
    assert said.startswith("hrwatch ")
    assert not read & HEAVY
    said, read = run(tmp_path, "--help")
    assert not read & HEAVY
    listed = [line.split()[0] for line in said.partition("Commands:\n")[2].splitlines() if line[2:3].strip()]
    assert listed[: len(COMMANDS)] == [one.name for one in COMMANDS]


def test_completion_reads_no_heavy_library(tmp_path: Path) -> None:
    said, read = run(tmp_path, _HRWATCH_COMPLETE="bash_complete", COMP_WORDS="hrwatch s", COMP_CWORD="1")
    assert {"plain,search", "plain,show", "plain,sources", "plain,stats"} <= set(said.split())
    assert "plain,run" not in said.split()
    assert not read & HEAVY
    said, _read = run(tmp_path, _HRWATCH_COMPLETE="bash_complete", COMP_WORDS="hrwatch show --", COMP_CWORD="2")
    assert "plain,--json" in said.split()


def test_questions_to_the_archive_read_no_scrapy(tmp_path: Path) -> None:
    for command in ("search", "show", "export"):
        _said, read = run(tmp_path, command, "--help")
        assert "sqlalchemy" in read
        assert not read & {"scrapy", "twisted"}


# In a process of its own: a command's help is in the language in which it was first read.
HELPS = """
import json
from crawler.cli.start import prepare
hrwatch = prepare()
from crawler.cli.commands import COMMANDS
read = [(one, hrwatch.commands[one.name]) for one in COMMANDS]
print(json.dumps([(one.name, command.name, one.line, command.help) for one, command in read]))
"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_listed_is_what_its_command_says(language: str) -> None:
    told = subprocess.run(
        [HRWATCH[0], "-c", HELPS], capture_output=True, check=True, timeout=60, env=environment(language)
    )
    for name, called, line, text in json.loads(told.stdout):
        assert called == name
        assert text.startswith(line), name


def test_commands_that_are_not_there_are_unknown() -> None:
    assert hrwatch.get_command(click.Context(hrwatch), "nonsense") is None
    assert "nonsense" not in hrwatch.commands
    assert len(hrwatch.commands) == len(COMMANDS) == len({one.name for one in COMMANDS})


def test_help_is_in_the_readers_language(tmp_path: Path) -> None:
    said, _read = run(tmp_path, "--help", language="zh")
    assert "命令" in said
    assert "写出有变化的订阅源。" in said
    said, _read = run(tmp_path, "--help")
    assert "Write the feeds that changed." in said
