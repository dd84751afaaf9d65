"""Extracted → Judged: what the article is about, and why."""

from __future__ import annotations

from typing import Self
from zoneinfo import ZoneInfo

from scrapy.crawler import Crawler

from crawler.model import Article, Extracted, Judged, Judgement, Reason, Source
from crawler.services import services_of
from crawler.taxonomy import Taxonomy
from pipelines.refused import RefusedItem


class Judge:
    """Irrelevant articles are kept, so that a better judgement can find them; irrelevant bare links are not."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(services_of(crawler).taxonomy)

    async def process_item(self, item: Extracted) -> Judged:
        article = item.article
        judgement = judgement_of(article, item.capture.source, self._taxonomy)
        if article.is_link_only and not judgement.relevant:
            raise RefusedItem(Reason.UNREGISTERED_HOST, article.url)
        return Judged(capture=item.capture, article=article, judgement=judgement)


def judgement_of(article: Article, source: Source, taxonomy: Taxonomy) -> Judgement:
    """What an article is about, judged as of the day it was published."""
    stamp = article.published
    return taxonomy.judge(
        title=article.folded_title,
        body=article.folded_body,
        source=source,
        site_code=article.site_code,
        on=stamp.at.astimezone(ZoneInfo(source.timezone)).date() if stamp is not None else None,
    )
