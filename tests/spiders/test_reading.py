"""How the first families read their lists, on synthetic pages: showlist, UCAP, generic, Founder editions, feeds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.errors import RefusedError
from crawler.extract.rows import Row
from crawler.model import ListPage, Page, Reason, RowDate, Source
from crawler.polling.poll import ListJob
from spiders.base import ListSpider
from spiders.feed import FeedSpider
from spiders.founder import FounderSpider
from spiders.generic import GenericSpider
from spiders.showlist import ShowListSpider
from spiders.ucap import UcapSpider
from tests.archive.making import source

HEX = "991827fd844d80bc21063f7701ff6aac"
URL = "http://synthetic.example/list/"


def page(body: str | bytes, url: str = URL, kind: str = "text/html; charset=utf-8") -> Page:
    content = body if isinstance(body, bytes) else body.encode()
    return Page(
        url=url, status=200, headers={"content-type": kind}, body=content, fetched_at=datetime(2026, 3, 2, tzinfo=UTC)
    )


def read(
    spider: type[ListSpider], body: str | bytes, *, url: str = URL, of: Source | None = None, **facts: str
) -> list[Row]:
    job = ListJob(ListPage(url=url, **facts), url)
    return list(spider().read_rows(page(body, url), job, of or source()))


def li(href: str, title: str, date: str = "2026-03-01") -> str:
    return f"<li><a href='{href}'>{title}</a><span>{date}</span></li>"


def test_showlist() -> None:
    items = li(f"/xinwen/show/{HEX}.html", "合成：两地人社部门会商") + li("/xinwen/list/1.html", "合成：更多的工作动态")
    items += li(f"/gongkai/show/{HEX}.html", "合成：政府信息公开一则")
    found = read(ShowListSpider, f"<ul>{items}</ul>")
    assert [row.is_article for row in found] == [True, False, True]


def test_ucap_takes_the_whole_title_from_its_attribute() -> None:
    rows = "".join(
        f"<dd><a href='/rst/gsgg/2021/8/{n}/{HEX[:-1]}{n}.shtml' "
        f"title='合成：川渝两地人社部门签署协议第{n}号'>合成：川渝两地…</a><span>2021-08-0{n}</span></dd>"
        for n in range(1, 4)
    )
    found = read(UcapSpider, f"<div class='gknr_list'><dl>{rows}</dl></div>")
    assert [row.title for row in found] == [f"合成：川渝两地人社部门签署协议第{n}号" for n in range(1, 4)]
    assert [row.date for row in found] == [RowDate(year=2021, month=8, day=n) for n in range(1, 4)]
    assert all(row.is_article for row in found)


def test_generic_takes_the_sources_selector_before_the_pattern_before_the_heuristic() -> None:
    body = f"<div id='x'>{li('/a/1.html', '合成标题甲乙丙丁戊')}</div><ul>{li('/b/2.html', '合成标题己庚辛壬癸')}</ul>"
    assert [row.url for row in read(GenericSpider, body, rows="#x li")] == ["http://synthetic.example/a/1.html"]
    assert [row.url for row in read(GenericSpider, body, article="/b/")] == ["http://synthetic.example/b/2.html"]
    by_source = read(GenericSpider, body, of=replace(source(), article="/a/"))
    assert [row.url for row in by_source] == ["http://synthetic.example/a/1.html"]
    assert len(read(GenericSpider, body)) >= 1


EDITION = "http://paper.synthetic.example/html/2025-06/20/"


def test_founder_reads_articles_with_the_editions_date_and_finds_its_other_pages() -> None:
    body = (
        "<map name='PagePicMap'><area href='content_1_11.htm' coords='0,0'></map>"
        "<a href='content_1_11.htm'>合成：两地人社部门会商</a><a href='content_1_12.htm'>合成：天气转晴气温回升</a>"
        "<a href='node_1.htm'>第01版</a><a href='node_2.htm'>第02版</a><area href='node_3.htm'>"
        "<a href='../19/node_1.htm'>上一期</a><a href='../../2025-05/20/node_1.htm'>上月</a><a href='http://['>坏</a>"
        "<a href='http://other.example/html/2025-06/20/node_4.htm'>他报</a>"
    )
    url = EDITION + "node_1.htm"
    job = ListJob(ListPage(url=url), url)
    spider = FounderSpider()
    rows = spider.read_rows(page(body, url), job, source())
    assert [(row.url, row.date) for row in rows] == [
        (f"{EDITION}content_1_{n}.htm", RowDate(year=2025, month=6, day=20)) for n in (11, 12)
    ]
    more = [found for found in spider.more_lists(page(body, url), job, source()) if "paper." in found]
    assert more == [EDITION + "node_2.htm", EDITION + "node_3.htm"]
    further = ListJob(ListPage(url=url), EDITION + "node_2.htm", is_first=False)
    assert list(spider.more_lists(page(body, EDITION + "node_2.htm"), further, source())) == []


RSS = """<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>合成</title>
<item><title>合成：&lt;b&gt;两地&lt;/b&gt;人社部门会商 &amp;amp; 签约</title><link>/a/1.html</link>
<pubDate>{date}</pubDate></item>
<item><title>合成：无日期</title><link>http://other.example/2</link></item></channel></rss>"""


