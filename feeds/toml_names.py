"""Files of named tables (TOML), whose names may be Chinese without quotes, as people write them: `[feed.社保川渝]`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from crawler.errors import ConfigError
from crawler.language import _

_MAX_BYTES = 2**20

# "[notify.川渝组]  # 早报": TOML 1.0 wants [notify."川渝组"]; tomllib says only "Invalid initial character"
_HEADER = re.compile(
    r"^([ \t]*\[[ \t]*[A-Za-z0-9_-]+[ \t]*\.[ \t]*)([^\s\"'\[\]#=.]+)([ \t]*\][ \t]*(?:#.*)?)$", re.MULTILINE
)


def read_toml(text: str) -> dict[str, Any]:
    """What `text` says; names in headers need no quotes. Raises TOMLDecodeError with line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        quoted = _HEADER.sub(_quote, text)
        if quoted == text:
            raise
        return tomllib.loads(quoted)


def read_tables(file: Path, kind: str, *, setting: str) -> dict[str, Any]:
    """The tables [kind.NAME] of a file, by name; `setting` is what names the file.

    Raises ConfigError naming the file, and the key where it holds anything else. Nothing of its content is told.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigError(_("{file}: larger than {bytes} bytes").format(file=file, bytes=_MAX_BYTES))
        document = read_toml(content.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{setting}: {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(_("{file}: not UTF-8").format(file=file)) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: {error}") from None
    tables = document.pop(kind, {})
    if document or not isinstance(tables, dict):
        key = next(iter(document), kind)
        raise ConfigError(_("{file}: {key}: only tables [{kind}.NAME] are known").format(file=file, key=key, kind=kind))
    return tables


def _quote(header: re.Match[str]) -> str:
    return header[0] if header[2].isascii() else f'{header[1]}"{header[2]}"{header[3]}'
