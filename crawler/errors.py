"""The exception tree. Names end in Error; the class docstring says what happened; messages name the file, key or URL.

HrwatchError
├── ConfigError          a setting cannot be read
├── CatalogueError       a source file is wrong
├── DataFileError        a shipped data file is wrong
├── ArchiveError         the archive cannot be used
│   ├── SchemaError      made by another version of the program, or not an archive of ours
│   ├── UnwritableError  it cannot be written, which is no obstacle to questions
│   └── LeaseLostError   the host has passed to another owner
├── RulingError          an operator's ruling cannot be carried out
├── WarcError            a WARC file cannot be read
├── OutputError          what was asked for cannot be written
└── RefusedError         a row, page or item goes no further, for a Reason
"""

from __future__ import annotations

from crawler.model import Reason


class HrwatchError(Exception):
    """Something went wrong that a person should read."""


class ConfigError(HrwatchError):
    """A setting cannot be read."""


class CatalogueError(HrwatchError):
    """A source file is wrong."""


class DataFileError(HrwatchError):
    """A shipped data file is wrong."""


class ArchiveError(HrwatchError):
    """The archive cannot be used."""


class SchemaError(ArchiveError):
    """The archive was made by another version of the program, or is not an archive."""


class UnwritableError(ArchiveError):
    """The archive cannot be written; it may be readable all the same."""


class LeaseLostError(ArchiveError):
    """The host's lease has passed to another owner; what was to be written is theirs to write."""


class RulingError(HrwatchError):
    """An operator's ruling cannot be carried out."""


class WarcError(HrwatchError):
    """A WARC file cannot be read."""


class OutputError(HrwatchError):
    """What was asked for cannot be written."""


class RefusedError(HrwatchError):
    """A row, page or item goes no further; `reason` is from the closed list, `detail` is for people."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
