"""Text at the edge of a feed: what XML cannot carry is left out, sizes and directions are bounded, URLs are URIs.

Knows nothing of stories or formats.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

# Everything outside XML 1.0's Char production (NUL, U+0008, U+FFFE, lone surrogates), and the C1 controls, which
# are legal but only ever stand for damage (0x85, 0x92 of windows-1252).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# U+202E "right-to-left override" and its kin reach beyond their own text and turn round a reader's whole list.
# The plain marks U+200E and U+200F reach their neighbours only.
_EMBEDDINGS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile("[\u200e\u200f\u061c]")

_SPACE = re.compile(r"\s+")

# Longer than any headline seen (the longest government titles run to about 120 characters); readers show one line.
TITLE_LENGTH = 300

# About three lines in a reader.
SUMMARY_LENGTH = 200

# About two paragraphs: enough to tell whether the whole is worth the way to the publisher.
EXCERPT_LENGTH = 400


def xml_text(text: str) -> str:
    """`text` without what XML 1.0 forbids and without direction overrides; line ends are \\n."""
    return _EMBEDDINGS.sub("", _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str, length: int) -> str:
    """`text` on one line of at most `length` characters, cut with "…"."""
    # The slice keeps a text of megabytes from being cleaned whole; white space may halve it and more, hence 4.
    line = _SPACE.sub(" ", _MARKS.sub("", xml_text(text[: 4 * length + 4]))).strip()
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def title_text(title: str) -> str | None:
    """A title fit for every reader; None where nothing visible is left of it."""
    return one_line(title, TITLE_LENGTH) or None


def web_url(url: str) -> str | None:
    """`url` in ASCII if it is an http or https URL with a host, else None."""
    text = xml_text(url).strip()
    try:
        parts = urlsplit(text)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    return quote(text, safe="%/:?#[]@!$&'()*+,;=-._~")
