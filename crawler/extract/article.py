"""Page → Article: one parse, then each field from the first place in the order of belief that has it.

Order: the source's own selector, the family's, government tags, visible labels, JSON-LD and Open Graph, the densest
text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from crawler.errors import RefusedError
from crawler.extract.body import article_blocks, box_below_head, choose_box, lines_of, named_box, selected_box
from crawler.extract.boilerplate import is_furniture
from crawler.extract.breadcrumbs import columns_of
from crawler.extract.credits import pictured_source
from crawler.extract.dates import FULL_DATE, GRACE, judge_published
from crawler.extract.decode import decode
from crawler.extract.docnumber import find_document_number
from crawler.extract.document import Block, Document, parse_document
from crawler.extract.families import family_selectors
from crawler.extract.files import framed_file, images_of, lone_pdf
from crawler.extract.labels import Labels, read_labels, signed_date, site_code
from crawler.extract.lines import is_label_line, is_title, list_page, without_head, without_tail
from crawler.extract.markup import clean_html, find_attachments
from crawler.extract.meta import Meta, read_meta
from crawler.extract.named import named_author, named_source
from crawler.extract.pdf import is_pdf
from crawler.extract.pdf_article import pdf_article
from crawler.extract.published import published_stamp
from crawler.extract.select import select_text
from crawler.extract.title import find_title, is_column, letters
from crawler.model import Article, Attachment, Entry, Page, Reason, Selectors, Source, Stamp
from crawler.text.fold import fold

DEFAULT_ZONE = "Asia/Shanghai"
MAX_BODY = 500_000  # characters; the longest plans and yearbooks run to 200,000
_SHORTEST_BODY = 10  # a photo with one line under it is an article, a bare heading is not
_HEAD_BLOCKS = 40  # labelled lines stand no further above the text than this
_TAIL_BLOCKS = 8
_ATTACHMENT_BLOCKS = 20  # files are listed under the text, sometimes after 分享 and 打印


# a short text that is one all the same: `今天下午召开会议，具体内容尚未透露。`
_SENTENCE = re.compile(r"[^。！？\n]{12}[。！？]")


def extract_article(page: Page, *, source: Source | None = None, entry: Entry | None = None) -> Article:
    """The article that `page` holds, a PDF read by a process of its own.

    Raises RefusedError: UNDECODABLE, NO_TITLE, NO_BODY, LIST_PAGE, or as `pdf_text` does.
    """
    if is_pdf(page):
        return pdf_article(page, entry=entry, zone=source.timezone if source else DEFAULT_ZONE)
    decoded = decode(page.body, headers=page.headers, charset=source.charset if source else None)
    if decoded.replaced * 10 > len(decoded.text):
        raise RefusedError(Reason.UNDECODABLE, f"{decoded.replaced} stray places as {decoded.charset}")
    document = parse_document(decoded.text)
    if document is None or not document.blocks:
        raise RefusedError(Reason.NO_BODY, "no text on the page")
    return _Reading(page, source, entry, document, decoded.charset, decoded.origin).article()


def article_of_row(entry: Entry, *, source: Source | None, fetched_at: datetime) -> Article:
    """What a row alone tells of an article whose host is never fetched: title and date."""
    zone = source.timezone if source else DEFAULT_ZONE
    published = None
    if entry.date is not None:
        published = judge_published(row=entry.date, fetched_at=fetched_at, zone=zone)
    folded = fold(entry.title)
    origins = {"title": "row"} | ({"published": published.origin} if published else {})
    return Article(
        url=entry.url,
        title=entry.title,
        body="",
        published=published,
        origins=origins,
        repairs=folded.repairs,
        folded_title=folded.text,
        is_link_only=True,
    )


class _Reading:
    """One page being read: what was found so far, and where."""

    def __init__(
        self,
        page: Page,
        source: Source | None,
        entry: Entry | None,
        document: Document,
        charset: str,
        charset_origin: str,
    ) -> None:
        self.page = page
        self.entry = entry
        self.document = document
        self.charset = charset
        self.zone = source.timezone if source else DEFAULT_ZONE
        self.own = source.selectors if source else Selectors()
        self.family = family_selectors(source.family if source else None)
        self.meta: Meta = read_meta(document, page.url)
        self.origins: dict[str, str] = {"charset": charset_origin}

    def article(self) -> Article:
        box, kept = self._body()
        first, last = self._bounds(box, kept)
        title = self._title(first)
        kept = without_tail(without_head(kept, title), title)
        if sum(len(block.text) for block in kept) < _SHORTEST_BODY:
            box, kept = self._below_head(title) or (box, kept)
        if kept:
            first, last = self._bounds(box, kept)
        labels = self._labels(title, first, last)
        body = "\n".join(lines_of(kept))[:MAX_BODY]
        attachments = find_attachments(
            self.document, max(0, first - _HEAD_BLOCKS), last + _ATTACHMENT_BLOCKS, self.meta.base
        )
        is_headed = (
            labels.published is not None and labels.source_name is not None and _SENTENCE.search(body) is not None
        )
        listed = None if is_headed or "articletitle" in self.meta.tags else list_page(self.document, len(body))
        if listed is not None and not self._shows_file(title, labels, attachments):
            raise RefusedError(Reason.LIST_PAGE, listed)
        if len(body) < _SHORTEST_BODY and not attachments:
            raise RefusedError(Reason.NO_BODY, f"{len(body)} characters of text")
        published = published_stamp(
            self.document, self.meta, labels, (self.own, self.family), page=self.page, entry=self.entry, zone=self.zone
        )
        written = labels.written or signed_date(body.split("\n"), self.zone)
        source_name = self._noted_name(
            "source_name", named_source(self.document, self.meta, labels, (self.own, self.family))
        )
        author = self._noted_name("author", named_author(self.meta, labels, source_name, body))
        number = self._document_number(title, first, body)
        columns = columns_of(self.document.blocks[:first], title, self.meta.tags.get("columnname"))
        code = site_code(self.meta.tags.get("siteidcode"), self.document.blocks)
        folded_title, folded_body = fold(title), fold(body)
        self._note("published", published)
        self._note("written", written)
        if code is not None:
            self.origins["site_code"] = code[1]
        if columns is not None:
            self.origins["columns"] = columns[1]
        body_html = clean_html(self.document, box, kept, self.meta.base) if box is not None else None
        return Article(
            url=self.page.url,
            title=title,
            body=body,
            body_html=body_html,
            published=published,
            written=written,
            source_name=source_name,
            author=author,
            document_number=number,
            site_code=code[0] if code else None,
            charset=self.charset,
            attachments=attachments,
            images=images_of(body_html),
            columns=columns[0] if columns is not None else (),
            origins=self.origins,
            repairs=tuple(dict.fromkeys((*folded_title.repairs, *folded_body.repairs))),
            folded_title=folded_title.text,
            folded_body=folded_body.text,
        )

    def _shows_file(self, title: str, labels: Labels, attachments: tuple[Attachment, ...]) -> bool:
        """True where a file stands for the text: in a frame, or the only one under the head of an article."""
        if any(framed_file(self.meta.base, address) is not None for address, _ in self.document.frames):
            return True
        dated = labels.published is not None and labels.published.origin.startswith("label:")
        listed = self.entry is not None and is_title(self.entry.title, letters(title))
        return (len(attachments) == 1 or lone_pdf(attachments) is not None) and (dated or listed)

    def _note(self, name: str, stamp: Stamp | None) -> None:
        if stamp is not None:
            self.origins[name] = stamp.origin

    def _noted_name(self, field: str, found: tuple[str, str] | None) -> str | None:
        if found is None:
            return None
        self.origins[field] = found[1]
        return found[0]

    def _body(self) -> tuple[int | None, list[Block]]:
        best = choose_box(self.document)
        for origin, selector in (("selector", self.own.body), ("family", self.family.body)):
            if selector is None:
                continue
            box = selected_box(self.document, selector)
            if box is not None:
                self.origins["body"] = origin
                return box, article_blocks(self.document, box, is_sure=True)
        named = named_box(self.document, best)
        if named is not None:
            self.origins["body"] = "name"
            return named, article_blocks(self.document, named, is_sure=True)
        if best is None:
            return None, []
        self.origins["body"] = "generic"
        return best, article_blocks(self.document, best)

    def _below_head(self, title: str) -> tuple[int, list[Block]] | None:
        """What follows the line of date and 来源 where no line reads like a sentence: a table, a list of names."""
        box = box_below_head(self.document)
        if box is None:
            return None
        self.origins["body"] = "below-head"
        return box, without_tail(without_head(article_blocks(self.document, box, is_sure=True), title), title)

    def _bounds(self, box: int | None, kept: list[Block]) -> tuple[int, int]:
        """Numbers of the first block of the text and of the one after its last."""
        if box is None:
            return len(self.document.blocks), len(self.document.blocks)
        top = self.document.boxes[box]
        if not kept:
            return top.first, top.last
        blocks = self.document.blocks
        first = next((n for n in range(top.first, top.last) if blocks[n] is kept[0]), top.first)
        end = next((n for n in range(top.last - 1, first - 1, -1) if blocks[n] is kept[-1]), top.last - 1)
        return first, end + 1

    def _title(self, first: int) -> str:
        for origin, selector in (("selector", self.own.title), ("family", self.family.title)):
            text = select_text(self.document, selector)
            if text:
                self.origins["title"] = origin
                return text
        found = find_title(self.document, self.meta, first) or self._line_above(first)
        if found is not None and found[1] == "title" and is_column(found[0]):
            found = self._line_above(first) or found
        if found is not None:
            self.origins["title"] = found[1]
            return found[0]
        if self.entry is not None and len(letters(self.entry.title)) >= 4:
            self.origins["title"] = "row"
            return self.entry.title
        raise RefusedError(Reason.NO_TITLE, "neither tag, heading nor row names the article")

    def _line_above(self, first: int) -> tuple[str, str] | None:
        """The line above the text on a page that names itself nowhere; labels and dates are passed over."""
        for block in reversed(self.document.blocks[max(0, first - 12) : first]):
            text = block.text
            if not 5 <= len(text) <= 80 or is_furniture(text) or is_label_line(text) or block.is_hidden:
                continue
            if FULL_DATE.search(text) is None and len(letters(text)) >= 4:
                return text, "line-above"
        return None

    def _labels(self, title: str, first: int, last: int) -> Labels:
        """Labels from the title on (or a few lines above it) to the text, and just after the text."""
        blocks = self.document.blocks
        start = max(0, first - _HEAD_BLOCKS)
        bare = letters(title)
        at = next((n for n in range(start, first) if is_title(blocks[n].text, bare)), None)
        before = blocks[at:first] if at is not None else blocks[max(start, first - 12) : first]
        if at is not None and not any(FULL_DATE.search(block.text) for block in before):
            before = [*before, *(block for block in blocks[max(0, at - 6) : at] if block.linked == 0)]
        # a text that begins with its own line of labels
        opening: list[Block] = []
        for block in blocks[first : first + 8]:
            if len(block.text) > 60 or "。" in block.text:
                break
            if is_label_line(block.text):
                opening.append(block)
        around = [block for block in (*before, *opening) if not is_title(block.text, bare)]
        closing = [block for block in blocks[max(first, last - 2) : last] if len(block.text) < 60]
        after = [*closing, *blocks[last : last + _TAIL_BLOCKS]]
        labels = read_labels(
            around, after, self.zone, above=blocks[start : at or start], latest=self.page.fetched_at + GRACE
        )
        if labels.source_name is None and (pictured := pictured_source(self.document, around)) is not None:
            return replace(labels, source_name=pictured)
        return labels

    def _document_number(self, title: str, first: int, body: str) -> str | None:
        before = self.document.blocks[max(0, first - _HEAD_BLOCKS) : first]
        head = "\n".join(block.text for block in before if block.linked * 2 <= len(block.text))
        number = find_document_number(f"{head}\n{body}")
        if number is not None:
            self.origins["document_number"] = "label" if number in head else "text"
        return number
