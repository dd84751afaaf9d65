"""Notifications, from the archive through Apprise to local receivers: each story once, bounded, and no secret shown."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apprise
import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from archive import Archive
from archive.archive import open_file
from crawler.config import Config
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from feeds.notify.announce import CHAT_STORIES, Outcome, State, announce, preview
from feeds.notify.wanted import load_notifications
from tests.archive.making import NOW, judged, judgement, poll, prose, source
from tests.archive.places import new_file
from tests.feeds.receivers import MailServer, Robot, mail_server, robot

# Apprise loads a module of Python that goes with 3.13, to look for PGP
pytestmark = [
    pytest.mark.usefixtures("english"),
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

SECRET = "sEcReTkEy0123456789"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OK = (200, b'{"errcode":0,"errmsg":"ok","code":0}')
CHAT = f"wecombot://{SECRET}"
# (address, class, address of the service, its answer when it takes a message, and when it does not)
ROBOTS = [
    pytest.param(CHAT, b'{"errcode":0,"errmsg":"ok"}', b'{"errcode":93000,"errmsg":"invalid webhook url"}', id="wecom"),
    pytest.param(
        f"dingtalk://{SECRET}", b'{"errcode":0,"errmsg":"ok"}', b'{"errcode":310000,"errmsg":"keywords"}', id="dingtalk"
    ),
    pytest.param(
        f"feishu://{SECRET}", b'{"StatusCode":0,"code":0,"msg":"success"}', b'{"code":19001,"msg":"x"}', id="feishu"
    ),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_file(new_file(tmp_path / "hrwatch.sqlite3", authority="feeds.example.org")) as opened:
        yield opened


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Robot]:
    """All three robots, on this machine; Apprise's pause between two requests is left out."""
    monkeypatch.setattr(apprise.plugins.NotifyBase, "request_rate_per_sec", 0)
    with robot() as running:
        for plugin, path in (
            (NotifyWeComBot, "/cgi-bin/webhook/send?key={key}"),
            (NotifyDingTalk, "/robot/send?access_token={token}"),
            (NotifyFeishu, "/open-apis/bot/v2/hook/{token}/"),
        ):
            monkeypatch.setattr(plugin, "notify_url", running.url + path)
        yield running


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setattr(apprise.plugins.NotifyBase, "request_rate_per_sec", 0)
    with mail_server() as running:
        yield running


@pytest.fixture
def tell(archive: Archive, tmp_path: Path) -> Callable[..., tuple[Outcome, ...]]:
    """Run the notifications of a file at a moment."""
    file = tmp_path / "notify.toml"
    config = Config(data=tmp_path, base_url="https://feeds.example.org/")
    taxonomy = load_taxonomy()

    def run(text: str, at: datetime = NOW, **given: Any) -> tuple[Outcome, ...]:
        file.write_text(text, encoding="utf-8")
        wanted = load_notifications(file, taxonomy)
        if given.pop("is_dry", False):
            return preview(archive, wanted, taxonomy, config)
        return announce(archive, wanted, taxonomy, config, owner="test", now=lambda: at, **given)

    return run


def table(*addresses: str, **keys: Any) -> str:
    given = {"to": list(addresses), "zones": ["川渝"]} | keys
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items() if value is not None)
    return "[notify.川渝组]\n" + "\n".join(lines)


def store(archive: Archive, *numbers: int, at: datetime = NOW, title: str = "合成消息{}号", **given: Any) -> None:
    archive.record_poll(poll("synthetic", at=at - DAY))  # what follows is not of a first crawl
    for number in numbers:
        url = f"https://synthetic.example/{number}"
        item = judged(url, prose(number), title=title.format(number), published=at - 60 * MINUTE, **given)
        archive.store(item, now=at)


