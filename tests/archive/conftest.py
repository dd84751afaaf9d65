from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_file


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_file(tmp_path / "hrwatch.sqlite3", authority="feeds.example.org") as opened:
        yield opened
