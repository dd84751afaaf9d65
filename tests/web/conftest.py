"""An empty archive of its own for each test of the web side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive, open_archive
from crawler.config import Config
from crawler.text.urls import host_of
from tests.archive.places import new_file


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path)


@pytest.fixture
def archive(config: Config) -> Iterator[Archive]:
    new_file(config.database, authority=host_of(config.base_url))
    with open_archive(config) as opened:
        yield opened