@pytest.mark.parametrize(("address", "taken", "refused"), ROBOTS)
def test_a_robot_is_told_each_story_once_and_a_refusal_with_status_200_is_a_failure(
    archive: Archive, service: Robot, tell: Callable[..., Any], address: str, taken: bytes, refused: bytes
) -> None:
    text = table(address)
    assert [one.state for one in tell(text)] == [State.OPENED]
    store(archive, 1)
    service.answer((200, refused))
    (failed,) = tell(text)
    assert failed.state is State.FAILED
    assert str(json.loads(refused).get("errcode", 19001)) in failed.fault
    assert SECRET not in failed.fault
    assert failed.retry_at == NOW + 5 * MINUTE

    service.answer((200, taken))
    assert [one.state for one in tell(text, NOW + MINUTE)] == [State.WAITING]
    assert [one.state for one in tell(text, NOW + 6 * MINUTE)] == [State.SENT]
    assert [one.state for one in tell(text, NOW + 7 * MINUTE)] == [State.NOTHING]
    assert len(service.texts) == 2
    assert "合成消息1号" in service.texts[1]
    assert "合成日报 2026-03-02 11:00" in service.texts[1]
    assert "https://feeds.example.org/stories/1" in service.texts[1]
    assert all(SECRET in path for path in service.paths)


def test_what_was_there_at_the_first_call_is_not_told(
    archive: Archive, service: Robot, tell: Callable[..., Any]
) -> None:
    store(archive, *range(40))
    tell(table(CHAT))
    tell(table(CHAT))
    assert service.bodies == []


def test_messages_keep_within_the_services_bytes_and_tell_every_story(
    archive: Archive, service: Robot, tell: Callable[..., Any]
) -> None:
    tell(table(CHAT))
    store(archive, *range(20), title="关于川渝两地人力资源服务产业园共建共享合作协议签署情况的合成消息第{}号")
    tell(table(CHAT))
    assert 1 < len(service.texts) <= 5
    assert all(len(text.encode()) <= 2048 for text in service.texts)
    told = "\n".join(service.texts)
    assert all(told.count(f"第{number}号") == 1 for number in range(20))
    assert all(text.startswith("川渝组: 20 new stories\n") for text in service.texts)


def test_more_stories_than_a_chat_holds_are_counted_and_not_told_later(
    archive: Archive, service: Robot, tell: Callable[..., Any]
) -> None:
    tell(table(CHAT))
    store(archive, *range(CHAT_STORIES + 15))
    tell(table(CHAT))
    told = "\n".join(service.texts)
    shown = told.count("· 合成消息")
    assert f"and {CHAT_STORIES + 15 - shown} more: " in service.texts[-1]
    assert "https://feeds.example.org/stories" in service.texts[-1]
    assert all(len(text.encode()) <= 2048 for text in service.texts)
    assert [one.state for one in tell(table(CHAT))] == [State.NOTHING]


def test_after_a_part_that_failed_only_the_rest_is_told(
    archive: Archive, service: Robot, tell: Callable[..., Any]
) -> None:
    tell(table(CHAT))
    store(archive, *range(20), title="关于川渝两地人力资源服务产业园共建共享合作协议签署情况的合成消息第{}号")
    service.answer(OK, (500, b""))
    (failed,) = tell(table(CHAT))
    assert (failed.state, "500" in failed.fault) == (State.FAILED, True)
    first, lost = service.texts
    service.answer(OK)
    tell(table(CHAT), NOW + DAY)
    told = "\n".join((first, *service.texts[2:]))
    assert all(told.count(f"第{number}号") == 1 for number in range(20))
    assert lost.splitlines()[2] in told


def test_a_title_calls_nobody_and_a_hostile_one_keeps_its_line(
    archive: Archive, service: Robot, tell: Callable[..., Any]
) -> None:
    tell(table(CHAT))
    store(archive, 1, title='<at user_id="all">所有人</at> @all <!channel>\n\u202e\x00' + "长" * 5000)
    tell(table(CHAT))
    (text,) = service.texts
    assert "@" not in text
    assert "<" not in text
    assert "\u202e" not in text
    assert len(text.encode()) <= 2048
    assert text.count("\n") == 5


