"""Which addresses are files offered beside an article, and which document a frame shows. Pure; fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler.extract.pdf import is_pdf_address
from crawler.model import Attachment

# how the address of a file ends: `./P020240613408921.pdf`, `/upload/1.docx`
_ENDINGS = "pdf|docx?|xlsx?|pptx?|wps|et|ofd|ceb|rtf|zip|rar|7z|csv"
_KINDS = frozenset(_ENDINGS.replace("?", "").split("|")) | {"doc", "xls", "ppt"}
# by what its link says: `附件1.xlsx`, `《办法》.pdf（点击下载）`
_SAYS_FILE = re.compile(rf"\.(?:{_ENDINGS})\s*(?:[（(\[【].{{0,20}})?$", re.I)
# by its label: `附件：1.岗位表`, `附件2`, `附表`
_LABEL = re.compile(r"^\W{0,3}附[件表](?:[\d一二三四五六七八九十]{1,3}|\s*[:：.、])")
# what gives out files, and no page: `/module/download/downfile.jsp?filename=1.pdf`, `download.jsp?id=3`, `/attach/9`
_GIVES_FILES = re.compile(r"down(?:load|file)|attach|filename=|/fj/|annex", re.I)
# a page all the same: `/art/2026/3/2/art_1_2.html`
_PAGE = re.compile(r"\.s?html?$", re.I)
# `<img src="https://…/1.jpg" alt="…">`, as nh3 writes it
_IMAGE = re.compile(r'<img [^<>]*?\bsrc="([^"]+)"')
# what a viewer calls the address of its document: `/pdfjs/web/viewer.html?file=/upload/a.pdf`
_SHOWN = ("file", "url", "src", "pdf", "pdfurl")


def is_file(address: str) -> bool:
    """True where the address itself ends like a file."""
    _, dot, ending = address.partition("?")[0].partition("#")[0].rstrip().rpartition(".")
    return dot == "." and ending.lower() in _KINDS


def is_offered(address: str, text: str) -> bool:
    """True where a link with this text offers a file, although its address need not say so."""
    if is_file(address):
        return True
    if address.startswith(("#", "javascript:", "mailto:")):
        return False
    if _SAYS_FILE.search(text) is not None:
        return True
    path = address.partition("?")[0]
    return _GIVES_FILES.search(address) is not None and _PAGE.search(path) is None and _LABEL.match(text) is not None


def lone_pdf(attachments: Sequence[Attachment]) -> str | None:
    """The address of the one PDF offered, where all else is the same document in other forms; None otherwise."""
    pdfs = [item for item in attachments if is_pdf_address(item.url)]
    if len(pdfs) != 1:
        return None
    name = _bare(pdfs[0].name)
    return pdfs[0].url if all(_bare(item.name) == name for item in attachments) else None


def _bare(name: str) -> str:
    """A file's name without its ending and what says that it can be had: `实施方案.pdf（下载）` is 实施方案."""
    return _SAYS_FILE.sub("", name).strip()


def images_of(html: str | None) -> tuple[str, ...]:
    """Addresses of the pictures in cleaned HTML, each once, in order."""
    if html is None or "<img" not in html:
        return ()
    return tuple(dict.fromkeys(unescape(address) for address in _IMAGE.findall(html)))


def framed_file(base: str, address: str) -> str | None:
    """The absolute address of the file that a frame shows, itself or through a viewer's page; None for any other page.

    A viewer resolves a relative `file` against its own address.
    """
    try:
        url = urljoin(base, address.strip())
        parts = urlsplit(url)
        inner = dict(parse_qsl(parts.query)) if parts.query else {}
        if not is_file(url):
            shown = next((inner[name] for name in _SHOWN if name in inner), None)
            if shown is None or not (is_file(shown) or parts.path.endswith("/viewer.html")):
                return None
            url = urljoin(url, shown.strip())
            parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
