from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.text.urls import host_of, url_key

PAGE = "https://www.site.example/xinwen/t20230419_123.html"


@pytest.mark.parametrize(
    "other",
    [
        "http://www.site.example/xinwen/t20230419_123.html",
        "https://site.example/xinwen/t20230419_123.html",
        "HTTPS://WWW.Site.Example:443/xinwen/t20230419_123.html",
        "http://www.site.example:80/xinwen//t20230419_123.html",
        "https://www.site.example/xinwen/t20230419_123.html#main",
        "https://www.site.example/xinwen/t20230419_123.html?utm_source=wx&utm_medium=app",
        "https://www.site.example/xinwen/t20230419_123_app.html",
        "https://www.site.example/xinwen/t20230419_123_wap.html",
        "https://www.site.example/xinwen/t20230419_123_pc.html",
        "http://big5.www.site.example/gate/big5/www.site.example/xinwen/t20230419_123.html",
        " https://www.site.example/xinwen/\nt20230419_123.html ",
        "http://big5.site.example/xinwen/t20230419_123.html",
        "https://m.site.example/xinwen/t20230419_123.html",
        "http://wap.site.example/xinwen/t20230419_123_wap.html?from=singlemessage&isappinstalled=0",
        "http://big5.site.example/gate/big5/www.site.example/xinwen/t20230419_123.html",
        "http://big5.other.example/gate/big5/big5.site.example/gate/big5/www.site.example/xinwen/t20230419_123.html",
        "https://sc.gateway.example/TuniS/www.site.example/xinwen/t20230419_123.html",
        "http://sc.gateway.example/gb/www.site.example/xinwen/t20230419_123.html",
    ],
)
def test_one_page_in_other_clothes(other: str) -> None:
    assert url_key(other) == url_key(PAGE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/", "https://a.example/index.html"),
        ("https://a.example/news/", "https://a.example/news/index.shtml"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/%e5%b7%9d", "https://a.example/川"),
        ("https://a.example/%7Ex", "https://a.example/~x"),
        ("https://a.example/v?b=2&a=1", "https://a.example/v?a=1&b=2&from=timeline"),
        ("https://www.paper.com.cn/202304/19/c_1129537411.htm", "http://paper.com/202304/19/c_1129537411.htm"),
        ("https://m.paper.com.cn/newsDetail_22750456", "http://www.paper.com/newsDetail_22750456"),
        ("https://例子.example/1", "https://xn--fsqu00a.example/1"),
    ],
)
def test_same(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/1", "https://b.example/1"),
        ("https://a.example/1", "https://a.example:8080/1"),
        ("https://a.example/v?id=1", "https://a.example/v?id=2"),
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example/#/news/1", "https://a.example/#/news/2"),
        ("https://www.paper.com.cn/", "https://www.paper.com/"),  # two houses
        ("https://www.paper.com.cn/news/", "https://www.paper.com/news/"),
        ("https://m.a.example/", "https://www.a.example/"),
        ("https://news.paper.com/202304/19/c_1129537411.htm", "https://paper.com/202304/19/c_1129537411.htm"),
        ("https://a.example/gb/index_1.html", "https://a.example/index_1.html"),
        ("https://a.example/map.html", "https://a.example/m_ap.html"),
    ],
)
def test_different(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(
    "odd", ["", "javascript:;", "mailto:a@b.example", "http://[", "http://a:b/", "//x", "http://\ud800.example/\ud800"]
)
def test_what_is_no_address_has_a_key_too(odd: str) -> None:
    assert isinstance(url_key(odd), str)
    assert isinstance(host_of(odd), str)


@pytest.mark.parametrize("end", ["a" * 3000, "川" * 900, "#/" + "川" * 2000])
def test_the_key_of_an_endless_address_fits_into_an_index_and_is_its_own(end: str) -> None:
    keys = [url_key(f"http://a.example/{end}{last}") for last in "12"]
    assert keys[0] != keys[1]
    assert all(2500 < len(key.encode()) <= 2600 for key in keys)


def test_host() -> None:
    assert host_of("https://User@RSJ.Yaan.example.:8080/x") == "rsj.yaan.example"


@given(st.text(max_size=80))
def test_never_raises(text: str) -> None:
    url_key(text)
    url_key(f"http://a.example/{text}")
    host_of(text)


@given(st.text(alphabet="abc/?=&#_%.-12 川", max_size=40))
@example("12345")
def test_key_of_a_key_is_itself(text: str) -> None:
    for host in ("a.example", "www.m.a.com.cn", "big5.com.cn"):
        key = url_key(f"https://{host}/{text}")
        assert url_key(f"https://{key}") == key
