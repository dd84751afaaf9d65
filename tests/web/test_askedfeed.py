"""Feeds that their own address describes: what they hold, in which order, bounds, validators, and the form."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import feedparser
import pytest
from lxml import html

from archive import Archive
from archive.database.deadline import OverdueError
from crawler.config import Config
from crawler.language import use_language
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, source, store
from tests.web.client import Client
from web import askedfeed
from web.app import create_app
from web.feedquery import FeedAsk, read_feed_ask
from web.query import BadQueryError

B = source("synthetic-b", "合成晚报")


@pytest.fixture
def config(tmp_path: Any) -> Config:
    return Config(data=tmp_path, base_url="https://feeds.example")


@pytest.fixture
def client(archive: Archive, config: Config) -> Client:
    return Client(create_app(archive, load_taxonomy(), config, sources=(source(), B)))


def go_on(archive: Archive, config: Config, hours: int = 0) -> None:
    publish(archive, load_taxonomy(), config, now=NOW + timedelta(hours=hours))


@pytest.fixture
def filled(archive: Archive, config: Config, client: Client) -> Client:
    archive.keep_sources((source(), B), now=NOW)
    store(archive, 1, title="川渝夜校开课")
    store(archive, 2, title="川藏大赛", regions=("511800", "540000"), zones=("川藏",), by=B)
    store(archive, 3, title="川渝大赛")
    go_on(archive, config)
    return client


def ask(client: Client, ending: str = "rss", headers: dict[str, str] | None = None, **given: str) -> Any:
    return client.get(f"/feeds/custom.{ending}?{urlencode(given)}", headers=headers)


def titles(client: Client, ending: str = "rss", **given: str) -> list[str]:
    answer = ask(client, ending, **given)
    assert answer.status_code == 200, answer.text
    parsed = feedparser.parse(io.BytesIO(answer.content), response_headers={"content-type": "application/xml"})
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [entry.title for entry in parsed.entries]


def test_what_is_asked_for(filled: Client) -> None:
    for given, found in (
        ({"zones": "川渝"}, {"川渝夜校开课", "川渝大赛"}),
        ({"zones": "川渝,川藏"}, {"川渝夜校开课", "川渝大赛", "川藏大赛"}),
        ({"zones": "川渝、川藏", "words": "大赛"}, {"川渝大赛", "川藏大赛"}),
        ({"words": "大赛", "exclude": "川藏"}, {"川渝大赛"}),
        ({"zones": "川渝", "exclude": "大赛 没有的词"}, {"川渝夜校开课"}),
        ({"regions": "雅安"}, {"川藏大赛"}),
        ({"regions": "510000", "words": "夜校"}, {"川渝夜校开课"}),
        ({"pair": "四川-西藏"}, {"川藏大赛"}),
        ({"pair": "四川—两江新区"}, {"川渝夜校开课", "川渝大赛"}),
        ({"sources": "synthetic-b"}, {"川藏大赛"}),
        ({"sources": "合成晚报,没有的"}, {"川藏大赛"}),
        ({"topics": "合作协议", "zone": "川藏"}, {"川藏大赛"}),
        ({"kind": "news", "q": "夜校 OR 川藏"}, {"川渝夜校开课", "川藏大赛"}),
        ({"kind": "gov", "q": "夜校"}, set()),
        ({"sources": "synthetic-b", "words": "大赛 OR 夜校"}, {"川藏大赛"}),
        ({"words": "没有的词"}, set()),
    ):
        assert set(titles(filled, **given)) == found, given
        assert set(titles(filled, "atom", **given)) == found, given
        assert {item["title"] for item in ask(filled, "json", **given).json()["items"]} == found


def test_a_feed_is_as_long_as_those_that_are_files(archive: Archive, config: Config) -> None:
    shorter = config.model_copy(update={"feed_length": 20, "feed_opening": 2})
    client = Client(create_app(archive, load_taxonomy(), shorter, sources=(source(), B)))
    for number in range(1, 5):
        store(archive, number, title=f"合成川渝消息{number}")
    publish(archive, load_taxonomy(), shorter, now=NOW)
    assert len(titles(client, zones="川渝")) == len([*archive.feed_entries("all")]) == 2
    for number in range(5, 30):
        store(archive, number, title=f"合成川渝消息{number}")
    publish(archive, load_taxonomy(), shorter, now=NOW + timedelta(hours=1))
    assert len(titles(client, zones="川渝")) == 20


def test_entries_are_those_of_all_in_its_order(filled: Client, archive: Archive, config: Config) -> None:
    whole = {entry.story.title: (entry.guid, entry.position) for entry in archive.feed_entries("all")}
    # first seen now, published before the others: it enters above them
    store(archive, 4, title="川渝补贴", published=NOW - timedelta(days=9), now=NOW + timedelta(hours=1))
    assert titles(filled, zones="川渝") == sorted(
        ("川渝夜校开课", "川渝大赛"), key=lambda title: whole[title][1], reverse=True
    )  # not before it entered all
    go_on(archive, config, 1)
    assert titles(filled, zones="川渝")[0] == "川渝补贴"
    # years old when it came: it enters no feed
    store(archive, 5, title="川渝旧闻", published=NOW - timedelta(days=900), now=NOW + timedelta(hours=2))
    go_on(archive, config, 2)
    assert "川渝旧闻" not in titles(filled, zones="川渝")
    guids = {item["title"]: item["id"] for item in ask(filled, "json", zones="川渝").json()["items"]}
    assert guids["川渝大赛"] == whole["川渝大赛"][0]


def test_a_feed_opens_with_what_was_there_before_all(archive: Archive, config: Config, client: Client) -> None:
    for number in range(70):  # all of them older than the fifty that the feed of all opens with
        zone = "川藏" if number < 12 else "川渝"
        store(archive, number, title=f"第{number}篇", zones=(zone,), published=NOW - timedelta(days=80 - number))
    go_on(archive, config)
    assert len(archive.feed_entries("all")) == 50
    before = titles(client, zones="川藏")
    assert before == [f"第{number}篇" for number in reversed(range(12))]
    store(archive, 100, title="新篇", zones=("川藏",), now=NOW + timedelta(hours=1))
    go_on(archive, config, 1)
    assert titles(client, zones="川藏") == ["新篇", *before]
    assert len(titles(client, regions="四川")) == 51  # those of all, and none from below while it holds fifty


def test_a_joined_story_is_not_announced_again(filled: Client, archive: Archive, config: Config) -> None:
    before = {item["title"]: item["id"] for item in ask(filled, "json", zones="川渝").json()["items"]}
    first = archive.story(1)
    assert first is not None
    store(archive, 1, by=B, title="转载", body=first.body, now=NOW + timedelta(hours=1))
    go_on(archive, config, 1)
    after = {item["title"]: item["id"] for item in ask(filled, "json", zones="川渝").json()["items"]}
    assert after == before


def test_validators_and_codings(filled: Client, archive: Archive, config: Config) -> None:
    plain = {"accept-encoding": "identity"}
    full = ask(filled, headers=plain, zones="川渝")
    assert full.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert "Accept-Encoding" in full.headers["vary"]
    held = plain | {"if-none-match": full.headers["etag"]}
    assert ask(filled, headers=held, zones="川渝").status_code == 304
    assert ask(filled, headers=plain | {"if-none-match": '"wrong", ,W/'}, zones="川渝").status_code == 200
    packed = ask(filled, headers={"accept-encoding": "gzip"}, zones="川渝")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == full.content
    assert packed.headers["etag"] != full.headers["etag"]
    head = filled.ask("HEAD", f"/feeds/custom.rss?zones={quote('川渝')}", headers=plain)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", full.headers["etag"])
    store(archive, 6, title="川藏新篇", zones=("川藏",), now=NOW + timedelta(hours=1))
    go_on(archive, config, 1)
    assert ask(filled, headers=held, zones="川渝").status_code == 304  # another zone's news: the content is the same
    store(archive, 7, title="川渝新篇", now=NOW + timedelta(hours=2))
    go_on(archive, config, 2)
    assert ask(filled, headers=held, zones="川渝").status_code == 200


def test_what_is_known_is_not_asked_again(filled: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    found = archive.asked_feed
    monkeypatch.setattr(archive, "asked_feed", lambda *given, **named: asked.append(1) or found(*given, **named))
    for given in ({"zones": "川渝"}, {"zone": " 川渝 "}, {"zones": "川渝,川渝,"}):
        assert ask(filled, **given).status_code == 200
    assert len(asked) == 1
    monkeypatch.setattr(askedfeed, "_KEPT_BYTES", 1)
    for _ in range(2):
        for zone in ("川渝", "川藏"):
            assert ask(filled, zones=zone).status_code == 200
    assert len(asked) == 1 + 3  # of two only the newest is kept


def test_a_feed_names_itself(filled: Client) -> None:
    query = urlencode({"zones": "川渝", "words": "大赛"}, safe=",")
    parsed = feedparser.parse(io.BytesIO(ask(filled, words="大赛", zones="川渝").content))
    assert parsed.feed.title == "川渝 · 大赛 · 人力资源合作"
    links = {link.rel: link.href for link in parsed.feed.links}
    assert links["self"] == f"https://feeds.example/feeds/custom.rss?{query}"
    assert links["alternate"] == f"https://feeds.example/feeds/custom?{query}"
    use_language("en")
    assert ask(filled, "json", zones="川渝", regions="雅安").json()["title"].startswith("Sichuan–Chongqing · 雅安 · ")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "Say what the feed is of"),
        ("zone5=x", "zone5: there is no such parameter"),
        (f"zones={quote('没有的')}", "没有的: no such zone"),
        (f"regions={quote('没有的')}", "没有的: no such region"),
        (f"regions={quote('川渝')}", "there is a zone of this name: 川渝"),
        ("topics=nothing", "nothing: no such topic"),
        (f"pair={quote('四川')}", "not two regions"),
        (f"pair={quote('四川-重庆-贵州')}", "not two regions"),
        ("exclude=x", "only beside something"),
        ("zones=" + ",".join("abcdefghijklmnopqrstuvwxyz"), "at most 20 names"),
        ("words=" + "a" * 1200, "The search has 1200 characters"),
        ("words=" + "a" * 9000, "too long"),
        ("words=%FF%FE%FF", "neither UTF-8 nor GBK"),
    ],
)
def test_what_cannot_be_meant_is_a_clear_400(filled: Client, query: str, told: str) -> None:
    use_language("en")
    for path in ("custom.rss", "custom.json", "custom"):
        answer = filled.get(f"/feeds/{path}?{query}")
        if path == "custom" and not query:
            assert answer.status_code == 200
            continue
        assert answer.status_code == 400, path
        assert told in html.fromstring(answer.text).text_content(), path
    use_language("zh")
    assert filled.get(f"/feeds/custom.rss?{query}").status_code == 400


def test_gbk_and_odd_words(filled: Client) -> None:
    answer = filled.get("/feeds/custom.rss?zones=" + quote("川渝".encode("gbk")))
    assert len(feedparser.parse(io.BytesIO(answer.content)).entries) == 2
    odd = ("<script>alert(1)</script>", "]]>", "\u202e逆", "a\x00b", "((", '"', "标题:", "*", "%", "' OR 1=1 --")
    for words in odd:
        for ending in ("rss", "atom"):
            answer = ask(filled, ending, words=words)
            assert answer.status_code == 200, words
            assert not feedparser.parse(io.BytesIO(answer.content)).bozo, words
        page = html.fromstring(filled.get(f"/feeds/custom?{urlencode({'words': words})}").text)
        assert not page.cssselect("script")


def test_other_endings_and_methods(filled: Client) -> None:
    assert filled.get("/feeds/custom.xml?zones=x").status_code == 404
    assert filled.post("/feeds/custom.rss?zones=x", content=b"x").status_code == 405
    assert filled.ask("OPTIONS", "/feeds/custom.rss").status_code == 204
    assert ask(filled, zones="川渝").headers["access-control-allow-origin"] == "*"


def test_before_anything_is_published(client: Client) -> None:
    answer = ask(client, zones="川渝")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert client.get("/feeds/custom").status_code == 200


def test_a_question_that_takes_too_long_is_a_503(
    filled: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overdue(*_given: object, **_named: object) -> None:
        raise OverdueError

    monkeypatch.setattr(archive, "asked_feed", overdue)
    for _ in range(12):  # more than there are places
        assert ask(filled, zones="川渝").status_code == 503
    monkeypatch.undo()
    assert ask(filled, zones="川渝").status_code == 200  # and holds nothing up


def test_who_comes_when_the_line_is_full_is_told_at_once(
    archive: Archive, config: Config, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(askedfeed, "_AT_ONCE", 1)
    monkeypatch.setattr(askedfeed, "_IN_LINE", 0)
    store(archive, 1)
    go_on(archive, config)
    busy = Client(create_app(archive, load_taxonomy(), config))
    found, answers = archive.asked_feed, []

    def asks_again_meanwhile(*given: Any, **named: Any) -> Any:
        answers.append(ask(busy, zones="川藏").status_code)
        return found(*given, **named)

    monkeypatch.setattr(archive, "asked_feed", asks_again_meanwhile)
    assert ask(busy, zones="川渝").status_code == 200
    assert answers == [503]


def test_the_form_shows_addresses_and_how_many(filled: Client) -> None:
    use_language("en")
    empty = html.fromstring(filled.get("/feeds/custom").text)
    assert empty.cssselect("form[action='/feeds/custom'] input[name=zones]")
    assert not empty.cssselect("dl.facts")
    page = html.fromstring(filled.get(f"/feeds/custom?{urlencode({'zones': '川渝', 'exclude': '夜校'})}").text)
    shown = [link.get("href") for link in page.cssselect("dl.facts a")]
    assert [address.partition("?")[0] for address in shown] == [
        f"/feeds/custom.{end}" for end in ("rss", "atom", "json")
    ]
    for address in shown:
        assert filled.get(address).status_code == 200
    assert [heading.text.split()[0] for heading in page.cssselect("main h2")][1:] == ["1"]
    assert [link.text for link in page.cssselect("main ul.plain a")] == ["川渝大赛"]
    assert len(page.cssselect("head link[rel=alternate]")) == 3
    assert page.cssselect("input[name=zones]")[0].get("value") == "川渝"


def test_one_question_has_one_address() -> None:
    asked = read_feed_ask(b"words=a&zones=%E5%B7%9D%E6%B8%9D&zone=%E5%B7%9D%E8%97%8F")
    assert asked == FeedAsk(words="a", zones=("川渝", "川藏"))
    assert read_feed_ask(asked.parameters.encode()) == asked
    assert read_feed_ask(b"pair=a&pair=b") == read_feed_ask(b"pair=a-b")
    assert read_feed_ask(b"&&words=").is_empty
    with pytest.raises(BadQueryError):
        read_feed_ask(b"=x")
