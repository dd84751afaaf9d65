"""The OpenAPI document: what FastAPI gathers, with what it cannot know put right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from web.api.asked import ROOT
from web.api.problems import Problem

VERSION = "1.0.0"  # of the API: grows with what is added, and what would break a client goes to /api/v2

DESCRIPTION = """\
The archive of hrwatch for programs: news of human-resources cooperation between Chinese regions, each report once with
all its reprints. Read only; without a key. Times are ISO 8601 on China's clock with their offset, text is UTF-8.

A list that is long comes in pages: ask again with `cursor` set to `next_cursor`, or for the address in `next`, until
that is null. To learn of what is new, ask `/stories?after_seq=` with the greatest `seq` that you have.

Answers carry an ETag: give it back in If-None-Match, and what has not changed costs nothing (304). What goes wrong is
told as `application/problem+json` (RFC 9457), with the parameters at fault in `errors`.
"""

TAGS = [
    {"name": "stories", "description": "Reports, each with all its reprints."},
    {"name": "figures", "description": "Counts of stories."},
    {"name": "sources", "description": "The sites that are watched."},
    {"name": "feeds", "description": "What can be subscribed to."},
    {"name": "vocabulary", "description": "What stories are filed under: regions, zones, topics."},
]


# An example of each operation: its path, and what is asked. tests/web/test_api.py asks them all.
EXAMPLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "listStories": ("/stories", {"q": "川渝 (社保 OR 人才)", "region": "四川", "since": "2024", "limit": "5"}),
    "getStory": ("/stories/1", {}),
    "getStoryLife": ("/stories/1/life", {}),
    "explainUrl": ("/explain", {"url": "https://rsj.example.gov.cn/1.html"}),
    "getStatistics": ("/statistics", {"by": "month", "zone": "川渝"}),
    "listCooperations": ("/cooperations", {"by": "year", "level": "province", "limit": "10"}),
    "listSources": ("/sources", {}),
    "listFeeds": ("/feeds", {"lang": "en"}),
    "listRegions": ("/vocabulary/regions", {"name": "雅安"}),
    "listZones": ("/vocabulary/zones", {}),
    "listTopics": ("/vocabulary/topics", {}),
}


def describe(api: FastAPI, base_url: str) -> None:
    """Give `api` its OpenAPI document; `base_url` stands in its examples."""

    @lru_cache(maxsize=1)
    def document() -> dict[str, Any]:
        made: dict[str, Any] = get_openapi(
            title="hrwatch",
            version=VERSION,
            summary="News of human-resources cooperation between Chinese regions",
            description=DESCRIPTION,
            routes=api.routes,
            tags=TAGS,
            servers=[{"url": ROOT}],
        )
        schemas: dict[str, Any] = made["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs") | {"Problem": problem}
        order = list(EXAMPLES)
        made["paths"] = dict(sorted(made["paths"].items(), key=lambda path: order.index(path[1]["get"]["operationId"])))
        for path in made["paths"].values():
            for operation in path.values():
                operation.get("parameters", []).sort(
                    key=lambda parameter: parameter["name"] == "lang"
                )  # least asked for
                operation["responses"].pop("422", None)  # faults are 400s here
                example, given = EXAMPLES[operation["operationId"]]
                operation["x-example"] = f"{ROOT}{example}" + (f"?{urlencode(given)}" if given else "")
                curl = _curl(f"{base_url.rstrip('/')}{ROOT}{example}", given)
                operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": curl}]
                for parameter in operation.get("parameters", ()):
                    parameter["schema"] = _without_null(parameter["schema"])
        return made

    api.openapi = document  # type: ignore[method-assign]


def _curl(address: str, given: Mapping[str, str]) -> str:
    # -G: the data go into the address, in which curl does not encode Chinese by itself
    data = "".join(f" --data-urlencode {quote(f'{name}={value}')}" for name, value in given.items())
    return f"curl -G {address}{data}" if given else f"curl {address}"


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: it may be left out, but no address can hold a null."""
    choices: list[dict[str, Any]] = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {name: value for name, value in schema.items() if name != "anyOf"} | choices[0]
