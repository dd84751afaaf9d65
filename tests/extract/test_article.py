"""Articles: hostile pages, own selectors, link-only rows, cleaned HTML; and the measured bar on real pages."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import RefusedError
from crawler.extract.article import article_of_row, extract_article
from crawler.model import Article, Entry, ListPage, Page, Reason, RowDate, Selectors, Source

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = "两市人社部门签署协作协议，约定共建人力资源产业园、共享岗位信息，推动更多事项跨市通办。"


def page(body: str | bytes, url: str = "https://a.example/x/1.html") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(url=url, status=200, headers={"content-type": "text/html"}, body=raw, fetched_at=FETCHED)


def source(**facts: object) -> Source:
    base = Source(
        id="a",
        name="甲",
        kind="agency",
        level="city",
        adcode="510000",
        home="https://a.example/",
        hosts=("a.example",),
        family="generic",
        lists=(ListPage(url="https://a.example/"),),
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def test_own_selectors_come_first() -> None:
    html = (
        '<title>网站</title><h1>网站的大标题在此</h1><div class="t">协议签署</div><i class="d">2024-05-06 07:08</i>'
        f'<b class="s">来源：甲市报</b><div class="x"><p>{TEXT}</p></div><div><p>{TEXT * 3}</p></div>'
    )
    own = Selectors(title=".t", published=".d", source_name=".s", body=".x")
    article = extract_article(page(html), source=source(selectors=own))
    assert (article.title, article.source_name, article.body) == ("协议签署", "甲市报", TEXT)
    assert article.published is not None
    assert article.published.at.isoformat() == "2024-05-06T07:08:00+08:00"
    assert {article.origins[field] for field in ("title", "published", "source_name", "body")} == {"selector"}


def test_zone_of_the_source() -> None:
    html = f"<h1>协议签署了</h1><p>发布时间：2024-05-06 07:08</p><div><p>{TEXT}</p><p>{TEXT}</p></div>"
    article = extract_article(page(html), source=source(timezone="Asia/Urumqi"))
    assert article.published is not None
    assert article.published.at.isoformat() == "2024-05-06T07:08:00+06:00"


def test_html_is_safe_and_addresses_are_absolute() -> None:
    html = (
        f'<h1>协议签署仪式</h1><div class="article-content"><p onclick="x()">{TEXT}</p><script>alert(1)</script>'
        '<img src="b.png"><img src="data:image/png;base64,xx"><img src="/p.gif" width="1" height="1">'
        f'<form><input name=a></form><iframe src="//e.example"></iframe><p><a href="../c.html">续</a>{TEXT}</p>'
        '<a href="javascript:x()">点</a></div>'
    )
    cleaned = extract_article(page(html)).body_html
    assert cleaned is not None
    for bad in ("script", "onclick", "iframe", "form", "data:", "p.gif", "javascript"):
        assert bad not in cleaned
    assert 'src="https://a.example/x/b.png"' in cleaned
    assert 'href="https://a.example/c.html"' in cleaned


def test_a_link_only_row() -> None:
    entry = Entry(
        source_id="a",
        list_url="https://a.example/",
        url="https://mp.weixin.qq.com/s/x",
        title="微信：人社工作回顾",
        date=RowDate(month=4, day=18),
    )
    article = article_of_row(entry, source=source(), fetched_at=FETCHED)
    assert article.is_link_only
    assert article.body == ""
    assert article.published is not None
    assert article.published.at.date().isoformat() == "2026-04-18"
    assert article.folded_title == "微信：人社工作回顾"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", Reason.NO_BODY),
        ("<html><body></body></html>", Reason.NO_BODY),
        ("<title>通知</title><h1>通知公告标题</h1>", Reason.NO_BODY),
        (f"<p>{TEXT}</p>", Reason.NO_TITLE),
        (b"\x80\xff\xfa\x20\xff\x80" * 200, Reason.UNDECODABLE),
    ],
)
def test_refused(html: str | bytes, reason: Reason) -> None:
    with pytest.raises(RefusedError) as caught:
        extract_article(page(html))
    assert caught.value.reason is reason


@pytest.mark.timeout(60)  # what takes quadratic time does not come back; real pages take a few milliseconds
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000 + TEXT,
        "<b>" * 100_000 + TEXT,
        f"<h1>标题在这里</h1>{'<p>' + TEXT + '</p>'}" * 10_000,
        "<table>" + "<tr><td>" * 50_000 + TEXT,
        f"<h1>标题在这里</h1><p>{'2021-' * 200_000}</p><p>{TEXT}</p>",
        f"<h1>标题在这里</h1><p>{'?！' * 100_000}</p><p>{TEXT}</p>",
        "<a href=" * 100_000,
        f"<h1>标题在这里</h1><div>{'来源：' * 100_000}</div><p>{TEXT}</p>",
        f"<title>{'标题-' * 50_000}</title><p>{TEXT}</p>",
        f"<h1>标题在这里</h1><p {' '.join(f'a{number}=1' for number in range(200_000))}>{TEXT}</p>",
        f"<h1>标题在这里</h1><p>{TEXT}e{(chr(0x301) + chr(0x323)) * 200_000}</p>",
        f"<h1>标题在这里</h1><div>{''.join(f'<a href=/{number}.pdf>文件</a>' for number in range(100_000))}</div>",
        f"<h1>标题在这里</h1><p>{TEXT * 100_000}</p>",
        f"<h1>标题在这里</h1><div>发布时间：2026-01-02 来源：甲市日报</div><p>{'a' * 500_000}</p>",
    ],
)
def test_hostile_pages_are_articles_or_refused(html: str) -> None:
    try:
        article = extract_article(page(html))
    except RefusedError:
        return
    assert article.title


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/pdivabr\"'=-年月日来源：2021 三方协议，。\n\x00", max_size=400))
def test_never_raises_anything_else(html: str) -> None:
    try:
        article = extract_article(page(f"<h1>协议签署</h1>{html}"))
    except RefusedError:
        return
    assert article.title


def _grams(text: str) -> Counter[str]:
    text = "".join(text.split())
    return Counter(text[start : start + 4] for start in range(len(text)))


def _f1(found: str, wanted: str) -> float:
    one, other = _grams(found), _grams(wanted)
    hit = sum((one & other).values())
    return 2 * hit / max(sum(one.values()) + sum(other.values()), 1)


def _read(shared: Path, name: str) -> list[tuple[dict[str, object], Article]]:
    read = []
    for line in (shared / "pages" / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["set"] == name and isinstance(row.get("label"), dict):
            body = (shared / "pages" / row["local"]).read_bytes()
            read.append((row, extract_article(page(body, row.get("url") or ""))))
    return read


def test_bodies_of_hand_labelled_pages(shared: Path) -> None:
    scores = []
    for row, article in _read(shared, "cwced"):
        wanted = (shared / "pages" / row["label"]["body_file"]).read_text("utf-8", "replace")  # type: ignore[index]
        scores.append(_f1(article.body, wanted))
    assert sum(scores) / len(scores) >= 0.93


def test_titles_and_days_of_government_pages(shared: Path) -> None:
    pages = _read(shared, "shanghai_wsjkw")
    for row, article in pages:
        said = str(row["label"]["list_text"])  # type: ignore[index]
        assert article.published is not None
        assert article.published.at.date().isoformat() == said[-10:]
        assert "".join(article.title.split()) == "".join(said[:-10].split())
    assert len(pages) == 31
