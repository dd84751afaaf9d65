"""Judging articles of 1,200 characters against a plain `re` alternation of the same vocabulary, on one core."""

from __future__ import annotations

import random
import re
import sys
from datetime import UTC, datetime

from bench.timing import best_of
from crawler.demo import DemoSite
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.text.fold import fold_text

ARTICLES = 60
CHARS = 1200
BAR = 5.0  # judging must not eat what Aho-Corasick wins; issue 6 raises this to 10


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


def main() -> int:
    """Print both rates and their ratio; 1 where the ratio is below the bar."""
    taxonomy = load_taxonomy()
    given = articles()
    words = sorted(vocabulary(taxonomy), key=len, reverse=True)
    alternation = re.compile("|".join(map(re.escape, words)))
    ours = best_of(lambda: [taxonomy.judge(title=title, body=body) for title, body in given])
    plain = best_of(lambda: [alternation.findall(title + body) for title, body in given], rounds=2)
    ratio = plain / ours
    sys.stdout.write(
        f"judge: {ARTICLES / ours:,.0f} articles/s; re alternation of {len(words):,} words:"
        f" {ARTICLES / plain:,.0f}/s; ratio {ratio:.1f} (bar {BAR})\n"
    )
    return 0 if ratio >= BAR else 1


def vocabulary(taxonomy: Taxonomy) -> set[str]:
    """The names and aliases that both look for."""
    names = {name for holder in taxonomy.divisions for name in (holder.name,) if len(name) > 1}
    zones = {alias for zone in taxonomy.zones.values() for alias in (zone.name, *zone.aliases)}
    return names | zones


if __name__ == "__main__":
    sys.exit(main())
