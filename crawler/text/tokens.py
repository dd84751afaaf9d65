"""Search tokens: every Chinese character one, every run of other letters or digits one. Works on folded text."""

from __future__ import annotations

import re

_HAN = r"㐀-䶿一-鿿豈-﫿〇\U00020000-\U0003ffff"
LETTER = rf"[^\W_{_HAN}]"  # a letter or digit that is no Chinese character, as a class of a pattern
# One Chinese character (with its extensions and 〇), or a run of other letters and digits: "RCEP", "2023", "ａ"
_TOKEN = re.compile(rf"[{_HAN}]|{LETTER}+")
_CHARACTER = re.compile(f"[{_HAN}]")
MAX_TOKEN_CHARS = 64  # a longer run is no word: base64, a key


def tokens_of(text: str) -> list[str]:
    """The tokens of folded `text`, in order; punctuation, spaces and symbols fall away."""
    return [token[:MAX_TOKEN_CHARS] for token in _TOKEN.findall(text.lower())]


def is_character(token: str) -> bool:
    """True for a token that is one Chinese character, and not a run of other letters."""
    return len(token) == 1 and _CHARACTER.match(token) is not None
