"""Pages of government sites: the show/list family and UCAP, as the real ones are built."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime

from crawler.demo.items import Item
from crawler.demo.markup import day_of, document, link_of, metas, paragraphs

NAV = (
    '<div class="nav"><a href="/">首页</a> <a href="/jgsz.html">机构设置</a> '
    '<a href="javascript:;">无障碍浏览</a></div>'
)


def show_article(item: Item, site: str) -> bytes:
    """An article of the show/list family."""
    text = item.text
    tags = {
        "SiteName": site,
        "ColumnName": "人社动态",
        "ArticleTitle": text.title,
        "PubDate": f"{item.at:%Y-%m-%d %H:%M}",
    }
    return document(
        f"{text.title}-{site}",
        f'{NAV}<div class="crumb">当前位置：首页 &gt; 人社动态</div>\n'
        f'<h1 class="xl-title">{html.escape(text.title)}</h1>\n'
        f'<div class="info"><span>发布时间：{item.at:%Y-%m-%d %H:%M}</span><span>来源：{item.credit}</span>'
        f'<span>浏览次数：</span></div>\n<div class="article-content">{paragraphs(text.paragraphs)}</div>\n'
        '<div class="share">分享到：<a href="javascript:;">微信好友</a></div>',
        head=metas(tags | {"ContentSource": item.credit or site}),
    )


def show_list(items: Sequence[Item], home: str, site: str) -> bytes:
    """A list of the show/list family; what is pinned stands first."""
    rows = []
    for item in sorted(items, key=lambda item: (not item.is_pinned, -item.at.timestamp())):
        mark = '<i class="top">[置顶]</i>' if item.is_pinned else ""
        date = f"<span>{day_of(item, '%Y-%m-%d')}</span>" if item.is_dated else ""
        rows.append(f"<li>{mark}{link_of(item, home).anchor}{date}</li>\n")
    return document(
        f"人社动态-{site}",
        f'{NAV}<ul class="list">\n{"".join(rows)}</ul>\n<div class="page"><a href="javascript:;">下一页</a></div>',
        head=metas({"SiteName": site, "ColumnName": "人社动态"}),
    )


def ucap_article(item: Item, site: str, generated: datetime) -> bytes:
    """A UCAP article: the body for desktop and again for phones, PubDate the time of generation."""
    text = item.text
    number = f'<p align="center">{text.document_number}</p>\n' if text.document_number else ""
    copy = (
        f'<h2>{html.escape(text.title)}</h2>\n<div class="fbsj">发布时间：{item.at:%Y年%m月%d日 %H时%M分}　'
        f"来源：{item.credit}　【字体：大 中 小】</div>\n{number}"
        f"<UCAPCONTENT>{paragraphs(text.paragraphs)}</UCAPCONTENT>\n"
    )
    tags = {
        "SiteName": site,
        "ColumnName": "工作动态",
        "ArticleTitle": text.title,
        "PubDate": f"{generated:%Y-%m-%d %H:%M:%S}",
        "ContentSource": item.credit or site,
        "others": f"页面生成时间 {generated:%Y-%m-%d %H:%M:%S}",
    }
    return document(
        f"{text.title}_{site}",
        f'{NAV}<div class="pc">{copy}</div>\n<div class="phone" style="display:none">{copy}</div>',
        head=metas(tags),
    )


def ucap_list(items: Sequence[Item], home: str, site: str) -> bytes:
    """A UCAP list with its pager script."""
    rows = "".join(
        f"<dd>{link_of(item, home).anchor}<span>{day_of(item, '%Y-%m-%d')}</span></dd>\n"
        for item in sorted(items, key=lambda item: item.at, reverse=True)
    )
    return document(
        f"工作动态_{site}",
        f'{NAV}<div class="gknr_list"><dl>\n{rows}</dl></div>\n<div id="page_div"></div>\n'
        "<script>createPageHTML('page_div',1,1,'zwdtlist','shtml',6);</script>",
        head=metas({"SiteName": site, "ColumnName": "工作动态"}),
    )
