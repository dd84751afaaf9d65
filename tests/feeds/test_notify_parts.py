"""The parts of notifying by themselves: the file, the clock, the cutting of messages, the answers of robots."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Announced, Question
from crawler.errors import ConfigError
from crawler.taxonomy import load_taxonomy
from feeds.notify.message import MAX_PARTS, html_page, positions_of, story_message, text_parts
from feeds.notify.rhythm import CHINA, last_moment, retry_at
from feeds.notify.service import refusal_in
from feeds.notify.wanted import Notification, load_notifications
from feeds.toml_names import read_toml
from tests.feeds.world import NOW, World, story

SECRET = "sEcReTkEy0123456789"


pytestmark = pytest.mark.usefixtures("english")


def load(folder: Path, text: str | bytes) -> tuple[Notification, ...]:
    file = folder / "notify.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_notifications(file, load_taxonomy())


def test_a_name_in_chinese_needs_no_quotes(tmp_path: Path) -> None:
    text = (
        '[notify.川渝组]  # 早报\nto = "wecombot://k"\nzones = "川渝"\n\n[ notify.ops ]\nto = ["a://b"]\nhealth = true'
    )
    group, ops = load(tmp_path, text)
    assert (group.name, group.question.query.zones, group.every) == ("川渝组", ("川渝",), "now")
    assert (ops.question, ops.to[0].name) == (None, "1 a")
    assert read_toml('[a."川"]\nx = 1') == read_toml("[a.川]\nx = 1") == {"a": {"川": {"x": 1}}}


def test_every_key_of_a_query_is_asked(tmp_path: Path) -> None:
    (found,) = load(
        tmp_path,
        '[notify.a]\nto=["mailto://x"]\nregions=["雅安"]\npair=["四川","重庆"]\ntopics=["合作协议"]\nwords="社保"\n'
        'exclude=["招聘会"]\nsources=["scol"]\nkind="人社"\nevery="weekly"\nat=7:05\non="sunday"\n'.replace(
            "7:05", '"7:05"'
        ),
    )
    question = found.question
    assert isinstance(question, Question)
    assert (question.query.adcodes[0], question.query.topics) == ("511800", ("agreement",))
    assert (question.kind, question.words, question.pair is not None) == ("gov-hrss", "社保", True)
    assert "招" in str(question.expression)
    assert (found.every, found.weekday, found.at.isoformat()) == ("weekly", 6, "07:05:00")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[notify.a]\nto = ["SECRET"]', "notify.a.to: number 1 is no address"),
        ('[notify.a]\nto = ["x://SECRET", "://SECRET"]', "notify.a.to: number 2 is no address"),
        ("[notify.a]\nto = []", "notify.a.to:"),
        ('[notify.a]\nto = {a = "x://SECRET"}', "notify.a.to:"),
        ('[notify.a]\nzones = ["川渝"]', "notify.a.to:"),
        ('[notify.a]\nto = ["x://SECRET"]\nzone = ["川渝"]', "notify.a.zone:"),
        ('[notify.a]\nto = ["x://SECRET"]\nzones = ["nowhere"]', "notify.a: nowhere: no such zone"),
        ('[notify.a]\nto = ["x://SECRET"]\nregions = ["川渝"]', "notify.a: 川渝: no such region"),
        ('[notify.a]\nto = ["x://SECRET"]\nat = "24:00"', "notify.a.at: not a time such as 08:30"),
        ('[notify.a]\nto = ["x://SECRET"]\nevery = "hourly"', "notify.a.every:"),
        ('[notify.a]\nto = ["x://SECRET"]\nhealth = true\nwords = "a"', "health goes without words"),
        ("[notify]\na = 3", "notify.a:"),
        ("notify = 3", "notify: only tables"),
        ("[other]\na = 1", "other: only tables"),
        ('[notify." "]\nto = ["x://SECRET"]', "a name has 1 to 100"),
        ("[notify.a", "at end of document"),
        ("[notify.a]\nto = x://SECRET", "line 2, column 6"),
        (b"\xff\xfe", "not UTF-8"),
        ("#" * 2**21, "larger than"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key_and_without_the_address(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text.replace("SECRET", SECRET) if isinstance(text, str) else text)
    assert told in str(raised.value)
    assert "notify.toml" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_no_repr_shows_an_address(tmp_path: Path) -> None:
    (found,) = load(tmp_path, f'[notify.a]\nto = "wecombot://{SECRET}"')
    assert found.to[0].address.endswith(SECRET)
    assert SECRET not in repr(found)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"HRWATCH_NOTIFY: .*none\.toml"):
        load_notifications(tmp_path / "none.toml", load_taxonomy())


@pytest.mark.parametrize(
    ("every", "now", "moment"),
    [
        ("now", "2026-03-02 12:00", None),
        ("daily", "2026-03-02 08:30", "2026-03-02 08:30"),
        ("daily", "2026-03-02 08:29", "2026-03-01 08:30"),
        ("weekly", "2026-03-02 08:30", "2026-03-02 08:30"),  # a Monday
        ("weekly", "2026-03-02 08:29", "2026-02-23 08:30"),
        ("weekly", "2026-03-08 23:59", "2026-03-02 08:30"),
    ],
)
def test_the_moment_by_the_clock_of_china(tmp_path: Path, every: str, now: str, moment: str | None) -> None:
    (found,) = load(tmp_path, f'[notify.a]\nto = "a://b"\nevery = "{every}"')
    at = datetime.fromisoformat(now).replace(tzinfo=CHINA)
    expected = None if moment is None else datetime.fromisoformat(moment).replace(tzinfo=CHINA)
    assert last_moment(found, at) == expected


def test_pauses_grow_to_half_a_day() -> None:
    pauses = [(retry_at(failures, NOW) - NOW) / timedelta(minutes=1) for failures in (1, 2, 3, 8, 9, 10**6)]
    assert pauses == [5, 10, 20, 640, 720, 720]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b'{"errcode":0,"errmsg":"ok"}', None),
        (b'{"StatusCode":0,"StatusMessage":"success"}', None),
        (b'{"errcode":45009,"errmsg":"api freq out of limit"}', "45009 api freq out of limit"),
        (b'{"code":19024,"msg":"Key Words Not Found"}', "19024 Key Words Not Found"),
        (b'{"errcode":"0"}', "refused"),
        (b"{}", "refused"),
        (b"<html>", "cannot be read"),
        (b"[0]", "cannot be read"),
        (b"", "cannot be read"),
        (b"[" * 99_999, "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b'{"errcode":1,"errmsg":"%s"}' % (b"x" * 9000), "refused it: 1 xxx"),
    ],
)
def test_the_answers_of_robots(answer: bytes, told: str | None) -> None:
    found = refusal_in(answer)
    assert (found is None) == (told is None)
    assert told is None or (found is not None and told in found and len(found) < 400)


anything = st.text(st.characters(codec=None), max_size=300)


@settings(max_examples=150, deadline=None)
@given(
    titles=st.lists(anything, min_size=1, max_size=40),
    publisher=anything,
    limit=st.integers(200, 4000),
    more=st.integers(0, 10**6),
    is_escaped=st.booleans(),
)
def test_any_texts_keep_within_any_limit_and_each_is_told_at_most_once(
    titles: list[str], publisher: str, limit: int, more: int, is_escaped: bool
) -> None:
    def size(text: str) -> int:
        return len(json.dumps(text)) if is_escaped else len(text.encode())

    told = [
        Announced(position=n, story=story(n, title=title, first_source=publisher)) for n, title in enumerate(titles)
    ]
    message = story_message("组", told, len(told) + more, World(), "https://f.example/")  # type: ignore[arg-type]
    parts = text_parts(message, limit, size)
    assert 1 <= len(parts) <= MAX_PARTS
    assert all(size(part.text) <= limit for part in parts)
    positions = [position for part in parts for position in part.positions]
    assert len(positions) == len(set(positions))
    left = len(told) - len(positions) + more
    assert parts[-1].text.endswith(f"and {left} more: https://f.example/stories") == (left > 0)
    assert sorted(positions_of(message)) == list(range(len(told)))


@settings(max_examples=60, deadline=None)
@given(title=anything, publisher=anything)
def test_any_text_makes_safe_html(title: str, publisher: str) -> None:
    one = story(1, title=title, first_source=publisher, url="javascript:alert(1)")
    page = html_page(story_message("<组>", [Announced(position=1, story=one)], 1, World(), "https://f.example"))  # type: ignore[arg-type]
    page.encode("utf-8")
    assert 'href="javascript:' not in page
    assert "<组>" not in page
    assert page.count("<li") == 1
    assert page.count('<a href="https://f.example/stories/1"') == 2
