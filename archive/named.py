"""What a user calls a story or an item, by number, guid or address → its number."""

from __future__ import annotations

from sqlalchemy import Connection, select

from archive.schema import entries, items, retired_guids, storable, stories
from crawler.text.urls import url_key


def find_story_id(connection: Connection, id_or_guid: int | str) -> int | None:
    """The id of the story with this id or guid, or of the one it was joined to."""
    text = storable(str(id_or_guid).strip())
    if _is_number(text):
        number = int(text)
        held = connection.execute(select(stories.c.id).where(stories.c.id == number)).scalar()
        gone = select(retired_guids.c.story_id).where(retired_guids.c.retired_id == number)
    else:
        held = connection.execute(select(stories.c.id).where(stories.c.guid == text)).scalar()
        gone = select(retired_guids.c.story_id).where(retired_guids.c.guid == text)
    found: int | None = held if held is not None else connection.execute(gone).scalar()
    return found


def find_story(connection: Connection, name: str) -> int | None:
    """The id of the story that a user names: by number, by guid, or by the address of one of its pages."""
    found = find_story_id(connection, name)
    if found is not None or "/" not in name:
        return found
    item_id = _item_at(connection, storable(name))
    story_id: int | None = connection.execute(select(items.c.story_id).where(items.c.id == item_id)).scalar()
    return story_id


def find_item_id(connection: Connection, name: str) -> int | None:
    """The number of the item that a user names: by that number, or by an address that leads to it."""
    text = storable(name.strip())
    if not _is_number(text):
        return _item_at(connection, text)
    found: int | None = connection.execute(select(items.c.id).where(items.c.id == int(text))).scalar()
    return found


def _is_number(text: str) -> bool:
    """True for what may be the number of a row: 64 bits hold any of 18 digits."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _item_at(connection: Connection, url: str) -> int | None:
    """The item of this address, its own or that of a row that led to it."""
    key = url_key(url)
    own: int | None = connection.execute(select(items.c.id).where(items.c.url_key == key)).scalar()
    led_to: int | None = connection.execute(select(entries.c.item_id).where(entries.c.url_key == key)).scalar()
    return led_to if own is None else own
