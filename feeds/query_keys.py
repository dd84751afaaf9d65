"""The keys by which a TOML table asks for stories, the same in every file. archive/search/ understands the names."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from archive.records import Question
from archive.search.asking import Doubt, Filters, ask
from archive.search.doubts import slip_text
from crawler.taxonomy import Taxonomy

_MAX_VALUES = 100  # of one key
_MAX_CHARS = 500  # of one value


class QueryKeys(BaseModel):
    """Which stories: all keys must hold, any value of each; names or ids, as on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=_MAX_CHARS, str_strip_whitespace=True)

    zones: tuple[str, ...] = Field((), max_length=_MAX_VALUES)
    regions: tuple[str, ...] = Field((), max_length=_MAX_VALUES)
    pair: tuple[str, str] | None = None
    topics: tuple[str, ...] = Field((), max_length=_MAX_VALUES)
    words: str = ""
    exclude: tuple[str, ...] = Field((), max_length=_MAX_VALUES)
    sources: tuple[str, ...] = Field((), max_length=_MAX_VALUES)
    kind: str | None = None

    @field_validator("zones", "regions", "topics", "exclude", "sources", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def question(self, taxonomy: Taxonomy) -> Question:
        """What they put together; ValueError names what is not understood."""
        filters = Filters(
            regions=self.regions,
            zones=self.zones,
            topics=self.topics,
            pair=self.pair,
            sources=self.sources,
            kind=self.kind,
            exclude=self.exclude,
        )
        asked = ask(self.words, filters, taxonomy)
        faults = [slip_text(slip) for slip in asked.slips if not isinstance(slip, Doubt) or slip.reason != "ambiguous"]
        if faults:
            raise ValueError("; ".join(faults))
        return asked.question
