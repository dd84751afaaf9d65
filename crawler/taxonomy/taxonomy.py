"""The taxonomy as one object: divisions, zones, topics, and the judgement of a folded text by the data files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from crawler.errors import DataFileError
from crawler.model import Judgement, Source
from crawler.taxonomy import datafile, divisions, names, zones
from crawler.taxonomy.divisions import Divisions, read_divisions
from crawler.taxonomy.judge import Judge
from crawler.taxonomy.lexicon import Lexicon
from crawler.taxonomy.names import read_names
from crawler.taxonomy.parties import PartyFinder
from crawler.taxonomy.places import PlaceFinder
from crawler.taxonomy.rules import read_rules
from crawler.taxonomy.site_code import division_of_site
from crawler.taxonomy.vocabulary import Act, Topic, read_vocabulary
from crawler.taxonomy.zones import Zone, read_zones

FILES = (
    divisions.FILE,
    names.FILE,
    zones.FILE,
    "vocabulary.toml",
    "topics.toml",
    "masks.toml",
    "places.toml",
    "judgement.toml",
)


class Taxonomy:
    """What the data files say. Build it with `load_taxonomy`; it is never changed, and safe to share."""

    def __init__(self, folder: Path) -> None:
        holders = read_divisions(folder)
        found = read_names(holders, folder)
        vocabulary = read_vocabulary(folder)
        self.version = _digest(folder)
        self.divisions = Divisions(iter(holders), found.short_of)
        # every name of a place that is looked for, with the codes it may mean
        self.called: Mapping[str, tuple[str, ...]] = {
            **{name: (code,) for name, code in found.characters.items()},
            **found.short,
            **found.full,
        }
        self.zones: Mapping[str, Zone] = read_zones(self.divisions, folder)
        self.topics: Mapping[str, Topic] = vocabulary.topics
        self.acts: Mapping[str, Act] = vocabulary.acts
        rules = read_rules(folder)
        lexicon = Lexicon(found, self.zones, vocabulary)
        self.words = lexicon.words  # every name and word that is looked for in a text
        self._judge = Judge(
            lexicon=lexicon,
            vocabulary=vocabulary,
            zones=self.zones,
            places=PlaceFinder(lexicon, found, self.divisions, self.zones, rules.places),
            parties=PartyFinder(vocabulary, self.divisions, self.zones, rules),
            rules=rules,
            version=self.version,
        )

    def judge(
        self,
        *,
        title: str,
        body: str,
        source: Source | None = None,
        site_code: str | None = None,
        on: date | None = None,
    ) -> Judgement:
        """What a folded text is about, and why.

        `source` is the issuer and owns a leading 省/市/县 without a name; where it is national, the division of its
        page's `site_code` is taken instead. `on` is the article's date, by which divisions are named and days without
        a year are placed. Evidence positions are those of the folded texts.
        """
        own = source.adcode if source is not None and self.divisions.is_known(source.adcode) else None
        if own is None and source is not None and site_code is not None:
            own = division_of_site(site_code, self.divisions)
        return self._judge.judge(title, body, own, on)


def load_taxonomy(folder: Path | None = None) -> Taxonomy:
    """The taxonomy of the shipped data files, or of `folder`; files that the folder lacks are the shipped ones.

    Raises DataFileError naming file and key. The shipped taxonomy is built once.
    """
    if folder is None:
        return _shipped()
    for path in folder.glob("*"):
        if path.suffix in (".toml", ".tsv") and path.name not in FILES:
            # a misspelt name would leave the shipped file in force without a word
            raise DataFileError(f"{path}: is none of {', '.join(FILES)}")
    return Taxonomy(folder)


@lru_cache(maxsize=1)
def _shipped() -> Taxonomy:
    return Taxonomy(datafile.DATA)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(name.encode() + b"\0" + datafile.path_of(name, folder).read_bytes())
    return digest.hexdigest()[:16]
