"""The word lists of a folder of data files, as those who revise them see them: each word, and the lists it is in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

VOCABULARY, TOPICS, MASKS = "vocabulary.toml", "topics.toml", "masks.toml"
FILES = (VOCABULARY, TOPICS, MASKS)
SIGNALS = ("subject", "cooperation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The word lists as they stand."""

    signals: Mapping[str, Mapping[str, tuple[float, str | None]]]  # signal → word → its weight and act
    topics: Mapping[str, Mapping[str, str]]  # topic → word → words, weak, title or less
    masks: frozenset[str]

    @classmethod
    def read(cls, files: Mapping[str, str]) -> Words:
        """From the texts of files that are known to be in order."""
        vocabulary, topics, masks = (tomllib.loads(files[name]) for name in FILES)
        return cls(
            signals={
                signal: {
                    word: (float(table["weight"]), table.get("act"))
                    for table in vocabulary.get(signal, ())
                    for word in table.get("words", ())
                }
                for signal in SIGNALS
            },
            topics={
                table["id"]: {word: key for key in ("less", "title", "weak", "words") for word in table.get(key, ())}
                for table in topics.get("topic", ())
            },
            masks=frozenset(masks.get("words", ())),
        )

    @property
    def joints(self) -> re.Pattern[str]:
        """What tells how places act, and not what about: a new word neither begins nor ends with it (签署…协议)."""
        subject = re.compile("|".join(map(re.escape, self.signals["subject"])) or "(?!)")
        acts = {word for word in self.signals["cooperation"] if len(word) > 1}
        acts |= {word for words in self.topics.values() for word in words if len(word) > 1 and not subject.search(word)}
        longest_first = sorted(acts, key=lambda word: (-len(word), word))
        return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    @property
    def all(self) -> frozenset[str]:
        listed = (*self.signals.values(), *self.topics.values())
        return frozenset(word for words in listed for word in words)
