"""A Page that is a PDF → Article: its text, with number, dates and labels read as on any other page."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from crawler.errors import RefusedError
from crawler.extract.credits import tidy_author
from crawler.extract.dates import day_stamp, judge_published, zone_of
from crawler.extract.docnumber import find_document_number
from crawler.extract.document import Block
from crawler.extract.labels import read_labels, signed_date
from crawler.extract.markup import MAX_HTML
from crawler.extract.pdf import PdfText, pdf_text
from crawler.extract.title import letters
from crawler.model import Article, Entry, Page, Reason, Stamp
from crawler.text.fold import fold

_MAX_BODY = 500_000  # characters, as of any article
_HEAD_BLOCKS = 8  # lines of labels stand between the title and the first long line
_LABEL_CHARS = 60
_EXPORTED = timedelta(days=366)  # a file made longer after the document was signed is a copy of later


def pdf_article(page: Page, *, entry: Entry | None, zone: str) -> Article:
    """The article that a PDF holds: the row's title and date lead. Blocks; raises RefusedError as `pdf_text` does."""
    text = pdf_text(page.body)
    title, title_origin = _title(text, entry)
    body_lines = _without_title(text.paragraphs, (letters(text.title or title), letters(title)))
    body = "\n".join(body_lines)[:_MAX_BODY]
    labels = read_labels(_head(body_lines), [], zone)
    written = labels.written or signed_date(body_lines, zone)
    published = judge_published(
        labelled=labels.published,
        row=entry.date if entry is not None else None,
        url=page.url,
        other=_created(text, written, zone),
        fetched_at=page.fetched_at,
        zone=zone,
    )
    number = find_document_number(body)
    author = labels.author
    name = tidy_author(author[0]) if author is not None else None
    pages = "pdf" if not text.is_cut else f"pdf, not all of {text.pages} pages"
    origins = {"title": title_origin, "body": pages}
    if published is not None:
        origins["published"] = published.origin
    if written is not None:
        origins["written"] = written.origin
    if labels.source_name is not None:
        origins["source_name"] = labels.source_name[1]
    if author is not None and name is not None:
        origins["author"] = author[1]
    if number is not None:
        origins["document_number"] = "text"
    folded_title, folded_body = fold(title), fold(body)
    return Article(
        url=page.url,
        title=title,
        body=body,
        body_html=_html(body),
        published=published,
        written=written,
        source_name=labels.source_name[0] if labels.source_name is not None else None,
        author=name,
        document_number=number,
        origins=origins,
        repairs=tuple(dict.fromkeys((*folded_title.repairs, *folded_body.repairs))),
        folded_title=folded_title.text,
        folded_body=folded_body.text,
    )


def _title(text: PdfText, entry: Entry | None) -> tuple[str, str]:
    """The row's title, which a person wrote for the list; in full where the list cuts it with …; else the PDF's own."""
    listed = entry.title.strip() if entry is not None else ""
    if len(letters(listed)) >= 4:
        stem = letters(listed.rstrip("….· "))
        if text.title is not None and listed.endswith(("…", "...")) and letters(text.title).startswith(stem):
            return text.title, "pdf"
        return listed, "row"
    if text.title is not None:
        return text.title, "pdf"
    raise RefusedError(Reason.NO_TITLE, "neither heading, file nor row names the document")


def _without_title(paragraphs: tuple[str, ...], titles: tuple[str, ...]) -> list[str]:
    """The paragraphs but for the one, or the few in a row, that are the title."""
    for start in range(min(len(paragraphs), _HEAD_BLOCKS)):
        for end in range(start + 1, min(len(paragraphs), start + 4) + 1):
            if letters("".join(paragraphs[start:end])) in titles:
                return [*paragraphs[:start], *paragraphs[end:]]
    return list(paragraphs)


def _html(body: str) -> str | None:
    html = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in body.split("\n"))
    return html if len(html) <= MAX_HTML else None


def _head(lines: list[str]) -> list[Block]:
    """The short lines above the text, where labels stand."""
    head: list[Block] = []
    for line in lines[:_HEAD_BLOCKS]:
        if len(line) > _LABEL_CHARS or "。" in line:
            break
        head.append(Block(text=line, linked=0, box=0, row=0, cell=0, is_hidden=False))
    return head


def _created(text: PdfText, written: Stamp | None, zone: str) -> Stamp | None:
    """The day the file was made, the last to be believed: not where it belies the signature."""
    if text.created is None:
        return None
    made = day_stamp(text.created.astimezone(zone_of(zone)).date(), zone, "pdf:CreationDate")
    if written is not None and not timedelta(0) <= made.at - written.at <= _EXPORTED:
        return None
    return made
