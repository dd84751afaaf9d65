"""The page of a story tells which members have vanished and which stories are related. Synthetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Archive, open_archive
from crawler.config import Config
from crawler.language import use_language
from crawler.model import Entry, Reason
from crawler.taxonomy import load_taxonomy
from tests.web.archive_of import NOW, source, store
from tests.web.client import Client
from web.app import create_app

NAME = "《川渝人力资源服务合作办法》"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    use_language("en")
    with open_archive(Config(data=tmp_path)) as opened:
        yield opened
    use_language("zh")


def test_page_of_a_story_tells_its_life(archive: Archive, tmp_path: Path) -> None:
    first = store(archive, 1, title=f"关于印发{NAME}的通知")
    found = archive.find_story(first)
    assert found is not None
    second = store(archive, 1, by=source("synthetic-b", "合成晚报"), title="转载", body=found.body)
    interpretation = store(archive, 2, title=f"{NAME}政策解读<script>")
    row = Entry(source_id="synthetic-a", list_url="https://synthetic-a.example/", url=first, title="")
    archive.settle(row, Reason.GONE, "404", now=NOW + timedelta(days=3), lease=None)
    client = Client(create_app(archive, load_taxonomy(), Config(data=tmp_path)))
    page = client.get(f"/stories/{found.id}")
    assert page.status_code == 200
    assert "gone since 2026-03-05" in page.text
    assert "Related stories" in page.text
    assert "政策解读&lt;script&gt;" in page.text
    other = archive.find_story(interpretation)
    assert other is not None
    assert f'href="/stories/{other.id}"' in page.text
    link = archive.story(found.id)
    assert link is not None
    assert link.url == second
    alone = client.get(f"/stories/{other.id}")
    assert "gone since" not in alone.text
