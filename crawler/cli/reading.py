"""Opens the archive for commands that only ask: one that cannot be written is no obstacle, but told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.markup import escape

from archive import Archive, open_archive
from crawler.cli.screen import err
from crawler.config import Config
from crawler.language import _


@contextmanager
def archive_to_ask(config: Config) -> Iterator[Archive]:
    """The archive, which then refuses every write of this command."""
    with open_archive(config, read_only=True) as archive:
        if archive.only_read_as is not None:
            told = _("{file}: is only read: {why}").format(file=archive.name, why=archive.only_read_as)
            err.print(escape(told), soft_wrap=True)
        yield archive
