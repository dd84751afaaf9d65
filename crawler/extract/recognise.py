"""Which family of sites a list page belongs to, by the marks it carries. Pure; a guess with its reasons, no verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

# Marks are looked for here: pagers stand at the end of a page, and a list of 50,000 rows need not be read to the end.
_LOOK = 400_000

# Per family: what its pages hold and nobody else's, with how much it says. 2 is enough alone.
_MARKS: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        # before trs: UCAP's pager is called by the same name, with the id of a box as its first argument
        "ucap": (
            (r"createPageHTML\(\s*['\"]page_div['\"]", 2),
            (r"<ucap(?:content|title|source)\b|UCAP-CONTENT", 2),
            (r"页面生成时间", 1),
            (r"href=[\"'][^\"']*/20\d\d/\d{1,2}/\d{1,2}/[0-9a-f]{32}\.shtml", 2),
            (r"href=[\"'][^\"']*(?:/20\d{4}/|/c\d+/)[^\"']*[0-9a-f]{32}\.shtml", 2),
            (r"/common/search/[0-9a-f]{32}", 1),
            # its JSON endpoint, whatever it answered: `^` is the page's own address
            (r"^https?://[^\n]*/common/search/[0-9a-f]{32}", 2),
            (r"\"publishedTimeStr\"\s*:", 1),
        ),
        "trs": (
            (r"href=[\"'][^\"']*/t20\d{6}_\d+(?:_\w+)?\.s?html?", 2),
            # Shanghai "t0035_1443297.html", Guangxi "t18993630.shtml"
            (r"href=[\"'][^\"']*/t(?:00\d\d_\d{5,}|\d{7,8})\.s?html?[\"']", 2),
            (r"createPageHTML\(\s*(?:['\"]paging['\"]\s*,\s*)?\d", 1),
            (r"TRS_Editor|TRS_UEDITOR|_trs_uv", 1),
            (r"CurrChnlCls", 1),
            # the search of a whole government's sites, whatever it answered
            (r"^https?://[^\n]*/irs/front/search\?", 2),
        ),
        "jpaas": ((r"jpaas-publish-server/front/page/build/unit", 2), (r"AuthorizedRead/unitbuild\.js", 2)),
        "jcms": (
            (r"<datastore>|<recordset>", 2),
            (r"dataproxy\.jsp", 2),
            (r"href=[\"'][^\"']*/art/20\d\d/(?:\d{1,2}/\d{1,2}/)?art_(?:\d+_\d+|[0-9a-f]{32})\.html", 1),
            (r"(?:href=[\"'][^\"']*|^https?://[^\n]*)/col/col\d+/", 1),
        ),
        "listdata": ((r"\blistData\s*=\s*\{", 2), (r"/pc/content/content_\d{15,}\.html", 2)),
        "showlist": ((r"/(?:xinwen|gongkai)/(?:show|list)/[0-9a-f-]{32,36}\.html", 2), (r"/gongkai/kuozhan/\d+", 1)),
        "longxun": (
            (r"Ls\.pagination", 2),
            (r"/public/column/\d+\?", 2),
            (r"/content/column/\d+", 1),
            (r"j-fontContent", 1),
        ),
        "boda": (
            (r"href=[\"'](?:\.\./|/|https?://[^/\"']+/)*info/\d+/\d+\.htm[\"']", 2),
            (r"_vsl|vsb_content|/_sitegray/", 1),
        ),
        "powereasy": ((r"\bdata-power-[a-z]", 2), (r"Power::SiteUniqueVisitorKey", 2), (r"/content_\d+[\"']", 1)),
        "epoint": (
            (r"lightfrontaction/getgovinfolist", 2),
            (r"EWB-FRONT|webBuilderCommon\.js", 1),
            (r"/20\d{6}/[0-9a-f]{8}-[0-9a-f-]{27}\.html", 2),
        ),
        "gkmlpt": ((r"/gkmlpt/", 2), (r"/content/(?:\d+/\d+/)?post_\d+\.html", 2)),
        "channels": ((r"pagedContent", 2), (r"/articles/ch\d+/\d{6}/[0-9a-f-]{36}\.shtml", 2)),
        "ilist": ((r"iList\.jsp\?", 2),),
        "aspnet": ((r"__doPostBack\((?:'|&#39;)\w*AspNetPager", 2), (r"name=[\"']__VIEWSTATE[\"']", 2)),
        "people": ((r"href=[\"'][^\"']*/n\d/20\d\d/\d{4}/c\d+-\d+(?:-\d+)?\.html", 2),),
        "xinhua": (
            (r"data=[\"']datasource:[0-9a-f]{32}", 2),
            (r"^\s*\{.{0,4000}\"datasource\"\s*:\s*\[", 2),
            (r"/20\d{6}/[0-9a-f]{32}/c\.html", 2),
            (r"^https?://[^\n]*/ds_[0-9a-f]{32}\.json", 2),
        ),
        "chinanews": ((r"class=[\"']?dd_bt\b", 2), (r"^https?://(?:\w+\.)*chinanews\.com", 2)),
        "govcn": (
            (r"\"DOCRELPUBTIME\"\s*:", 2),
            (r"\"searchVO\"\s*:\s*\{", 2),
            (r"class=[\"']list list_1\b", 2),
            (r"^https?://(?:www|sousuo)\.gov\.cn/", 2),
            (r"^https?://[^\n]*/YAOWENLIEBIAO\.json", 2),
        ),
        "scol": (
            (r"^https?://\w+\.scol\.com\.cn/", 1),
            (r"scol\.com\.cn/\w+/20\d{4}/\d+\.html", 1),
            (r"/ggxw/20\d{4}/\d{8}\.html", 2),
        ),
        "thecover": ((r"class=[\"'][^\"']*\blink-to-article\b", 2),),
        "sitemap": (
            (r"<(?:urlset|sitemapindex)[\s>]", 2),
            (r"^https?://[^\n]*/sitemap[\w.-]*\.xml(?:\.gz)?[^\n]*\n", 2),
        ),
        "founder": ((r"PagePicMap", 2), (r"/20\d\d-\d\d/\d\d/(?:content_\w+|node_\d+)\.s?html?", 2)),
        "feed": (
            (r"\A[^\n]*\n\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:rss|feed|rdf:RDF)\b", 3),
            (r"\"version\"\s*:\s*\"https:\\?/\\?/jsonfeed\.org/version/", 2),
        ),
    }
)
_COMPILED = {
    family: tuple((re.compile(mark, re.IGNORECASE), weight) for mark, weight in marks)
    for family, marks in _MARKS.items()
}
ENOUGH = 2


def shows_marks(text: str, url: str, family: str) -> bool | None:
    """True where a list page carries a mark of a family; None for families without marks of their own."""
    marks = _COMPILED.get(family)
    if marks is None:
        return None
    look = _looked_at(text, url)
    return any(mark.search(look) for mark, _weight in marks)


def families_of(text: str, url: str) -> tuple[str, ...]:
    """The families that a list page may be of, the likeliest first; empty for one that shows no marks."""
    look = _looked_at(text, url)
    found = {family: sum(weight for mark, weight in marks if mark.search(look)) for family, marks in _COMPILED.items()}
    likely = [family for family, weight in found.items() if weight >= ENOUGH]
    return tuple(sorted(likely, key=lambda family: -found[family]))


def _looked_at(text: str, url: str) -> str:
    if len(text) <= _LOOK:
        return f"{url}\n{text}"
    return f"{url}\n{text[: _LOOK // 2]}\n{text[-_LOOK // 2 :]}"
