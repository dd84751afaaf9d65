"""Whether the archive is whole: its tables and index, its file, and the WARC records that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from archive import Archive
from archive.records import Fault
from crawler.cli.care.checks.check import Check
from crawler.cli.output.sizes import size_text
from crawler.cli.screen import err, progress_bar
from crawler.errors import WarcError
from crawler.language import _
from crawler.warc.members import members
from crawler.warc.retention import warc_files
from crawler.wording import owner_text

# For each part of the archive without --deep, of which there are six: an answer in half a minute, whatever its size.
LOOK_S = 5.0
# A log that is taken in now and then has some megabytes; one so large waits for a reader that does not end.
LARGE_LOG_BYTES = 2**30
# Room within the file that is worth getting back: a quarter of it, and not next to nothing.
MUCH_FREE_SHARE = 0.25
MUCH_FREE_BYTES = 256 * 2**20


def archive_checks(archive: Archive, *, is_deep: bool) -> Iterator[Check]:
    """Its parts, each against the others; without `is_deep` for LOOK_S each."""
    faults = archive.check(limit_s=None if is_deep else LOOK_S)
    if all(fault.is_unfinished for fault in faults):
        counts = archive.counts()
        detail = _("{items} items, {stories} stories, {relevant} relevant").format(
            items=counts.items, stories=counts.stories, relevant=counts.relevant
        )
        yield Check(name=_("archive"), is_well=True, detail=f"{detail}, {size_text(counts.bytes)}")
    for fault in faults:
        if not fault.is_unfinished:
            yield Check(name=_("archive"), is_well=False, detail=f"{fault.part}: {fault.detail}", remedy=_remedy(fault))
    if unfinished := [fault.part for fault in faults if fault.is_unfinished]:
        yield Check(
            name=_("archive"),
            is_well=True,
            detail=_("{parts}: nothing found in {seconds} s, not all was read").format(
                parts=", ".join(unfinished), seconds=round(LOOK_S)
            ),
            remedy=_("hrwatch doctor --deep reads all of it"),
        )


def _remedy(fault: Fault) -> str:
    if fault.part == "pages":
        return _("bring the file back into the WARC folder; until then these pages cannot be read again")
    if fault.part == "item_search":
        return _("hrwatch copy-archive FILE writes a copy whose index is new")
    return _("stop hrwatch and put a copy back: hrwatch restore FILE --force")


def condition_checks(archive: Archive) -> Iterator[Check]:
    """Its file or server as it stands, and who holds hosts."""
    found = archive.condition()
    yield Check(name=_("schema"), is_well=True, detail=found.schema)
    if found.log_bytes is not None:
        is_well = found.log_bytes < LARGE_LOG_BYTES
        yield Check(
            name=_("log"),
            is_well=is_well,
            detail=size_text(found.log_bytes),
            remedy=""
            if is_well
            else _("some command has been reading for long; when it has ended the log is taken in by itself"),
        )
    if found.free_bytes is not None:
        is_much = found.free_bytes > max(MUCH_FREE_BYTES, found.bytes * MUCH_FREE_SHARE)
        yield Check(
            name=_("free within the file"),
            is_well=True,
            detail=size_text(found.free_bytes),
            remedy=_("it is used again; to shrink the file, stop hrwatch and run: sqlite3 FILE VACUUM")
            if is_much
            else "",
        )
    if found.checksum_failures:
        yield Check(
            name=_("checksums"),
            is_well=False,
            detail=_("{count} pages of the database were damaged on disk").format(count=found.checksum_failures),
            remedy=_("look at the server's disk, and put a copy into a new database: hrwatch restore FILE"),
        )
    held = _("{count} hosts are held").format(count=found.leases)
    owners = ", ".join(sorted({owner_text(owner) for owner in found.held.values()}))
    yield Check(name=_("leases"), is_well=True, detail=f"{held}: {owners}" if owners else held)


def warc_checks(archive: Archive, folder: Path) -> Iterator[Check]:
    """Every record of every file, and every page of the archive among them."""
    files = warc_files(folder)
    records = 0
    faults = []
    with ExitStack() as stack:
        told: Callable[[int], None] | None = None
        if err.is_terminal:
            bar = stack.enter_context(progress_bar())
            task = bar.add_task(_("MiB read"), total=round(sum(path.stat().st_size for path in files) / 2**20))

            def told(count: int) -> None:
                bar.advance(task, count / 2**20)

        for path in files:
            if path.suffix != ".gz":
                continue  # another program's: rows of records without members
            missing = archive.places_in(path.name)
            try:
                for member in members(path, on_bytes=told):
                    records += 1
                    if member.is_whole:
                        missing.discard(member.offset)
            except WarcError as error:
                faults.append(str(error))
            else:
                if missing:
                    faults.append(_("{file}: no whole record at {offset}").format(file=path, offset=min(missing)))
    if not faults:
        detail = _("{files} files, {records} records").format(files=len(files), records=records)
        yield Check(name=_("WARC files"), is_well=True, detail=detail)
    for fault in faults:
        yield Check(
            name=_("WARC files"),
            is_well=False,
            detail=fault,
            remedy=_("bring the file back from a copy; its pages before the damage can still be read"),
        )
