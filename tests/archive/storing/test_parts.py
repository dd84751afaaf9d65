"""The further pages of an item: kept in order, in place of what was known before, and found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive import Archive
from archive.storing.pages import missing_of, pages_of
from crawler.model import MissingPart, Page, Reason
from tests.archive.making import NOW, judged, prose

URL = "https://synthetic.example/a/1.html"


def part(number: int, body: bytes = b"synthetic") -> Page:
    url = URL.replace(".html", f"_{number}.html")
    return Page(url=url, status=200, headers={}, body=body + b" %d" % number, fetched_at=NOW)


def lost(number: int) -> MissingPart:
    return MissingPart(number=number, url=part(number).url, reason=Reason.GONE, detail="404")


def store(archive: Archive, parts: Sequence[Page] = (), missing: Sequence[MissingPart] = ()) -> int:
    item = judged(URL, prose(1))
    capture = replace(item.capture, parts=tuple(parts), missing=tuple(missing))
    return archive.store(replace(item, capture=capture), now=NOW).item_id


def names(archive: Archive, item_id: int) -> list[str]:
    found = archive.submit(lambda connection: pages_of(connection, item_id)).result()
    return [page.url.rpartition("/")[2] for page in found]


def missing(archive: Archive, item_id: int) -> tuple[MissingPart, ...]:
    return archive.submit(lambda connection: missing_of(connection, item_id)).result()


def test_pages_come_in_order_whatever_was_there_before(archive: Archive) -> None:
    archive.store(judged(part(3).url, prose(3)), now=NOW)  # page 3 was met as an item of its own
    item_id = store(archive, [part(2), part(3)])
    assert names(archive, item_id) == ["1.html", "1_2.html", "1_3.html"]


def test_what_was_not_had_keeps_its_number_and_reason(archive: Archive) -> None:
    item_id = store(archive, [part(2), part(4)], [lost(3)])
    assert names(archive, item_id) == ["1.html", "1_2.html", "1_4.html"]
    assert missing(archive, item_id) == (lost(3),)


def test_storing_again_takes_the_place_of_what_was_known(archive: Archive) -> None:
    item_id = store(archive, [part(2)], [lost(3)])
    assert store(archive, [part(2), part(3)]) == item_id
    assert names(archive, item_id) == ["1.html", "1_2.html", "1_3.html"]
    assert missing(archive, item_id) == ()
    store(archive)
    assert names(archive, item_id) == ["1.html"]


def test_a_bare_link_and_an_unknown_item_have_no_pages(archive: Archive) -> None:
    bare = archive.store(judged(URL, "", is_link_only=True), now=NOW).item_id
    assert names(archive, bare) == []
    assert names(archive, 999) == []


def test_explain_shows_the_parts_pages(archive: Archive) -> None:
    store(archive, [part(2)])
    history = archive.explain(URL)
    assert history is not None
    assert [page.url for page in history.pages] == [URL, part(2).url]
