"""Every link of every page of the web side leads somewhere."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

import pytest
from lxml import html

from archive import Archive
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, poll, source, store
from tests.web.client import Client
from web.app import create_app

pytestmark = pytest.mark.usefixtures("english")


def test_every_link_is_answered(archive: Archive, config: Config) -> None:
    store(archive, 1, regions=("510000", "500000"))
    store(archive, 2, regions=("510000", "500000"), published=None)
    poll(archive, source())
    publish(archive, load_taxonomy(), config, now=NOW)
    client = Client(create_app(archive, load_taxonomy(), config, sources=(source(),)))
    own = config.base_url.rstrip("/")
    seen: set[str] = set()
    waiting = {"/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = html.fromstring(answer.text)
        places = {one.get("id") for one in page.cssselect("[id]")}
        for name in ("href", "src", "action"):
            for link in page.xpath(f"//@{name}"):
                address, place = urldefrag(urljoin(f"{own}{path}", link))
                if address == f"{own}{path}" and place:
                    assert place in places, (path, link)
                elif address.startswith(f"{own}/") and address.removeprefix(own) not in seen:
                    waiting.add(address.removeprefix(own))
    for kind in ("/stories/", "/explain?", "/feeds/custom?", "/api/v1/explain?", "/search?", "/static/", "/statistics"):
        assert any(path.startswith(kind) for path in seen), kind
