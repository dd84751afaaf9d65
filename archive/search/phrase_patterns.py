"""What a text that holds a phrase looks like, as patterns that both databases search for.

That is soon told, where to cut a text into its tokens takes a hundred times as long.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from crawler.text.tokens import MAX_TOKEN_CHARS, is_character

_HAN = "㐀-䶿一-鿿"  # the common ones
_GAP = f"[^{_HAN}0-9A-Za-z]*"  # holds all that may stand between two tokens, and more
_BORDER = f"[{_HAN} \n，。、：；（）“”《》]"  # surely no letter, nor a digit
# What becomes these letters when it is made small: İ and the sign of Kelvin besides
_LARGE = {"i": "[iIİ]", "k": "[kK\u212a]"}


def loose(tokens: Sequence[str]) -> str:
    """A pattern that every text has in which the tokens stand side by side; some others have it, too."""
    return _GAP.join(map(_loosely, tokens))


def sure(tokens: Sequence[str]) -> str:
    """A pattern that only such texts have, and most of them: 2023年, nothing between."""
    written = tokens[0]
    for before, token in itertools.pairwise(tokens):
        written += token if is_character(before) or is_character(token) else f" {token}"
    start = "" if is_character(tokens[0]) else f"(^|{_BORDER})"
    end = "" if is_character(tokens[-1]) else f"($|{_BORDER})"
    return f"{start}{written}{end}"


def _loosely(token: str) -> str:
    if is_character(token):
        return token
    if not token.isascii():
        return f"[^{_HAN}]+"  # how it is written large is left open
    end = f"[^{_HAN}]*" if len(token) == MAX_TOKEN_CHARS else ""  # cut off there
    return "".join(_LARGE.get(one, f"[{one}{one.upper()}]" if one.isalpha() else one) for one in token) + end
