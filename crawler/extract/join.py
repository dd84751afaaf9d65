"""One article out of the pages it stands on: each in order, nothing said twice, and what is missing named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, takewhile
from typing import Any

from crawler.errors import RefusedError
from crawler.extract.article import DEFAULT_ZONE, MAX_BODY, extract_article
from crawler.extract.markup import MAX_ATTACHMENTS, MAX_HTML
from crawler.extract.parts import is_same_article, own_letters
from crawler.extract.pdf import is_pdf
from crawler.extract.pdf_article import pdf_article
from crawler.model import Article, Entry, MissingPart, Page, Reason, Source, part_numbers
from crawler.text.fold import fold

# A line this long that was there before is a repeated paragraph (a lead, a note); shorter ones recur by chance.
_PARAGRAPH = 16
# A line shorter than this says nothing by itself: `第3页`.
_SAYING = 8
# What closes every page (editor, a note) is a few short lines.
_CLOSING_LINES = 4
_CLOSING_CHARS = 80


def extract_whole(
    page: Page,
    *,
    parts: Sequence[Page] = (),
    missing: Sequence[MissingPart] = (),
    source: Source | None = None,
    entry: Entry | None = None,
) -> Article:
    """The article that begins on `page` and goes on in `parts`. Raises RefusedError as extract_article does.

    A part that cannot be read is left out. `origins["parts"]` says what the text consists of beside the first page:
    `pages:2,3;missing:4=gone`, `pdf:2`. Waits for PDFs to be read: not for an event loop.
    """
    article = extract_article(page, source=source, entry=entry)
    if not parts and not missing:
        return article
    zone = source.timezone if source else DEFAULT_ZONE
    whole = _Whole(article, is_cover=any(is_pdf(part) for part in parts) and own_letters(article) < _SAYING)
    for number, part in zip(part_numbers(parts, missing), parts, strict=True):
        try:
            if is_pdf(part):
                whole.add_pdf(number, part, zone)
            else:
                whole.add_page(number, extract_article(part, source=source, entry=entry))
        except RefusedError as error:
            whole.missing[number] = error.reason
    whole.missing.update((part.number, part.reason) for part in missing)
    return whole.article()


def adds_text(article: Article, seen: Iterable[str]) -> bool:
    """True where a further page says anything that the lines `seen` do not: behind the last page, sites repeat one."""
    known = set(seen)
    return any(line not in known for line in article.body.split("\n") if len(line) >= _SAYING)


@dataclass(slots=True)
class _Whole:
    """An article while it is put together."""

    first: Article
    is_cover: bool  # the page says no more than the name of the PDF that is the article
    lines: list[str] = field(init=False)
    html: list[str] = field(init=False)
    pages: list[int] = field(default_factory=list)
    pdfs: list[int] = field(default_factory=list)
    missing: dict[int, Reason] = field(default_factory=dict)
    later: list[Article] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = [] if self.is_cover or not self.first.body else self.first.body.split("\n")
        self.html = [] if self.is_cover or self.first.body_html is None else [self.first.body_html]

    def add_page(self, number: int, part: Article) -> None:
        if not is_same_article(self.first.title, part.title):
            raise RefusedError(Reason.OTHER_PATH, part.title)
        if not adds_text(part, self.lines):
            raise RefusedError(Reason.EMPTY, "says nothing new")
        said = part.body.split("\n")
        if closing := _same(reversed(self.lines[-_CLOSING_LINES:]), reversed(said)):
            del self.lines[-closing:]
        known = set(self.lines)
        # what heads every page: a lead, the names of a table's columns
        said = list(dropwhile(known.__contains__, said))
        self.lines += [line for line in said if line not in known or len(line) < _PARAGRAPH]
        if part.body_html is not None:
            self.html.append(part.body_html)
        self.later.append(part)
        self.pages.append(number)

    def add_pdf(self, number: int, page: Page, zone: str) -> None:
        # named by the page it stands on
        part = pdf_article(
            page, entry=Entry(source_id="", list_url="", url=page.url, title=self.first.title), zone=zone
        )
        known = set(self.lines)
        self.lines += [line for line in part.body.split("\n") if line not in known or len(line) < _PARAGRAPH]
        if part.body_html is not None:
            self.html.append(part.body_html)
        self.later.append(part)
        self.pdfs.append(number)

    def article(self) -> Article:
        first = self.first
        if not self.lines:  # the PDF that was all there is could not be read
            self.lines, self.html = first.body.split("\n"), [first.body_html or ""]
        elif self.is_cover:
            self.first = first = replace(first, origins={**first.origins, "body": "pdf"})
        body = "\n".join(self.lines)[:MAX_BODY]
        folded_title, folded_body = fold(first.title), fold(body)
        attachments = {item.url: item for article in (first, *self.later) for item in article.attachments}
        origins = dict(first.origins)
        return replace(
            first,
            body=body,
            body_html=self._html(),
            source_name=self._first_of("source_name", origins),
            author=self._first_of("author", origins),
            document_number=self._first_of("document_number", origins),
            written=self._first_of("written", origins),
            attachments=tuple(attachments.values())[:MAX_ATTACHMENTS],
            images=tuple(dict.fromkeys(image for article in (first, *self.later) for image in article.images)),
            origins=origins | {"parts": self._note()},
            repairs=tuple(dict.fromkeys((*folded_title.repairs, *folded_body.repairs))),
            folded_body=folded_body.text,
        )

    def _html(self) -> str | None:
        html = "\n".join(part for part in self.html if part)
        return html if html and len(html) <= MAX_HTML else self.first.body_html

    def _first_of(self, name: str, origins: dict[str, str]) -> Any:
        """A field from the first page that has it: 来源 and signatures often stand at the very end."""
        for article in (self.first, *self.later):
            if (value := getattr(article, name)) is not None:
                origins[name] = article.origins.get(name, "part")
                return value
        return None

    def _note(self) -> str:
        said = [
            f"{name}:{','.join(map(str, held))}" for name, held in (("pages", self.pages), ("pdf", self.pdfs)) if held
        ]
        if self.missing:
            said.append("missing:" + ",".join(f"{number}={reason}" for number, reason in sorted(self.missing.items())))
        return ";".join(said)


def _same(one: Iterable[str], other: Iterable[str]) -> int:
    """How many short lines two runs begin with alike."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and len(pair[0]) < _CLOSING_CHARS, pairs))
