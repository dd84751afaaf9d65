"""Copies a whole archive from one database to another, either way: a SQLite file, a PostgreSQL database.

One state of the source is copied, table by table in key order, and then compared row by row. What a call that broke
off has brought over is compared and kept by the next one. WARC files stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select

from archive.care import checking
from archive.care.comparing import Compared, canonical, compare_table, merged, rows_of
from archive.care.copy_target import adjust_counters, alone, begin, delete_rows, finish, insert_rows, load_mark
from archive.copies.copy_ends import Place, mark_of, opened, refuse_other, stamp_now, stamp_of, told
from archive.database.engine import reading as for_reading
from archive.database.engine import writing
from archive.leases.holding import held_by
from archive.migrations.migrate import migrate, revision_of
from archive.schema import lease_watches, leases, metadata
from crawler.errors import ArchiveError
from crawler.language import _

# Tables that are not copied, and why; everything else in archive/schema.py is.
NOT_COPIED = {
    leases.name: "who asks which host at this moment, which holds only where the asking is done",
    lease_watches.name: "what machines have seen of those who ask",
}
_BATCH_ROWS = 2000  # a commit is cheap beside so many
_BATCH_CHARS = 4_000_000  # of text; pages of megabytes are not gathered by the thousand
_TOLD_ROWS = 200  # between two words of progress


class Purpose(StrEnum):
    """What a copy is for: when it is finished, and may be opened as an archive."""

    MOVE = "move"  # when nobody has written at the source meanwhile
    FOLLOW = "follow"  # not yet: the source goes on being written, a later call brings the rest
    SNAPSHOT = "snapshot"  # when it holds the state of the source as it was when the call began


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a table is; `is_check` once it is compared rather than copied."""

    table: str
    done: int
    total: int
    is_check: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What copying or comparing came to."""

    tables: tuple[Compared, ...]
    written: int  # rows that this call brought over
    is_finished: bool  # False: the copy cannot be opened yet

    @property
    def is_same(self) -> bool:
        """True where source and target hold the same."""
        return all(table.is_same for table in self.tables)


Tell = Callable[[Progress], None]


def copy(
    source: Path | str, target: Path | str, *, purpose: Purpose = Purpose.MOVE, tell: Tell = lambda _progress: None
) -> Copied:
    """Copy the archive at `source` into the database at `target`; a Path is a SQLite file, text an address.

    May be broken off at any moment and called again. Raises ArchiveError where the target holds anything else, where
    one of the two cannot be used, and where they differ in the end; SchemaError for what is no archive.
    """
    with opened(source, is_source=True) as origin, opened(target) as place, told(origin, place):
        migrate(origin.engine, origin.name)
        with alone(place.engine, place.name):
            with for_reading(origin.engine).connect() as reader:
                mark = mark_of(reader, origin.name)
                stamp = stamp_of(reader)
                refuse_other(place, mark)
                migrate(place.engine, place.name)
                begin(place.engine, mark)
                totals = {table.name: _count(reader, table) for table in copied_tables()}
                written = sum(
                    _bring(reader, place.engine, table, totals[table.name], tell) for table in copied_tables()
                )
                with writing(place.engine).begin() as writer:
                    adjust_counters(reader, writer)
                compared = _compare_all(reader, place.engine, totals, tell)
            _require_sound(origin, place, compared)
            if is_finished := purpose is Purpose.SNAPSHOT or (
                purpose is Purpose.MOVE and stamp_now(origin.engine) == stamp
            ):
                finish(place.engine)
    return Copied(tables=compared, written=written, is_finished=is_finished)


def compare(source: Path | str, target: Path | str, *, tell: Tell = lambda _progress: None) -> Copied:
    """Compare two archives row by row and write nothing; raises as `copy` does where one of them cannot be read."""
    with (
        opened(source, is_source=True) as origin,
        opened(target, is_source=True) as place,
        told(origin, place),
        for_reading(origin.engine).connect() as reader,
    ):
        with for_reading(place.engine).connect() as connection:
            if revision_of(connection) is None or revision_of(connection) != revision_of(reader):
                raise ArchiveError(
                    _("{file}: no archive of the same schema as {other}").format(file=place.name, other=origin.name)
                )
            is_finished = load_mark(connection) is None
        totals = {table.name: _count(reader, table) for table in copied_tables()}
        compared = _compare_all(reader, place.engine, totals, tell)
    return Copied(tables=compared, written=0, is_finished=is_finished)


def users_of(source: Path | str) -> tuple[str, ...]:
    """Who asks hosts at this moment and so writes into the archive, as names of processes."""
    with opened(source, is_source=True) as origin, told(origin, origin):
        migrate(origin.engine, origin.name)
        with for_reading(origin.engine).connect() as connection:
            return tuple(sorted(set(held_by(connection).values())))


def copied_tables() -> list[Table]:
    """The tables that are copied, those first that others refer to."""
    return [table for table in metadata.sorted_tables if table.name not in NOT_COPIED]


def _bring(reader: Connection, engine: Engine, table: Table, total: int, tell: Tell) -> int:
    """Make a table of the target like the source's; return how many rows were put in."""
    with for_reading(engine).connect() as held:
        is_empty = held.execute(select(*table.primary_key).limit(1)).first() is None
    if not is_empty:
        with for_reading(engine).connect() as held:
            # what an earlier call brought and has gone or changed since
            for batch in _batches(
                theirs
                for ours, theirs in merged(table, rows_of(reader, table), _until_read(held, table))
                if theirs is not None and (ours is None or canonical(ours) != canonical(theirs))
            ):
                with writing(engine).begin() as writer:
                    delete_rows(writer, table, batch)
    written = 0
    with for_reading(engine).connect() as held:
        theirs = iter(()) if is_empty else _until_read(held, table)
        tell_rows = partial(_tell_rows, tell, table.name, total, is_check=False)
        pairs = merged(table, _counted(rows_of(reader, table), tell_rows), theirs)
        for batch in _batches(ours for ours, known in pairs if ours is not None and known is None):
            with writing(engine).begin() as writer:
                insert_rows(writer, table, batch)
            written += len(batch)
    tell_rows(total)
    return written


