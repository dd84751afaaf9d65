"""An item that goes no further leaves with its reason; what is kept and what is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.errors import LeaseLostError
from crawler.model import Article, Capture, Entry, Extracted, Judged, Page, Reason, Stored
from crawler.taxonomy import load_taxonomy
from pipelines import ORDER
from pipelines.extract import Extract
from pipelines.judge import Judge
from pipelines.refused import RefusedItem
from pipelines.store import Store
from tests.archive.making import NOW, entry, judged, source

URL = "http://synthetic.example/a/1.html"
SEEN = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def capture(body: bytes | None, *, title: str = "合成标题") -> Capture:
    row: Entry = replace(entry(URL), title=title)
    page = None
    if body is not None:
        page = Page(url=URL, status=200, headers={"content-type": "text/html"}, body=body, fetched_at=SEEN)
    return Capture(entry=row, source=source(), page=page, seen_at=SEEN)


def extracted(article: Article) -> Extracted:
    return Extracted(capture=capture(None), article=article)


def test_extract_lets_go_with_the_reason() -> None:
    with pytest.raises(RefusedItem) as refused:
        asyncio.run(Extract().process_item(capture(b"<html><body></body></html>")))
    assert refused.value.reason in (Reason.NO_BODY, Reason.NO_TITLE, Reason.EMPTY)


def test_a_row_that_is_never_fetched_is_title_and_date() -> None:
    done = asyncio.run(Extract().process_item(capture(None, title="川渝人社合作")))
    assert (done.article.title, done.article.is_link_only, done.article.body) == ("川渝人社合作", True, "")


def test_a_row_without_page_or_time_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError, match="neither a page"):
        asyncio.run(Extract().process_item(replace(capture(None), seen_at=None)))


@pytest.mark.parametrize(
    ("title", "is_link_only", "reason"),
    [
        ("川渝两地人社部门签署人力资源合作协议", True, None),
        ("本周末气温回升", True, Reason.UNREGISTERED_HOST),
        ("本周末气温回升", False, None),
    ],
)
def test_irrelevant_links_are_let_go_and_irrelevant_articles_kept(
    title: str, is_link_only: bool, reason: Reason | None
) -> None:
    article = Article(url=URL, title=title, body="", folded_title=title, is_link_only=is_link_only)
    judge = Judge(load_taxonomy())
    if reason is None:
        assert asyncio.run(judge.process_item(extracted(article))).judgement.relevant == ("川渝" in title)
        return
    with pytest.raises(RefusedItem) as refused:
        asyncio.run(judge.process_item(extracted(article)))
    assert refused.value.reason is reason


class Keeping:
    """An archive that does as the test says."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.at: datetime | None = None

    def store(self, item: Judged, *, now: datetime) -> Stored:
        self.at = now
        if self.error is not None:
            raise self.error
        return Stored(item_id=1, story_id=1, is_new=True, joined=False)


def test_store_keeps_the_time_of_the_fetch() -> None:
    archive = Keeping()
    stored = asyncio.run(Store(archive).process_item(judged(URL, "合成正文")))
    assert (stored.is_relevant, archive.at) == (True, NOW)


@pytest.mark.parametrize(("error", "left"), [(LeaseLostError("x"), RefusedItem), (OSError("disk"), OSError)])
def test_a_lost_lease_is_a_refusal_and_a_fault_is_not(error: Exception, left: type[Exception]) -> None:
    with pytest.raises(left) as raised:
        asyncio.run(Store(Keeping(error)).process_item(judged(URL, "合成正文")))
    if isinstance(raised.value, RefusedItem):
        assert raised.value.reason is Reason.LEASE_LOST


def test_order_names_what_there_is() -> None:
    from scrapy.utils.misc import load_object

    assert [load_object(path) for path in ORDER] == [Extract, Judge, Store]


def test_settings_open_no_console_and_number_the_pipelines() -> None:
    from crawler.config import load_config
    from crawler.settings import scrapy_settings

    settings: dict[str, Any] = scrapy_settings(load_config())
    assert list(settings["ITEM_PIPELINES"]) == list(ORDER)
    assert sorted(settings["ITEM_PIPELINES"].values()) == list(settings["ITEM_PIPELINES"].values())
    # either would run what code it is sent
    assert not settings["TELNETCONSOLE_ENABLED"]
    assert not settings["REMOTE_CONTROL_ENABLED"]
    # 0 would break the limit of one request a host
    assert settings["DOWNLOAD_DELAY"] > 0
