"""The web side over a real archive: every page, hostile input, and the feed files as HTTP sees them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from lxml import html

from archive import Archive, open_archive
from archive.records import Label
from crawler.config import Config
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, poll, source, store
from tests.web.client import Client
from web.app import create_app
from web.query import read_query

ZONE = "%E5%B7%9D%E6%B8%9D"  # 川渝


pytestmark = pytest.mark.usefixtures("english")


def house(archive: Archive, config: Config) -> Client:
    sources = (source(), source("synthetic-b", "合成晚报"), source("synthetic-c", "合成网"))
    return Client(create_app(archive, load_taxonomy(), config, sources=sources))


@pytest.fixture
def client(archive: Archive, config: Config) -> Client:
    return house(archive, config)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A house that every test here looks at and none changes."""
    config = Config(data=tmp_path_factory.mktemp("filled"))
    with open_archive(config) as archive:
        fill(archive, config)
        yield house(archive, config)


def fill(archive: Archive, config: Config) -> None:
    store(archive, 1)
    first = archive.story(1)
    assert first is not None
    store(archive, 1, by=source("synthetic-b", "合成晚报"), title="转载：川渝签署", body=first.body)
    store(archive, 2, regions=("510000", "540000"), zones=("川藏",), title="川藏人力资源合作")
    poll(archive, source())
    poll(archive, source("synthetic-b"), Reason.BLOCKED, "412")
    publish(archive, load_taxonomy(), config, now=NOW)


def text_of(page: str) -> str:
    return " ".join(html.fromstring(page.encode()).text_content().split())


def test_an_empty_archive_says_what_is_happening(client: Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "The first pass has not finished. 0 of 3 sources" in text_of(page.text)
    assert client.get("/feeds/").status_code == 200
    assert client.get("/stories").status_code == 200
    assert client.get("/sources").status_code == 200


def test_home_shows_stories_feeds_and_who_cannot_be_read(filled: Client) -> None:
    text = text_of(filled.get("/").text)
    for shown in ("川渝签署第1份合成协议", "1 reprint", "1 source cannot be read", "合成晚报: blocked (412)", "四川省"):
        assert shown in text, shown
    assert "has not finished" not in text


def test_a_story_shows_members_first_publisher_first_and_why(filled: Client) -> None:
    page = filled.get("/stories/1")
    rows = html.fromstring(page.text).cssselect("section table")[0].cssselect("tbody tr")
    assert ["first publisher" in row.text_content() for row in rows] == [True, False]
    assert "same text" in rows[1].text_content()
    assert [mark.text for mark in html.fromstring(page.text).cssselect("mark")] == ["签署", "川渝"]
    assert f"/stories?zone={ZONE}" in page.text
    assert "2026-03-01" in page.text
    assert "08:00" not in page.text  # the day is all that is known


def test_filters_and_search_narrow(filled: Client) -> None:
    for query, found in (
        (f"zone={ZONE}", 1),
        ("region=510000", 2),
        ("region=500157", 1),
        ("region=540000", 1),
        ("topic=agreement", 2),
        ("source=synthetic-b", 1),
        ("until=2026-02-28", 0),
        ("since=2026-03-01&until=2026-03-01", 2),
        (f"q={ZONE}", 1),
        ("zone=nowhere", 0),
        ("q=", 2),
    ):
        cards = html.fromstring(filled.get(f"/search?{query}").text).cssselect("article.card")
        assert len(cards) == found, query
    assert "/feeds/zone-5rtr57a.rss" in filled.get(f"/stories?zone={ZONE}").text


def test_search_marks_the_words(filled: Client) -> None:
    page = html.fromstring(filled.get("/search?q=%E7%AD%BE%E7%BD%B2").text)  # 签署
    assert {mark.text for mark in page.cssselect("mark")} == {"签署"}
    assert [mark.text for mark in page.cssselect("article.card h3 mark")] == ["签署"]


def test_the_language_of_queries(filled: Client) -> None:
    for words, found in (
        ("标题:签署 -标题:第1份", 1),
        ("川藏 OR 第1份", 2),
        ("地区:四川", 2),
        ("對:四川-两江新区", 1),
        ("區域:成渝", 1),
        ("来源:synthetic-b", 1),
        ("日期:2026-03", 2),
        ("日期:..2026-02", 0),
        ("合成 AND", 2),
        ("地区:某地", 0),
    ):
        cards = html.fromstring(filled.get(f"/search?{urlencode({'q': words})}").text).cssselect("article.card")
        assert len(cards) == found, words


def test_what_was_not_understood_is_said(filled: Client) -> None:
    for query, note in (
        ({"q": "签署 地区:某地"}, "某地: no such region"),
        ({"q": "地区:川渝"}, "there is a zone of this name: 川渝"),
        ({"q": "签署 AND"}, "AND has no word beside it"),
        ({"region": "51"}, "51: no such region"),
        ({"region": "<b>"}, "<b>: no such region"),
    ):
        page = html.fromstring(filled.get(f"/search?{urlencode(query)}").text)
        assert note in " ".join(found.text_content() for found in page.cssselect("p.note")), query
    assert not html.fromstring(filled.get("/search?q=x").text).cssselect("p.note")


def test_order_is_chosen_and_kept(filled: Client) -> None:
    page = html.fromstring(filled.get("/search?q=%E7%AD%BE%E7%BD%B2&order=relevance").text)
    assert [found.get("value") for found in page.cssselect("select[name=order] option[selected]")] == ["relevance"]
    assert len(page.cssselect("article.card")) == 2
    assert read_query({"order": "relevance", "q": "x"}).to_string(page=2) == "q=x&order=relevance&page=2"
    assert read_query({"order": "x"}).to_string(page=1) == ""


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=" + "a" * 10_000,
        "/stories?region=" + "a" * 500,
        "/stories?since=yesterday",
        "/stories?since=0001-01-01",
        "/stories?until=9999-12-31",
        "/stories?page=0",
        "/stories?page=999999999999999999999",
        "/stories?page=%EF%BC%92",
        "/stories?zone=" + "a" * 500,
        "/explain?url=" + "a" * 5000,
    ],
)
def test_a_bad_query_is_a_clear_400(filled: Client, path: str) -> None:
    answer = filled.get(path)
    assert answer.status_code == 400
    assert "That cannot be searched for" in answer.text


