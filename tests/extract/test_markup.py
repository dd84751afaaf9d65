"""Safe HTML and attachments of a chosen box: what is kept, that the tree stays whole, and bounds."""

from __future__ import annotations

import re

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.extract.document import Document, parse_document
from crawler.extract.markup import MAX_ATTACHMENTS, clean_html, find_attachments

BASE = "https://a.example/x/1.html"
TEXT = "两市人社部门签署协作协议，约定共建人力资源产业园。"
PIECES = ("<div>", "</div>", "<p onclick=x()>", "</p>", "<br>", "<table><tr><td colspan=2>", "</table>", "</a>", "<b>",
          "<a href=' /y?a=1&amp;b=\"2\" '>", "<a href=javascript:x()>", "<a href=data:text/html,x>",
          "<img src=x onerror=y>",
          "<img src='java\tscript:x'>", "<svg><script>x</script>", "<math><mtext>", "<noscript>", "<style>", "<xmp>",
          "<plaintext>", "<form action=x>", "<!-- -->", "&lt;script&gt;", "<![CDATA[x]]>", "甲", "乙 & 丙")  # fmt: skip


def read(html: str) -> Document:
    document = parse_document(html)
    assert document is not None
    return document


def test_lines_that_are_not_kept_leave_and_the_tree_stays_whole() -> None:
    document = read(
        f"<div><p>{TEXT}</p>尾<p>分享到</p>后<div><img src=/a.png></div><div><p>甲</p><p>乙</p></div></div>"
    )
    before = etree.tostring(document.root)
    kept = [block for block in document.blocks if block.text not in ("分享到", "甲", "乙")]
    assert clean_html(document, 0, kept, BASE) == (
        f'<div><p>{TEXT}</p>尾后<div><img src="https://a.example/a.png"></div></div>'
    )
    assert etree.tostring(document.root) == before


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p><span style='a'><font>甲</font></span><o:p>乙</o:p></p>", "<p>甲乙</p>"),
        ("<p>1 &lt; 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        (
            "<a href='/件 1.pdf' title='\"甲\"'>乙</a>",
            '<a href="https://a.example/%E4%BB%B6%201.pdf" title="&quot;甲&quot;" rel="nofollow noopener">乙</a>',
        ),
        ("<p>甲<a href='javascript:x()'>乙</a></p>", '<p>甲<a rel="nofollow noopener">乙</a></p>'),
        ("<p>甲<img src='//hm.baidu.com/hm.gif'><img src='b.png' width=1><img></p>", "<p>甲</p>"),
        ("<p>甲<img src='data:x' data-src='b.png'></p>", '<p>甲<img src="https://a.example/x/b.png"></p>'),
        (
            "<table><tr><td colspan=2 class=x>甲</table>",
            '<table><tbody><tr><td colspan="2">甲</td></tr></tbody></table>',
        ),
    ],
)
def test_clean(html: str, clean: str) -> None:
    document = read(html)
    assert clean_html(document, 0, document.blocks, BASE) == clean


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_what_is_shown_is_safe(html: str) -> None:
    document = read(f"<p>始{html}")
    clean = clean_html(document, 0, document.blocks, BASE)
    assert clean is not None
    tags = {name.lower() for name in re.findall(r"<([A-Za-z][^\s>/]*)", clean)}
    assert tags <= {"p", "div", "br", "table", "tbody", "tr", "td", "a", "b", "img"}
    shown = re.sub(r'<(?:a|img|td)((?: (?:href|src|title|alt|rel|colspan)="[^"<>]*")*)>', "", clean)
    assert re.search(r"<[a-z]+ ", shown) is None, "no other attribute is left"
    for address in re.findall(r'(?:href|src)="([^"]*)"', clean):
        assert address.startswith("https://a.example/")
    assert nh3.clean(clean, link_rel="nofollow noopener") == clean


def test_deep_markup_loses_its_tags_and_not_its_text() -> None:
    document = read("<section>" * 1500 + f"<p>{TEXT}</p>")
    clean = clean_html(document, 0, document.blocks, BASE)
    assert clean is not None
    assert TEXT in clean
    assert 100 < clean.count("<section>") < 300


def test_html_beyond_any_article_is_left_out() -> None:
    document = read(f"<p>{TEXT}</p>" * 60_000)
    assert clean_html(document, 0, document.blocks, BASE) is None


def test_attachments_are_bounded() -> None:
    document = read("<p>" + "".join(f"<a href='/{number}.pdf'>文件{number}</a>" for number in range(20_000)))
    found = find_attachments(document, 0, 10, BASE)
    assert len(found) == MAX_ATTACHMENTS
    assert (found[0].url, found[0].name) == ("https://a.example/0.pdf", "文件0")