def _until_read(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """All rows of a table of the target; ends the transaction with them, for as long as it lasts SQLite's log grows."""
    yield from rows_of(connection, table)
    connection.rollback()


def _batches(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    batch: list[Row[Any]] = []
    chars = 0
    for row in rows:
        batch.append(row)
        chars += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) >= _BATCH_ROWS or chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _counted(rows: Iterable[Row[Any]], tell: Callable[[int], None]) -> Iterator[Row[Any]]:
    for number, row in enumerate(rows):
        if number % _TOLD_ROWS == 0:
            tell(number)
        yield row


def _tell_rows(tell: Tell, table: str, total: int, done: int, *, is_check: bool) -> None:
    tell(Progress(table=table, done=done, total=total, is_check=is_check))


def _compare_all(reader: Connection, engine: Engine, totals: Mapping[str, int], tell: Tell) -> tuple[Compared, ...]:
    with for_reading(engine).connect() as held:
        return tuple(
            compare_table(table, reader, held, partial(_tell_rows, tell, table.name, totals[table.name], is_check=True))
            for table in copied_tables()
        )


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _require_sound(origin: Place, place: Place, compared: Sequence[Compared]) -> None:
    """Raise ArchiveError where the copy is not what the source is, or holds together less than the source does."""
    for table in compared:
        if not table.is_same:
            raise ArchiveError(
                _("{file}: differs from its source in table {table}, row {key}").format(
                    file=place.name, table=table.table, key=table.first_difference
                )
            )
    with for_reading(origin.engine).connect() as reader, for_reading(place.engine).connect() as held:
        faults = checking.check(held, None)
        known = checking.check(reader, None) if faults else ()
    for fault in faults:
        # what a server would refuse must not go into a file either
        if fault.part == "references" or fault not in known:
            raise ArchiveError(f"{place.name}: {fault.part}: {fault.detail}")
