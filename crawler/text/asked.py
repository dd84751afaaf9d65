"""Reads a reader's query into an Expression. Never raises: what cannot be understood is taken as words, and told.

Words side by side must all hold; AND 与, OR 或 |, NOT 非 and a leading - say otherwise, brackets group, quotes make a
phrase, `标题:` and the like name a field. docs/search.md describes the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crawler.text.fields import FIELD_OF
from crawler.text.fold import fold_text
from crawler.text.query import NOTHING, AnyOf, Expression, Field, Not, Phrase, joined
from crawler.text.tokens import tokens_of

_MAX_CHARS = 2000  # a pasted title or sentence, not an article
_MAX_LEAVES = 32  # words and fields; each is a look into the index
_MAX_DEPTH = 16  # of brackets in brackets
_MAX_TOKENS = 64  # of a phrase: as far as the index looks over the border of two parts of a text
_DAYS = ("date", "since", "until")

SlipReason = Literal["too-long", "too-many", "too-deep", "open-quote", "dangling"]


@dataclass(frozen=True, slots=True)
class Slip:
    """What was not understood as it stands: an operator without its word, a quote left open, too much of something."""

    reason: SlipReason
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was read. `expression` is None where nothing was typed, NOTHING where no text could hold it."""

    expression: Expression | None
    slips: tuple[Slip, ...] = ()


def read_query(text: str) -> Asked:
    """`text` as an expression; field values are as typed, folded."""
    if not text.strip():
        return Asked(None)
    return _Reader(text).read()


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str  # open, close, or, and, not, field, quoted, word
    text: str


_BORDER = r"(?<![^\s()（）|])"  # nothing, a blank or a bracket stands before
_OPERATOR = r"(?=[\s()（）|\"“”„]|$)"
_FIELDS = "|".join(sorted(map(re.escape, FIELD_OF), key=len, reverse=True))
_LEXEME = re.compile(
    rf"""
      (?P<blank>\s+)
    | {_BORDER}(?P<and>AND|与){_OPERATOR}
    | {_BORDER}(?P<or1>OR|或){_OPERATOR} | (?P<or>\|+)
    | {_BORDER}(?P<not1>NOT|非){_OPERATOR} | {_BORDER}(?P<not>-+)(?=[^\s-])
    | (?<![^\s()（）|-])(?P<field>(?i:{_FIELDS}))\s*[:：]\s*(?=[^\s|)）])
    | ["“”„](?P<quoted>[^"“”„]*)["“”„]          # "川渝 社保"
    | 《(?P<titled>[^《》]*)》                    # 《成渝地区双城经济圈建设规划纲要》
    | {_BORDER}‘(?P<single>[^‘’]*)’
    | (?P<open>[(（]) | (?P<close>[)）])
    | (?P<stray>["“”„])
    # 川-渝, 〔2023〕5号, 通知(川人社发5号): a bracket within a word belongs to it
    | (?P<word>[^\s"“”„《()（）|](?:[^\s"“”„《()（）|]|[(（][^\s"“”„()（）|]*[)）])*|《)
    """,
    re.VERBOSE,
)
_KINDS = {"or1": "or", "not1": "not", "titled": "quoted", "single": "quoted"}
_VALUES = re.compile(r"[,，、/]+")  # 四川,重庆
_ENDS = re.compile(r"[,，、/~—–-]+|(?<=[^和与])[和与](?=[^和与])")  # 四川-重庆, 四川和重庆


