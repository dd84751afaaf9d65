"""Names the web side answers to, so that no other site's page can read it under a name of its own (DNS rebinding)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import open_archive
from crawler.config import Config, load_config
from crawler.errors import ConfigError
from crawler.taxonomy import load_taxonomy
from tests.web.client import Client
from web.app import create_app
from web.hosts import is_allowed

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    config = Config(data=tmp_path, base_url="https://Feeds.example.org:8443/x", allowed_hosts=("*.inside.example",))
    with open_archive(config) as archive:
        yield Client(create_app(archive, load_taxonomy(), config))


@pytest.mark.parametrize(
    "path", ["/", "/stories", "/feeds/", "/api/v1/openapi.json", "/metrics", "/health", "/static/style.css"]
)
def test_other_names_get_nothing(client: Client, path: str) -> None:
    for host in ("evil.example", "evil.example:8080", "feeds.example.org.evil.example", "inside.example"):
        answer = client.get(path, {"host": host})
        assert answer.status_code == 421, (path, host)
        assert "does not answer to" in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert client.get(path, {"host": "feeds.example.org"}).status_code == 200


def test_what_a_name_holds_is_shown_as_text(client: Client) -> None:
    answer = client.get("/", {"host": "<script>alert(1)</script>"})
    assert answer.status_code == 421
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]:8080",
        "[::1]",
        "192.168.1.5:8080",
        "localhost:8080",
        "app.localhost",
        "feeds.example.org",
        "FEEDS.example.org:8443",
        "feeds.example.org.",
        "a.inside.example",
        "a.b.inside.example:1",
    ],
)
def test_addresses_and_own_names_are_let_in(client: Client, host: str) -> None:
    assert client.get("/stories", {"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["", ":80", "a b", "feeds.example.org/x", "me@feeds.example.org", "[::1", "a:b", "a:99999"]
)
def test_what_is_no_host_is_no_name(host: str) -> None:
    assert not is_allowed(host, ("feeds.example.org", "*.example.org"))


def test_any_name_where_that_is_wanted() -> None:
    assert is_allowed("anything.example", ("*",))
    assert not is_allowed("", ("*",))


@pytest.mark.parametrize("name", ["http://a.example", "a.example:80", "*a.example", "a/b", "-", ""])
def test_a_setting_that_names_no_host_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="allowed_hosts"):
        load_config(allowed_hosts=(name,))
