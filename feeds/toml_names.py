"""TOML whose tables may have Chinese names without quotes, as people write them: `[feed.社保川渝]`."""

from __future__ import annotations

import re
import tomllib
from typing import Any

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


def _quote(header: re.Match[str]) -> str:
    return header[0] if header[2].isascii() else f'{header[1]}"{header[2]}"{header[3]}'
