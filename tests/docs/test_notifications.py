"""docs/notifications.md: its example is a file that can be read, its keys and options are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import apprise
import pytest

from crawler.cli.commands import hrwatch
from crawler.taxonomy import load_taxonomy
from feeds.health import HEALTH
from feeds.notify.service import open_service
from feeds.notify.wanted import NotificationKeys, load_notifications
from feeds.query_keys import QueryKeys
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "notifications.md").read_text("utf-8")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_the_example_is_a_file_of_notifications(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "notify.toml"
    file.write_text(text, encoding="utf-8")
    found = load_notifications(file, load_taxonomy())
    assert [(one.name, one.every, one.at.hour, one.weekday) for one in found] == [
        ("川渝组", "now", 8, 0),
        ("社保早报", "daily", 8, 0),
        ("周报", "weekly", 17, 4),
        ("ops", "now", 8, 0),
    ]
    services = [open_service(target) for one in found for target in one.to]
    assert [service.takes_html for service in services] == [False, False, False, True, False]
    (mail,) = found[2].to
    plugin = apprise.Apprise.instantiate(mail.address)
    assert [address for _name, address in plugin.targets] == ["a@example.org", "b@example.org"]


def test_every_key_is_told_and_no_other() -> None:
    table = PAGE.split("| key | means |")[1].split("\n\n")[0]
    told = {
        key for line in table.splitlines() for key in re.findall(r"`(\w+)`", line.split("|")[1] if "|" in line else "")
    }
    assert told == set(NotificationKeys.model_fields) | set(QueryKeys.model_fields)


def test_the_commands_have_the_options_that_are_shown() -> None:
    options = {option for parameter in hrwatch.commands["notify"].params for option in parameter.opts}
    assert set(re.findall(r"hrwatch notify [^\n`]*?(--[a-z-]+)", PAGE)) <= options
    assert all(f"`{HEALTH}.{ending}`" in PAGE for ending in ("rss", "atom", "json"))
