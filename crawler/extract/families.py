"""Where each family of sites keeps its title, date, 来源 and text: CSS, for the families that sources name.

Facts seen on pages of each family (domain notes §1–5). A family not named here has no selectors of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crawler.model import Selectors

_NONE = Selectors()

FAMILIES: Mapping[str, Selectors] = MappingProxyType(
    {
        # 雅安, 遂宁, 广元: /xinwen/show/<32hex>.html
        "showlist": Selectors(body=".article-content, #article-content, .show-content, #zoom"),
        # Sichuan province and others; the page holds the text twice, the first is for desktops
        "ucap": Selectors(
            body="ucapcontent, #UCAP-CONTENT, #cmsArticleContent, .article-content",
            title="ucaptitle",
            source_name="ucapsource",
        ),
        "trs": Selectors(
            body=".TRS_Editor, .trs_editor_view, .TRS_UEDITOR, #insMainConTxt, .Custom_UnionStyle, #zoom, .view"
        ),
        # Hanweb JCMS and JPAAS
        "jcms": Selectors(body="#zoom, .bt-article-02, .bt_content"),
        "jpaas": Selectors(body="#zoom, .bt-article-02"),
        # 方正 newspaper editions
        "founder": Selectors(body="founder-content, #ozoom, #articleContent", title="founder-title h1"),
        "listdata": Selectors(body="#zoom, .article-content, .content"),
        "people": Selectors(body="#rwb_zw, #rm_txt_zw, .rm_txt_con, .show_text, #ozoom"),
        "xinhua": Selectors(body="#detailContent, #detail, #p-detail"),
        "chinanews": Selectors(body=".left_zw"),
        "scol": Selectors(body="#scol_txt, .con_text", published=".w_pubtime", source_name=".w_source"),
        "thecover": Selectors(title=".main-article h1", body="section.article-content"),
        "govcn": Selectors(body=".pages_content, #UCAP-CONTENT"),
        "newssc": Selectors(published="#pubtime_baidu", source_name="#source_baidu"),
        "boda": Selectors(body="#vsb_content, .v_news_content, #vsb_newscontent"),
        # Anhui, 巴中
        "longxun": Selectors(body=".j-fontContent, .wzcon, #zoom", title="h1.newstitle, h1.wztit"),
        "epoint": Selectors(body=".mian-cont, .ewb-article-info, #zoom"),
        "gkmlpt": Selectors(body=".article-content, .news_cont_d_wrap, #zoomcon"),
        "ilist": Selectors(body="#zoom, .article-content", published="#attribute"),
        "powereasy": Selectors(body="#zoom, .article-content, .conTxt"),
        "channels": Selectors(body="#zoom, .article-content, #content"),
        "aspnet": Selectors(body="#zoom, #lblContent, .article-content"),
        "wordpress": Selectors(body=".entry-content", title=".entry-title"),
    }
)

# Ids, classes and tags that name the article's own box wherever they stand, whatever the family.
_BODY_NAMES = """
ucapcontent ucap-content founder-content ozoom zoom trs_editor trs_editor_view trs_ueditor insmaincontxt
custom_unionstyle cmsarticlecontent articlecontent article-content article_content rwb_zw rm_txt_zw rm_txt_con
show_text detailcontent p-detail left_zw scol_txt con_text vsb_content v_news_content vsb_newscontent bt-article-02
bt_content js_content rich_media_content entry-content artibody mp-editor post_text endtext conttext content_area
news_content newscontent xl_content
"""
BODY_NAMES = frozenset(_BODY_NAMES.split())


def family_selectors(family: str | None) -> Selectors:
    """The family's selectors; empty ones for a family that has none."""
    return _NONE if family is None else FAMILIES.get(family, _NONE)
