"""What all pages of the demonstration share: the frame that says they are synthetic, metas, paragraphs, rows."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.demo.items import Item

SYNTHETIC = "合成页面（synthetic），内容纯属虚构，仅供演示"
# Characters of a headline that a list shows before it cuts it with "…"
CUT_AT = 18


def document(title: str, body: str, *, head: str = "", charset: str = "utf-8", encoding: str | None = None) -> bytes:
    """A whole page declaring `charset`, encoded as `encoding` where that differs."""
    if encoding is None:
        encoding = "gb18030" if charset.startswith("gb") else charset
    return (
        "<!DOCTYPE html>\n<!-- synthetic page 合成页面: hrwatch demo -->\n"
        f'<html lang="zh-CN"><head><meta charset="{charset}">\n<title>{html.escape(title)}</title>\n{head}</head>\n'
        f'<body>\n{body}\n<div class="footer"><p>{SYNTHETIC}</p></div>\n</body></html>\n'
    ).encode(encoding)


def metas(tags: Mapping[str, str]) -> str:
    """Tags of the government page standard."""
    return "".join(f'<meta name="{name}" content="{html.escape(value)}">\n' for name, value in tags.items())


def paragraphs(lines: Sequence[str]) -> str:
    """One <p> a line, indented by two full-width spaces as such sites do."""
    return "".join(f"<p>　　{html.escape(line)}</p>\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A row's anchor: cut text with the whole headline in its title attribute, where the list cuts."""

    href: str
    text: str
    whole: str

    @property
    def anchor(self) -> str:
        """The <a> element."""
        return f'<a href="{html.escape(self.href)}" title="{html.escape(self.whole)}">{html.escape(self.text)}</a>'


def link_of(item: Item, home: str) -> Link:
    """The anchor of an item on a list of `home`; addresses of the same host are written without it."""
    title = item.text.title
    return Link(
        href=item.url.removeprefix(home) if item.url.startswith(home + "/") else item.url,
        text=title[:CUT_AT] + "…" if item.is_cut else title,
        whole=title,
    )


def day_of(item: Item, form: str) -> str:
    """The row's date as strftime `form`, or nothing where the list shows none."""
    return item.at.strftime(form) if item.is_dated else ""
