"""The search index of items: characters of the folded title and text, in the same transaction as the data.

Its own text is not kept in it, so an entry is removed by handing in what was put there.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from crawler.text.tokens import token_string

_ADD = text("INSERT INTO item_search (rowid, title, body) VALUES (:item_id, :title, :body)")
_REMOVE = text("INSERT INTO item_search (item_search, rowid, title, body) VALUES ('delete', :item_id, :title, :body)")
_MAX_CHARS = 500_000  # of one text; what follows in a text of megabytes is tables


def add(connection: Connection, item_id: int, folded_title: str, folded_body: str) -> None:
    """Make an item findable by its folded title and body."""
    connection.execute(_ADD, _tokens(item_id, folded_title, folded_body))


def remove(connection: Connection, item_id: int, folded_title: str, folded_body: str) -> None:
    """Take an item out of the index; the texts must be those it was added with."""
    connection.execute(_REMOVE, _tokens(item_id, folded_title, folded_body))


def _tokens(item_id: int, folded_title: str, folded_body: str) -> dict[str, int | str]:
    return {
        "item_id": item_id,
        "title": token_string(folded_title),
        "body": token_string(folded_body[:_MAX_CHARS]),
    }
