"""A body as HTML: what readers do with markup is foreseen, whatever the archive holds."""

from __future__ import annotations

import re
import time

import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.body import HTML_LENGTH, body_html, clean_html
from tests.feeds.world import story

BASE = "https://news.example/a/b.html"

PIECES = (
    *("<script>x()</script>", "<style>p{}</style>", "<iframe src=//evil.example>", "<form action=x><input>", "</form>"),
    *("<svg onload=x()><script>1</script>", "</svg>", "<math><mtext><img src=x onerror=x()>", "</math>", "<noscript>"),
    *('<img src="data:image/png;base64,AA">', "<img src=x width=1 height=1>", '<a href="javascript:x()">', "</a>"),
    *('<a href=" &#106;avascript:x()">', '<p style="position:fixed" onclick=x()>', "<table><tr><td>", "</table>"),
    *("<div hidden>", "</div>", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "?>", "\x00", "\ud800", "\u202e", "&#0;"),
    *("<base href=//evil.example/>", "<meta http-equiv=refresh content=0>", "<object data=x>", "<embed src=x>"),
    *("<plaintext>", "<textarea>", "<title>", "<template>", "<xmp>", "川渝", "<", ">", '"', "'", "&", "&lt;script&gt;"),
)
MARKUP = st.lists(st.sampled_from(PIECES) | st.text(st.characters(codec=None), max_size=8), max_size=25).map("".join)

ALLOWED = {
    *("p", "div", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "strong", "b", "em", "i"),
    *("u", "s", "sub", "sup", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr"),
    *("th", "td", "a", "img", "figure", "figcaption"),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MARKUP)
def test_any_markup_comes_out_harmless(markup: str) -> None:
    cleaned = clean_html(markup, base=BASE)
    assert clean_html(cleaned, base=BASE) == cleaned
    if not cleaned:
        return
    root = lxml.html.fragment_fromstring(cleaned, create_parent="div")
    for element in root.iterdescendants():
        assert element.tag in ALLOWED
        for name, value in element.attrib.items():
            assert name in {"href", "src", "rel", "title", "alt", "width", "height", "colspan", "rowspan", "start"}
            assert name not in ("href", "src") or value.startswith(("http://", "https://")), value


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ('<img srcset="a.jpg 2x" src="b.jpg" loading="lazy" class="c">', '<img src="https://news.example/a/b.jpg">'),
        ('<img src="//cdn.example/a.png" width="640">', '<img src="https://cdn.example/a.png" width="640">'),
        ('<a href="?x=1&y" target="_blank">附件</a>', 'href="https://news.example/a/b.html?x=1&amp;y"'),
        ('<table border="1"><tr><td colspan="2" nowrap>甲<td>乙</table>', '<td colspan="2">甲</td><td>乙</td>'),
        ("<div>甲</div><div>乙</div>", "<div>甲</div><div>乙</div>"),
        ("<center><font color=red>字</font></center>", "字"),
        ('<ol start="3"><li>丙</ol>', '<ol start="3"><li>丙</li></ol>'),
        ("甲 < 乙 <img src='https://a.example/1.jpg'>", "甲 &lt; 乙"),
    ],
)
def test_what_is_kept(markup: str, shown: str) -> None:
    assert shown in clean_html(markup, base=BASE)


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="display: none">藏</p>',
        "<p hidden>藏</p>",
        '<span style="VISIBILITY:hidden">藏</span>',
        '<img src="https://count.example/1.gif" style="width:1px;height:1px">',
        '<img src="https://count.example/1.gif" width="1px">',
        '<img src="data:image/gif;base64,AAAA">',
        '<img src="javascript:x()">',
        '<img src="">',
        '<img src="http://192.168.1.1/reboot">',
        '<img src="http://localhost/">',
        '<img src="http://localhost./">',
        '<img src="http://router/reboot">',
        '<img src="http://2130706433/">',
        '<img src="http://0x7f.1/">',
        r'<img src="http:\\192.168.1.1\reboot">',
        '<img src="http:/192.168.1.1/reboot">',
        '<img src="///192.168.1.1/reboot">',
        '<img src="http://[::1]/">',
        '<img src="http://[">',
        "<svg><text>藏</text></svg><math><mi>藏</mi></math>",
        "<button>藏</button><select><option>藏</select><textarea>藏</textarea>",
        "<video>藏</video><audio>藏</audio><canvas>藏</canvas><object>藏</object>",
    ],
)
def test_what_is_not_to_be_seen_goes(markup: str) -> None:
    assert clean_html(markup, base=BASE) == ""
    assert clean_html(f"<p>前</p>{markup}<p>后</p>", base=BASE) == "<p>前</p><p>后</p>"


@pytest.mark.parametrize("style", ["max-width:1px", "line-height:2", "border-width: 1px", "width: 30px", "height:3em"])
def test_an_image_that_is_styled_is_shown(style: str) -> None:
    assert "<img" in clean_html(f'<img src="a.jpg" style="{style}">', base=BASE)


def test_without_a_base_relative_links_go_and_their_text_stays() -> None:
    cleaned = clean_html('<a href="/x">甲</a><a href="https://b.example/">乙</a>', base="")
    assert re.findall('href="([^"]*)"', cleaned) == ["https://b.example/"]
    assert "甲" in cleaned


@pytest.mark.parametrize(
    "piece",
    ["<img src=x>", "<p><b><i>", "<table><tr><td>", "<p style='display:none'>", "<!--", "&#x4e00;", "<a href=x>"],
)
def test_a_body_as_large_as_any_is_cleaned_in_bounded_time(piece: str) -> None:
    began = time.process_time()
    body_html(story(body_html=piece * (HTML_LENGTH // len(piece))))
    assert time.process_time() - began < 5  # measured: at most 0.6 s
