"""Arrays and objects that scripts hold, JSON or the looser JavaScript. Pure; runs nothing."""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.errors import RefusedError
from crawler.model import Reason

# What JavaScript allows and JSON does not: 'single quotes', keys without quotes, a comma before the end
_LOOSE = re.compile(
    r"(?P<double>\"(?:[^\"\\]|\\.)*\")|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|(?P<before>[{,]\s*)(?P<key>[A-Za-z_$][\w$]*)(?=\s*:)|(?P<comma>,)(?=\s*[}\]])",
    re.DOTALL,
)


def script_value(text: str, start: int = 0) -> Any:
    """The array or object that stands in `text` at `start`; raises RefusedError where there is none to be read."""
    decoder = json.JSONDecoder()
    try:
        return decoder.raw_decode(text, start)[0]
    except ValueError:
        pass  # looser than JSON, or nothing at all
    except RecursionError as error:
        raise RefusedError(Reason.WRONG_TYPE, "a script's object is nested too deep") from error
    try:
        return decoder.raw_decode(_LOOSE.sub(_strict, text[start:]))[0]
    except (ValueError, RecursionError) as error:
        raise RefusedError(Reason.WRONG_TYPE, f"a script's object cannot be read: {error}"[:200]) from error


def _strict(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return match["double"]
    if match["single"] is not None:
        return json.dumps(match["single"].replace("\\'", "'"), ensure_ascii=False)
    return "" if match["comma"] else f'{match["before"]}"{match["key"]}"'