@pytest.mark.parametrize(
    "query",
    ['q="', "q=%00", "q=%FF%FE", "q=a%00b", "q=AND OR NOT", "q=*", "q=(((", "q=%22%22%22", "q=-", "q=%ED%A0%80", "x=1",
     "q=NEAR(", "q=title:x", "source=%25", "zone=%00", "page=1000"],
)  # fmt: skip
def test_odd_queries_are_answered(filled: Client, query: str) -> None:
    assert filled.get(f"/search?{query}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/stories/0", "/stories/99", "/stories/abc", "/stories/-1", "/stories/1e3", "/stories/" + "9" * 40),
        *("/stories/%00", "/stories/%EF%BC%91", "/stories/1/2", "/nope", "/static/../app.py", "/static/%2e%2e/app.py"),
        *("/feeds/nope.rss", "/feeds/%2e%2e%2fhrwatch.sqlite3", "/feeds/..%5chrwatch.sqlite3", "/feeds/.lock"),
        *("/feeds/all.rss%00", "/feeds/" + "a" * 300 + ".rss"),
    ],
)
def test_what_is_not_there_is_404(filled: Client, path: str) -> None:
    answer = filled.get(path)
    assert answer.status_code == 404
    assert "sqlite" not in answer.text.lower()


def test_hostile_titles_and_bodies_are_shown_as_text(archive: Archive, client: Client) -> None:
    bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e"
    markup = "<p>正文</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    store(archive, 1, title=bad, body=bad, body_html=markup, author=bad, document_number=bad)
    url = "https://synthetic-a.example/1.html"
    for path in ("/", "/stories/1", "/stories", "/search?q=alert", f"/explain?url={url}", "/search?q=<script>alert(1)"):
        page = client.get(path)
        assert page.status_code == 200, path
        tree = html.fromstring(page.text)
        assert not tree.cssselect("script, [onerror], [onclick]"), path
        assert "\u202e" not in page.text, path
    assert "正文" in client.get("/stories/1").text


def test_every_answer_carries_security_headers(filled: Client) -> None:
    for path in ("/", "/nope", "/feeds/all.rss", "/static/style.css", "/search?q=" + "a" * 300):
        headers = filled.get(path).headers
        assert "script-src" not in headers["content-security-policy"]  # default-src 'none' holds for scripts
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_fault_is_a_page_and_keeps_its_secrets(
    archive: Archive, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object, **_named: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(archive, "source_states", fails)
    answer = client.get("/sources")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_nothing_can_be_sent(filled: Client) -> None:
    for path in ("/", "/stories/1", "/feeds/all.rss"):
        assert filled.post(path, content=b"x").status_code == 405


def test_explain_answers_for_seen_and_unseen(filled: Client) -> None:
    seen = text_of(filled.get("/explain?url=https://synthetic-b.example/1.html").text)
    for shown in ("in the archive", "same text", "川渝签署第1份合成协议", "Sichuan–Chongqing"):
        assert shown in seen, shown
    assert "never seen" in filled.get("/explain?url=https://nowhere.example/").text
    assert "never seen" in filled.get("/explain?url=javascript:alert(1)").text
    assert filled.get("/explain?url=%00http://[").status_code == 200


def test_explain_begins_with_a_persons_word(client: Client, archive: Archive, config: Config) -> None:
    fill(archive, config)
    story = archive.story(1)
    assert story is not None
    label = Label(relevant=True, by="analyst", note="synthetic reason")
    archive.label([member.item_id for member in story.members], label, now=NOW)
    page = html.fromstring(client.get("/explain?url=https://synthetic-b.example/1.html").text)
    parts = [row.text_content().split()[0] for table in page.cssselect("table") for row in table.cssselect("tbody tr")]
    assert "label" in parts
    assert parts.index("label") < parts.index("zone")


def test_sources_says_how_each_one_is(filled: Client) -> None:
    rows = {
        row.get("id"): " ".join(row.text_content().split())
        for row in html.fromstring(filled.get("/sources").text).cssselect("tbody tr")
    }
    assert next(iter(rows)) == "synthetic-b"  # the one in trouble first
    assert "blocked" in rows["synthetic-b"]
    assert "readable" in rows["synthetic-a"]
    assert "not polled yet" in rows["synthetic-c"]


def test_pages_of_a_long_list(archive: Archive, client: Client) -> None:
    for number in range(35):
        store(archive, number)
    first, second = (html.fromstring(client.get(f"/stories?page={page}").text) for page in (1, 2))
    assert (len(first.cssselect("article.card")), len(second.cssselect("article.card"))) == (30, 5)
    assert [link.get("href") for link in first.cssselect(".pages a")] == ["/stories?page=2"]
    assert [link.get("rel") for link in second.cssselect(".pages a")] == ["prev"]
