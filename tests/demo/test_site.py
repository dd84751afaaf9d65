"""Every address of the demonstration answers as declared, its markup parses, and conditional requests are honoured."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urljoin, urlsplit

import feedparser
import lxml.html
import pytest

from crawler.demo import DemoSite, demo_hosts, expected, stranger_hosts
from crawler.demo.answer import Answer
from crawler.demo.items import SHANGHAI, Answers, Item
from crawler.demo.plan import plan
from crawler.model import Reason
from tests.demo.conftest import NOW

PORT = ":4711"


def ask(site: DemoSite, url: str, **headers: str) -> Answer:
    parts = urlsplit(url)
    return site.answer("GET", parts.hostname + PORT if parts.hostname else "", parts.path, headers)


def hrefs(tree: lxml.html.HtmlElement) -> list[str]:
    return [link.get("href", "") for link in tree.iter("a")]


def charset_of(item: Item) -> str:
    return "gb18030" if item.source == "demo-minjiang-portal" or item.answers is Answers.WRONG_CHARSET else "utf-8"


READABLE = [item for item in plan(NOW) if item.answers in (Answers.ARTICLE, Answers.WRONG_CHARSET, Answers.SLOW)]


@pytest.mark.parametrize("item", READABLE, ids=lambda item: f"{item.source}-{item.story}")
def test_article_says_what_the_plan_says(item: Item) -> None:
    answer = ask(DemoSite(NOW, day=2), item.url)
    page = answer.body.decode(charset_of(item))
    tree = lxml.html.document_fromstring(page)
    assert answer.status == 200
    assert "synthetic" in page
    words = "".join(str(part) for part in tree.itertext())
    assert tree.xpath("//h1 | //h2")
    if item.source != "demo-fanti-mirror":
        assert item.text.title in words
        assert all(line in words for line in item.text.paragraphs)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (Answers.GONE, 404),
        (Answers.SOFT_ERROR, 200),
        (Answers.SERVER_ERROR, 500),
        (Answers.EMPTY, 200),
        (Answers.HUGE, 200),
        (Answers.BOMB, 200),
        (Answers.PICTURE, 200),
        (Answers.LOOP, 302),
        (Answers.OFFSITE, 302),
        (Answers.PRIVATE, 302),
        (Answers.METADATA, 302),
        (Answers.MOVED, 301),
        (Answers.COLUMN, 200),
    ],
)
def test_trouble_answers_its_status(site: DemoSite, answers: Answers, status: int) -> None:
    (item,) = [item for item in site.items if item.answers is answers]
    assert ask(site, item.url).status == status


def trouble(site: DemoSite, answers: Answers) -> Answer:
    return ask(site, next(item.url for item in site.items if item.answers is answers))


def test_huge_answer_is_60_mb_and_costs_nothing_to_hold(site: DemoSite) -> None:
    answer = trouble(site, Answers.HUGE)
    assert answer.length > 59 * 2**20
    assert len(answer.body) + len(answer.tail) < 2**17


def test_bomb_unpacks_to_60_mb(site: DemoSite) -> None:
    answer = trouble(site, Answers.BOMB)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.length < 2**20
    assert len(gzip.decompress(answer.body)) > 59 * 2**20


def test_empty_is_empty_and_picture_is_a_picture_called_html(site: DemoSite) -> None:
    assert trouble(site, Answers.EMPTY).length == 0
    assert trouble(site, Answers.PICTURE).body.startswith(b"\x89PNG")
    assert trouble(site, Answers.PICTURE).headers["Content-Type"].startswith("text/html")


def test_wrong_charset_is_no_utf8(site: DemoSite) -> None:
    answer = trouble(site, Answers.WRONG_CHARSET)
    assert "utf-8" in answer.headers["Content-Type"]
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("utf-8")


def test_redirects_carry_the_port_of_the_request(site: DemoSite) -> None:
    assert trouble(site, Answers.OFFSITE).headers["Location"] == f"http://shop.tuiguang.example{PORT}/"
    assert trouble(site, Answers.PRIVATE).headers["Location"] == "http://10.0.0.1/"
    loop = next(item.url for item in site.items if item.answers is Answers.LOOP)
    second = ask(site, loop).headers["Location"]
    assert ask(site, second).headers["Location"] == loop.replace(".example", f".example{PORT}")


LISTS = [
    "http://rsj.yanjiang.example/xinwen/list/3b94022fd106fe5685047c775a22511a.html",
    "http://rsj.lizhou.example/xinwen/list/3b94022fd106fe5685047c775a22511a.html",
    "http://www.jinhe.example/jhrs/gzdt/zwdtlist.shtml",
    "http://rst.shudi.example/rst/sndt/zwdtlist.shtml",
    "http://www.minjiangwang.example/html/xw/dzyw/",
    "http://big5.jingxiang.example/gate/",
    "http://www.jinengwang.example/news/",
    "http://www.gongwang.example/content/",
    "http://wt.kunnan.example/wz/",
]


@pytest.mark.parametrize("url", LISTS)
def test_list_leads_to_every_item_of_its_source(site: DemoSite, url: str) -> None:
    host = urlsplit(url).hostname
    tree = lxml.html.fromstring(ask(site, url).body)
    links = {urljoin(url, href).replace(PORT, "") for href in hrefs(tree)}
    source = next(
        item.source
        for item in site.items
        if urlsplit(item.url).hostname == host and item.answers is not Answers.ELSEWHERE
    )
    assert {item.url for item in site.items if item.source == source} <= links


def test_yanjiang_list_holds_the_traps(site: DemoSite) -> None:
    page = ask(site, LISTS[0]).body.decode()
    assert page.index("[置顶]") < page.index("javascript:void(0)")
    assert "…</a>" in page
    assert f"http://mp.weixin.example{PORT}/s/" in page
    assert f"http://rst.shudi.example{PORT}/rst/gsgg/" in page
    undated = next(item.text.title for item in site.items if not item.is_dated)
    assert re.search(re.escape(undated) + "</a></li>", page)


def test_portal_rows_have_no_year(site: DemoSite) -> None:
    page = ask(site, LISTS[4]).body.decode("gb18030")
    assert len(re.findall(r"<span>\d\d-\d\d</span>", page)) == 5
    assert "charset" not in ask(site, LISTS[4]).headers["Content-Type"]


def test_editions_of_today_and_yesterday_exist(site: DemoSite) -> None:
    for days in (0, 1):
        day = (NOW.astimezone(SHANGHAI) - timedelta(days=days)).strftime("%Y%m%d")
        first = f"http://epaper.shuwan.example/shtml/rb/{day}/v01.html"
        tree = lxml.html.fromstring(ask(site, first).body.decode())
        for href in hrefs(tree):
            assert ask(site, urljoin(first, href)).status == 200
        assert "v02.html" in hrefs(tree)


@pytest.mark.parametrize(
    "url",
    [
        "http://blog.huaxin.example/feed.xml",
        "http://www.jjjrc.example/atom.xml",
    ],
)
def test_feeds_parse(site: DemoSite, url: str) -> None:
    answer = ask(site, url)
    feed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["Content-Type"]})
    assert not feed.bozo
    assert all(entry.published_parsed for entry in feed.entries)
    assert all(ask(site, entry.link).status == 200 for entry in feed.entries)


def test_json_feed_parses(site: DemoSite) -> None:
    answer = ask(site, "http://www.jjjrc.example/feed.json")
    (entry,) = json.loads(answer.body)["items"]
    assert ask(site, entry["url"]).status == 200
    assert datetime.fromisoformat(entry["date_published"]).tzinfo


def test_ucap_page_holds_its_body_twice_and_lies_about_its_date(site: DemoSite) -> None:
    item = next(item for item in site.items if item.key == "pension-window")
    page = ask(site, item.url).body.decode()
    assert page.count(item.text.paragraphs[0]) == 2
    assert f'content="{NOW.astimezone(SHANGHAI):%Y-%m-%d} 10:00:00"' in page


def test_mirror_is_traditional_glossed_and_doubled(site: DemoSite) -> None:
    item = next(item for item in site.items if item.source == "demo-fanti-mirror" and not item.reasons)
    page = ask(site, item.url).body.decode()
    assert re.search(r"[\u4e00-\u9fff]\([a-zāáǎàēéěèīíǐìōóǒòūúǔù]+\)", page)
    assert ",," in page
    assert "，," in page
    assert "協" in page
    assert item.text.paragraphs[0] not in page


def test_reprints_keep_the_days_of_the_story(site: DemoSite) -> None:
    told = [item.text.paragraphs for item in site.items if item.key == "park-opening"]
    assert len(told) == 3
    assert len(set(told)) == 1


def test_rules_as_met_on_real_hosts(site: DemoSite) -> None:
    def rules(host: str) -> Answer:
        return ask(site, f"http://{host}/robots.txt")

    assert rules("rsj.yanjiang.example").status == 404
    assert b"Disallow: /jhrs/neibu/" in rules("www.jinhe.example").body
    assert rules("rsj.jinzhi.example").body.endswith(b"Disallow: /\n")
    assert rules("big5.jingxiang.example").headers["Content-Type"].startswith("text/html")


def test_validators_bring_304(site: DemoSite) -> None:
    for url in (*LISTS[:7], next(item.url for item in site.items if item.key == "park-opening")):
        answer = ask(site, url)
        by_tag = ask(site, url, **{"If-None-Match": f'"other", W/{answer.headers["ETag"]}'})
        by_date = ask(site, url, **{"if-modified-since": answer.headers["Last-Modified"]})
        assert (by_tag.status, by_tag.length) == (304, 0)
        assert by_date.status == 304


def test_an_etag_outranks_a_date_and_nonsense_is_ignored(site: DemoSite) -> None:
    date = ask(site, LISTS[0]).headers["Last-Modified"]
    assert ask(site, LISTS[0], **{"If-None-Match": '"other"', "If-Modified-Since": date}).status == 200
    assert ask(site, LISTS[0], **{"If-Modified-Since": "yesterday"}).status == 200
    old = format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True)
    assert ask(site, LISTS[0], **{"If-Modified-Since": old}).status == 200


def test_other_methods_and_addresses_are_refused(site: DemoSite) -> None:
    assert site.answer("POST", "rsj.yanjiang.example", "/", {}).status == 405
    assert ask(site, "http://rsj.yanjiang.example/nothing").status == 404
    assert ask(site, "http://unknown.example/").status == 404


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        DemoSite(NOW.replace(tzinfo=None))


def test_a_second_day_changes_two_lists_and_adds_two_pages(site: DemoSite) -> None:
    second = site.advance()
    before, after = set(site.addresses()), set(second.addresses())
    assert before < after
    assert len(after - before) == 2
    changed = {url for url in before if ask(site, url).body != ask(second, url).body}
    assert changed == {LISTS[0], LISTS[4]}


@pytest.mark.parametrize("hour", [0, 9, 16, 23])
def test_nothing_is_of_the_future_at_any_hour(hour: int) -> None:
    now = datetime(2028, 2, 29, hour, 1, tzinfo=UTC)
    assert all(item.at <= now for item in DemoSite(now, day=2).items)


def test_expected_is_whole(site: DemoSite) -> None:
    whole = expected(site)
    assert len(whole.stories) == 11
    assert {len(story.members) for story in whole.stories} == {1, 2, 3}
    assert len({story.title for story in whole.stories}) == 11
    titles = {story.title for story in whole.stories}
    assert not [title for title in whole.never_published if title in titles]
    asked = {urlsplit(url).hostname for url in site.addresses()}
    assert asked == set(demo_hosts()) | set(stranger_hosts())
    assert {reason for refusal in whole.refusals for reason in refusal.reasons} >= {
        Reason.BAD_LINK,
        Reason.GONE,
        Reason.SOFT_ERROR,
        Reason.TOO_LARGE,
        Reason.ROBOTS,
        Reason.REDIRECT_LOOP,
    }


def test_expected_of_the_second_day_grows_by_a_story_and_a_member(site: DemoSite) -> None:
    first = {story.key: story for story in expected(site).stories}
    second = {story.key: story for story in expected(site.advance()).stories}
    assert set(second) - set(first) == {"tibet-training"}
    grown = [key for key in first if second[key].members != first[key].members]
    assert grown == ["title-mutual"]
    assert second["title-mutual"].published == first["title-mutual"].published
