"""What a text is found by in the search index: its tokens (tokens.py), and every two characters that stand together."""

from __future__ import annotations

import re
from operator import add

from crawler.text.tokens import tokens_of

CHARACTERS = "㐀-䶿一-鿿豈-﫿〇\U00020000-\U0003ffff"  # Chinese, as in tokens.py
_MAX_TOKEN_CHARS = 64  # as in tokens.py
_RUN = re.compile(rf"[^\W_{CHARACTERS}]+")  # "rcep", "2023"
_GAP = re.compile(r"[\W_]+")  # "、", " - "


def index_tokens(text: str) -> set[str]:
    """The tokens of folded `text`, and the pairs of characters that stand side by side but for marks and blanks."""
    text = text.lower()
    runs = {run[:_MAX_TOKEN_CHARS] for run in _RUN.findall(text)}
    characters = _RUN.sub(" ", _GAP.sub("", text))  # "川渝RCEP合、作" is "川渝 合作" here
    found = set(map(add, characters, characters[1:]))
    found.update(characters, runs)
    return {token for token in found if " " not in token}


def token_line(text: str) -> str:
    """The tokens of folded `text` in order, each between two spaces: a phrase is found in it as a part of it."""
    return f" {' '.join(tokens_of(text))} "