class _Reader:
    """One reading of one query, by recursive descent; brackets bound the depth, leaves the number of parts."""

    def __init__(self, text: str) -> None:
        self._slips: dict[Slip, None] = {}
        folded = fold_text(text[: 2 * _MAX_CHARS].replace("\x00", " "))
        if len(text) > 2 * _MAX_CHARS or len(folded) > _MAX_CHARS:
            self._slip("too-long", str(_MAX_CHARS))
        self._lexemes = list(_lexemes(folded[:_MAX_CHARS]))
        self._at = 0
        self._leaves = 0
        self._named: str | None = None  # the field whose group is being read: 标题:(互认 OR 转移)

    def read(self) -> Asked:
        if any(lexeme.kind == "stray" for lexeme in self._lexemes):
            self._slip("open-quote", next(lexeme.text for lexeme in self._lexemes if lexeme.kind == "stray"))
            self._lexemes = [lexeme for lexeme in self._lexemes if lexeme.kind != "stray"]
        found: list[Expression] = []
        while self._at < len(self._lexemes):
            part = self._any_of(0)
            if part is not None:
                found.append(part)
            self._at += 1  # past a bracket that closes nothing
        if found:
            return Asked(joined(tuple(found)), tuple(self._slips))
        # operators alone are words: someone may look for "or"
        words = (tuple(tokens_of(lexeme.text)) for lexeme in self._lexemes[:_MAX_LEAVES])
        alone = tuple(Phrase(word) for word in words if word)
        return Asked(joined(alone) if alone else NOTHING, ())

    def _any_of(self, depth: int) -> Expression | None:
        parts: list[Expression] = []
        while True:
            part = self._all(depth)
            if part is not None:
                parts.append(part)
            operator = self._next("or")
            if operator is None:
                break
            if part is None or not self._begins_part():
                self._slip("dangling", operator.text)
        once = tuple(dict.fromkeys(parts))
        return AnyOf(once) if len(once) > 1 else once[0] if once else None

    def _all(self, depth: int) -> Expression | None:
        parts: list[Expression] = []
        while True:
            operator = self._next("and")
            if operator is not None and (not parts or not self._begins_part()):
                self._slip("dangling", operator.text)
            if not self._begins_part():
                if operator is None:
                    return joined(tuple(parts)) if parts else None
                continue
            part = self._one(depth)
            if part is not None:
                parts.append(part)

    def _one(self, depth: int) -> Expression | None:
        is_asked = True
        while (operator := self._next("not")) is not None:
            is_asked = not is_asked
            if not self._begins_part():
                self._slip("dangling", operator.text)
                return None
        part = self._group(depth) if self._next("open") is not None else self._leaf(depth)
        return part if is_asked or part is None else Not(part)

    def _group(self, depth: int) -> Expression | None:
        if depth >= _MAX_DEPTH:
            self._slip("too-deep", str(_MAX_DEPTH))
            return None  # what stands in it belongs to the group around it
        part = self._any_of(depth + 1)
        self._next("close")  # one that was forgotten closes at the end
        return part

    def _leaf(self, depth: int) -> Expression | None:
        lexeme = self._lexemes[self._at]
        self._at += 1
        if self._leaves >= _MAX_LEAVES:
            self._slip("too-many", str(_MAX_LEAVES))
            return None
        if lexeme.kind != "field":
            return self._phrase(lexeme.text) if self._named is None else self._field(self._named, lexeme)
        name = FIELD_OF[lexeme.text.lower()]
        value = self._next("quoted") or self._next("word")
        if value is not None:
            return self._field(name, value)
        if self._next("open") is None:
            return self._phrase(lexeme.text)
        around, self._named = self._named, name
        part = self._group(depth)
        self._named = around
        return part

    def _field(self, name: str, value: _Lexeme) -> Expression | None:
        if name == "title":
            return self._phrase(value.text, is_title=True)
        values = [value.text]
        if name == "pair":
            values = _ENDS.split(value.text)
        elif name not in _DAYS and value.kind != "quoted":
            values = _VALUES.split(value.text)
        values = [one for one in map(str.strip, values) if one][: _MAX_LEAVES - self._leaves]
        self._leaves += len(values)
        return Field(name, tuple(values)) if values else None

    def _phrase(self, text: str, *, is_title: bool = False) -> Expression | None:
        tokens = tuple(tokens_of(text)[:_MAX_TOKENS])
        if not tokens:
            return None
        self._leaves += 1
        return Phrase(tokens, is_title)

    def _begins_part(self) -> bool:
        kinds = ("not", "open", "field", "quoted", "word")
        return self._at < len(self._lexemes) and self._lexemes[self._at].kind in kinds

    def _next(self, kind: str) -> _Lexeme | None:
        if self._at < len(self._lexemes) and self._lexemes[self._at].kind == kind:
            self._at += 1
            return self._lexemes[self._at - 1]
        return None

    def _slip(self, reason: SlipReason, text: str) -> None:
        self._slips[Slip(reason, text)] = None


def _lexemes(text: str) -> Iterator[_Lexeme]:
    for found in _LEXEME.finditer(text):
        kind = found.lastgroup or "blank"
        if kind != "blank":
            yield _Lexeme(_KINDS.get(kind, kind), found[kind])
