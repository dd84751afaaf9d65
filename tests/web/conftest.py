"""An empty archive of its own for each test of the web side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive, open_archive
from crawler.config import Config


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path)


@pytest.fixture
def archive(config: Config) -> Iterator[Archive]:
    with open_archive(config) as opened:
        yield opened
