"""The words of a subject: what they weigh for subject, cooperation and topics, and what masks them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from crawler.taxonomy.datafile import Table, read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A kind of cooperation; strength 1 (firm) to 4 (mere mention)."""

    name: str
    strength: int
    zh: str
    en: str


@dataclass(slots=True, kw_only=True)
class Word:
    """What one listed word weighs by itself."""

    subject: float = 0.0
    cooperation: float = 0.0
    rival: float = 0.0
    acts: tuple[str, ...] = ()
    topics: dict[str, float] = field(default_factory=dict)  # anywhere
    title_topics: dict[str, float] = field(default_factory=dict)  # in the title only
    not_topics: set[str] = field(default_factory=set)  # it hides the shorter words of these topics
    is_plain: bool = False  # the shorter words inside it say nothing: 帮扶车间 is no 帮扶


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskPattern:
    name: str
    regex: re.Pattern[str]
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    words: dict[str, Word]
    masks: frozenset[str]
    mask_patterns: tuple[MaskPattern, ...]
    topics: dict[str, Topic]
    acts: dict[str, Act]


def read_vocabulary(folder: Path) -> Vocabulary:
    """vocabulary.toml, topics.toml and masks.toml as one; DataFileError naming file, table and key."""
    words: dict[str, Word] = defaultdict(Word)
    acts = _read_words(read_toml("vocabulary.toml", folder), words)
    topics = _read_topics(read_toml("topics.toml", folder), words)
    table = read_toml("masks.toml", folder)
    masks = frozenset(table.words("words"))
    for word in masks:
        if word in words:
            raise table.fault("words", f"{word!r} is a word of the vocabulary as well")
    patterns = []
    for entry in table.tables("pattern"):
        patterns.append(MaskPattern(name=entry.text("name"), regex=entry.regex(), hint=entry.text("hint")))
        if patterns[-1].hint not in entry.text("sample"):
            raise entry.fault("hint", "does not stand in the sample")
        entry.done()
    table.done()
    return Vocabulary(words=dict(words), masks=masks, mask_patterns=tuple(patterns), topics=topics, acts=acts)


def _read_words(table: Table, words: dict[str, Word]) -> dict[str, Act]:
    acts: dict[str, Act] = {}
    for entry in table.tables("act"):
        act = Act(
            name=entry.text("name"), strength=int(entry.number("strength")), zh=entry.text("zh"), en=entry.text("en")
        )
        acts[act.name] = act
        entry.done()
    for signal in ("subject", "cooperation", "rival"):
        seen: set[str] = set()
        for entry in table.tables(signal):
            weight = entry.number("weight")
            name = entry.get("act", str)
            if name is not None and name not in acts:
                raise entry.fault("act", f"{name!r} is no act of this file")
            is_plain = bool(entry.get("plain", bool, False))
            for word in entry.words("words"):
                if word in seen:
                    raise entry.fault("words", f"{word!r} has a weight for {signal} already")
                seen.add(word)
                setattr(words[word], signal, weight)
                if name is not None:
                    words[word].acts = (name,)
                words[word].is_plain |= is_plain
            entry.done()
    table.done()
    return acts


def _read_topics(table: Table, words: dict[str, Word]) -> dict[str, Topic]:
    topics: dict[str, Topic] = {}
    for entry in table.tables("topic", name="id"):
        topic = Topic(id=entry.text("id"), zh=entry.text("zh"), en=entry.text("en"))
        if topic.id in topics:
            raise entry.fault("id", "stands twice")
        topics[topic.id] = topic
        for word in entry.words("weak"):
            words[word].topics[topic.id] = 0.5
        for word in entry.words("words"):
            words[word].topics[topic.id] = 1.0
        for word in entry.words("title"):
            words[word].title_topics[topic.id] = 1.0
        for word in entry.words("less"):
            words[word].not_topics.add(topic.id)
        entry.done()
    table.done()
    return topics
