"""`hrwatch notify` and what doctor says of it: exit codes, tables, JSON; nothing shows an address."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apprise
import pytest
from apprise.plugins.wecombot import NotifyWeComBot

from archive.archive import open_file
from crawler.model import Reason
from tests.archive.making import judged, poll, prose
from tests.cli.worlds import call
from tests.feeds.receivers import robot

# Apprise loads a module of Python that goes with 3.13, to look for PGP
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SECRET = "sEcReTkEy0123456789"
FILE = f"""
[notify.川渝组]
to = "wecombot://{SECRET}"
zones = "川渝"

[notify.ops]
to = "wecombot://{SECRET}"
health = true
"""
REFUSED = (200, b'{"errcode":93000,"errmsg":"invalid webhook url"}')
TAKEN = (200, b'{"errcode":0,"errmsg":"ok"}')


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "notify.toml"
    file.write_text(FILE, encoding="utf-8")
    return {"HRWATCH_LANG": "en", "HRWATCH_NOTIFY": str(file), "HRWATCH_BASE_URL": "https://feeds.example.org"}


def store(data: Path) -> None:
    """A story, and a source that is blocked."""
    now = datetime.now(UTC)
    with open_file(data / "hrwatch.sqlite3") as archive:
        archive.record_poll(poll(at=now - timedelta(days=1)))
        archive.store(judged("https://synthetic.example/1", prose(1), published=now), now=now)
        for _time in range(2):
            archive.record_poll(poll(at=now, reason=Reason.BLOCKED))


def test_notify_from_the_first_call_to_the_last(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "D"
    monkeypatch.setattr(apprise.plugins.NotifyBase, "request_rate_per_sec", 0)
    with robot() as service:
        monkeypatch.setattr(NotifyWeComBot, "notify_url", service.url + "/send?key={key}")
        service.answer(REFUSED, TAKEN)
        said = [call(env, data, "notify")]
        assert said[-1][0].count("begins now") == 2
        assert (data / "feeds" / "health.rss").exists()
        store(data)
        said.append(call(env, data, "notify", "--dry-run"))
        assert "to be told when it is due" in said[-1][0]
        assert "· 川渝人社部门签署合作协议" in said[-1][0]
        assert service.bodies == []
        said.append(call(env, data, "notify", "--json", expect=1))
        first, second = json.loads(said[-1][0])
        assert (first["notification"], first["outcome"], first["count"]) == ("川渝组", "failed", 1)
        assert "93000" in first["fault"]
        assert (second["notification"], second["outcome"]) == ("ops", "sent")
        said.append(call(env, data, "doctor", "--json", expect=1))
        (check,) = [check for check in json.loads(said[-1][0]) if check["check"] == "notifications"]
        assert check["detail"].startswith("川渝组, 1 wecombot: ")
        assert check["remedy"] == "mend it and run: hrwatch notify 川渝组"
        said.append(call(env, data, "notify"))
        assert "failed, tried again later" in said[-1][0]
        said.append(call(env, data, "notify", "川渝组", "--json"))
        assert [one["outcome"] for one in json.loads(said[-1][0])] == ["sent"]
        said.append(call(env, data, "notify", "--json"))
        assert [one["outcome"] for one in json.loads(said[-1][0])] == ["nothing", "nothing"]
    assert len(service.bodies) == 3
    assert all(SECRET not in text for pair in said for text in pair)


@pytest.mark.parametrize(
    ("text", "names", "told"),
    [
        (None, (), "HRWATCH_NOTIFY is not set"),
        (FILE, ("nobody",), "there is no notification nobody; there are 川渝组、ops"),
        (f'[notify.a]\nto = "{SECRET}"', (), "notify.a.to: number 1 is no address"),
    ],
)
def test_wrong_use(tmp_path: Path, env: dict[str, str], text: str | None, names: tuple[str, ...], told: str) -> None:
    Path(env["HRWATCH_NOTIFY"]).write_text(text or "", encoding="utf-8")
    if text is None:
        del env["HRWATCH_NOTIFY"]
    out, err = call(env, tmp_path / "D", "notify", *names, expect=2)
    assert told in err
    assert SECRET not in out + err


def test_doctor_says_what_is_wrong_with_the_file(tmp_path: Path, env: dict[str, str]) -> None:
    open_file(_made(tmp_path / "D") / "hrwatch.sqlite3").close()
    (good,) = _checks(env, tmp_path / "D")
    assert (good["ok"], good["detail"]) == (True, "2 notifications")
    Path(env["HRWATCH_NOTIFY"]).write_text("[notify.a]\nzones = 3", encoding="utf-8")
    (bad,) = _checks(env, tmp_path / "D")
    assert (bad["ok"], "notify.a.zones" in bad["detail"]) == (False, True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _checks(env: dict[str, str], data: Path) -> list[dict[str, object]]:
    out, _err = call(env, data, "doctor", "--json", expect=1)  # there is no contact
    return [check for check in json.loads(out) if check["check"] == "notifications"]