def test_one_target_that_fails_does_not_stop_the_others(
    archive: Archive, service: Robot, mails: MailServer, tell: Callable[..., Any]
) -> None:
    text = table(CHAT, f"mailto://127.0.0.1:{mails.port}/a@example.org?from=h@example.org")
    tell(text)
    store(archive, 1)
    service.answer((500, b""))
    assert [one.state for one in tell(text)] == [State.FAILED, State.SENT]
    service.answer(OK)
    assert [one.state for one in tell(text, NOW + DAY)] == [State.SENT, State.NOTHING]
    assert len(mails.mails) == 1


def test_a_service_that_is_not_there_is_a_failure_with_growing_pauses(
    archive: Archive, service: Robot, tell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(table(CHAT))
    store(archive, 1)
    monkeypatch.setattr(NotifyWeComBot, "notify_url", "http://127.0.0.1:9/send?key={key}")
    at, pauses = NOW, []
    for _time in range(10):
        (failed,) = tell(table(CHAT), at)
        assert failed.state is State.FAILED
        assert "ConnectionError" in failed.fault
        pauses.append(failed.retry_at - at)
        at = failed.retry_at
    assert pauses[:4] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE]
    assert pauses[-1] == timedelta(hours=12)
    assert [one.state for one in tell(table(CHAT), at - MINUTE)] == [State.WAITING]
    assert [one.state for one in tell(table(CHAT), at - MINUTE, is_urgent=True)] == [State.FAILED]


