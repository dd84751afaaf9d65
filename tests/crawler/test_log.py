"""The log: one JSON object a line for programs, quiet as ever, and never a secret in it."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.log import concealed, start_log
from crawler.model import Reason

ROOT = Path(__file__).parents[2]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., io.StringIO]]:
    """Starts the log on a stream; everything is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    loggers = {name: one for name, one in root.manager.loggerDict.items() if isinstance(one, logging.Logger)}
    levels = {name: one.level for name, one in loggers.items()}
    stream = io.StringIO()

    def start(verbose: int = 0, form: str = "json") -> io.StringIO:
        monkeypatch.setattr(sys, "stderr", stream)
        root.handlers = []  # those of pytest: force=True would close them
        start_log(verbose, form)
        return stream

    yield start
    logging.captureWarnings(False)
    root.handlers, root.level = handlers, level
    for name, one in root.manager.loggerDict.items():
        if isinstance(one, logging.Logger):
            one.setLevel(levels.get(name, logging.NOTSET))


def objects(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_object_a_line_with_what_is_known(log: Callable[..., io.StringIO]) -> None:
    stream = log(1)
    before = datetime.now(UTC)
    extra = {"source": "a-b", "host": "a.example", "reason": Reason.TIMEOUT, "url": "https://a.example/1", "new": 3}
    logging.getLogger("crawler.polling.dispatch").info("%s: 两行\n合成", "a-b", extra=extra)
    (found,) = objects(stream)
    assert found.pop("time") >= before.isoformat(timespec="milliseconds")
    assert found == {
        "level": "INFO",
        "logger": "crawler.polling.dispatch",
        "message": "a-b: 两行\n合成",
        "source": "a-b",
        "host": "a.example",
        "reason": "timeout",
        "url": "https://a.example/1",
        "new": 3,
    }


def test_quiet_unless_asked(log: Callable[..., io.StringIO]) -> None:
    stream = log(0)
    logging.getLogger("crawler").info("polled")
    logging.getLogger("scrapy.core.engine").error("a site's own business")
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("crawler").warning("%s", "heard")
    assert [one["message"] for one in objects(stream)] == ["heard"]


def test_exceptions_and_warnings_are_objects_too(log: Callable[..., io.StringIO]) -> None:
    stream = log(0)
    try:
        raise ValueError("postgresql://hrwatch:hunter2@db.example/x")
    except ValueError:
        logging.getLogger("spiders").exception("ended badly")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("synthetic", stacklevel=1)
    fault, warned = objects(stream)
    assert fault["message"] == "ended badly"
    assert "Traceback" in fault["exception"]
    assert "ValueError: postgresql://…@db.example/x" in fault["exception"]
    assert "synthetic" in warned["message"]


def test_what_libraries_put_into_extra_stays_out(log: Callable[..., io.StringIO]) -> None:
    stream = log(0)
    logging.getLogger("uvicorn.error").error("no", extra={"color_message": "\x1b[1mno", "spider": object()})
    assert set(objects(stream)[0]) == {"time", "level", "logger", "message"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_in_either_form(log: Callable[..., io.StringIO], form: str) -> None:
    stream = log(0, form)
    secrets = ("tgram://123:SECRET/1", "mailto://me:SECRET@mail.example", "https://u:SECRET@hub.example/a?b=c")
    for secret in secrets:
        logging.getLogger("x").error("cannot reach %s", secret, extra={"url": secret})
    logging.getLogger("x").error("could not connect: host=db password=SECRET user=me")
    try:
        raise OSError(secrets[0])
    except OSError:
        logging.getLogger("x").exception("no")
    assert stream.getvalue().count("\n") >= 5
    assert "SECRET" not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:p@ss@db/x", "postgresql://…@db/x"),
        ("see https://a.example/x@y?page=2", "see https://a.example/x@y?page=2"),
        ("https://a.example/?user=a@b", "https://a.example/?user=a@b"),
        ("POST /send?access_token=abc&x=1", "POST /send?access_token=…&x=1"),
        ("wecombot://abc", "wecombot://…"),
        ("https://a.example/search?token=1", "https://a.example/search?token=…"),
        ("a: b, 12:30, x://", "a: b, 12:30, x://…"),
    ],
)
def test_what_is_concealed(text: str, shown: str) -> None:
    assert concealed(text) == shown


@given(st.text(alphabet="abz019:/@._-%", max_size=30), st.sampled_from(["tgram", "discord", "json", "slack"]))
def test_nothing_of_a_secret_address_is_left(rest: str, scheme: str) -> None:
    assert concealed(f"to {scheme}://{rest} now") == f"to {scheme}://… now"


@pytest.mark.parametrize("surrogate", ["\udc80", "合成\ud800"])
def test_whatever_is_logged_is_one_line_of_json(surrogate: str) -> None:
    """In a process of its own, where standard error is ASCII, as under a bare cron."""
    code = "import logging, sys; from crawler.log import start_log; start_log(0, 'json'); "
    code += "logging.error(eval(sys.argv[1]))"
    told = subprocess.run(
        [sys.executable, "-c", code, ascii(f"😀\n{surrogate}")],
        capture_output=True,
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii:backslashreplace", "PATH": ""},
        check=True,
        timeout=60,
    ).stderr
    (line,) = told.decode("ascii").splitlines()
    assert json.loads(line)["message"] == f"😀\n{surrogate}"


def test_no_address_passes_for_a_record_of_its_own(log: Callable[..., io.StringIO]) -> None:
    stream = log(0, "text")
    logging.getLogger("crawler").error("%s: no answer", "http://a.example/\x1b[2J\r\n2026-01-01 ERROR all is lost")
    first, second = stream.getvalue().splitlines()
    assert first.endswith("ERROR crawler: http://a.example/[2J")
    assert second == "  2026-01-01 ERROR all is lost: no answer"
