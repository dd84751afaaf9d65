"""Words that a short script writes where it stands, as many pages fill in 来源 and the time: read, never run."""

from __future__ import annotations

import re
from html import escape

# `来源：<script>document.write("甲省日报");</script>`
_SCRIPT = re.compile(r"<script[^<>]{0,200}>([^<]{1,600})</script>", re.I)
_WRITES = re.compile(
    r"""document\.write(?:ln)?\(\s*(?:"([^"<>\\]{1,80})"|'([^'<>\\]{1,80})'|([A-Za-z_]\w{0,40}))\s*\)"""
)
# TRS: `var docSource = '甲省日报'; if (docSource != '') document.write(docSource);`
_ASSIGNS = re.compile(r"""\b([A-Za-z_]\w{0,40})\s*=\s*(?:"([^"<>\\]{1,80})"|'([^'<>\\]{1,80})')\s*[;,\n]""")


def write_out(text: str) -> str:
    """The page's text with each script that only writes plain words replaced by these words."""
    return _SCRIPT.sub(_words, text) if "document.write" in text else text


def _words(script: re.Match[str]) -> str:
    writes = _WRITES.findall(script[1])
    if len(writes) != 1:
        return script[0]
    one, other, variable = writes[0]
    words = one or other
    if not words:
        words = {name: single or double for name, single, double in _ASSIGNS.findall(script[1])}.get(variable, "")
    return escape(words) if words else script[0]