def test_no_secret_reaches_a_log_or_an_error(
    archive: Archive, service: Robot, tell: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    text = table(CHAT, f"dingtalk://{SECRET}", f"wecombot://{SECRET}/ü%%", f"slack://{SECRET}", f"nosuch://{SECRET}")
    try:
        tell(text)
        store(archive, 1)
        service.answer((403, SECRET.encode()))
        outcomes = tell(text)
    finally:
        for name in ("apprise", "urllib3", "requests"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert {one.state for one in outcomes} == {State.FAILED}
    assert all(SECRET not in repr(one) for one in outcomes)
    assert all(SECRET not in str(state) for state in archive.targets())
    assert SECRET not in caplog.text
    assert "1 wecombot" in caplog.text  # operators are told


def test_a_digest_comes_at_its_hour_with_what_was_found_before(
    archive: Archive, mails: MailServer, tell: Callable[..., Any]
) -> None:
    # 2026-03-02 is a Monday, NOW is noon in China
    text = table(f"mailto://127.0.0.1:{mails.port}/a@example.org?from=h@example.org", every="daily", at="08:30")
    tell(text)
    store(archive, 1)
    assert [one.state for one in tell(text, NOW + timedelta(hours=1))] == [State.NOTHING]
    store(archive, 2, at=NOW + timedelta(hours=21))  # 09:00: after the hour
    assert [one.state for one in tell(text, NOW + timedelta(hours=20, minutes=31))] == [State.SENT]
    assert [one.state for one in tell(text, NOW + timedelta(hours=22))] == [State.NOTHING]
    assert [one.state for one in tell(text, NOW + 2 * DAY)] == [State.SENT]
    first, second = (mail.get_body(("plain",)).get_content() for mail in mails.mails)
    assert ("合成消息1号" in first, "合成消息2号" in first) == (True, False)
    assert ("合成消息1号" in second, "合成消息2号" in second) == (False, True)


def test_a_weekly_digest_has_every_story_once_by_zone_and_region_in_both_parts(
    archive: Archive, mails: MailServer, tell: Callable[..., Any]
) -> None:
    address = f"mailto://127.0.0.1:{mails.port}/a@example.org,b@example.org?from=h@example.org"
    text = table(address, zones=None, every="weekly", on="friday")
    tell(text)
    store(archive, 1, 2, title="<b>合成&消息</b>{}号")
    places = judgement(zones=("川藏",), regions=("510000", "540000"))
    store(archive, 3, verdict=places)
    store(archive, 4, verdict=judgement(zones=(), regions=("330000", "510000")))
    other = source("other", "合成晚报")
    archive.store(judged("https://other.example/1", prose(1), title="转载", published=NOW, of=other), now=NOW)
    tell(text, NOW)
    assert [one.state for one in tell(text, NOW + 3 * DAY)] == [State.NOTHING]
    assert [one.state for one in tell(text, NOW + 4 * DAY)] == [State.SENT]
    assert len(mails.mails) == 2  # one for each reader
    mail = mails.mails[0]
    assert mail["Subject"] == "川渝组: 4 new stories"
    html = mail.get_body(("html",)).get_content()
    plain = mail.get_body(("plain",)).get_content()
    zones = load_taxonomy().zones
    headings = [zones["川渝"].english, zones["川藏"].english, "浙江省"]
    for shown in (html, plain):
        lines = [line.removesuffix("</h2>").rpartition(">")[2] for line in shown.splitlines()]
        assert [line for line in lines if line in headings] == headings
        assert all(shown.count(f"{number}号") == 1 for number in (1, 2, 3, 4))
        assert all(f"https://feeds.example.org/stories/{number}" in shown for number in (1, 2, 3, 4))
        assert "also reported by 合成晚报" in shown
    assert "&lt;b&gt;合成&amp;消息&lt;/b&gt;1号" in html
    assert "<b>合成&消息</b>1号" in plain
    assert 'href="https://synthetic.example/1"' in html


def test_a_long_digest_is_one_mail_with_all_of_it(
    archive: Archive, mails: MailServer, tell: Callable[..., Any]
) -> None:
    text = table(f"mailto://127.0.0.1:{mails.port}/a@example.org?from=h@example.org")
    tell(text)
    store(archive, *range(120), title="关于川渝两地人力资源服务产业园共建共享合作协议签署情况的合成消息第{}号")
    tell(text)
    (mail,) = mails.mails
    for kind in ("html", "plain"):
        content = mail.get_body((kind,)).get_content()
        assert all(content.count(f"第{number}号") == 1 for number in range(120))


def test_a_mail_server_that_refuses_is_told_in_its_own_words(
    archive: Archive, mails: MailServer, tell: Callable[..., Any]
) -> None:
    text = table(f"mailto://127.0.0.1:{mails.port}/a@example.org?from=h@example.org")
    tell(text)
    store(archive, 1)
    mails.refusal = "552 mailbox full"
    (failed,) = tell(text)
    assert (failed.state, "552" in failed.fault) == (State.FAILED, True)
    mails.refusal = None
    assert [one.state for one in tell(text, NOW + DAY)] == [State.SENT]


def test_operators_are_told_of_sources(archive: Archive, service: Robot, tell: Callable[..., Any]) -> None:
    text = f'[notify.ops]\nto = "{CHAT}"\nhealth = true'
    archive.keep_sources([source()], now=NOW)
    tell(text)
    for polls in range(2):
        archive.record_poll(poll(at=NOW + polls * 15 * MINUTE, reason=Reason.BLOCKED))
    archive.judge_health({}, now=NOW)
    tell(text)
    tell(text)
    (message,) = service.texts
    assert "【blocked】\n· 合成日报 (synthetic)\n  since 2026-03-02 12:00 · blocked\n" in message


def test_a_dry_run_shows_what_is_coming_and_tells_nobody(
    archive: Archive, service: Robot, tell: Callable[..., Any]
) -> None:
    (opened,) = tell(table(CHAT), is_dry=True)
    assert opened.state is State.OPENED
    tell(table(CHAT))
    store(archive, 1)
    for _time in range(2):
        (coming,) = tell(table(CHAT), is_dry=True)
        assert (coming.count, coming.message.groups[0].lines[0].title) == (1, "合成消息1号")
    assert service.bodies == []
    tell(table(CHAT))
    assert len(service.bodies) == 1


def test_two_processes_tell_nothing_twice(archive: Archive, service: Robot, tell: Callable[..., Any]) -> None:
    tell(table(CHAT))
    store(archive, 1)
    lease = archive.acquire_lease("notifications", "another", 60)
    assert lease is not None
    assert [one.state for one in tell(table(CHAT))] == [State.BUSY]
    archive.release_lease(lease)
    assert [one.state for one in tell(table(CHAT))] == [State.SENT]
