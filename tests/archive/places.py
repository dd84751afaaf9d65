"""Where a test keeps an archive: a file, or a database of the tests' server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import Archive
from archive.archive import open_file, open_server


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is a path or an address, so that another process can be told of it."""

    name: str

    @property
    def is_on_server(self) -> bool:
        return self.name.startswith("postgresql:")

    def open(self, *, authority: str = "", warc_dir: Path | None = None) -> Archive:
        if self.is_on_server:
            return open_server(self.name, authority=authority, warc_dir=warc_dir)
        return open_file(Path(self.name), authority=authority, warc_dir=warc_dir)


def new_file(file: Path, *, authority: str = "") -> Path:
    """Write an archive in which nothing is yet: copying one takes a hundredth of the time of making it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_empty(authority))
    return file


@cache
def _empty(authority: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite3"
        open_file(file, authority=authority).close()
        return file.read_bytes()
