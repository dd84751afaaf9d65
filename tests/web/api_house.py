"""A small archive with the web side over it, for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from archive import Archive, open_archive
from crawler.config import Config
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, poll, source, store
from tests.web.client import Client
from web.api.asked import ROOT
from web.app import create_app


@dataclass(frozen=True)
class House:
    """An archive with two stories, and the web side over it."""

    archive: Archive
    client: Client


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    config = Config(data=folder)
    sources = (source(), source("synthetic-b", "合成晚报"))
    with open_archive(config) as archive:
        store(archive, 1)
        first = archive.story(1)
        assert first is not None
        store(archive, 1, by=sources[1], title="转载：川渝签署", body=first.body)
        store(archive, 2, regions=("510000", "540000"), zones=("川藏",), title="川藏人力资源合作")
        poll(archive, sources[0])
        poll(archive, sources[1], Reason.BLOCKED, "412")
        publish(archive, load_taxonomy(), config, now=NOW)
        yield House(archive, Client(create_app(archive, load_taxonomy(), config, sources=sources)))


def asked(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(f"{ROOT}{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def is_problem(answer: httpx.Response, *parameters: str) -> bool:
    told = answer.json()
    return (
        answer.headers["content-type"] == "application/problem+json"
        and told["status"] == answer.status_code
        and bool(told["title"] and told["detail"])
        and tuple(fault["parameter"] for fault in told["errors"]) == parameters
    )
