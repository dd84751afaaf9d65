"""Articles on more than one page: what belongs to them, what never does, and how they are joined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.extract.files import framed_file, is_file, is_offered, lone_pdf
from crawler.extract.join import extract_whole
from crawler.extract.parts import (
    MAX_FRAMES,
    MAX_PARTS,
    SCANT,
    PartLink,
    further_parts,
    is_same_article,
    may_have_parts,
    parts_after,
)
from crawler.model import MissingPart, Page, Reason
from tests.extract.pdfs import pdf, typeset

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
URL = "https://rsj.jia.example/gk/202603/t20260302_101.html"
TITLE = "甲乙两市人力资源协作综述"


def sentence(number: int | str) -> str:
    return f"<p>两市人社部门围绕技能人才评价和公共就业服务开展协作，第{number}项任务由双方共同承担（合成）。</p>"


def page(body: str | bytes, url: str = URL, title: str = TITLE) -> Page:
    if isinstance(body, str):
        head = f'<!-- synthetic --><meta charset="utf-8"><title>{title}</title>'
        shown = f'<h1>{title}</h1><div>发布时间：2026-03-02 10:20</div><div id="zoom">{body}</div>'
        body = f"<html><head>{head}</head><body>{shown}</body></html>".encode()
    return Page(url=url, status=200, headers={"content-type": "text/html"}, body=body, fetched_at=FETCHED)


def further(body: str, url: str = URL) -> list[str]:
    """The parts that a page tells of, by address; the quick look must not miss one."""
    first = page("".join(map(sentence, range(1, 6))) + body, url)
    found = [link.url for link in further_parts(first, extract_article(first))]
    assert may_have_parts(first) or not found
    return found


@pytest.mark.parametrize(
    ("url", "links", "expected"),
    [
        ("https://a.example/x/content_123.shtml", ["content_123_2.shtml"], ["/x/content_123_2.shtml"]),
        ("https://a.example/n2/2026/c1-2.html", ["/n2/2026/c1-2-2.html"], ["/n2/2026/c1-2-2.html"]),
        ("https://a.example/v.php?id=9", ["?id=9&page=2"], ["/v.php?id=9&page=2"]),
        ("https://a.example/v.php?id=9", ["v.php?id=9&amp;p=2"], ["/v.php?id=9&p=2"]),
        ("https://a.example/archives/46752.html", ["46752.html/2"], ["/archives/46752.html/2"]),
        ("https://a.example/archives/46752/", ["/archives/46752/2/"], ["/archives/46752/2/"]),
        ("https://a.example/20261118/abc/c.html", ["c_2.html"], ["/20261118/abc/c_2.html"]),
        ("https://a.example/x/9_1.html", ["9_2.html", "9_3.html"], ["/x/9_2.html", "/x/9_3.html"]),
        # page 2 is file 1
        ("https://a.example/x/9_0.shtml", ["9_1.shtml", "9_2.shtml"], ["/x/9_1.shtml", "/x/9_2.shtml"]),
        ("https://a.example/x/t1.html", ["t1_1.html", "t1_2.html"], ["/x/t1_1.html", "/x/t1_2.html"]),
    ],
)
def test_numbers_lead_to_the_pages_of_the_article(url: str, links: list[str], expected: list[str]) -> None:
    numbers = "".join(f"[<a href='{link}'>{number}</a>] " for number, link in enumerate(links, 2))
    assert further(numbers, url) == [f"https://a.example{path}" for path in expected]
    only_next = f"<a href='{links[0]}'>下一页&gt;</a>"
    assert further(only_next, url) == [f"https://a.example{expected[0]}"]


@pytest.mark.parametrize(
    "body",
    [
        "<a href='t20260302_102.html'>下一篇</a>",
        "<a href='t20260302_102.html'>下一页</a>",  # another article, whatever the link says
        "<a href='t20260303_7_2.html'>2</a>",
        "<a href='index_1.html'>2</a><a href='index_1.html'>下一页</a>",
        "<script>createPageHTML(16, 0, 'index', 'html');</script>",
        "<script>createPageHTML(1, 0, 't20260302_101', 'html');</script>",
        "<!--<script>createPageHTML(3, 0, 't20260302_101', 'html');</script>-->",
        "<a href='/list.jsp?page=2'>2</a>",
        "<a href='https://elsewhere.example/gk/202603/t20260302_101_2.html'>2</a>",
        "<a href='/other/t20260302_101_2.html'>2</a>",
        "<a href='t20260302_101_app.html'>2</a>",
        "<a href='t20260302_101_9.html'>2</a>",  # page 9 is not page 2
        "<a href='t20260302_101_3.html'>3</a>",  # page 3 without page 2
        "<a href='javascript:go(2)'>2</a><a href='#2'>2</a><a href='http://['>2</a>",
        "<a href='t20260302_101_2.html'>第二届甲乙两市技能大赛开幕</a>",  # words, not a pager
    ],
)
def test_what_is_no_page_of_the_article(body: str) -> None:
    assert further(body) == []


def test_a_list_is_no_article_whatever_it_links() -> None:
    numbers = "<a href='index_2.html'>2</a> <a href='?page=2'>2</a>"
    assert further(numbers, "https://a.example/gk/index.html") == []


def test_a_script_counts_from_0_or_from_1() -> None:
    from_0 = "<script>createPageHTML(3,0,'t20260302_101','html')</script>"
    from_1 = "<script>createPageHTML('div', 3, 1, 't20260302_101', 'html', 60)</script>"
    base = "https://rsj.jia.example/gk/202603/t20260302_101"
    written = (
        "<script>var currentPage = 0; var countPage = 3;"
        """document.write("<a href='t20260302_101"+"_" + nextPage + "."+"html'>下一页</a>")</script>"""
    )
    assert further(written) == [f"{base}_1.html", f"{base}_2.html"]
    assert further(from_0) == [f"{base}_1.html", f"{base}_2.html"]
    assert further(from_1) == [f"{base}_2.html", f"{base}_3.html"]


def test_a_chain_without_end_ends() -> None:
    many = page(sentence(1) * 3 + "<script>createPageHTML(900000,0,'t20260302_101','html')</script>")
    assert len(further_parts(many, extract_article(many))) == MAX_PARTS + 1, "the last tells that there is more"
    latest = page(sentence(7) + "<a href='t20260302_101_8.html'>下一页</a>", URL.replace("101", "101_7"))
    assert parts_after(latest, URL, 7) == (PartLink(number=8, url=URL.replace("101", "101_8")),)
    last = page(sentence(8) + "<a href='t20260302_101_8.html'>下一页</a>", URL.replace("101", "101_8"))
    assert parts_after(last, URL, 8) == (), "the last page links itself"


FRAMES = [
    ("<iframe src='/pdf/1.pdf'></iframe>", "https://rsj.jia.example/pdf/1.pdf"),
    ("<iframe src='/pdfjs/web/viewer.html?file=%2Fpdf%2F1.pdf#page=1'></iframe>", "https://rsj.jia.example/pdf/1.pdf"),
    ("<iframe src='/pdfjs/web/viewer.html?file=../../1.pdf'></iframe>", "https://rsj.jia.example/1.pdf"),
    ("<iframe src='/viewer.html?file=/down.do?id=3'></iframe>", "https://rsj.jia.example/down.do?id=3"),
    ("<embed src='./P02.PDF'>", "https://rsj.jia.example/gk/202603/P02.PDF"),
    ("<object data='P02.pdf'></object>", "https://rsj.jia.example/gk/202603/P02.pdf"),
    ("<p>附件：<a href='./P02.pdf'>实施方案.pdf</a></p>", "https://rsj.jia.example/gk/202603/P02.pdf"),
]


@pytest.mark.parametrize(("body", "expected"), FRAMES)
def test_a_pdf_that_is_all_there_is(body: str, expected: str) -> None:
    first = page(body)
    assert may_have_parts(first)
    article = extract_article(first)
    assert further_parts(first, article) == (PartLink(number=2, url=expected, is_pdf=True),)
    assert [item.url for item in article.attachments] == [expected]


def test_a_pdf_under_a_text_is_an_attachment() -> None:
    assert further("<p>附件：<a href='./P02.pdf'>实施方案.pdf</a></p>") == []
    two = page("<p><a href='1.pdf'>名单.pdf</a></p><p><a href='2.pdf'>岗位.pdf</a></p><p>现将有关名单予以公示。</p>")
    assert further_parts(two, extract_article(two)) == ()
    long = page("".join(map(sentence, range(20))) + "<iframe src='/pdf/1.pdf'></iframe>")
    assert further_parts(long, extract_article(long)) == ()


def test_one_document_in_two_forms_is_one() -> None:
    both = page("<p><a href='1.ofd'>实施方案.ofd</a></p><p><a href='1.pdf'>实施方案.pdf（下载）</a></p>")
    assert [link.url[-6:] for link in further_parts(both, extract_article(both))] == ["/1.pdf"]
    other = page("<p><a href='1.ofd'>实施方案.ofd</a></p><p><a href='2.pdf'>岗位表.pdf</a></p>")
    assert lone_pdf(extract_article(other).attachments) is None


def test_frames_are_counted() -> None:
    first = page("".join(f"<iframe src='/pdf/{n}.pdf'></iframe>" for n in range(9)))
    assert [link.number for link in further_parts(first, extract_article(first))] == [*range(2, 2 + MAX_FRAMES)]


def test_pages_are_joined_in_order_without_what_each_repeats() -> None:
    lead, closing = "<p>编者按：这一组文章介绍两市协作的做法和成效。</p>", "<p>（甲市人社局供稿）</p>"
    parts = [page(lead + sentence(n) + closing, title=f"{TITLE}（{n}）") for n in (2, 3)]
    whole = extract_whole(page(lead + sentence(1) + closing), parts=parts)
    lines = whole.body.split("\n")
    assert [line[:4] for line in lines] == ["编者按：", "两市人社", "两市人社", "两市人社", "（甲市人"]
    assert [f"第{n}项" in lines[n] for n in (1, 2, 3)] == [True] * 3
    assert whole.origins["parts"] == "pages:2,3"
    assert whole.folded_body.count("第3项") == 1
    assert whole.body_html is not None
    assert whole.body_html.index("第2项") < whole.body_html.index("第3项")


def test_what_is_found_on_later_pages_counts() -> None:
    second = page(
        sentence(2)
        + "<p>甲市人力资源和社会保障局</p><p>2026年2月28日</p><p>来源：甲市日报</p><a href='1.xlsx'>岗位表.xlsx</a>"
        "<img src='/2.jpg'>"
    )
    whole = extract_whole(page(sentence(1) + "<img src='1.jpg'><a href='1.docx'>附件1</a>"), parts=[second])
    assert [item.name for item in whole.attachments] == ["附件1", "岗位表.xlsx"]
    assert whole.images == ("https://rsj.jia.example/gk/202603/1.jpg", "https://rsj.jia.example/2.jpg")
    assert whole.written is not None
    assert whole.written.at.date().isoformat() == "2026-02-28"
    assert whole.source_name == "甲市日报"


def test_what_is_missing_is_named_and_costs_nothing() -> None:
    gone = MissingPart(number=3, url=URL, reason=Reason.GONE)
    parts = [page(sentence(2)), page(sentence(4)), page(sentence(5), title="乙市召开春运保障工作会议")]
    whole = extract_whole(page(sentence(1)), parts=parts, missing=[gone])
    assert whole.origins["parts"] == "pages:2,4;missing:3=gone,5=other-path"
    assert len(whole.body.split("\n")) == 3


def test_a_page_that_says_nothing_new_is_no_page() -> None:
    whole = extract_whole(page(sentence(1)), parts=[page(sentence(1))])
    assert whole.body.count("第1项") == 1
    assert whole.origins["parts"] == "missing:2=empty"


def test_a_pdf_takes_the_place_of_its_name() -> None:
    text = [
        "甲人社发〔2026〕7号",
        "为落实两市协作协议，推动公共就业服务同城化，现将协作实施方案印发给你们，请认真贯彻落实。",
    ]
    whole = extract_whole(page("<p>附件：<a href='./P02.pdf'>方案.pdf</a></p>"), parts=[page(pdf([typeset(text)]))])
    assert whole.body.split("\n") == text
    assert (whole.title, whole.origins["body"], whole.origins["parts"]) == (TITLE, "pdf", "pdf:2")
    assert whole.document_number == "甲人社发〔2026〕7号"
    assert whole.body_html is not None
    assert "实施方案印发" in whole.body_html


def test_a_pdf_that_cannot_be_read_leaves_what_there_is() -> None:
    broken = page(b"%PDF-1.7\n synthetic, and no more")
    whole = extract_whole(page("<p>附件：<a href='./P02.pdf'>方案.pdf</a></p>"), parts=[broken])
    assert whole.origins["parts"].startswith("missing:2=")
    assert [item.name for item in whole.attachments] == ["方案.pdf"]


def test_a_first_page_that_is_none_is_refused_with_or_without_parts() -> None:
    bare = replace(page(""), body=b"<html><body><p>synthetic</p></body></html>")
    with pytest.raises(RefusedError):
        extract_whole(bare, parts=[page(sentence(2))])


@pytest.mark.parametrize(
    ("first", "other", "same"),
    [
        ("甲乙协作综述", "甲乙协作综述（2）", True),
        ("甲乙协作综述", "甲乙协作综述_2", True),
        ("甲乙协作综述（第1页）", "甲乙协作综述(第2页)", True),
        ("甲乙协作综述", "乙市来甲市考察", False),
    ],
)
def test_titles_of_one_article(first: str, other: str, same: bool) -> None:
    assert is_same_article(first, other) is same


@pytest.mark.parametrize(
    ("address", "text", "offered"),
    [
        ("/download.jsp?id=1", "附件1.xlsx", True),
        ("/downfile.jsp?filename=1.doc", "附件2：报名表", True),
        ("./W020240613408.docx", "点击查看", True),
        ("art_1_2.html", "附件政策解读", False),
        ("javascript:down('1.xlsx')", "附件1.xlsx", False),
        ("/gk/", "附件管理办法", False),
        ("http://www.example.cn/", "example.cn", False),
    ],
)
def test_files_by_what_their_links_say(address: str, text: str, offered: bool) -> None:
    assert is_offered(address, text) is offered


def test_no_frame_of_a_page_is_a_file() -> None:
    assert framed_file(URL, "/video.html?id=1") is None
    assert framed_file(URL, "http://[/1.pdf") is None
    assert framed_file(URL, "javascript:alert('1.pdf')") is None
    assert not is_file("/pdf/")


# bytes that pagers, frames and their damage are made of
_PIECES = st.sampled_from(
    ["<a href='", "t20260302_101_2.html", "?page=2", "'>2</a>", "下一页", "<iframe src='", "1.pdf", "viewer.html?file=",
     "createPageHTML(", "3,0,'t20260302_101','html')", "<base href='", "http://[", "%", "\x00", "<script>", "]]>", "'>"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES, max_size=40))
def test_never_raises_and_never_leaves_the_host(pieces: list[str]) -> None:
    first = page(sentence(1) + "".join(pieces))
    article = extract_article(page(sentence(1)))
    for link in further_parts(first, article):
        assert link.number >= 2
        assert link.is_pdf or link.url.startswith("https://rsj.jia.example/")


@pytest.mark.timeout(60)  # what takes quadratic time does not come back
def test_twenty_thousand_links_to_one_part_are_one() -> None:
    hostile = page(sentence(1) + "<a href='t20260302_101_2.html'>2</a>" * 20_000 + "t20260302_101" * 20_000)
    article = extract_article(page(sentence(1)))
    assert may_have_parts(hostile)
    assert len(further_parts(hostile, article)) == 1


def test_scant_is_less_than_an_article() -> None:
    text = "现将有关名单予以公示，公示期五个工作日。" * 10
    assert len(text) > SCANT
    first = page(f"<p>{text}</p><a href='./P02.pdf'>名单.pdf</a>")
    assert further_parts(first, extract_article(first)) == ()


@pytest.mark.parametrize("address", ["a.pdf", "a.DOCX?x=1", "/b/c.7z#d", "./P02.doc ", "x.et"])
def test_addresses_of_files(address: str) -> None:
    assert is_file(address)


@pytest.mark.parametrize("address", ["pdf", "/pdf", "a.pdf/", "a.html?f=a.pdf", "", "a.b/et"])
def test_other_addresses(address: str) -> None:
    assert not is_file(address)
