"""What a person sees who opens a feed in a browser: a page made by CSS alone.

No XSLT: browsers are giving it up, and Chromium 156 lays a warning over every page that uses it.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from crawler.language import _
from feeds.feed import ICON, LARGE_ICON

_HERE = Path(__file__).parent

FEED_CSS = "feed.css"
PAGE_CSS = "index.css"
FAVICON = "icon.svg"
FACE_FILES = (PAGE_CSS, FEED_CSS, FAVICON, ICON, LARGE_ICON)

_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

# Named as a neighbour of the feed, whatever its address: the folder may be copied anywhere.
_INSTRUCTION = f'<?xml-stylesheet type="text/css" href="{FEED_CSS}"?>\n'.encode()


def with_stylesheet(document: bytes) -> bytes:
    """An XML document that begins with its declaration, made to name its face."""
    end = document.index(b"?>") + 2
    return document[:end] + b"\n" + _INSTRUCTION + document[end:].lstrip(b"\n")


def face_files() -> dict[str, bytes]:
    """The files that the feeds and their list are shown with, as {file name: bytes}, in the language in use."""
    files = {name: (_HERE / "static" / name).read_bytes() for name in (PAGE_CSS, FAVICON, ICON, LARGE_ICON)}
    files[FEED_CSS] = template(FEED_CSS).render(_=_, quoted=_quoted).encode()
    return files


def template(name: str) -> Template:
    """A template of this room's pages."""
    return _templates.get_template(name)


def _quoted(text: str) -> str:
    r"""A string of CSS: "Say \"this\"" with its quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ") + '"'
