"""Pages of media and copies: a gb2312 portal, a newspaper edition, nested and dated lists, a traditional mirror."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime

from crawler.demo.items import Item
from crawler.demo.mangle import mangled, traditional
from crawler.demo.markup import day_of, document, link_of, paragraphs


def _newest_first(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.at, reverse=True)


def portal_article(item: Item, site: str) -> bytes:
    """A portal's page in gb2312 without any date; a reprint has a new first line and an editor's last one."""
    text = item.text
    told = f"本网综合消息　据{item.credit}消息：" if item.credit else "本网消息"
    credit = f"来源：{item.credit}" if item.credit else site
    return document(
        f"{text.title}_{site}",
        f'<div class="path">您所在的位置：{site} &gt;&gt; 新闻 &gt;&gt; 要闻</div>\n'
        f"<h1>{html.escape(text.title)}</h1>\n"
        f'<div class="from">{credit}</div>\n'
        f'<div id="content">{paragraphs((told, *text.paragraphs, "（本网编辑整理）"))}</div>\n'
        '<div class="next"><a href="./">返回栏目</a></div>',
        charset="gb2312",
    )


def portal_list(items: Sequence[Item], home: str, site: str) -> bytes:
    """A portal's list in gb2312; its rows show month and day only."""
    rows = "".join(
        f"<li>{link_of(item, home).anchor}<span>{day_of(item, '%m-%d')}</span></li>\n" for item in _newest_first(items)
    )
    return document(f"要闻_{site}", f'<ul class="news">\n{rows}</ul>', charset="gb2312")


def paper_article(item: Item, site: str) -> bytes:
    """An article of a newspaper edition."""
    text = item.text
    return document(
        site,
        f'<div class="date">{item.at:%Y年%m月%d日}　第{item.list + 1:02d}版</div>\n'
        f'<div class="title"><h1>{html.escape(text.title)}</h1></div>\n'
        f'<div class="content" id="ozoom">{paragraphs(("□本报记者", *text.paragraphs))}</div>\n'
        f'<div class="back"><a href="v{item.list + 1:02d}.html">返回本版</a></div>',
    )


def paper_page(items: Sequence[Item], site: str, day: datetime, page: int, pages: int) -> bytes:
    """A page of an edition: links to every page, and to the articles of this one."""
    others = "".join(f'<li><a href="v{n:02d}.html">第{n:02d}版</a></li>\n' for n in range(1, pages + 1))
    rows = "".join(
        f'<li><a href="{item.url.rsplit("/", 1)[1]}">{html.escape(item.text.title)}</a></li>\n' for item in items
    )
    return document(
        f"{site} {day:%Y年%m月%d日} {page:02d}版",
        f'<div class="pages"><ul>\n{others}</ul></div>\n<div class="titles"><ul>\n{rows}</ul></div>',
    )


def plain_article(item: Item, site: str, *, encoding: str | None = None) -> bytes:
    """A news page of no known make; `encoding` is what is sent where it is not the UTF-8 that is declared."""
    text = item.text
    return document(
        f"{text.title} - {site}",
        f'<div class="top"><a href="/">{site}</a></div>\n<h1>{html.escape(text.title)}</h1>\n'
        f'<div class="meta">{item.at:%Y-%m-%d %H:%M}　来源：{item.credit or site}</div>\n'
        f'<div class="con_text">{paragraphs(text.paragraphs)}</div>',
        encoding=encoding,
    )


def plain_list(items: Sequence[Item], home: str, site: str) -> bytes:
    """A list that nobody described: dated headlines among menus."""
    menu = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in ("首页", "赛事", "培训", "政策", "关于我们"))
    rows = "".join(
        f'<div class="item"><h3>{link_of(item, home).anchor}</h3><em>{day_of(item, "%Y/%m/%d")}</em></div>\n'
        for item in _newest_first(items)
    )
    return document(site, f'<ul class="menu">{menu}</ul>\n<div class="newslist">\n{rows}</div>')


def nested_list(items: Sequence[Item], home: str, site: str) -> bytes:
    """A list whose rows are <li> inside a <li> that names the column."""
    rows = "".join(
        f"<li>{link_of(item, home).anchor}<span>[{day_of(item, '%Y-%m-%d')}]</span></li>\n"
        for item in _newest_first(items)
    )
    return document(
        f"新闻_{site}",
        f'<ul class="list"><li class="column"><b>综合新闻</b>\n<ul>\n{rows}</ul>\n</li></ul>',
    )


def mirror_article(item: Item, site: str) -> bytes:
    """A machine-made copy in traditional characters, glossed, with an advertisement."""
    text = item.text
    credit = f" {traditional('来源')}：{traditional(item.credit)}" if item.credit else ""
    return document(
        f"{traditional(text.title)}_{site}",
        f"<h1>{html.escape(traditional(text.title))}</h1>\n<div>日期：{item.at:%Y年%m月%d日}{credit}</div>\n"
        f'<div class="article-content">{paragraphs([mangled(line) for line in text.paragraphs])}</div>\n'
        '<div class="ad_banner"><a href="http://shop.tuiguang.example/">人力資源軟件 限時優惠</a></div>',
    )


def mirror_list(items: Sequence[Item], home: str, site: str) -> bytes:
    """The mirror's list: a table."""
    rows = "".join(
        f'<tr><td class="t"><a href="{link_of(item, home).href}">{html.escape(traditional(item.text.title))}</a></td>'
        f"<td>{day_of(item, '%Y年%m月%d日')}</td></tr>\n"
        for item in _newest_first(items)
    )
    return document(site, f'<table class="newsbox">\n{rows}</table>')
