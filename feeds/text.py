"""Text at the edge of a feed: one line of bounded size, URLs are URIs; what no reader can show is left out.

Knows nothing of stories or formats.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from crawler.text.harmless import harmless

# The plain marks reach their neighbours only; on a line of its own they have none.
_MARKS = re.compile("[\u200e\u200f\u061c]")

_SPACE = re.compile(r"\s+")

# Longer than any headline seen (the longest government titles run to about 120 characters); readers show one line.
TITLE_LENGTH = 300

# About three lines in a reader.
SUMMARY_LENGTH = 200

# About two paragraphs: enough to tell whether the whole is worth the way to the publisher.
EXCERPT_LENGTH = 400


def one_line(text: str, length: int) -> str:
    """`text` on one line of at most `length` characters, cut with "…"."""
    # The slice keeps a text of megabytes from being cleaned whole; white space may halve it and more, hence 4.
    line = _SPACE.sub(" ", _MARKS.sub("", harmless(text[: 4 * length + 4]))).strip()
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def title_text(title: str) -> str | None:
    """A title fit for every reader; None where nothing visible is left of it."""
    return one_line(title, TITLE_LENGTH) or None


def web_url(url: str) -> str | None:
    """`url` in ASCII if it is an http or https URL with a host, else None."""
    text = harmless(url).strip()
    try:
        parts = urlsplit(text)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    return quote(text, safe="%/:?#[]@!$&'()*+,;=-._~")
