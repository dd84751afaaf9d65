"""One pass over the archive: items and refused rows read again batch by batch, compared or written, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from archive import Archive
from archive.records import KeptItem, KeptQuery, Redone
from crawler.cli.judging.again import Again, Rereading, Unread
from crawler.cli.screen import err, progress_bar
from crawler.language import _


@dataclass(frozen=True, slots=True)
class Told:
    """One item or refused row as it came out: how it was read again, and what that changes."""

    again: Again
    redone: Redone | None
    is_written: bool


@dataclass(slots=True)
class Tally:
    """What one pass came to."""

    looked_at: int = 0
    rows: int = 0
    changed: int = 0
    new: int = 0
    overtaken: int = 0
    unread: Counter[Unread] = field(default_factory=Counter)
    faults: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    likenings: Counter[str] = field(default_factory=Counter)

    def add(self, told: Told) -> None:
        is_item = isinstance(told.again.of, KeptItem)
        self.looked_at += is_item
        self.rows += not is_item
        if told.again.unread is not None:
            self.unread[told.again.unread] += 1
        done = told.redone
        if done is None:
            return
        self.faults += done.fault is not None
        self.overtaken += done.is_overtaken
        self.new += done.is_new
        self.changed += bool(done.changes)
        self.fields.update(change.name for change in done.changes)
        self.likenings.update(like.kind for like in done.likenings)

    @property
    def to_write(self) -> int:
        return self.changed + self.new

    @property
    def has_failed(self) -> bool:
        return self.faults > 0 or any(why.is_failure for why in self.unread)


class Work:
    """One pass over items and refused rows, batch by batch; it can be run once to show and once more to write."""

    def __init__(
        self,
        archive: Archive,
        rereading: Rereading,
        items: KeptQuery | None,
        rows: KeptQuery | None,
        batch: int,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._archive = archive
        self._rereading = rereading
        self._items = items
        self._rows = rows
        self._batch = batch
        self._is_stopped = is_stopped

    def run(self, *, is_writing: bool) -> Iterator[Told]:
        """Every item and row looked at. Each batch is written in one transaction before it is told."""
        with ExitStack() as stack:
            step: Callable[[int], None] = lambda _count: None  # noqa: E731
            if err.is_terminal:
                bar = stack.enter_context(progress_bar())
                task = bar.add_task(_("writing") if is_writing else _("reading again"), total=self._count())
                step = lambda count: bar.advance(task, count)  # noqa: E731
            for again in self._batches():
                yield from self._told(again, is_writing)
                step(len(again))

    def _count(self) -> int:
        items = 0 if self._items is None else self._archive.count_kept(self._items)
        return items + (0 if self._rows is None else self._archive.count_kept(self._rows, refused=True))

    def _batches(self) -> Iterator[list[Again]]:
        after = 0
        while self._items is not None and not self._is_stopped():
            items = self._archive.kept_items(self._items, after=after, limit=self._batch)
            if not items:
                break
            after = items[-1].item_id
            yield [self._rereading.item(item) for item in items]
        after = 0
        while self._rows is not None and not self._is_stopped():
            rows = self._archive.refused_rows(self._rows, after=after, limit=self._batch)
            if not rows:
                break
            after = rows[-1].entry_id
            yield [self._rereading.row(row) for row in rows]

    def _told(self, batch: list[Again], is_writing: bool) -> Iterator[Told]:
        redos = [again.redo for again in batch if again.redo is not None]
        answers = list(self._archive.compare(redos))
        if is_writing:
            places = [n for n, answer in enumerate(answers) if answer.changes or answer.is_new]
            written = self._archive.redo([redos[n] for n in places], now=datetime.now(UTC)) if places else ()
            for place, answer in zip(places, written, strict=True):
                answers[place] = answer
        left = iter(answers)
        for again in batch:
            redone = next(left) if again.redo is not None else None
            is_changed = redone is not None and redone.fault is None and bool(redone.changes or redone.is_new)
            yield Told(again, redone, is_writing and is_changed)


def named(
    archive: Archive, query: KeptQuery, names: tuple[str, ...], refused: bool
) -> tuple[KeptQuery | None, KeptQuery | None, list[str]]:
    """What to look at: items, refused rows, and names that mean neither. A refused URL that is named is tried again."""
    if not names:
        return query, query if refused else None, []
    items: list[int] = []
    rows: list[int] = []
    unknown: list[str] = []
    for name in names:
        found = archive.find_items(name)
        row = None if found else archive.find_refused(name)
        items += found
        rows += [row] if row is not None else []
        unknown += [name] if not found and row is None else []
    wanted = replace(query, ids=tuple(items)) if items else None
    return wanted, replace(query, ids=tuple(rows)) if rows else None, unknown
