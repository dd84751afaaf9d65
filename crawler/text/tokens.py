"""Search tokens: every Chinese character one, every run of other letters or digits one; and queries made of them.

Works on folded text and knows nothing of SQL beyond the phrase syntax of FTS5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

# One Chinese character (with its extensions and 〇), or a run of other letters and digits: "RCEP", "2023", "ａ"
_TOKEN = re.compile(r"[㐀-䶿一-鿿豈-﫿〇\U00020000-\U0003ffff]|[^\W_㐀-䶿一-鿿豈-﫿〇\U00020000-\U0003ffff]+")
_CHARACTER = re.compile(r"[㐀-䶿一-鿿豈-﫿〇\U00020000-\U0003ffff]")
# "川渝 合作" in any quotes, or a word; a quote left open runs to the end
_WORD = re.compile(r"[\"“”„「『]([^\"“”„」』]*)[\"“”„」』]?|([^\s\"“”„「『]+)")
_MAX_QUERY_CHARS = 2000  # a pasted title or sentence, not an article
_MAX_WORDS = 32
_MAX_TOKENS_OF_WORD = 64
_MAX_TOKEN_CHARS = 64  # a longer run is no word: base64, a key


def tokens_of(text: str) -> list[str]:
    """The tokens of folded `text`, in order; punctuation, spaces and symbols fall away."""
    return [token[:_MAX_TOKEN_CHARS] for token in _TOKEN.findall(text.lower())]


def token_string(text: str) -> str:
    """The tokens of `text` separated by spaces, as the search index takes them."""
    return " ".join(tokens_of(text))


def query_words(query: str) -> list[list[str]]:
    """The words of a reader's query, each as tokens: blanks separate, quotes hold together. Bounded; never raises."""
    found = (quoted or plain for quoted, plain in _WORD.findall(query[:_MAX_QUERY_CHARS]))
    words = (tokens_of(word)[:_MAX_TOKENS_OF_WORD] for word in found)
    return list(islice((word for word in words if word), _MAX_WORDS))


def is_character(token: str) -> bool:
    """True for a token that is one Chinese character, and not a run of other letters."""
    return len(token) == 1 and _CHARACTER.match(token) is not None


def fts_query(words: Sequence[Sequence[str]]) -> str:
    """`words` as an FTS5 query in which each must occur, its tokens side by side."""
    return " AND ".join('"' + " ".join(word) + '"' for word in words)
