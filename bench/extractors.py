"""Extractors of articles behind one face: hrwatch's own and its peers, each from bytes and from text.

From bytes, each finds the charset itself, as it would in use; GNE takes text only and is given ours, within its time.
From text, all are given the text that hrwatch decodes: their best case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import gne
import lxml.html
import readability
import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding
from resiliparse.parse.html import HTMLTree

from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.extract.decode import decode
from crawler.model import Page

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an extractor made of a page; None for what it does not say."""

    title: str | None = None
    body: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractor:
    """One extractor. `from_text` is None where `from_bytes` decodes as hrwatch does anyway."""

    from_bytes: Callable[[bytes], Reading]
    from_text: Callable[[str], Reading] | None = None


def hrwatch(body: bytes) -> Reading:
    """Everything that an article has: charset, metadata, dates, body, safe HTML, attachments, folded texts."""
    try:
        found = extract_article(Page(url="http://www.example/", status=200, headers={}, body=body, fetched_at=SEEN))
    except RefusedError:
        return Reading()
    day = found.published.at.date().isoformat() if found.published else None
    return Reading(title=found.title, body=found.body, published=day)


def _trafilatura(page: bytes | str) -> Reading:
    found = trafilatura.bare_extraction(page, with_metadata=True)
    return Reading() if found is None else Reading(title=found.title, body=found.text, published=found.date)


def _readability(page: bytes | str) -> Reading:
    document = readability.Document(page)
    return Reading(title=document.short_title(), body=lxml.html.fromstring(document.summary()).text_content())


def _resiliparse(page: bytes) -> Reading:
    return _of_tree(HTMLTree.parse_from_bytes(page, detect_encoding(page, from_html_meta=True)))


def _of_tree(tree: HTMLTree) -> Reading:
    return Reading(title=tree.title, body=extract_plain_text(tree, main_content=True))


def _gne(text: str) -> Reading:
    found = gne.GeneralNewsExtractor().extract(text)
    return Reading(title=found["title"], body=found["content"], published=found["publish_time"])


def _tried(read: Callable[[bytes], Reading] | Callable[[str], Reading]) -> Callable[[bytes | str], Reading]:
    """`read` that gives nothing where it would raise: a peer's fault is a page it cannot read, not the bench's end."""

    def reading(page: bytes | str) -> Reading:
        try:
            return read(page)  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001 - peers raise what they like
            return Reading()

    return reading


PEERS: Mapping[str, Extractor] = MappingProxyType(
    {
        "trafilatura": Extractor(from_bytes=_tried(_trafilatura), from_text=_tried(_trafilatura)),
        "readability-lxml": Extractor(from_bytes=_tried(_readability), from_text=_tried(_readability)),
        "resiliparse": Extractor(
            from_bytes=_tried(_resiliparse), from_text=_tried(lambda text: _of_tree(HTMLTree.parse(text)))
        ),
        "gne": Extractor(from_bytes=_tried(lambda page: _gne(decode(page).text))),
    }
)
