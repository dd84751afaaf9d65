"""The `hrwatch` command. Each module here is one group of commands; this one only starts them."""

from __future__ import annotations

import gettext
import os
import sys

import click

from crawler.config import load_config
from crawler.errors import ArchiveError, ConfigError, HrwatchError, OutputError, WarcError
from crawler.language import DOMAIN, LOCALE_DIR, language, use_language

# Exit codes, as scripts and cron rely on them.
ALL_WELL = 0
SOME_FAILED = 1
WRONG_USE = 2
NOTHING_RAN = 3
INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended


def main() -> None:
    """Entry point of `hrwatch`."""
    try:
        use_language(load_config().lang)
    except ConfigError as error:
        # which language to complain in is not known: the default
        sys.stderr.write(f"hrwatch: {error}\n")
        sys.exit(WRONG_USE)
    # click speaks through gettext's global domain; it reads LANGUAGE at each call.
    os.environ["LANGUAGE"] = "zh_CN" if language() == "zh" else "C"
    gettext.bindtextdomain(DOMAIN, LOCALE_DIR)
    gettext.textdomain(DOMAIN)

    try:
        from crawler.cli.commands import hrwatch  # after the language is known: help texts are translated at import

        code = hrwatch.main(prog_name="hrwatch", standalone_mode=False)
    except KeyboardInterrupt:  # before click listens for it
        sys.exit(INTERRUPTED)
    except HrwatchError as error:
        from crawler.cli.screen import complain  # rich: a call that goes well may not need it

        complain(f"hrwatch: {error}")
        sys.exit(NOTHING_RAN if isinstance(error, ArchiveError | OutputError | WarcError) else WRONG_USE)
    except SystemExit:
        # `hrwatch search … | head`: the reader has seen enough. click turns a broken pipe into exit code 1, and
        # leaves a wrapper around standard output as the only sign of it.
        if "Pacify" in type(sys.stdout).__name__:
            os._exit(ALL_WELL)
        raise
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else ALL_WELL)
