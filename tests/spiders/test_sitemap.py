"""Sitemaps: bounds, hostile files, and packed ones through the whole way."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import RefusedError
from crawler.model import Reason
from spiders.sitemap import MAX_SITEMAPS, _unpacked
from tests.real.seeds import hrwatch
from tests.spiders.golden import family, list_of


def _urls(count: int) -> str:
    return "".join(
        f"<url><loc>https://www.jia.example/a/{n}.html</loc><lastmod>2026-11-{n % 20 + 1:02}</lastmod></url>"
        for n in range(count)
    )


@pytest.mark.timeout(60)  # what takes quadratic time does not come back
def test_fifty_thousand_addresses_and_no_more_newest_first() -> None:
    body = f"<urlset>{_urls(50_100)}</urlset>".encode()
    rows = family("sitemap").read_rows(*list_of(body, family="sitemap"))
    assert len(rows) == 50_000
    assert rows[0].href.endswith("/19.html")


def test_an_index_of_a_thousand_sitemaps_leads_to_few() -> None:
    listed = "".join(f"<sitemap><loc>/s-{n}.xml</loc></sitemap>" for n in range(1000))
    page, job, source = list_of(f"<sitemapindex>{listed}</sitemapindex>".encode(), family="sitemap")
    spider = family("sitemap")
    assert len(list(spider.more_lists(page, job, source))) == MAX_SITEMAPS
    assert not spider.read_rows(page, job, source)


def test_an_index_within_an_index_leads_nowhere() -> None:
    body = b"<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>"
    page, job, source = list_of(body, family="sitemap", number=2)
    assert not list(family("sitemap").more_lists(page, job, source))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"\x00\x01\x02",
        b"<" * 100_000,
        b"<a>" * 100_000,
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE urlset [<!ENTITY a "b">]><urlset/>'.encode("utf-16"),
        b'<!DOCTYPE urlset SYSTEM "http://127.0.0.1:1/x.dtd"><urlset/>',
        b"{}",
    ],
)
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        family("sitemap").read_rows(*list_of(body, family="sitemap"))
    assert refused.value.reason is Reason.WRONG_TYPE


def test_a_gzip_bomb_is_not_unpacked_whole() -> None:
    with pytest.raises(RefusedError) as refused:
        _unpacked(gzip.compress(b"\0" * 50_000_000), 1_000_000)
    assert refused.value.reason is Reason.TOO_LARGE


def test_a_broken_gzip_is_refused() -> None:
    with pytest.raises(RefusedError):
        _unpacked(b"\x1f\x8b\x08\x00" + b"\xff" * 40, 1000)


SOURCE = """
id = "news-jia"
name = "甲新闻网"
kind = "news"
level = "media"
adcode = "510000"
home = "http://www.jia.example/"
family = "sitemap"
article = '/system/\\d{8}/\\d+\\.html$'

[[list]]
url = "http://www.jia.example/sitemap.xml"
"""


def test_an_index_leads_to_a_packed_sitemap_and_its_articles(tmp_path: Path) -> None:
    index = b"<sitemapindex><sitemap><loc>/sitemap-1.xml.gz</loc></sitemap></sitemapindex>"
    packed = gzip.compress(b"<urlset><url><loc>/system/20261118/003621465.html</loc></url></urlset>")
    article = (
        "<html><head><title>甲市与乙市签署人力资源协作协议</title></head><body><h1>甲市与乙市签署人力资源协作协议</h1>"
        "<p>2026-11-18 09:30　来源：甲新闻网</p><div class=con><p>"
        + "甲市与乙市人力资源社会保障部门签署劳务协作协议，双方将共建劳务基地，互设服务窗口。" * 5
        + "</p></div></body></html>"
    )
    warc = tmp_path / "s.warc.gz"
    with warc.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for path, kind, body in (
            ("/sitemap.xml", "text/xml", index),
            ("/sitemap-1.xml.gz", "application/x-gzip", packed),
            ("/system/20261118/003621465.html", "text/html; charset=utf-8", article.encode()),
        ):
            headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"http://www.jia.example{path}",
                    "response",
                    payload=BytesIO(body),
                    length=len(body),
                    http_headers=headers,
                )
            )
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "news-jia.toml").write_text(SOURCE, encoding="utf-8")
    for new in (1, 0):
        printed = hrwatch(tmp_path / "D", "crawl", "--all", "--sources", sources, "--replay", warc, "--json")
        (report,) = json.loads(printed)
        assert report["stored"] == new
        assert not report["reason"]
