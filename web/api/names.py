"""Names of regions, zones and topics beside their codes, in the language that a request asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from archive.records import StoryRecord
from crawler.language import language
from crawler.text.fields import KINDS
from feeds.wanted import Taxonomy, region_name

Language = Literal["zh", "en"]


class Names:
    """What codes are called; `asked` None is the language of the settings. What has no name is left out."""

    def __init__(self, taxonomy: Taxonomy, asked: Language | None) -> None:
        self._taxonomy = taxonomy
        self._is_english = (asked or language()) == "en"

    def region(self, adcode: str) -> str | None:
        """四川省雅安市 of 511800: in Chinese in both languages, as there are no others of all places."""
        return region_name(adcode, self._taxonomy) if self._taxonomy.divisions.name(adcode) else None

    def zone(self, name: str) -> str | None:
        """The zone's name, in English where it has one."""
        zone = self._taxonomy.zones.get(name)
        return None if zone is None else (zone.english if self._is_english else None) or name

    def topic(self, topic: str) -> str | None:
        """The topic's name."""
        known = self._taxonomy.topics.get(topic)
        return None if known is None else known.en if self._is_english else known.zh

    def kind(self, kind: str) -> str | None:
        """The kind of source in Chinese; in English its key is a word."""
        return None if self._is_english or kind not in KINDS else KINDS[kind][0]

    def feed(self, kind: str, key: str) -> str | None:
        """What a feed is of; its key where that has no name, None for that of everything."""
        match kind:
            case "zone":
                return self.zone(key) or key
            case "region":
                return self.region(key) or key
            case "topic":
                return self.topic(key) or key
        return None

    def of_story(self, story: StoryRecord) -> dict[str, str]:
        """All codes of a story with their names."""
        return self.of(regions=story.regions, zones=story.zones, topics=story.topics)

    def of(
        self,
        *,
        regions: Iterable[str] = (),
        zones: Iterable[str] = (),
        topics: Iterable[str] = (),
        kinds: Iterable[str] = (),
    ) -> dict[str, str]:
        """Codes with their names."""
        named = {adcode: self.region(adcode) for adcode in regions}
        named |= {zone: self.zone(zone) for zone in zones}
        named |= {topic: self.topic(topic) for topic in topics}
        named |= {kind: self.kind(kind) for kind in kinds}
        return {code: name for code, name in named.items() if name is not None}
