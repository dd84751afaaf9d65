"""Measures of the vocabulary as people and programs read them."""

from __future__ import annotations

from crawler.language import _
from crawler.taxonomy.evaluate import Score


def measure_text(name: str) -> str:
    """What a measure is of, in the reader's language."""
    words = {
        "relevance_clear": _("relevance"),
        "relevance_clear_shown_titles": _("relevance, titles as shown"),
        "relevance_borderline": _("relevance, borderline"),
        "regions": _("regions"),
        "provinces": _("provinces"),
        "zones": _("zones"),
        "topics": _("topics"),
    }
    return words.get(name, name)


def score_object(score: Score) -> dict[str, object]:
    """A score as plain values."""
    return {
        "p": round(score.precision, 4),
        "r": round(score.recall, 4),
        "f1": round(score.f1, 4),
        "n": score.items,
    }
