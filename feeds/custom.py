"""Feeds of the operator's own: queries with a name, in one TOML file.

[feed.社保川渝]
title = "川渝社保"
zones = ["川渝"]
topics = ["social-insurance"]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from archive.records import WantedFeed
from crawler.errors import ConfigError
from crawler.language import _
from crawler.taxonomy import Taxonomy
from feeds.query_keys import QueryKeys
from feeds.toml_names import read_tables
from feeds.wanted import feed_id

CUSTOM = "custom"
_MAX_NAME = 40  # characters: what names files is four times as long at most
_MAX_FEEDS = 1000


class _CustomFeed(QueryKeys):
    title: str | None = Field(default=None, min_length=1)


def load_custom_feeds(path: Path | None, taxonomy: Taxonomy) -> tuple[WantedFeed, ...]:
    """The feeds of the file, by name; ConfigError naming file, feed and key."""
    if path is None:
        return ()
    tables = read_tables(path, "feed", setting="HRWATCH_FEEDS")
    if len(tables) > _MAX_FEEDS:
        raise ConfigError(_("{file}: more than {count} feeds").format(file=path, count=_MAX_FEEDS))
    return tuple(_feed(name, table, path, taxonomy) for name, table in sorted(tables.items()))


def _feed(name: str, table: Any, path: Path, taxonomy: Taxonomy) -> WantedFeed:
    where = f"{path}: feed.{name}"
    if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        told = _("a name has 1 to {count} visible characters").format(count=_MAX_NAME)
        raise ConfigError(f"{where}: {told}")
    try:
        keys = _CustomFeed.model_validate(table)
        question = keys.question(taxonomy)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise ConfigError(f"{where}{'.' if key else ''}{key}: {fault['msg'].removeprefix('Value error, ')}") from error
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error
    return WantedFeed(id=feed_id(CUSTOM, name), kind=CUSTOM, key=name, title=keys.title or name, query=question)
