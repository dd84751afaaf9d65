"""Text of the web without what does something to whatever shows it: a terminal, a feed reader, an XML parser."""

from __future__ import annotations

import re

# Everything outside XML 1.0's Char production (NUL, ESC, U+0008, U+FFFE, lone surrogates), and the C1 controls, which
# are legal in XML but damage (0x85, 0x92 of windows-1252) or, to a terminal, commands (0x9B).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# U+202E "right-to-left override" and its kin reach beyond their own text and turn round a reader's whole list.
_EMBEDDINGS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """`text` without control characters, lone surrogates and direction overrides; line ends are \\n."""
    return _EMBEDDINGS.sub("", _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
