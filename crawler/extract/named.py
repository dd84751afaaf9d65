"""Who published first and who wrote: gathers what selectors, tags, labels and the text say, in the order of belief."""

from __future__ import annotations

from crawler.extract.credits import author_in_text, tidy_author, tidy_source
from crawler.extract.document import Document
from crawler.extract.labels import Labels
from crawler.extract.meta import Meta
from crawler.extract.select import select_text
from crawler.model import Selectors


def named_source(
    document: Document, meta: Meta, labels: Labels, selectors: tuple[Selectors, Selectors]
) -> tuple[str, str] | None:
    """(来源, origin), or None where nobody else is named. `selectors` are the source's own and its family's."""
    for origin, of in zip(("selector", "family"), selectors, strict=True):
        text = select_text(document, of.source_name)
        if text and (name := tidy_source(text)):
            return name, origin
    tagged = meta.first("contentsource", "source", "mediaid")
    if tagged is not None and (name := tidy_source(tagged[1])) and not _names_another(meta, labels, name):
        return name, f"meta:{tagged[0]}"
    return labels.source_name


def named_author(meta: Meta, labels: Labels, source_name: str | None, body: str) -> tuple[str, str] | None:
    """(作者, origin), or None; the site and the agency are no authors."""
    said = [labels.author] if labels.author is not None else []
    tagged = meta.first("author")
    if tagged is not None:
        said.append((tagged[1], "meta:Author"))
    if (linked := meta.linked.get("author")) is not None:
        said.append((linked, "json-ld"))
    agencies = (meta.tags.get("sitename"), meta.tags.get("contentsource"), source_name)
    for text, origin in said:
        if (name := tidy_author(text)) is not None and name not in agencies:
            return name, origin
    name = author_in_text(body.split("\n", 3)[:3])
    return (name, "text") if name is not None else None


def _names_another(meta: Meta, labels: Labels, tagged: str) -> bool:
    """True where the tag only names the site itself, and the page says 来源 of somebody else."""
    said = labels.source_name
    own = tagged == meta.tags.get("sitename") or (meta.title or "").endswith(tagged)
    return own and said is not None and said[1] == "label:来源" and said[0] != tagged
