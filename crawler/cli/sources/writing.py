"""A proposed source as files: its TOML in the registry, its list as a golden case. Whole files or none."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from crawler.catalogue import SHIPPED, read_source
from crawler.cli.screen import CHINA
from crawler.cli.sources.proposal import Proposal, level_of
from crawler.config import Config
from crawler.errors import CatalogueError
from crawler.extract.rows import Row
from crawler.model import Page, RowDate
from crawler.taxonomy import load_taxonomy
from crawler.taxonomy.divisions import Divisions
from crawler.wiring import families


def toml_of(proposal: Proposal, divisions: Divisions, today: date, *, is_place_known: bool) -> str:
    """The source file; a place that is a guess is noted as one. Raises ValueError where there is none."""
    if proposal.adcode is None:
        raise ValueError("no adcode")
    parts = urlsplit(proposal.list_url)
    guess = "" if is_place_known else f" Its page names no place: adcode {proposal.adcode} is a guess."
    lines = [
        f"id = {as_text(proposal.id)}",
        f"name = {as_text(proposal.name)}",
        f"kind = {as_text(proposal.kind)}",
        f"level = {as_text(level_of(proposal, divisions))}",
        f"adcode = {as_text(proposal.adcode)}",
        f"home = {as_text(f'{parts.scheme}://{parts.netloc}/')}",
        f"family = {as_text(proposal.reading.family)}",
        *([f"article = {as_regex(proposal.reading.article)}"] if proposal.reading.article else []),
        f"column = {as_text(proposal.column)}",
        "",
        "[[list]]",
        f"url = {as_text(proposal.list_url)}",
        *([f"name = {as_text(proposal.list_name)}"] if proposal.list_name else []),
        "",
        "[expect]",
        f"min_rows = {proposal.min_rows}",
        f"max_silence_days = {proposal.max_silence_days}",
        "",
        "[[notes]]",
        f"date = {today.isoformat()}",
        f'text = "Added by `hrwatch sources add`: {len(proposal.reading.rows)} rows seen.{guess}"',
    ]
    return "\n".join(lines) + "\n"


def as_text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def as_regex(value: str) -> str:
    return f"'{value}'" if "'" not in value else as_text(value)


def check_file(text: str, source_id: str) -> None:
    """What is written is read first, by the rules of the catalogue; raises CatalogueError naming the key."""
    with tempfile.TemporaryDirectory(prefix="hrwatch-add-") as folder:
        path = Path(folder) / f"{source_id}.toml"
        try:
            path.write_text(text, encoding="utf-8")
            read_source(path, families=families(), is_adcode=load_taxonomy().divisions.is_known)
        except OSError as error:
            raise CatalogueError(f"{source_id}: {error}") from error


def default_folder(config: Config, adcode: str) -> Path:
    """Where a source of this place belongs: the registry in use, its folder of the province where it can be written."""
    if config.sources:
        return config.sources[0]
    folders: Counter[str] = Counter()
    for path in SHIPPED.glob("*/*.toml"):
        with suppress(OSError, ValueError, KeyError):
            if tomllib.loads(path.read_text("utf-8"))["adcode"][:2] == adcode[:2]:
                folders[path.parent.name] += 1
    if folders and os.access(folder := SHIPPED / folders.most_common(1)[0][0], os.W_OK):
        return folder
    return config.data / "sources"


def write_whole(path: Path, text: str) -> Path:
    """Write a file whole or not at all; raises CatalogueError naming it."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise CatalogueError(f"{path}: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)  # a Ctrl-C between the two lines
    return path


def write_case(config: Config, proposal: Proposal, page: Page) -> Path:
    """The list as it was, with the rows that were read from it, in the form of tests/pages.

    It stays in the data folder: the text of a page is its publisher's.
    """
    folder = config.data / "cases" / proposal.reading.family / f"list-{proposal.id}"
    meta = {
        "captured_at": page.fetched_at.astimezone(CHINA).isoformat(timespec="seconds"),
        "family": proposal.reading.family,
        "headers": {name: value for name, value in page.headers.items() if name == "content-type"},
        "origin": "captured",
        "status": page.status,
        "url": page.url,
        **({"article": proposal.reading.article} if proposal.reading.article else {}),
    }
    expected = {"rows": [_shown(row) for row in proposal.reading.rows]}
    write_whole(folder / "meta.json", json.dumps(meta, ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / "expected.json", json.dumps(expected, ensure_ascii=False, indent=2) + "\n")
    try:
        (folder / f"list.{_ending(page)}").write_bytes(page.body)
    except OSError as error:
        raise CatalogueError(f"{folder}: {error}") from error
    return folder


def _ending(page: Page) -> str:
    start = page.body.lstrip()[:200]
    if start[:1] in (b"{", b"["):
        return "json"
    return "xml" if start.startswith(b"<?xml") or b"<rss" in start or b"<feed" in start else "html"


def shown_date(date: RowDate | None) -> str:
    """As a list shows it: "2026-10-03 08:05", "10-03"; "" where there is none."""
    if date is None:
        return ""
    year = f"{date.year}-" if date.year is not None else ""
    clock = f" {date.hour:02}:{date.minute:02}" if date.hour is not None and date.minute is not None else ""
    return f"{year}{date.month:02}-{date.day:02}{clock}"


def _shown(row: Row) -> str:
    """A row as the golden cases write it."""
    marks = [mark for mark, is_so in (("pinned", row.is_pinned), ("no article", not row.is_article)) if is_so]
    return " | ".join((row.title, row.url or row.href, shown_date(row.date) or "-", *marks))
