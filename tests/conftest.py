"""Fixtures and rules for all tests: where shared material is, what --accept does, and that CI skips nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from crawler.language import use_language

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

# The same examples at each run, and no clock: what fails, fails for everybody, on a loaded machine and an idle one.
# `pytest --hypothesis-profile=chance` looks for what these examples do not find.
_NO_CLOCK: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("chance", **_NO_CLOCK)
hypothesis.settings.register_profile("steady", derandomize=True, **_NO_CLOCK)
hypothesis.settings.load_profile("steady")

# Under nohup, or in the background of a script, these are ignored, and programs that a test starts would inherit that;
# what is caught they do not inherit.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_signal: None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept",
        action="store_true",
        help="rewrite golden results, and fail once so that a person reads the difference",
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """CI has everything that tests may miss elsewhere: there a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("HRWATCH_TEST_NO_SKIPS") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("skipped tests are failures here (HRWATCH_TEST_NO_SKIPS)", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own HRWATCH_* settings must not reach the tests."""
    for name in list(os.environ):
        if name.startswith("HRWATCH_") and not name.startswith("HRWATCH_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    use_language("zh")
    yield
    use_language("zh")


@pytest.fixture
def english(_chinese: None) -> None:
    """What is told is compared in the language of the source."""
    use_language("en")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the project; tests that read it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED
