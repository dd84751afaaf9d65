"""`hrwatch sources check --fix`: which checked sources want mending, what would mend them, and writing it on yes."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from crawler.catalogue import SHIPPED
from crawler.cli.screen import complain, err, out, say, show_table
from crawler.cli.sources.editing import changed
from crawler.cli.sources.remedy import (
    Kind,
    NoRemedy,
    Remedy,
    change_of,
    is_readable,
    lacks_news,
    remedy_for_column,
    remedy_for_redesign,
    remedy_for_shell,
)
from crawler.cli.sources.snapshot import Snapshot, last_good
from crawler.cli.sources.visiting import Visitor
from crawler.cli.sources.writing import check_file, shown_date, write_whole
from crawler.config import Config
from crawler.errors import CatalogueError
from crawler.extract.rows import Row
from crawler.language import _
from crawler.model import Entry, PollReport, Reason, Source

# Sources looked at side by side; each of them is asked one page at a time.
SIDE_BY_SIDE = 8
# As many rows as show what a column is about.
SHOWN_ROWS = 6
# Why a list that answered was no list any more; 404 and 410 say that it has moved.
REDESIGNED = frozenset({Reason.NO_ROWS, Reason.WRONG_TYPE, Reason.SOFT_ERROR})
MOVED = frozenset({Reason.GONE, Reason.HTTP_ERROR, Reason.REDIRECT_OFFSITE})


@dataclass(frozen=True, kw_only=True)
class Ailing:
    """A source that wants mending: as it is on disk, as it was checked, and what was found for it."""

    source: Source
    path: Path
    present: Sequence[Row]
    snapshot: Snapshot | None
    found: Remedy | NoRemedy


class Fixer:
    """Finds remedies for checked sources, shows them and writes those that are agreed to."""

    def __init__(self, config: Config, replay: Sequence[Path]) -> None:
        self._config = config
        self._replay = replay
        self._files = {path.stem: path for folder in config.sources or (SHIPPED,) for path in folder.rglob("*.toml")}
        self.ailing: dict[str, Ailing] = {}
        self.written: dict[str, Path] = {}

    async def look(
        self,
        visitor: Visitor,
        sources: Sequence[Source],
        reports: Sequence[PollReport],
        entries: Mapping[str, Sequence[Entry]],
        stopping: asyncio.Event,
    ) -> None:
        """Look for a remedy for every source that wants one."""
        by_id = {source.id: source for source in sources}
        wanting = [report for report in reports if self._wants(by_id[report.source_id], report)]
        places = asyncio.Semaphore(SIDE_BY_SIDE)
        done = 0

        async def one(report: PollReport) -> None:
            nonlocal done
            async with places:
                if stopping.is_set():
                    return
                source = by_id[report.source_id]
                visitor.was_asked(source)
                rows = tuple(_row_of(entry) for entry in entries.get(source.id, ()))
                self.ailing[source.id] = await self._examine(visitor, source, report, rows)
                done += 1
                status.update(_("looking for columns: {done} of {count}").format(done=done, count=len(wanting)))

        with err.status(_("looking for columns")) as status:
            await asyncio.gather(*map(one, wanting))

    def _wants(self, source: Source, report: PollReport) -> bool:
        if source.id not in self._files or not is_readable(source):
            return False
        reason = _reason_of(report)
        if reason is not None:
            return reason in REDESIGNED | MOVED
        return not report.skipped and lacks_news(source, _names_of(self._files[source.id]))

    async def _examine(self, visitor: Visitor, source: Source, report: PollReport, rows: Sequence[Row]) -> Ailing:
        path, snapshot = self._files[source.id], None
        found: Remedy | NoRemedy | None = None
        page = (await visitor.see(source, source.lists[0].url, source.family)).page
        if _reason_of(report) in REDESIGNED:
            snapshot = await asyncio.to_thread(last_good, source, self._config, self._replay)
            found = remedy_for_redesign(page, source, snapshot) if page is not None else None
            if found is None and page is not None:
                found = await remedy_for_shell(visitor, page, source, snapshot)
        if found is None:
            found = await remedy_for_column(visitor, source, page if page is not None and page.status == 200 else None)
        return Ailing(source=source, path=path, present=rows, snapshot=snapshot, found=found)

    def show(self) -> None:
        """Every remedy as a table next to what is there now, and who has none."""
        for ailing in self._in_order():
            if isinstance(ailing.found, Remedy):
                _show(ailing, ailing.found)
            else:
                say(
                    _("{id}: no column of news was found ({count} pages asked)").format(
                        id=ailing.source.id, count=len(ailing.found.tried)
                    )
                )

    def write(self, *, is_yes: bool, say: Callable[[str], None]) -> None:
        """Write what is agreed to, one file at a time; a file that cannot be changed is said and left as it is."""
        for ailing in self._in_order():
            if not isinstance(ailing.found, Remedy):
                continue
            if not is_yes and not _is_agreed(ailing.source.id):
                continue
            try:
                path = self.written[ailing.source.id] = _write(ailing, ailing.found)
            except CatalogueError as error:
                complain(str(error))
            else:
                say(_("Written: {path}").format(path=path))

    def object_of(self, source_id: str) -> dict[str, object] | None:
        """What was found for a source, for --json; None where nothing was looked for."""
        ailing = self.ailing.get(source_id)
        if ailing is None:
            return None
        if not isinstance(ailing.found, Remedy):
            return {"kind": None, "tried": ailing.found.tried, "written": False}
        found = ailing.found
        return {
            "kind": found.kind,
            "url": found.url,
            "name": found.name,
            "family": found.family,
            "rows_selector": found.selector,
            "article": found.article,
            "rows": [{"title": row.title, "url": row.url, "date": shown_date(row.date) or None} for row in found.rows],
            "known_rows": found.shared,
            "snapshot_at": ailing.snapshot.at if ailing.snapshot is not None else None,
            "written": source_id in self.written,
        }

    def _in_order(self) -> Iterable[Ailing]:
        return (self.ailing[key] for key in sorted(self.ailing))


def _reason_of(report: PollReport) -> Reason | None:
    return next((listed.reason for listed in report.lists if listed.reason is not None), None)


def _names_of(path: Path) -> tuple[str, ...]:
    """What a source's lists are called."""
    lists = tomllib.loads(path.read_text("utf-8-sig")).get("list", [])
    return tuple(listed["name"] for listed in lists if "name" in listed)


def _write(ailing: Ailing, remedy: Remedy) -> Path:
    """Change the file; raises CatalogueError naming it where it has changed meanwhile or must be changed by hand."""
    path = ailing.path
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: {error}") from error
    if hashlib.sha256(raw).hexdigest()[: len(ailing.source.digest)] != ailing.source.digest:
        raise CatalogueError(_("{path}: changed by somebody else meanwhile").format(path=path))
    try:
        new = changed(text, change_of(remedy, ailing.source, datetime.now().astimezone()))
    except CatalogueError as error:
        raise CatalogueError(f"{path}: {error}") from error
    check_file(new, ailing.source.id)
    return write_whole(path, new)


def _show(ailing: Ailing, remedy: Remedy) -> None:
    source = ailing.source
    facts = {"rows": remedy.selector, "article": remedy.article, "family": remedy.family}
    told = ", ".join(f"{key} = {value}" for key, value in facts.items() if value)
    say()
    match remedy.kind:
        case Kind.COLUMN:
            say(
                _("{id} ({name}): a column of news, {column}, at {url}").format(
                    id=source.id, name=source.name, column=remedy.name, url=remedy.url
                )
            )
        case Kind.ROWS if remedy.selector is None:
            say(
                _(
                    "{id} ({name}): its own family's way reads it again; {shared} of {count} rows are known from before"
                ).format(id=source.id, name=source.name, shared=remedy.shared, count=len(remedy.rows))
            )
        case Kind.ROWS:
            say(
                _("{id} ({name}): redesigned; {shared} of {count} rows are known from before").format(
                    id=source.id, name=source.name, shared=remedy.shared, count=len(remedy.rows)
                )
            )
        case Kind.FAMILY:
            say(
                _("{id} ({name}): is of family {family} now; {shared} of {count} rows are known from before").format(
                    id=source.id, name=source.name, family=remedy.family, shared=remedy.shared, count=len(remedy.rows)
                )
            )
    if told:
        say(f"  {told}")
    before = list(ailing.present) or list(ailing.snapshot.rows if ailing.snapshot is not None else ())
    length = min(SHOWN_ROWS, max(len(before), len(remedy.rows)))
    show_table(
        (_("now"), _("date"), _("proposed"), _("date")),
        ((*_cells(before, n), *_cells(remedy.rows, n)) for n in range(length)),
    )


def _cells(rows: Sequence[Row], n: int) -> tuple[str, str]:
    return (rows[n].title, shown_date(rows[n].date)) if n < len(rows) else ("", "")


def _is_agreed(source_id: str) -> bool:
    """Ask on a terminal; elsewhere nobody can say yes."""
    if not (sys.stdin.isatty() and out.is_terminal):
        return False
    return click.confirm(_("Change {id}?").format(id=source_id), default=False)


def _row_of(entry: Entry) -> Row:
    return Row(
        href=entry.url, url=entry.url, title=entry.title, date=entry.date, is_pinned=entry.is_pinned, is_article=True
    )
