"""The API against its own OpenAPI document: Schemathesis asks the real server on loopback what the document allows and
what it forbids. The cases are derived, not random: the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode

from archive import open_archive
from crawler.config import Config
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, poll, source, store
from web.api.app import create_api
from web.api.asked import ROOT
from web.reading import Reader
from web.server import WebProcess

# What a document cannot say: which names there are, that February is short, and what does not go together. Requests
# that are meant to be valid are made so; then none of them may be refused.
KNOWN = {
    "region": ["510000", "重庆", "雅安"],
    "pair": ["四川", "重庆"],
    "zone": ["川渝", "长三角"],
    "topic": ["agreement", "training"],
    "kind": ["gov"],
    "within": ["510000"],
    "since": ["2025-02"],
    "until": ["2026-12-31"],
    "cursor": [],
    "after_seq": ["3"],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = Config(data=tmp_path_factory.mktemp("api"), port=0)
    with open_archive(config) as archive:
        for number in range(12):
            store(archive, number)
        poll(archive, source())
        poll(archive, source("synthetic-b"), Reason.BLOCKED, "412")
        publish(archive, load_taxonomy(), config, now=NOW)
    web = WebProcess(config)
    try:
        yield web.start().rstrip("/")
    finally:
        web.stop()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


# no archive is asked for what the document says
documented = schemathesis.openapi.from_dict(
    create_api(cast(Reader, None), load_taxonomy(), Config(), {}).openapi(),
)


def make_valid(query: dict[str, Any]) -> None:
    """Put names that there are in place of made-up ones."""
    for name in KNOWN.keys() & query.keys():
        known = KNOWN[name]
        if not known:
            del query[name]
        elif isinstance(query[name], list):
            query[name] = known[: len(query[name])]
        else:
            query[name] = known[0]
    if "after_seq" in query:
        query.pop("order", None)


@documented.parametrize()
@settings(max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: schemathesis.Case, address: str, session: requests.Session) -> None:
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        make_valid(case.query)
    case.call_and_validate(base_url=f"{address}{ROOT}", session=session)
