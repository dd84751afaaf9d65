"""What a page's head says: the government tag standard (国办发〔2017〕47号), Open Graph, JSON-LD, <title>, <base>.

Names are read case-insensitively and values as the real deviations leave them; nothing is judged here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from crawler.extract.document import Document

_MAX_TAGS = 300  # real heads hold under 60
_MAX_VALUE = 2000
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"<[^<>]{0,200}>|&lt;[^<>]{0,100}&gt;")
_MAX_JSON = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The head of a page: `tags` by lower-case name, first non-empty value; `linked` likewise from JSON-LD."""

    title: str | None
    base: str
    tags: Mapping[str, str] = field(default_factory=dict)
    linked: Mapping[str, str] = field(default_factory=dict)

    def first(self, *names: str) -> tuple[str, str] | None:
        """The first of `names` that has a value, as (name, value)."""
        for name in names:
            value = self.tags.get(name)
            if value:
                return name, value
        return None


def read_meta(document: Document, url: str) -> Meta:
    """The head of `document`, which was answered at `url`."""
    root = document.root
    tags: dict[str, str] = {}
    for count, element in enumerate(root.iter("meta")):
        if count >= _MAX_TAGS:
            break
        name = element.get("name") or element.get("property") or element.get("itemprop")
        content = element.get("content")
        if name and content:
            value = _clean(content)
            if value:
                tags.setdefault(name.strip().lower(), value)
    title = next((_clean("".join(map(str, element.itertext()))) for element in root.iter("title")), None)
    return Meta(title=title or None, base=_joined(url, document.base), tags=tags, linked=_json_ld(document))


def _joined(url: str, base: str | None) -> str:
    try:
        return urljoin(url, base) if base else url
    except ValueError:
        return url


def _clean(value: str) -> str:
    return _SPACE.sub(" ", _TAG.sub("", value[:_MAX_VALUE])).strip()


def _json_ld(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for script in document.scripts[:5]:
        if len(script) > _MAX_JSON:
            continue
        try:
            data = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data, 0):
            for key in ("headline", "datePublished", "dateModified"):
                value = node.get(key)
                if isinstance(value, str) and value.strip():
                    found.setdefault(key, _clean(value))
            for key in ("author", "publisher"):
                name = _name_of(node.get(key))
                if name:
                    found.setdefault(key, name)
            if isinstance(node.get("pubDate"), str):
                found.setdefault("pubDate", _clean(node["pubDate"]))  # Baidu's own vocabulary
    return found


def _nodes(data: object, depth: int) -> Iterator[dict[str, str]]:
    if depth > 4:
        return
    if isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph"), depth + 1)
    elif isinstance(data, list):
        for item in data[:20]:
            yield from _nodes(item, depth + 1)


def _name_of(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return _clean(value) or None if isinstance(value, str) else None
