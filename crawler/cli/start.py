"""Starts the command in the user's language, and makes an exit code of whatever ends it."""

from __future__ import annotations

import gettext
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, STOPS, WRONG_USE
from crawler.config import load_config
from crawler.errors import ArchiveError, ConfigError, HrwatchError, OutputError, WarcError
from crawler.language import DOMAIN, LOCALE_DIR, language, use_language

if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType

_AGAIN_S = 0.02  # a destructor is over by then


def prepare() -> click.Command:
    """The command, ready to be called: every import that all commands need is behind it."""
    try:
        config = load_config()
        use_language(config.lang)
    except ConfigError as error:
        # which language to complain in is not known: the default
        sys.stderr.write(f"hrwatch: {error}\n")
        sys.exit(WRONG_USE)
    # click speaks through gettext's global domain; it reads LANGUAGE at each call.
    os.environ["LANGUAGE"] = "zh_CN" if language() == "zh" else "C"
    gettext.bindtextdomain(DOMAIN, LOCALE_DIR)
    gettext.textdomain(DOMAIN)

    if config.log == "json":
        from crawler.log import start_log  # else it begins with the commands that have something to log

        start_log(0, config.log)
    from crawler.cli.commands import hrwatch  # after the language is known: help texts are translated at import

    return hrwatch


def call(hrwatch: click.Command) -> int:
    """Do what the command line says; the exit code."""
    try:
        with _stops_are_heard():
            code = hrwatch.main(prog_name="hrwatch", standalone_mode=False)
    except KeyboardInterrupt:  # before click listens for it
        return INTERRUPTED
    except HrwatchError as error:
        _tell(error)
        return NOTHING_RAN if isinstance(error, ArchiveError | OutputError | WarcError) else WRONG_USE
    except OSError as error:
        if error.filename is None:
            raise  # no file that somebody could look at
        _tell(OutputError(f"{error.filename}: {error.strerror}"))
        return NOTHING_RAN
    except SystemExit:
        # `hrwatch search … | head`: the reader has seen enough. click turns a broken pipe into exit code 1, and
        # leaves a wrapper around standard output as the only sign of it.
        if "Pacify" in type(sys.stdout).__name__:
            os._exit(ALL_WELL)
        raise
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else ALL_WELL


def _tell(error: HrwatchError) -> None:
    if load_config().log == "json":  # whoever reads standard error by program reads this, too
        logging.getLogger("hrwatch").error("%s", error)
        return
    from crawler.cli.screen import complain  # rich: a call that goes well may not need it

    complain(f"hrwatch: {error}")


@contextmanager
def _stops_are_heard() -> Iterator[None]:
    """Ctrl-C, `kill` and a closed terminal raise KeyboardInterrupt, so that nothing half-written stays.

    One that strikes while an object is taken away, where Python drops what is raised, comes again.
    """
    heard = [number for number in STOPS if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup leaves it
    before = {number: signal.signal(number, signal.default_int_handler) for number in heard}
    hook = sys.unraisablehook
    is_set = False

    def again(dropped: UnraisableHookArgs) -> None:
        nonlocal is_set
        if dropped.exc_type is not KeyboardInterrupt:
            hook(dropped)
            return
        is_set = True
        signal.signal(signal.SIGALRM, strike)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)

    def strike(_number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code is again.__code__:  # on a slow machine: here it would be dropped as well
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
            return
        raise KeyboardInterrupt

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        if is_set:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
