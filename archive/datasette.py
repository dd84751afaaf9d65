"""Titles, meanings and ready queries for Datasette: `python -m archive.datasette > hrwatch.json`.

Datasette itself is no part of hrwatch: pip install datasette.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from archive.views.described import described_tables, ready_queries
from archive.views.making import people_views
from archive.views.view_sql import SQLITE

_DATABASE = "hrwatch"  # the file's name without its ending
# of no use to people, and long
_HIDDEN = ("alembic_version", "bands", "item_search", "story_keys", "validators", "robots", "leases", "lease_watches")


def metadata() -> dict[str, Any]:
    """What Datasette is to know, as its metadata file has it."""
    shown: dict[str, dict[str, Any]] = {
        view.name: {"description": view.about, "columns": {column.name: column.about for column in view.columns}}
        for view in people_views(SQLITE)
    }
    shown["stories_v"] |= {"title": "消息", "sort_desc": "sorted_at"}
    shown["items_v"] |= {"title": "页面（转载各一行）"}
    shown["region_pairs_v"] |= {"title": "地区配对"}
    shown["source_health_v"] |= {"title": "来源状况"}
    for table in described_tables().values():
        shown[table.name] = {"description": table.about, "columns": dict(table.columns)}
    for name in _HIDDEN:
        shown.setdefault(name, {})["hidden"] = True
    queries = {
        query.name: {"title": query.title, "description": query.about, "sql": query.sql, "params": list(query.samples)}
        for query in ready_queries()
    }
    return {
        "title": "hrwatch 存档",
        "description": "区域人力资源合作消息的存档；时间列为 UTC，published、day、month 为北京时间。",
        "databases": {_DATABASE: {"tables": shown, "queries": queries}},
    }


if __name__ == "__main__":
    json.dump(metadata(), sys.stdout, ensure_ascii=False, indent=1)
