"""What a folder of feeds remembers between two publishings: how far it has followed the archive, and by which rules.

It is a hint, never the truth: without it, or with another, all files are made again, and those that hold it already
are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archive.records import FeedMark
from crawler.config import Config
from crawler.language import language
from feeds.files import write_whole

_NAME = ".published.json"
_TEXTS = ("*.py", "*.html", "*.css", "*.svg", "*.png", "*.xsl", "*.mo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A feed as its files show it."""

    kind: str
    key: str
    title: str
    items: int  # in the document that subscribers read
    pages: int  # of its archive


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """Up to where the files are, and the feeds they are of, by id."""

    mark: FeedMark
    feeds: dict[str, Shown]


def load_state(folder: Path, rules: str) -> FolderState | None:
    """What was remembered; None where that is nothing, or the files were written by other rules."""
    try:
        held = json.loads((folder / _NAME).read_bytes())
        if held["rules"] != rules:
            return None
        return FolderState(
            mark=FeedMark(seq=int(held["seq"]), turn=int(held["turn"])),
            feeds={
                str(feed_id): Shown(kind=str(kind), key=str(key), title=str(title), items=int(items), pages=int(pages))
                for feed_id, (kind, key, title, items, pages) in held["feeds"].items()
            },
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def save_state(folder: Path, rules: str, state: FolderState) -> None:
    """Remember; what was remembered before is replaced whole."""
    feeds = {name: (one.kind, one.key, one.title, one.items, one.pages) for name, one in sorted(state.feeds.items())}
    document = {"rules": rules, "seq": state.mark.seq, "turn": state.mark.turn, "feeds": feeds}
    write_whole(folder / _NAME, json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def rules_of(config: Config, taxonomy_version: str, excerpts: Collection[str]) -> str:
    """A fingerprint of what, beside the archive, the bytes of files follow from: settings, names, this program."""
    given = [config.base_url, language(), config.websub_hub, config.feed_length, taxonomy_version, sorted(excerpts)]
    return hashlib.sha256(json.dumps([given, _program()]).encode()).hexdigest()


@cache
def _program() -> str:
    """A fingerprint of what makes the files, so that another version makes them again of itself."""
    here = Path(__file__).parent
    folders = (here, here.parent / "crawler" / "locale")
    digest = hashlib.sha256()
    for file in sorted(file for folder in folders for ending in _TEXTS for file in folder.rglob(ending)):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
