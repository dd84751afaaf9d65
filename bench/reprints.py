"""Reprints made from real texts, one for each thing that happens to an article on its way to another site.

The texts are read from `../shared/pages`; without them the demonstration's synthetic ones serve. Every choice is drawn
from a seed, so that two runs make the same set.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from opencc import OpenCC

from crawler.demo import DemoSite
from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.model import Page
from crawler.text.likeness import likeness
from crawler.text.shingles import text_of

SHARED = Path(__file__).parent.parent.parent / "shared" / "pages"
PAGES = ("cwced", "gne", "misc_labelled", "netease2015")
MIN_CHARS = 200  # of a text that is reprinted: below that a third of it is a sentence
MIN_CUT_CHARS = 150  # what a reader would still know for the same report
# How a site that writes traditional characters explains them, and how it doubles what it joins: 協(xié)同發(fā)展,，
GLOSSES = {"協": "xié", "務": "wù", "發": "fā", "會": "huì", "實": "shí", "國": "guó", "業": "yè", "際": "jì", "動": "dòng"}
HEADERS = ("来源：{site} 字体：大 中 小 打印 分享到：", "首页 > 新闻中心 > 工作动态\n{site}讯 ", "【{site}】记者从有关方面获悉，")
FOOTERS = ("\n责任编辑：编辑甲\n上一篇：没有了 下一篇：返回列表", "\n（{site}供稿）", "\n分享到微信 关闭窗口\n主办：{site}")
SITES = ("合成日报", "合成市人民政府网", "合成人才网", "合成晚报网")


@dataclass(frozen=True, slots=True)
class Given:
    """An article of the set: `of` numbers the text it is a print of, `change` says what was done to it."""

    of: int
    change: str
    title: str
    body: str


def real_texts() -> tuple[list[tuple[str, str]], str]:
    """Titles and bodies, no two alike, and where they are from."""
    if SHARED.is_dir():
        return distinct([*_of_reprints(), *_of_pages()]), "../shared/pages"
    site = DemoSite(datetime(2026, 1, 1, tzinfo=UTC))
    return distinct([(item.text.title, "\n".join(item.text.paragraphs)) for item in site.items]), "the demonstration"


def distinct(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those long enough and unlike all before: what stands under two addresses would count as a wrong join.

    Overlaps of any kind are left out, also those that the archive would not join.
    """
    kept: list[tuple[str, str]] = []
    seen: set[str] = set()
    for title, body in texts:
        if len(body) < MIN_CHARS:
            continue
        runs = {body[at : at + 16] for at in range(0, len(body) - 16, 4)}
        every = {body[at : at + 16] for at in range(len(body) - 15)}
        if len(runs & seen) > 2 or likeness_to_last(kept, title, body):
            continue
        seen |= every
        kept.append((title, body))
    return kept


def likeness_to_last(kept: Sequence[tuple[str, str]], title: str, body: str) -> bool:
    """True where the text before is the same report: files stand beside their copies."""
    return bool(kept) and likeness(text_of(*kept[-1]), text_of(title, body)) is not None


def reprints(texts: Sequence[tuple[str, str]], seed: int = 4) -> Iterator[Given]:
    """Each text as it is, and once under each change, in a drawn order."""
    chance = random.Random(seed)
    others = "".join(body for _title, body in texts[:80])
    given = []
    for number, (title, body) in enumerate(texts):
        given.append(Given(number, "original", title, body))
        for name, change in CHANGES.items():
            changed = change(chance, title, body, others)
            if changed is not None:
                given.append(Given(number, name, *changed))
    chance.shuffle(given)
    yield from given


def _framed(chance: random.Random, title: str, body: str, _others: str) -> tuple[str, str]:
    site = chance.choice(SITES)
    return title, chance.choice(HEADERS).format(site=site) + body + chance.choice(FOOTERS).format(site=site)


def _edited(share: float) -> Callable[[random.Random, str, str, str], tuple[str, str]]:
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


CHANGES: dict[str, Callable[[random.Random, str, str, str], tuple[str, str] | None]] = {
    "header and footer": _framed,
    "5 % edited": _edited(0.05),
    "10 % edited": _edited(0.10),
    "15 % edited": _edited(0.15),
    "retitled": _retitled,
    "traditional": _traditional,
    "first third": _first_third,
}
_TO_TRADITIONAL = OpenCC("s2t")


def _of_reprints() -> Iterator[tuple[str, str]]:
    seen = set()
    with (SHARED / "reprints.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["cluster"] not in seen:
                seen.add(row["cluster"])
                yield row["title"], row["body"]


def _of_pages() -> Iterator[tuple[str, str]]:
    for folder in PAGES:
        for path in sorted((SHARED / folder).rglob("*.html")):
            page = Page(
                url="http://www.example/", status=200, headers={}, body=path.read_bytes(), fetched_at=datetime.now(UTC)
            )
            try:
                article = extract_article(page)
            except RefusedError:
                continue
            yield article.title, article.body
