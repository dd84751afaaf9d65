"""docs/operations.md: crontab lines, systemd units, exit codes and the summary are what the program has."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from cronsim import CronSim

import crawler.cli as cli
from crawler.cli.commands import hrwatch
from crawler.cli.crawling.summary import OUTCOMES, Pass, summary_of
from crawler.polling.dispatch import STOP_GRACE_S
from crawler.polling.runner import CLOSE_GRACE_S
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
# "```systemd hrwatch.service"
UNITS = dict(re.findall(r"```systemd (\S+)\n(.*?)```", PAGE, re.DOTALL))
CRONTABS = re.findall(r"```crontab\n(.*?)```", PAGE, re.DOTALL)
# "NAME=value" at the head of a crontab
SETTING = re.compile(r"^[A-Z_]+=\S+$")
LINES = [line for block in CRONTABS for line in block.splitlines() if line.strip() and not SETTING.match(line)]


def check_call(words: list[str]) -> None:
    """The words after `hrwatch` name a command, and options that it has."""
    command: click.Command = hrwatch.commands[words[0]]
    if isinstance(command, click.Group):
        command = command.commands[words[1]]
    known = {option for parameter in command.params for option in parameter.opts}
    # "-qq" is -q twice
    given = {word if word.startswith("--") else word[:2] for word in words[1:] if word.startswith("-") and word != "-"}
    assert given <= known, words


@pytest.mark.parametrize("line", LINES)
def test_crontab_lines_are_cron_s_and_call_what_there_is(line: str) -> None:
    *times, command = line.split(maxsplit=5)
    assert next(CronSim(" ".join(times), NOW)) > NOW
    assert not re.search(r"(?<!\\)%", command)
    calls = [call for call in re.split(r"&&|;", command.partition(">>")[0]) if call.strip()]
    assert calls
    for call in calls:
        program, *words = shlex.split(call)
        assert program == "hrwatch"
        check_call(words)


@pytest.mark.parametrize("name", UNITS)
def test_units_call_what_there_is_and_systemd_takes_them(name: str, tmp_path: Path) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNITS[name])
    for line in re.findall(r"^ExecStart=(.*)$", UNITS[name], re.MULTILINE):
        program, *words = shlex.split(line)
        assert program == "/opt/hrwatch/bin/hrwatch"
        check_call(words)
    if name.endswith(".timer"):
        assert name.replace(".timer", ".service") in UNITS
    else:
        # asked to stop, it takes these, the web side's end and the writing of feeds
        assert int(parser["Service"]["TimeoutStopSec"]) > 2 * (STOP_GRACE_S + CLOSE_GRACE_S)
        assert parser["Service"]["StateDirectory"] == "hrwatch"
    for other, text in UNITS.items():
        (tmp_path / other).write_text(text.replace("/opt/hrwatch/bin/hrwatch", sys.executable), "utf-8")
    if shutil.which("systemd-analyze") is None:
        return  # what is above holds everywhere
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:/lib/systemd/system"},
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_log_of_the_crontab_is_the_one_that_is_turned_over() -> None:
    block = re.search(r"```logrotate\n(\S+) \{", PAGE)
    assert block is not None
    assert any(f">>{block[1]} " in line for line in LINES)


def test_the_table_has_every_exit_code() -> None:
    # "| 130 | interrupted, …"
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert told == {cli.ALL_WELL, cli.SOME_FAILED, cli.WRONG_USE, cli.NOTHING_RAN, cli.INTERRUPTED}


def test_the_summary_is_told_as_it_is() -> None:
    done = Pass(started_at=NOW, ended_at=NOW, exit_code=cli.ALL_WELL, reports=(), names={})
    (paragraph,) = re.findall(r"^`--summary FILE` writes.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    told = set(re.findall(r"`([a-z_-]+)`", paragraph))
    assert set(summary_of(done)) <= told
    assert set(OUTCOMES.values()) <= told
