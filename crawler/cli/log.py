"""The log of a command: on standard error, and on a terminal beside what else the command shows there."""

from __future__ import annotations

from rich.logging import RichHandler

from crawler.cli.screen import err
from crawler.config import load_config
from crawler.log import start_log


def log_to_stderr(verbose: int) -> None:
    """Send the log to standard error, in the form that the settings say; see crawler/log.py."""
    form = load_config().log
    # on a terminal a progress bar may share it
    pretty = RichHandler(console=err, show_path=False, rich_tracebacks=False) if err.is_terminal else None
    start_log(verbose, form, pretty)
