"""A group whose commands are imported when they are called: to list them, its table is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from gettext import gettext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Listed:
    """A command's name, where it is (module of this package: attribute), and what --help says of it in a line."""

    name: str
    place: str
    line: str

    def load(self) -> click.Command:
        """The command itself; imports what it needs."""
        module, _colon, attribute = self.place.partition(":")
        command: click.Command = getattr(import_module(f"crawler.cli.{module}"), attribute)
        return command

    def short(self, limit: int = 45) -> str:
        """The line in `limit` characters, as click cuts it."""
        return click.Command(self.name, help=self.line).get_short_help_str(limit)


class Commands(Mapping[str, click.Command]):
    """The commands by name, in order; each is loaded when it is asked for."""

    def __init__(self, listed: Sequence[Listed]) -> None:
        self._listed = {one.name: one for one in listed}

    def __getitem__(self, name: str) -> click.Command:
        return self._listed[name].load()

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def __contains__(self, name: object) -> bool:
        return name in self._listed  # Mapping would load it


class ListedGroup(click.Group):
    """Lists its commands in the order of a table, and loads none of them for that."""

    def __init__(self, *, listed: Sequence[Listed], **given: Any) -> None:
        super().__init__(**given)
        self.commands = Commands(listed)  # type: ignore[assignment]  # click only adds to it when told to
        self._listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        limit = formatter.width - 6 - max(len(one.name) for one in self._listed)  # as click's own
        with formatter.section(gettext("Commands")):
            formatter.write_dl([(one.name, one.short(limit)) for one in self._listed])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        named = (one for one in self._listed if one.name.startswith(incomplete))
        found = [CompletionItem(one.name, help=one.short()) for one in named]
        return found + click.Command.shell_complete(self, ctx, incomplete)
