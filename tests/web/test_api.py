"""The API by hand: what each address answers, hostile input, problems, caches, and what people see of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import html

from archive.records import Label
from crawler.errors import ArchiveError
from crawler.language import use_language
from tests.cli.worlds import call
from tests.real.seeds import environment
from tests.web.api_house import House, asked, is_problem, opened
from tests.web.archive_of import NOW, store
from tests.web.client import Client
from web.api.asked import ROOT
from web.api.document import EXAMPLES

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture
def client(house: House) -> Client:
    """For tests that change nothing."""
    return house.client


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    """For a test that writes."""
    with opened(tmp_path) as made:
        yield made


def test_every_example_of_the_document_can_be_asked(client: Client) -> None:
    document = asked(client, "/openapi.json")
    operations = {
        operation["operationId"]: operation for methods in document["paths"].values() for operation in methods.values()
    }
    assert operations.keys() == EXAMPLES.keys()
    for name, operation in operations.items():
        answer = client.get(operation["x-example"])
        assert answer.status_code == (404 if name == "explainUrl" else 200), name
    assert operations["listTopics"]["x-codeSamples"][0]["source"] == (
        "curl http://127.0.0.1:8080/api/v1/vocabulary/topics"
    )
    for operation in operations.values():
        assert {"200", "304", "400", "421", "503"} <= operation["responses"].keys()
        assert "422" not in operation["responses"]
        for parameter in operation.get("parameters", ()):
            assert parameter["description"]
            assert "anyOf" not in parameter["schema"]


def test_a_list_by_words_and_filters(client: Client) -> None:
    for query, found in (
        ("", [1, 2]),
        ("q=川渝", [1]),
        ("q=川渝 OR 川藏", [1, 2]),
        ("q=标题:川藏", [2]),
        ("zone=川渝", [1]),
        ("zone=川渝&zone=川藏", [1, 2]),
        ("region=四川", [1, 2]),
        ("region=500157", [1]),  # 两江新区, heir of 江北区
        ("region=540000", [2]),
        ("pair=四川&pair=西藏", [2]),
        ("topic=agreement", [1, 2]),
        ("source=synthetic-b", [1]),
        ("source=晚报", [1]),
        ("since=2026-03-01&until=2026-03", [1, 2]),
        ("until=2026-02", []),
    ):
        page = asked(client, f"/stories?{query}")
        assert sorted(story["id"] for story in page["items"]) == found, query
        assert (page["next_cursor"], page["next"], page["last_seq"], page["notes"]) == (None, None, None, []), query


def test_a_found_story_has_its_words_marked_and_its_codes_named(client: Client) -> None:
    (story,) = asked(client, "/stories?q=川渝 签署&lang=en")["items"]
    assert story["title"][slice(*story["title_marks"][0])] in ("川渝", "川渝签署")
    assert [story["excerpt"][start:end] for start, end in story["marks"]] == ["签署"]
    assert story["names"] == {
        "500105": "重庆市江北区",
        "510000": "四川省",
        "川渝": "Sichuan–Chongqing",
        "agreement": "Agreements",
    }
    (story,) = asked(client, "/stories?q=川渝 签署&lang=zh")["items"]
    assert (story["names"]["川渝"], story["names"]["agreement"]) == ("川渝", "合作协议")
    assert story["published"] == "2026-03-01T08:00:00+08:00"
    assert [member["source"] for member in story["members"]] == ["synthetic-a", "synthetic-b"]


def test_text_is_not_escaped(client: Client) -> None:
    assert "川渝签署".encode() in client.get(f"{ROOT}/stories").content


def test_what_was_not_understood_is_told(client: Client) -> None:
    page = asked(client, '/stories?q=川渝 "社保')
    assert len(page["notes"]) == 1
    (note,) = asked(client, "/stories?q=主题:nonsense")["notes"]
    assert "nonsense" in note
    (note,) = asked(client, "/stories?kind=blog")["notes"]  # a registry may have kinds of its own
    assert "blog" in note
    assert any("鼓楼区" in note for note in asked(client, "/stories?region=鼓楼区")["notes"])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("limit=many", "limit"),
        ("limit=1e2", "limit"),
        ("limit=", "limit"),
        ("after_seq=-1", "after_seq"),
        ("after_seq=" + "9" * 30, "after_seq"),
        ("after_seq=1&order=relevance", "order"),
        ("after_seq=1&cursor=a.b", "cursor"),
        ("order=newest", "order"),
        ("cursor=", "cursor"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "a" * 600, "cursor"),
        ("since=yesterday", "since"),
        ("since=20260301", "since"),
        ("since=2026-02-30", "since"),
        ("until=9999", "until"),
        ("region=", "region"),
        ("region=999999", "region"),
        ("region=' OR 1=1 --", "region"),
        ("region=" + "&region=".join(["510000"] * 21), "region"),
        ("region=" + "a" * 10_000, "region"),
        ("pair=四川", "pair"),
        ("pair=四川&pair=nowhere", "pair"),
        ("zone=nowhere", "zone"),
        ("zone=%00", "zone"),
        ("topic=%ED%A0%80", "topic"),
        ("kind=不是类型", "kind"),
        ("q=" + "a" * 10_000, "q"),
        ("regoin=510000", "regoin"),
        ("lang=fr", "lang"),
        ("include_irrelevant=perhaps", "include_irrelevant"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, query: str, parameter: str) -> None:
    answer = client.get(f"{ROOT}/stories?{query}")
    assert answer.status_code == 400
    assert is_problem(answer, parameter)
    assert answer.json()["detail"].startswith(f"{parameter}: ")
    assert len(answer.content) < 2000


def test_all_that_is_wrong_is_told_at_once(client: Client) -> None:
    answer = client.get(f"{ROOT}/statistics?by=moon&level=planet&limit=0&x=1")
    assert answer.status_code == 400
    assert sorted(fault["parameter"] for fault in answer.json()["errors"]) == ["by", "level", "limit", "x"]
    assert is_problem(client.get(f"{ROOT}/statistics?by=month&by=month"), "by")
    assert is_problem(client.get(f"{ROOT}/statistics?by=month&by=region&by=zone"), "by")


def test_days_and_codes_that_are_none_are_told_in_words(client: Client) -> None:
    for query, detail in (
        ("stories?since=2026-13", "since: a day is written 2026-03-01, a month 2026-03, a year 2026"),
        ("stories?since=2026&until=2025", "until: 2026-01-01..2025-12-31: ends before it begins"),
        ("vocabulary/regions?within=51", "within: a code has six digits, such as 510000"),
    ):
        assert client.get(f"{ROOT}/{query}").json()["detail"] == detail


@pytest.mark.parametrize(
    "words",
    [
        *('"', "'", "「", "AND", "OR OR", "NOT", "-", "*", "(((", ")", "NEAR(", "title:", "标题:", "日期:", "|", "\\"),
        *("\x00", "a\x00b", "😀", "👨‍👩‍👧‍👦", "\u202e川渝", "\ufeff", "川" * 1000, "(" * 900, "a OR " * 190, "-" * 999),
        *(
            "9" * 500,
            "日期:99999999",
            "自:0001-01-01",
            "至:9999-12-31",
            "地区:" + "9" * 50,
            "'; DROP TABLE stories; --",
        ),
    ],
)
def test_odd_words_are_answered(client: Client, words: str) -> None:
    for path in ("/stories?q=", "/stories?order=relevance&q=", "/stories?after_seq=0&q=", "/statistics?q="):
        assert client.get(f"{ROOT}{path}{quote(words)}").status_code == 200, path


def test_half_a_surrogate_and_bytes_that_are_no_text_are_answered(client: Client) -> None:
    for given in ("%ED%A0%80", "%FF%FE", "%C0%80", "%F0%9F%98", "%", "%zz"):
        assert client.get(f"{ROOT}/stories?q={given}").status_code == 200, given
        assert client.get(f"{ROOT}/stories?source={given}").status_code == 200, given
        assert client.get(f"{ROOT}/explain?url={given}").status_code == 404, given
        assert client.get(f"{ROOT}/stories/{given}").status_code in (400, 404), given


@pytest.mark.parametrize("name", ["0", "99", "-1", "1e3", "9" * 40, "%00", "１", "tag:x,2026:story/1", "%0A", "a%0Ab"])
def test_no_such_story(client: Client, name: str) -> None:
    for path in (f"/stories/{name}", f"/stories/{name}/life"):
        answer = client.get(f"{ROOT}{path}")
        assert answer.status_code == 404
        assert is_problem(answer)


def test_a_story_by_number_guid_and_retired_guid(own: House) -> None:
    client, archive = own.client, own.archive
    gone = archive.story(2)
    assert gone is not None
    assert asked(client, f"/stories/{quote(gone.guid)}")["id"] == 2
    archive.join_stories(["1", "2"], by="test", note="合成", now=NOW)
    for name in ("2", quote(gone.guid), quote(gone.guid, safe="")):
        answer = client.get(f"{ROOT}/stories/{name}")
        assert (answer.status_code, answer.headers["content-location"]) == (200, f"{ROOT}/stories/1")
        story = answer.json()
        assert story["id"] == 1
        assert [(one["id"], one["guid"]) for one in story["retired"]] == [(2, gone.guid)]
        assert [ruling["note"] for ruling in asked(client, f"/stories/{name}/life")["rulings"]] == ["合成"]


def test_explain_tells_a_persons_word(own: House) -> None:
    client, archive = own.client, own.archive
    url = "https://synthetic-b.example/1.html"
    assert asked(client, f"/explain?url={url}")["judgement"]["label"] is None
    archive.label([2], Label(relevant=True, by="analyst", note="合成"), now=NOW)
    told = asked(client, f"/explain?url={url}")
    assert (told["outcome"], told["judgement"]["label"]["by"]) == ("stored", "analyst")
    assert told["story"]["id"] == 1
    assert "all" in {feed["id"] for feed in told["feeds"]}
    assert is_problem(client.get(f"{ROOT}/explain?url=https://nowhere.example/"))
    assert is_problem(client.get(f"{ROOT}/explain"), "url")
    assert is_problem(client.get(f"{ROOT}/explain?url=" + "a" * 5000), "url")


def test_sources_feeds_and_vocabulary(client: Client) -> None:
    sources = {one["id"]: one for one in asked(client, "/sources")["items"]}
    assert (sources["synthetic-b"]["last_poll"]["reason"], sources["synthetic-b"]["failures"]) == ("blocked", 1)
    assert sources["synthetic-a"]["last_ok"] == "2026-03-02T12:00:00+08:00"
    feeds = {one["id"]: one for one in asked(client, "/feeds?lang=en")["items"]}
    assert feeds["all"]["name"] is None
    assert feeds["zone-5rtr57a"]["name"] == "Sichuan–Chongqing"
    address = feeds["zone-5rtr57a"]["rss"].removeprefix("http://127.0.0.1:8080")
    assert client.get(address).status_code == 200
    regions = {one["adcode"]: one for one in asked(client, "/vocabulary/regions?name=江北区")["items"]}
    assert regions["500105"]["successors"] == ["500157"]
    assert {one["level"] for one in asked(client, "/vocabulary/regions?within=511800")["items"]} == {
        "prefecture",
        "county",
    }
    assert len(asked(client, "/vocabulary/regions?level=province&current=true")["items"]) == 34
    assert is_problem(client.get(f"{ROOT}/vocabulary/regions?within=999999"), "within")
    assert "川渝" in {one["name"] for one in asked(client, "/vocabulary/zones")["items"]}
    assert "agreement" in {one["id"] for one in asked(client, "/vocabulary/topics")["items"]}


def test_a_cursor_is_good_for_its_own_list_only(client: Client) -> None:
    cursor = asked(client, "/stories?limit=1")["next_cursor"]
    assert [story["id"] for story in asked(client, f"/stories?limit=9&cursor={cursor}")["items"]] == [1]
    assert is_problem(client.get(f"{ROOT}/stories?q=川渝&cursor={cursor}"), "cursor")
    assert is_problem(client.get(f"{ROOT}/stories?order=relevance&cursor={cursor}"), "cursor")
    told = client.get(f"{ROOT}/stories?order=relevance&cursor={cursor}").json()["detail"]
    assert told == "cursor: of another list: the other parameters must be as they were"
    for garbage in ("nonsense", "00000000.", f"{cursor}x", "0000000x.5"):
        told = client.get(f"{ROOT}/stories?cursor={garbage}").json()["detail"]
        assert told == "cursor: not a cursor of ours", garbage
    mark = cursor.partition(".")[0]
    for place in ("", "0", "5", "99999999T999999999999-1", "20260301T040000000000-0"):
        assert is_problem(client.get(f"{ROOT}/stories?cursor={mark}.{place}"), "cursor"), place


def test_caches_are_told_what_has_changed(own: House) -> None:
    client = own.client
    full = client.get(f"{ROOT}/stories")
    etag = full.headers["etag"]
    assert full.headers["cache-control"] == "no-cache"
    same = client.get(f"{ROOT}/stories", headers={"if-none-match": f'W/{etag}, "other"'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    store(own.archive, 3)
    assert client.get(f"{ROOT}/stories", headers={"if-none-match": etag}).status_code == 200


def test_head_is_get_without_its_body(client: Client) -> None:
    for path in ("/stories", "/stories/1", "/openapi.json", "/nope", ""):
        get, head = client.get(f"{ROOT}{path}"), client.head(f"{ROOT}{path}")
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-length"] == str(len(get.content))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent(client: Client, method: str) -> None:
    answer = client.ask(method, f"{ROOT}/stories", content=b"{}", headers={"origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert is_problem(answer)


def test_no_other_site_may_read_it(client: Client) -> None:
    answer = client.get(f"{ROOT}/stories", headers={"origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_another_name_for_the_server_is_a_problem(client: Client) -> None:
    for path in ("/stories", "/openapi.json", "/nowhere"):
        answer = client.get(f"{ROOT}{path}", {"host": "evil.example"})
        assert answer.status_code == 421
        assert is_problem(answer)


def test_problems_are_told_in_the_language_of_the_settings(client: Client) -> None:
    def told() -> dict[int, str]:
        answers = [
            client.get(f"{ROOT}/stories?limit=0"),
            client.get(f"{ROOT}/stories/999"),
            client.post(f"{ROOT}/stories", b"{}"),
            client.get(f"{ROOT}/stories", {"host": "evil.example"}),
        ]
        assert all(map(is_problem, answers[1:]))
        return {answer.status_code: answer.json()["detail"] for answer in answers}

    english = told()
    assert english.keys() == {400, 404, 405, 421}
    assert all(text.isascii() for text in english.values())
    use_language("zh")
    chinese = told()
    assert chinese.keys() == english.keys()
    assert not any(text.isascii() for text in chinese.values())


def test_faults_are_problems_and_keep_their_secrets(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for error, status in ((ArchiveError("secret"), 503), (RuntimeError("secret"), 500)):

        def fails(*_given: object, error: Exception = error, **_named: object) -> None:
            raise error

        monkeypatch.setattr(house.archive, "search", fails)
        answer = house.client.get(f"{ROOT}/stories")
        assert answer.status_code == status
        assert is_problem(answer)
        assert "secret" not in answer.text
        assert "content-security-policy" in answer.headers
        page = house.client.get("/stories")
        assert page.status_code == status
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "secret" not in page.text
        assert page.headers.get("retry-after") == answer.headers.get("retry-after")
    assert "/api/v1/stories: secret" in caplog.text
    assert "/stories: secret" in caplog.text


def test_the_commands_say_the_same(tmp_path: Path) -> None:
    url = "https://synthetic-b.example/1.html"
    folder = tmp_path / "data"
    with opened(folder) as made:
        explained, whole = asked(made.client, f"/explain?url={url}"), asked(made.client, "/stories/1")
        life, (listed,) = asked(made.client, "/stories/1/life"), asked(made.client, "/stories?q=川渝")["items"]

    def said(*words: str) -> dict[str, Any]:
        (found,) = json.loads(call(environment("zh"), folder, *words, "--json")[0])
        assert isinstance(found, dict)
        return found

    assert said("explain", url) == explained
    for given, told in ((("show", "1"), whole | life), (("search", "川渝"), listed)):
        found = said(*given)
        assert told.keys() - found.keys() <= {"names", "marks", "title_marks"}
        for name in told.keys() & found.keys():
            assert found[name] == told[name], name


def test_a_person_finds_every_parameter_and_no_script(client: Client) -> None:
    page = html.fromstring(client.get(ROOT).text)
    assert not page.cssselect("script, [src^=http], link[href^=http]")
    document = asked(client, "/openapi.json")
    for path, methods in document["paths"].items():
        operation = methods["get"]
        (section,) = page.cssselect(f"#{operation['operationId']}")
        assert section.cssselect("h2")[0].text_content() == f"GET {ROOT}{path}"
        names = [row.text for row in section.cssselect("td:first-child code")]
        assert names == [parameter["name"] for parameter in operation.get("parameters", ())]
        assert section.cssselect("pre")[0].text_content().startswith("curl ")
    assert "1–200" in client.get(ROOT).text
    assert client.get("/api").headers["location"] == ROOT
    assert f'href="{ROOT}"' in client.get("/").text
