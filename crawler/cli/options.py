"""Options that several commands share, and what they make of them: a Config."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from crawler.config import Config, load_config
from crawler.language import _

F = TypeVar("F", bound=Callable[..., Any])


def data_option(command: F) -> F:
    """`--data DIR`, before or after the command's name; the later one counts."""
    return click.option(
        "--data",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        expose_value=False,
        callback=_remember("data"),
        help=_("Folder of the archive, WARC files and feeds (also HRWATCH_DATA)."),
    )(command)


def sources_option(command: F) -> F:
    """`--sources DIR`, repeatable: replaces the shipped registry for this run."""
    return click.option(
        "--sources",
        metavar="DIR",
        multiple=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        expose_value=False,
        callback=_remember("sources"),
        help=_("Folder of source files that replaces the shipped registry (repeatable)."),
    )(command)


def replay_option(command: F) -> F:
    """`--replay WARC`, repeatable: no network is touched."""
    return click.option(
        "--replay",
        metavar="WARC",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=_("Answer every request from this WARC file and touch no network (repeatable)."),
    )(command)


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print a list of objects for programs."))(command)


def verbose_option(command: F) -> F:
    """`-v`, `-vv`: say more on standard error."""
    return click.option("-v", "--verbose", count=True, help=_("Say more on standard error (-vv: everything)."))(command)


def example(*lines: str) -> str:
    """The epilog of a command: examples that can be pasted; click keeps the lines apart."""
    return "\b\n" + _("Examples:") + "\n" + "\n".join(f"  {line}" for line in lines)


def config_of(ctx: click.Context, **given: Any) -> Config:
    """The settings of this call: its own options, those of the group, the environment, the file, the defaults."""
    return load_config(**{**ctx.find_root().ensure_object(dict), **given})


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def remember(ctx: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value:
            ctx.find_root().ensure_object(dict)[name] = value
        return value

    return remember
