"""Feeds of the operator's own: queries with a name, in one TOML file.

[feed.社保川渝]
title = "川渝社保"
zones = ["川渝"]
topics = ["social-insurance"]
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from archive.records import WantedFeed
from crawler.errors import ConfigError
from crawler.language import _
from crawler.taxonomy import Taxonomy
from feeds.query_keys import QueryKeys
from feeds.toml_names import read_toml
from feeds.wanted import feed_id

CUSTOM = "custom"
_MAX_NAME = 40  # characters: what names files is four times as long at most
_MAX_FEEDS = 1000
_MAX_BYTES = 1 << 20


class _CustomFeed(QueryKeys):
    title: str | None = Field(default=None, min_length=1)


def load_custom_feeds(path: Path | None, taxonomy: Taxonomy) -> tuple[WantedFeed, ...]:
    """The feeds of the file, by name; ConfigError naming file, feed and key."""
    if path is None:
        return ()
    try:
        with path.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigError(_("{file}: larger than {bytes} bytes").format(file=path, bytes=_MAX_BYTES))
        document = read_toml(content.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"HRWATCH_FEEDS: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(_("{file}: not UTF-8").format(file=path)) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from error
    tables = document.pop("feed", {})
    if document or not isinstance(tables, dict):
        key = next(iter(document), "feed")
        raise ConfigError(_("{file}: {key}: only tables [feed.NAME] are known").format(file=path, key=key))
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
