"""What the tests of this room share: judging a synthetic title and body."""

from __future__ import annotations

from datetime import date

from crawler.model import Judgement, Role, Source
from crawler.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()


def source(adcode: str) -> Source:
    return Source(
        id="synthetic",
        name="synthetic",
        kind="gov",
        level="province",
        adcode=adcode,
        home="https://example.cn/",
        hosts=("example.cn",),
        family="synthetic",
        lists=(),
    )


def judge(title: str, body: str = "", *, adcode: str | None = None, on: date | None = None) -> Judgement:
    return TAXONOMY.judge(title=title, body=body, source=source(adcode) if adcode else None, on=on)


def roles(judgement: Judgement) -> dict[str, Role]:
    return {region.adcode: region.role for region in judgement.regions}
