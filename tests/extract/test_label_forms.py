# ruff: noqa: E501  # a page reads better in one line
"""The visible labels of Chinese pages in their many forms, on synthetic pages: when, from whom, by whom, which number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract_article
from crawler.model import Article, Page

TITLE = "甲乙两省人社部门签署劳务协作协议"
TEXT = "".join(
    f"<p>{text}</p>"
    for text in (
        "为深化人力资源服务合作，甲省与乙省人社部门近日在某市举行座谈，就劳务协作、技能培训、社保关系转移接续等事项交换了意见。",
        "双方商定，建立岗位信息共享机制，每季度联合举办一次专场招聘会，共同支持脱贫人口稳定就业。",
        "下一步，两地将定期会商，推动协议约定的事项落地见效，让群众得到实惠。",
    )
)
FETCHED = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai


def read(labels: str = "", *, head: str = "", below: str = "", url: str = "https://hrss.example/a/1.html") -> Article:
    html = (
        f"<html><head><meta charset='utf-8'><title>{TITLE}_某省人社厅</title>{head}</head><body>"
        "<div class='top'><a href='/'>首页</a><a href='/zc'>政策文件</a><a href='/dt'>工作动态</a></div>"
        f"<div class='main'><h1>{TITLE}</h1>{labels}<div class='con'>{TEXT}</div>{below}</div>"
        "<div class='foot'>版权所有：某省人力资源和社会保障厅 Copyright © 2019-2021 某ICP备05000001号</div></body></html>"
    )
    page = Page(url=url, status=200, headers={}, body=html.encode(), fetched_at=FETCHED)
    return extract_article(page)


def said(article: Article) -> str | None:
    """The time of publication as far as it is known."""
    if article.published is None:
        return None
    return article.published.at.strftime("%Y-%m-%d" if article.published.precision == "day" else "%Y-%m-%d %H:%M")


DAY, MINUTE = "2024-03-05", "2024-03-05 08:05"

DATES = [
    # one label, one value
    ("<p>发布时间：2024-03-05 08:05</p>", MINUTE),
    ("<p>发布时间:2024-03-05 08:05:33</p>", MINUTE),
    ("<p>发布时间∶2024-03-05 08∶05</p>", MINUTE),
    ("<p>发布时间 2024-03-05 08:05</p>", MINUTE),
    ("<p>发布时间2024-03-05 08:05</p>", MINUTE),
    ("<p>发布日期：2024-03-05</p>", DAY),
    ("<p>发布日期：2024年03月05日</p>", DAY),
    ("<p>发布日期：2024年3月5日 星期二</p>", DAY),
    ("<p>发布日期：2024.03.05</p>", DAY),
    ("<p>发布日期：2024/3/5</p>", DAY),
    ("<p>发布日期：20240305</p>", DAY),
    ("<p>发布日期：2024 年 3 月 5 日</p>", DAY),
    ("<p>发布时间：2024年03月05日 08时05分</p>", MINUTE),
    ("<p>发布时间：2024年03月05日08:05</p>", MINUTE),
    ("<p>发布时间：2024-3-5 8:05</p>", MINUTE),
    ("<p>发布时间：2024-03-05  08:05</p>", MINUTE),
    ("<p>发布时间：2024-03-05 (星期二) 8：05</p>", MINUTE),
    ("<p>发布时间：2024-03-05 上午 8:05</p>", MINUTE),
    ("<p>发布时间：2024-03-05T08:05:00+08:00</p>", MINUTE),
    ("<p>发布时间：2024-03-05T00:05:00Z</p>", MINUTE),
    ("<p>发布时间：2024-03-05 00:00:00</p>", DAY),
    ("<p>发布日期：二〇二四年三月五日</p>", DAY),
    ("<p>日期：2024-03-05</p>", DAY),
    ("<p>时间：2024-03-05 08:05</p>", MINUTE),
    ("<p>时 间：2024-03-05 08:05</p>", MINUTE),
    ("<p>日&emsp;期：2024-03-05</p>", DAY),
    ("<p>信息时间：2024-03-05</p>", DAY),
    ("<p>发稿时间：2024-03-05 08:05</p>", MINUTE),
    ("<p>发表时间：2024-03-05 08:05</p>", MINUTE),
    ("<p>发表于 2024-03-05 08:05</p>", MINUTE),
    ("<p>发布于：2024-03-05 08:05</p>", MINUTE),
    ("<p>录入时间：2024-03-05</p>", DAY),
    ("<p>公开日期：2024-03-05</p>", DAY),
    ("<p>上网时间：2024-03-05</p>", DAY),
    ("<p>印发日期：2024-03-05</p>", DAY),
    ("<p>發佈時間：2024-03-05 08:05</p>", MINUTE),
    ("<p>發布日期：2024年3月5日</p>", DAY),
    ("<p>【发布时间】2024-03-05 08:05</p>", MINUTE),
    ("<p>[ 发布日期 ] 2024-03-05</p>", DAY),
    ("<p>【字体：大 中 小】 发布时间：2024-03-05</p>", DAY),
    ("<p>更新时间：2024-03-05 08:05</p>", MINUTE),
    # a date alone beside the title
    ("<p>2024-03-05 08:05</p>", MINUTE),
    ("<p>2024年03月05日08:05</p>", MINUTE),
    ("<p>某省日报 2024年03月05日</p>", DAY),
    ("<span>2024</span><p>03/05</p><p>08:05</p>", MINUTE),
    ("<p><em>2024</em><em>03</em>/<em>05</em></p><p>来源：某网</p>", DAY),
    ("<p><a href='/p'>2024-03-05 08:05:00</a></p>", MINUTE),
    # label and value apart
    ("<p><span>发布时间：</span><span>2024-03-05 08:05</span></p>", MINUTE),
    ("<div>发布时间：</div><div>2024-03-05 08:05</div>", MINUTE),
    ("<ul><li>发布时间</li><li>2024-03-05 08:05</li></ul>", MINUTE),
    ("<table><tr><td>发布日期：</td><td>2024-03-05</td></tr></table>", DAY),
    ("<table><tr><th>索引号</th><td>A-1</td><th>发布日期</th><td>2024-03-05</td></tr></table>", DAY),
    ("<dl><dt>发布日期</dt><dd>2024-03-05</dd></dl>", DAY),
    ("<p>发布时间：<script>document.write('2024-03-05 08:05');</script></p>", MINUTE),
    ("<p>发布时间：<script>var pubtime = '2024-03-05 08:05';</script><i id='t'></i></p>", MINUTE),
    # several dates: the one of publication
    ("<p>更新时间：2024-04-01 发布时间：2024-03-05</p>", DAY),
    ("<p>成文日期：2024-02-20 发布日期：2024-03-05</p>", DAY),
    ("<p>成文日期：2024-02-20</p><p>发布日期：2024-03-05</p>", DAY),
    ("<p>今天是2026年11月20日 星期五</p><p>发布时间：2024-03-05</p>", DAY),
    ("<p>报名时间：2024-04-01至2024-04-09</p><p>发布时间：2024-03-05</p>", DAY),
    ("<p>发布时间：2024-03-05 有效期至：2029-03-05</p>", DAY),
    ("<p>发布时间：2099-03-05</p><p>日期：2024-03-05</p>", DAY),
    # from the moment of the fetch
    ("<p>3天前</p>", "2026-11-17"),
    ("<p>发布于 3天前</p>", "2026-11-17"),
    ("<p>昨天 14:05</p>", "2026-11-19 14:05"),
    ("<p>昨天</p>", "2026-11-19"),
    ("<p>3小时前</p>", "2026-11-20 09:00"),
    ("<p>刚刚</p>", "2026-11-20 12:00"),
    # without a year: the latest such day
    ("<p>发布时间：03-05 08:05</p>", "2026-03-05 08:05"),
    ("<p>发布时间：12-05 08:05</p>", "2025-12-05 08:05"),
    ("<p>发布时间：24-03-05 08:05</p>", MINUTE),
    # nothing that says so
    ("<p>今天是2026年11月20日 星期五</p>", None),
    ("<p>报名时间：2024-03-05</p>", None),
    ("<p>发布时间：</p>", None),
    ("<p>发布时间：2099-03-05</p>", None),
    ("<p>页面生成时间：2024-03-05 08:05</p>", None),
]


@pytest.mark.parametrize(("labels", "expected"), DATES)
def test_date(labels: str, expected: str | None) -> None:
    assert said(read(labels)) == expected


HEADS = [
    ('<meta name="PubDate" content="2024-03-05 08:05">', MINUTE),
    ('<META NAME="pubdate" CONTENT="2024-03-05  08:05:12">', MINUTE),
    ("<meta name='PUBDATE' content='2024-03-05 08∶05'>", MINUTE),
    ('<meta name="PubDate" content="2024-03-05 00:00:00">', DAY),
    ('<meta name="PubDate" content="">', None),
    ('<meta name="PubDate" content="2024-03-05 08:05:33"><meta name="others" content="页面生成时间 2024-03-05 08:05:34">', None),
    ('<meta name="firstpublishedtime" content="2024-03-05-08:05:00">', MINUTE),
    ('<meta name="Maketime" content="2024-03-05 08:05:00">', MINUTE),
    ('<meta name="publishdate" content="2024-03-05">', DAY),
    ('<meta property="article:published_time" content="2024-03-05T08:05:00+08:00">', MINUTE),
    ('<meta property="article:published_time" content="2024-03-05T00:05:00Z">', MINUTE),
    ('<meta property="og:release_date" content="2024-03-05 08:05">', MINUTE),
    ('<meta itemprop="datePublished" content="2024-03-05">', DAY),
    ('<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-03-05T08:05:00+08:00"}</script>', MINUTE),
    ('<script type="application/ld+json">[{"@type":"NewsArticle","datePublished":"2024-03-05T00:05:00Z"}]</script>', MINUTE),
    ('<script type="application/ld+json">{"@graph":[{"@type":"WebPage"},{"@type":"Article","datePublished":"2024-03-05"}]}</script>', DAY),
    ('<script type="application/ld+json">{"datePublished":"2024-03-05T08:05:00",}</script>', None),
    ('<script>var publishTime = "2024-03-05 08:05";</script>', MINUTE),
    ('<script>var ct = "1709597100";</script>', MINUTE),
]  # fmt: skip


@pytest.mark.parametrize(("head", "expected"), HEADS)
def test_date_in_the_head(head: str, expected: str | None) -> None:
    assert said(read(head=head)) == expected


def test_a_time_element() -> None:
    assert said(read("<time datetime='2024-03-05T08:05:00+08:00'>某日</time>")) == MINUTE


def test_what_is_seen_outweighs_what_is_tagged() -> None:
    tag = '<meta name="PubDate" content="2025-06-03 13:56:58">'
    assert said(read("<p>发布日期：2024-03-05</p>", head=tag)) == DAY
    assert said(read("<p>发布日期：2024-03-05</p>", head='<meta name="PubDate" content="2024-03-05 08:05">')) == MINUTE
    assert said(read(head=tag, url="https://hrss.example/202403/t20240305_1.html")) == DAY
    assert said(read("<p>发布日期：2024-03-05</p>", url="https://hrss.example/202403/t20240304_1.html")) == DAY


def test_day_and_clock_alone_below_the_text() -> None:
    assert said(read(below="<p>2024-03-05 08:05:03</p>")) == MINUTE
    assert said(read(below="<p>2024年3月5日</p>")) is None  # may be the day of signing


SOURCES = [
    ("<p>来源：甲省日报</p>", "甲省日报"),
    ("<p>来源: 甲省日报</p>", "甲省日报"),
    ("<p>来源∶甲省日报</p>", "甲省日报"),
    ("<p>来 源：甲省日报</p>", "甲省日报"),
    ("<p>信息来源：甲省日报</p>", "甲省日报"),
    ("<p>文章来源：甲省日报</p>", "甲省日报"),
    ("<p>稿源：甲省日报</p>", "甲省日报"),
    ("<p>來源：甲省日報</p>", "甲省日報"),
    ("<p>来源于：甲省日报</p>", "甲省日报"),
    ("<p>转载自：甲省日报</p>", "甲省日报"),
    ("<p>供稿：甲省就业局</p>", "甲省就业局"),
    ("<p>信息来源：甲省人力资源和社会保障厅流动管理处</p>", "甲省人力资源和社会保障厅流动管理处"),
    ("<p>来源：“甲省发布”微信公众号</p>", "“甲省发布”微信公众号"),
    ("<p>来源：甲省发布 发布时间：2024-03-05</p>", "甲省发布"),
    ("<p>来源：《甲省日报》</p>", "甲省日报"),
    ("<p>来源：甲省日报 | 作者：张三 | 编辑：李四</p>", "甲省日报"),
    ("<p>来源：甲省日报作者：张三</p>", "甲省日报"),
    ("<p>2024-03-05 08:05 来源：甲省日报 【字体：大 中 小】</p>", "甲省日报"),
    ("<p>2024-03-05 08:05来源：甲省日报浏览：33</p>", "甲省日报"),
    ("<p>来源：甲省日报&emsp;发布时间：2024-03-05</p>", "甲省日报"),
    ("<p>来源：甲省日报&nbsp;&nbsp;2024-03-05</p>", "甲省日报"),
    ("<p>发布时间：2024-03-05&emsp;来源：甲省日报&emsp;点击数：12</p>", "甲省日报"),
    ("<p>发表于2024-03-05 08:05| 12次阅读| 来源甲省日报| 作者张三</p>", "甲省日报"),
    ("<p>来源：<a href='http://www.jia.example/'>甲省日报</a></p>", "甲省日报"),
    ("<p>来源：<img src='/logo.png' alt='甲省日报'></p>", "甲省日报"),
    ("<p>来源：<span id='laiyuan'>甲省日报</span></p>", "甲省日报"),
    ("<p>来源：<script>document.write(\"甲省日报\");</script></p>", "甲省日报"),
    ("<p>来源：<script>var docSource = '甲省日报'; if (docSource != '') document.write(docSource);</script></p>", "甲省日报"),
    ("<div>来源：</div><div>甲省日报</div>", "甲省日报"),
    ("<ul><li>来源</li><li>甲省日报</li></ul>", "甲省日报"),
    ("<table><tr><td>信息来源</td><td>甲省日报</td></tr></table>", "甲省日报"),
    ("<p>甲省日报 2024-03-05 08:05</p>", "甲省日报"),
    ("<p>2024-03-05 08:05</p><p>甲省日报</p>", "甲省日报"),
    ("<p>2024年3月5日 某网传媒 时政新闻 1665</p>", "某网传媒"),
    ("<table><tr><td>索引号：</td><td>A-1</td></tr><tr><td>发布机构：</td><td>甲省人社厅</td></tr></table>", "甲省人社厅"),
    # the site itself, or nobody
    ("<p>来源：本站</p>", None),
    ("<p>来源：本网</p>", None),
    ("<p>来源：原创</p>", None),
    ("<p>来源：本站原创</p>", None),
    ("<p>来源：网络</p>", None),
    ("<p>来源：</p>", None),
    ("<p>来源： 【打印】</p>", None),
    ("<p>来源：|发布时间：2024-03-05|浏览次数：2168</p>", None),
    ("<p>2024-03-05 08:05 时政新闻</p>", None),
]  # fmt: skip


@pytest.mark.parametrize(("labels", "expected"), SOURCES)
def test_source(labels: str, expected: str | None) -> None:
    assert read(labels).source_name == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta name="ContentSource" content="甲省日报">', "甲省日报"),
        ('<META name="contentsource" content=" 来源：甲省日报 ">', "甲省日报"),
        ('<meta name="source" content="甲省日报">', "甲省日报"),
        ('<meta name="ContentSource" content="本站">', None),
        ('<meta name="ContentSource" content="">', None),
    ],
)
def test_tagged_source(head: str, expected: str | None) -> None:
    assert read(head=head).source_name == expected


def test_source_below_the_text() -> None:
    article = read(below="<p>（来源：甲省日报）</p>")
    assert article.source_name == "甲省日报"
    assert article.body.endswith("实惠。")


AUTHORS = [
    ("<p>作者：张三</p>", "张三"),
    ("<p>作 者：张三</p>", "张三"),
    ("<p>来源：甲省日报 作者：张三 编辑：李四</p>", "张三"),
    ("<p>来源：甲省日报 | 作者张三 | 2024-03-05</p>", "张三"),
    ("<p>作者： 记者张三</p>", "张三"),
    ("<p>撰稿：张三</p>", "张三"),
    ("<p>记者：张三</p>", "张三"),
    ("<p>通讯员：张三</p>", "张三"),
    ("<p>作者：张三（甲省人社厅）</p>", "张三"),
    ("<p>责任编辑：李四</p>", None),
    ("<p>责任编辑：李四 审核：王五</p>", None),
    ("<p>编辑：李四</p>", None),
    ("<p>作者：admin</p>", None),
    ("<p>作者：网络整理</p>", None),
    ("<p>作者：</p>", None),
    ("<p>作者：本站</p>", None),
]


@pytest.mark.parametrize(("labels", "expected"), AUTHORS)
def test_author(labels: str, expected: str | None) -> None:
    assert read(labels).author == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<p>本报记者 张三 李四</p>", "张三 李四"),
        ("<p>某某网3月5日讯（记者 张三）两地签署协议，约定共享岗位信息，联合举办招聘活动。</p>", "张三"),
        ("<p>某某网3月5日讯（本网记者张三、李四）两地签署协议，约定共享岗位信息。</p>", "张三 李四"),
        ("<p>两地签署协议，记者在现场看到，求职者络绎不绝（记者节将至）。</p>", None),
    ],
)
def test_author_named_by_the_text(line: str, expected: str | None) -> None:
    page = f"<title>{TITLE}</title><h1>{TITLE}</h1><div id='zoom'>{line}{TEXT}</div>"
    asked = Page(url="https://hrss.example/1.html", status=200, headers={}, body=page.encode(), fetched_at=FETCHED)
    assert extract_article(asked).author == expected


def test_the_agency_is_no_author() -> None:
    tags = '<meta name="ContentSource" content="甲省人社厅"><meta name="Author" content="甲省人社厅">'
    assert read(head=tags).author is None


def test_a_tag_that_names_only_the_site_gives_way_to_what_the_page_says() -> None:
    tags = '<meta name="SiteName" content="甲省人社厅"><meta name="ContentSource" content="甲省人社厅">'
    assert read(head=tags).source_name == "甲省人社厅"
    assert read(head=tags, below="<p>来源：乙省日报</p>").source_name == "乙省日报"


def test_a_title_printed_in_two_lines_and_again_above_a_second_copy() -> None:
    lines = f"<p>{TITLE[:8]}</p><p>{TITLE[8:]}</p>"
    page = f"<title>{TITLE}</title><h1>{TITLE}</h1><div id='zoom'>{lines}{TEXT}<p>{TITLE}</p>{TEXT}</div>"
    asked = Page(url="https://hrss.example/1.html", status=200, headers={}, body=page.encode(), fetched_at=FETCHED)
    body = extract_article(asked).body
    assert body.startswith("为深化")
    assert body.endswith("实惠。")
    assert body.count("为深化") == 1


def block(*pairs: tuple[str, str], form: str) -> str:
    """An information-disclosure block."""
    if form == "rows":
        return "<table>" + "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in pairs) + "</table>"
    if form == "two-pairs":
        cells = [f"<td>{name}：</td><td>{value}</td>" for name, value in pairs]
        rows = ["".join(cells[n : n + 2]) for n in range(0, len(cells), 2)]
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
    if form == "dl":
        return "<dl>" + "".join(f"<dt>{name}：</dt><dd>{value}</dd>" for name, value in pairs) + "</dl>"
    if form == "brackets":
        return "<p>" + " ".join(f"[ {name} ] {value}" for name, value in pairs) + "</p>"
    return "<ul>" + "".join(f"<li><b>{name}：</b>{value}</li>" for name, value in pairs) + "</ul>"


@pytest.mark.parametrize("form", ["rows", "two-pairs", "dl", "brackets", "list"])
def test_disclosure_block(form: str) -> None:
    labels = block(
        ("索引号", "11500000009275780L/2024-00045"),
        ("主题分类", "劳动就业"),
        ("发布机构", "甲省人力资源和社会保障厅"),
        ("发文字号", "甲人社发〔2024〕12号"),
        ("成文日期", "2024-02-20"),
        ("发布日期", "2024-03-05"),
        form=form,
    )
    article = read(labels)
    assert said(article) == DAY
    assert article.written is not None
    assert article.written.at.strftime("%Y-%m-%d") == "2024-02-20"
    assert article.document_number == "甲人社发〔2024〕12号"
    assert article.source_name == "甲省人力资源和社会保障厅"
    assert article.body.startswith("为深化")


@pytest.mark.parametrize("form", ["rows", "two-pairs", "dl", "list"])
def test_disclosure_block_above_the_title(form: str) -> None:
    pairs = (
        ("索引号", "A/2024-1"),
        ("发文机关", "甲省人社厅"),
        ("文号", "甲人社函〔2024〕3号"),
        ("成文日期", "2024-02-20"),
    )
    labels = block(*pairs, form=form) + f"<h2>{TITLE}</h2><p>发布日期：2024-03-05</p>"
    article = read(labels)
    assert said(article) == DAY
    assert article.document_number == "甲人社函〔2024〕3号"
    assert article.source_name == "甲省人社厅"
    assert article.written is not None
    assert article.written.at.strftime("%Y-%m-%d") == "2024-02-20"


@pytest.mark.parametrize(
    "printed",
    [
        "甲人社发〔2024〕12号", "甲人社发[2024]12号", "甲人社发【2024】12号", "甲人社发（2024）12号", "甲人社发(2024)12号",
        "甲人社发［2024］12号", "甲人社发﹝2024﹞12号", "甲人社发〔2024〕 12 号", "甲人社发 〔2024〕第12号", "甲人社发202412号",
        "甲人社发〔202412号", "甲人社发2024年12号", "（甲人社发〔2024〕12号）", "文号：甲人社发〔2024〕12号",
    ],
)  # fmt: skip
def test_document_number(printed: str) -> None:
    assert read(f"<p>{printed}</p>").document_number == "甲人社发〔2024〕12号"


@pytest.mark.parametrize("tail", [
    "责任编辑：李四", "【责任编辑：李四】", "(责编：李四、王五)", "编辑：李四 审核：王五", "初审：李四 复审：王五 终审：赵六", "来源：甲省日报",
    "本文来源：甲省日报 责任编辑：李四_B1", "打印 关闭", "【打印本页】【关闭窗口】", "扫一扫在手机打开当前页", "分享到：", "上一篇：某地召开就业工作会议",
    "下一篇：没有了", "相关阅读", "延伸阅读：", "版权声明：未经授权不得转载", "特别声明", "浏览次数：33", "标签：就业 社保", "我要纠错", "点赞",
    "发布日期：2024-03-05 责任编辑：李四", "为你推荐", "附件：", "[我要纠错]", "字体：大 中 小",
])  # fmt: skip
def test_furniture_below_the_text_in_its_own_box(tail: str) -> None:
    labels = f"<div id='zoom'>{TEXT}<p>{tail}</p></div>"
    article = extract_article(
        Page(
            url="https://hrss.example/a/1.html",
            status=200,
            headers={},
            body=f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{labels}</body></html>".encode(),
            fetched_at=FETCHED,
        )
    )
    assert article.body.endswith("实惠。")
    assert article.body.startswith("为深化")


def test_teasers_below_the_text_are_left_out() -> None:
    teasers = "<p>重点推荐</p><p>要闻</p><p>某地举办招聘会，数百人到场。</p><p>另一地启动培训。</p>"
    page = f"<title>{TITLE}</title><h1>{TITLE}</h1><div id='zoom'>{TEXT}{teasers}</div>"
    article = extract_article(
        Page(url="https://hrss.example/1.html", status=200, headers={}, body=page.encode(), fetched_at=FETCHED)
    )
    assert article.body.endswith("实惠。")
