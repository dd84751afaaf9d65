"""Reading the shipped data files strictly: what is wrong in one is a DataFileError naming file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.errors import DataFileError

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file that remembers where it stands, and which of its keys were asked for."""

    values: Mapping[str, Any]
    where: str
    _asked: set[str] = field(default_factory=set)

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value under `key`, or `default`; DataFileError where it is of another kind."""
        self._asked.add(key)
        value = self.values.get(key, default)
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.fault(key, f"{value!r} is not what belongs here")
        return value

    def need(self, key: str, kind: type | tuple[type, ...]) -> Any:
        """The value under `key`; DataFileError where it is missing, empty or of another kind."""
        value = self.get(key, kind)
        if value is None or value == "":
            raise self.fault(key, "is missing")
        return value

    def text(self, key: str) -> str:
        value: str = self.need(key, str)
        return value

    def number(self, key: str) -> float:
        return float(self.need(key, (int, float)))

    def words(self, key: str) -> tuple[str, ...]:
        """The list of words under `key`: none empty, none twice; () where the key is absent."""
        values = self.get(key, list, [])
        seen: set[str] = set()
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self.fault(key, f"{value!r} is not a word")
            if value in seen:
                raise self.fault(key, f"{value!r} stands twice")
            seen.add(value)
        return tuple(values)

    def regex(self, key: str = "regex", *, sample: str | None = "sample") -> re.Pattern[str]:
        """The regular expression under `key`; it must compile and match the table's sample."""
        try:
            compiled = re.compile(self.text(key))
        except re.error as error:
            raise self.fault(key, f"not a regular expression: {error}") from error
        if sample is not None and not compiled.search(self.text(sample)):
            raise self.fault(sample, f"is not matched by {key}")
        return compiled

    def table(self, key: str) -> Table:
        return Table(self.need(key, dict), f"{self.where}: {key}")

    def tables(self, key: str, name: str = "name") -> Iterator[Table]:
        """The tables of the array `key`, each called by its `name`."""
        for position, values in enumerate(self.get(key, list, []), 1):
            if not isinstance(values, dict):
                raise self.fault(key, f"entry {position} is not a table")
            yield Table(values, f"{self.where}: {key} {values.get(name, position)}")

    def done(self) -> None:
        """DataFileError where a key stands that nothing asked for."""
        for key in self.values:
            if key not in self._asked:
                raise self.fault(key, "is not a key of this table")

    def fault(self, key: str, what: str) -> DataFileError:
        return DataFileError(f"{self.where}: {key}: {what}")


def path_of(name: str, folder: Path) -> Path:
    """The file called `name` in `folder`, or the shipped one where the folder has none."""
    own = folder / name
    return own if own.is_file() else DATA / name


def read_toml(name: str, folder: Path) -> Table:
    """The data file `name`; DataFileError where it cannot be read."""
    path = path_of(name, folder)
    try:
        return Table(tomllib.loads(path.read_text(encoding="utf-8")), str(path.name))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFileError(f"{path}: {error}") from error