@pytest.mark.parametrize(
    ("date", "read_as"),
    [
        ("Wed, 19 Apr 2023 20:30:00 GMT", RowDate(year=2023, month=4, day=20, hour=4, minute=30)),
        ("Wed, 19 Apr 2023 20:30:00 +0800", RowDate(year=2023, month=4, day=19, hour=20, minute=30)),
        ("2023-04-19 20:30:00", RowDate(year=2023, month=4, day=19, hour=20, minute=30)),
        ("2023-04-19", RowDate(year=2023, month=4, day=19)),
        ("Wed, 19 Apr 2023 20:30:00+0900", RowDate(year=2023, month=4, day=19, hour=19, minute=30)),
        ("2023年4月19日 20:30", RowDate(year=2023, month=4, day=19, hour=20, minute=30)),
        ("2023/04/19 20:30", RowDate(year=2023, month=4, day=19, hour=20, minute=30)),
        ("2023-04", None),
        ("bald", None),
        ("", None),
    ],
)
def test_rss(date: str, read_as: RowDate | None) -> None:
    first, second = read(FeedSpider, RSS.format(doctype="", date=date))
    assert (first.title, first.url) == ("合成：两地人社部门会商 & 签约", "http://synthetic.example/a/1.html")
    assert first.date == read_as
    assert (second.url, second.date) == ("http://other.example/2", None)


def test_atom_and_rdf() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>合成</title><entry><title>合成标题甲</title>
    <link href="http://synthetic.example/1"/><id>urn:x</id><updated>2023-04-19T10:20:00+08:00</updated></entry></feed>"""
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <item rdf:about="http://synthetic.example/1"><title>合成标题甲</title><link>http://synthetic.example/1</link></item>
    </rdf:RDF>"""
    for body in (atom, rdf):
        (row,) = read(FeedSpider, body)
        assert (row.title, row.url) == ("合成标题甲", "http://synthetic.example/1")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n "])
def test_json_feed(mark: bytes) -> None:
    items = [
        {"url": "/1", "title": "合成标题甲", "date_published": "2023-04-19T20:30:00Z"},
        {"external_url": "http://other.example/2", "title": "乙", "date_published": "2023-04-19"},
        {"url": "http://[", "title": "坏", "date_published": "0001-01-01T00:00:00+14:00"},
        "nonsense",
        {},
    ]
    body = mark + json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    found = read(FeedSpider, body)
    assert [(row.url, row.date) for row in found[:3]] == [
        ("http://synthetic.example/1", RowDate(year=2023, month=4, day=20, hour=4, minute=30)),
        ("http://other.example/2", RowDate(year=2023, month=4, day=19)),
        (None, None),
    ]


def test_entities_of_a_doctype_are_harmless() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    body = RSS.format(doctype=f"<!DOCTYPE rss [{laughs}]>", date="").replace("两地", "&l11;")
    assert all(len(row.title) < 1000 for row in read(FeedSpider, body))
    outside = RSS.format(doctype='<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>', date="")
    assert "root:" not in str(read(FeedSpider, outside.replace("两地", "&x;")))


@pytest.mark.timeout(60)  # feedparser would not come back from the first within hours
@pytest.mark.parametrize("held", ["<author>" + "a." * 200_000 + "</author>", "<a>" * 300_000], ids=["word", "tags"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_feed_that_keeps_its_reader_busy_is_refused(held: str, charset: str) -> None:
    body = RSS.format(doctype="", date="").replace("<title>", held + "<title>", 1)
    with pytest.raises(RefusedError) as refused:
        read(FeedSpider, body.encode(charset))
    assert refused.value.reason is Reason.TOO_LARGE


NO_FEEDS = ["<html><body><p>合成：不是订阅源</p></body></html>", "{", '{"a": 1}', "", "{" * 50_000, "\x00\x01"]


@pytest.mark.parametrize("body", NO_FEEDS, ids=range(len(NO_FEEDS)))
def test_what_is_no_feed_is_refused(body: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(FeedSpider, body)
    assert refused.value.reason is Reason.WRONG_TYPE
