"""Judging articles of 1,200 characters against a plain `re` alternation of the same vocabulary, on one core."""

from __future__ import annotations

import json
import random
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.timing import best_of
from crawler.demo import DemoSite
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.text.fold import fold_text

ARTICLES = 60
CHARS = 1200
BAR = 10.0  # judging must not eat what Aho-Corasick wins
SHARED = Path(__file__).parents[2] / "shared" / "pages"


def articles() -> list[tuple[str, str]]:
    """Synthetic articles: sentences of the demonstration's texts, shuffled, at the length of a usual report."""
    texts = [item.text for item in DemoSite(datetime(2026, 1, 1, tzinfo=UTC)).items]
    sentences = [part + "。" for text in texts for line in text.paragraphs for part in line.split("。") if part]
    chance = random.Random(1)
    return [
        (
            fold_text(chance.choice(texts).title),
            fold_text("".join(chance.choices(sentences, k=60)))[:CHARS],
        )
        for _ in range(ARTICLES)
    ]


def pages() -> list[tuple[str, str]]:
    """Real texts of that length, of bodies kept beside the repository: news of all subjects; [] where they are not."""
    texts = [fold_text(path.read_text("utf-8")) for path in sorted(SHARED.glob("*/*.body.txt"))]
    if (reprints := SHARED / "reprints.jsonl").is_file():
        rows = [json.loads(line) for line in reprints.read_text("utf-8").splitlines()[::10]]
        texts += [fold_text(f"{row['title']}\n{row['body']}") for row in rows]
    return [(text[:30].split("\n")[0], text[:CHARS]) for text in texts if len(text) >= CHARS]


def main() -> int:
    """Print both rates and their ratio, of synthetic and of shared real texts; 1 where a ratio is below the bar."""
    taxonomy = load_taxonomy()
    words = sorted(taxonomy.words, key=len, reverse=True)
    alternation = re.compile("|".join(map(re.escape, words)))
    ratios = [
        compare(taxonomy, alternation, given, f"{what}; {len(words):,} words")
        for what, given in (("synthetic", articles()), ("shared pages", pages()))
        if given
    ]
    return 0 if min(ratios) >= BAR else 1


def compare(taxonomy: Taxonomy, alternation: re.Pattern[str], given: list[tuple[str, str]], what: str) -> float:
    """How many times as fast a text is judged as the alternation finds the words in it."""
    ours = best_of(lambda: [taxonomy.judge(title=title, body=body) for title, body in given])
    plain = best_of(lambda: [alternation.findall(title + body) for title, body in given], rounds=2)
    judged = sum(taxonomy.judge(title=title, body=body).topics != () for title, body in given)
    sys.stdout.write(
        f"judge ({what}): {len(given) / ours:,.0f} articles/s, {judged / len(given):.0%} judged to the end;"
        f" re alternation {len(given) / plain:,.0f}/s; ratio {plain / ours:.1f} (bar {BAR:.0f})\n"
    )
    return plain / ours


if __name__ == "__main__":
    sys.exit(main())
