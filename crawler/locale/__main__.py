"""Keeps the Chinese catalogue in step with the code: `python -m crawler.locale [--check]`.

Messages come from our rooms, the web templates, and click, whose own words stand in our help and errors.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from crawler.language import DOMAIN, LOCALE_DIR

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("archive", "crawler", "feeds", "pipelines", "spiders", "web")
PO = LOCALE_DIR / "zh_CN" / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2.ext:babel_extract")]
HEADER = "# Chinese words of hrwatch. Source strings are English and stand in the code.\n"


def main() -> int:
    """Write catalogue and compiled catalogue, or with --check say what is missing; 1 where something is."""
    wanted = wanted_messages()
    catalog = read_catalog()
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    if "--check" in sys.argv[1:]:
        faults = list(find_faults(catalog))
        for fault in faults:
            sys.stderr.write(fault + "\n")
        return 1 if faults else 0
    PO.write_bytes(po_bytes(catalog))
    MO.write_bytes(mo_bytes(catalog))
    empty = sum(1 for message in catalog if message.id and not message.string)
    sys.stderr.write(f"{len(catalog)} messages, {empty} without a translation: {PO}\n")
    return 0


def wanted_messages() -> Catalog:
    """Every message of the code as it stands, with its places."""
    catalog = Catalog(domain=DOMAIN)
    for room in ROOMS:
        for file, line, message, comments, context in extract_from_dir(ROOT / room, METHODS):
            catalog.add(message, None, [(f"{room}/{file}", line)], auto_comments=comments, context=context)
    for file, _line, message, _comments, _context in extract_from_dir(Path(click.__file__).parent, METHODS):
        if file != "shell_completion.py":
            catalog.add(message, None, [(f"click/{file}", 1)])
    return catalog


def read_catalog() -> Catalog:
    """The Chinese catalogue as it is on disk; an empty one where there is none."""
    if not PO.exists():
        return Catalog(locale="zh_CN", domain=DOMAIN)
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN", domain=DOMAIN)


def find_faults(catalog: Catalog) -> Iterator[str]:
    """What keeps the catalogue from being complete and compiled."""
    for message in catalog:
        if message.id and (not message.string or message.fuzzy or "" in tuple(message.string)):
            place = ", ".join(f"{file}:{line}" for file, line in message.locations[:2])
            yield f"{place}: no translation of {message.id!r}"
        for error in message.check(catalog):
            yield f"{message.id!r}: {error}"
    on_disk = {(message.context, str(message.id)) for message in read_catalog() if message.id}
    for gone in sorted(on_disk - {(message.context, str(message.id)) for message in catalog if message.id}, key=str):
        yield f"{PO.name}: nobody says {gone[1]!r} any more"
    if not MO.exists() or MO.read_bytes() != mo_bytes(read_catalog()):
        yield f"{MO.name} is not what {PO.name} compiles to: run make messages"


def po_bytes(catalog: Catalog) -> bytes:
    """The catalogue as text, without dates and line numbers: only words make a difference."""
    for message in catalog:
        message.locations = [(file, 0) for file in dict.fromkeys(file for file, _line in message.locations)]
    out = BytesIO()
    write_po(out, catalog, omit_header=True, sort_output=True, include_lineno=False, width=110)
    return HEADER.encode() + HEAD.encode() + out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled catalogue; its header carries no time of compiling, or --check would fail a minute later."""
    catalog.creation_date = EPOCH
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


HEAD = """msgid ""
msgstr ""
"Language: zh_CN\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

if __name__ == "__main__":
    sys.exit(main())
