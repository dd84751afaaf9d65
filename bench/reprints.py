"""Reprints made from real texts, one for each thing that happens to an article on its way to another site.

The texts are read from `../shared/pages`; without them the demonstration's synthetic ones serve. Every choice is drawn
from a seed, so that two runs make the same set.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from opencc import OpenCC

from crawler.demo import DemoSite
from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.model import Page
from crawler.text.fold import fold_text
from crawler.text.shingles import Text, text_of

SHARED = Path(__file__).parent.parent.parent / "shared" / "pages"
PAGES = ("cwced", "gne", "misc_labelled", "netease2015")
MIN_CHARS = 100  # of a text that is reprinted: below that it is a caption
MIN_CUT_CHARS = 150  # what a reader would still know for the same report
_TWICE = 0.5  # of the shorter text's grams in another: a page that stands in two collections
# How a site that writes traditional characters explains them, and how it doubles what it joins: 協(xié)同發(fā)展,，
GLOSSES = dict(zip("協務發會實國業際動", ["xié", "wù", "fā", "huì", "shí", "guó", "yè", "jì", "dòng"], strict=True))
HEADERS = (
    "来源：{site} 字体：大 中 小 打印 分享到：",
    "首页 > 新闻中心 > 工作动态\n{site}讯 ",
    "【{site}】记者从有关方面获悉，",
)
FOOTERS = (
    "\n责任编辑：编辑甲\n上一篇：没有了 下一篇：返回列表",
    "\n（{site}供稿）",
    "\n分享到微信 关闭窗口\n主办：{site}",
)
SITES = ("合成日报", "合成市人民政府网", "合成人才网", "合成晚报网")

Change = Callable[[random.Random, str, str, str], tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Given:
    """An article of the set: `of` numbers the text it is a print of, `change` says what was done to it."""

    of: int
    change: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Originals:
    """Texts to be reprinted; how many were left out because they stand in the set already; where all are from."""

    texts: tuple[tuple[str, str], ...]
    twice: int
    place: str


def real_texts() -> Originals:
    """One text of every labelled cluster of reprints, and those pages that are not among them."""
    if SHARED.is_dir():
        clusters, pages, place = list(_of_reprints()), list(_of_pages()), "../shared/pages"
    else:
        site = DemoSite(datetime(2026, 1, 1, tzinfo=UTC))
        clusters, place = [], "the demonstration"
        pages = [(item.text.title, "\n".join(item.text.paragraphs)) for item in site.items]
    texts = [text for text in clusters if len(text[1]) >= MIN_CHARS]
    ready = [_ready(text) for text in texts]
    twice = 0
    for text in pages:
        if len(text[1]) < MIN_CHARS:
            continue
        if _stands_in(ready, page := _ready(text)):
            twice += 1
            continue
        texts.append(text)
        ready.append(page)
    return Originals(tuple(texts), twice, place)


def reprints(texts: Sequence[tuple[str, str]], changes: dict[str, Change], seed: int = 4) -> Iterator[Given]:
    """Each text as it is, and once under each change, in a drawn order."""
    chance = random.Random(seed)
    others = "".join(body for _title, body in texts[:80])
    given = []
    for number, (title, body) in enumerate(texts):
        given.append(Given(number, "original", title, body))
        for name, change in changes.items():
            changed = change(chance, title, body, others)
            if changed is not None:
                given.append(Given(number, name, *changed))
    chance.shuffle(given)
    yield from given


def _ready(text: tuple[str, str]) -> Text:
    return text_of(fold_text(text[0]), fold_text(text[1]))


def _stands_in(texts: Iterable[Text], page: Text) -> bool:
    """Measured by grams alone, so that what the archive would make of it has no say."""
    for text in texts:
        shorter = min(len(text.grams), len(page.grams))
        if shorter and len(np.intersect1d(text.grams, page.grams, assume_unique=True)) >= _TWICE * shorter:
            return True
    return False


def _framed(chance: random.Random, title: str, body: str, _others: str) -> tuple[str, str]:
    site = chance.choice(SITES)
    return title, chance.choice(HEADERS).format(site=site) + body + chance.choice(FOOTERS).format(site=site)


def _edited(share: float) -> Change:
    def edit(chance: random.Random, title: str, body: str, others: str) -> tuple[str, str]:
        """Runs of two to eight characters left out, put in or replaced, until so much of the text is another."""
        left = int(len(body) * share)
        while left > 0:
            length = min(left, chance.randint(2, 8))
            at, foreign = chance.randrange(max(1, len(body) - length)), chance.randrange(len(others) - length)
            other = others[foreign : foreign + length]
            how = chance.choice(("leave", "put", "replace"))
            body = body[:at] + ("" if how == "leave" else other) + body[at + (0 if how == "put" else length) :]
            left -= length
        return title, body

    return edit


def _retitled(chance: random.Random, title: str, body: str, others: str) -> tuple[str, str]:
    at = chance.randrange(len(others) - 20)
    return "快讯｜" + re.sub(r"\W+", "", others[at : at + 20]), body


def _traditional(chance: random.Random, title: str, body: str, _others: str) -> tuple[str, str]:
    written = _TO_TRADITIONAL.convert(f"{title}\x1f{body}")
    written = "".join(f"{one}({GLOSSES[one]})" if one in GLOSSES and chance.random() < 0.5 else one for one in written)
    title, _, body = re.sub("，", lambda _found: chance.choice(("，", ",,", ",，")), written).partition("\x1f")
    return title, body


def _first_third(_chance: random.Random, title: str, body: str, _others: str) -> tuple[str, str] | None:
    cut = body[: len(body) // 3]
    return (title, cut) if len(re.sub(r"\W", "", cut)) >= MIN_CUT_CHARS else None


def _all_of(*changes: Change) -> Change:
    def change(chance: random.Random, title: str, body: str, others: str) -> tuple[str, str] | None:
        for one in changes:
            changed = one(chance, title, body, others)
            if changed is None:
                return None
            title, body = changed
        return title, body

    return change


_TO_TRADITIONAL = OpenCC("s2t")
CHANGES: dict[str, Change] = {
    "header and footer": _framed,
    "5 % edited": _edited(0.05),
    "10 % edited": _edited(0.10),
    "15 % edited": _edited(0.15),
    "retitled": _retitled,
    "traditional": _traditional,
    "first third": _first_third,
}
# beyond what is asked: several things at once
HARDER: dict[str, Change] = {
    "10 % edited, retitled, framed": _all_of(_edited(0.10), _retitled, _framed),
    "15 % edited, traditional, framed": _all_of(_edited(0.15), _traditional, _framed),
    "first third, edited, retitled": _all_of(_first_third, _edited(0.03), _retitled),
    "25 % edited": _edited(0.25),
}


def _of_reprints() -> Iterator[tuple[str, str]]:
    seen = set()
    with (SHARED / "reprints.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["cluster"] not in seen:
                seen.add(row["cluster"])
                yield row["title"], row["body"]


def _of_pages() -> Iterator[tuple[str, str]]:
    for folder in PAGES:
        yield from pages_in(folder)


def pages_in(folder: str) -> Iterator[tuple[str, str]]:
    """Titles and bodies of the stored pages of a folder; what is no article is passed over."""
    for path in sorted((SHARED / folder).rglob("*.html")):
        page = Page(
            url="http://www.example/", status=200, headers={}, body=path.read_bytes(), fetched_at=datetime.now(UTC)
        )
        try:
            article = extract_article(page)
        except RefusedError:
            continue
        yield article.title, article.body
