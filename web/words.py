"""Outcomes and parts of a judgement in words for people; reasons have theirs in crawler.wording."""

from __future__ import annotations

from crawler.language import _


def outcome_text(outcome: str) -> str:
    """What became of a URL."""
    words = {
        "pending": _("seen, not fetched yet"),
        "stored": _("in the archive"),
        "refused": _("not taken"),
        "link-only": _("kept as a link: its host is not fetched"),
    }
    return words.get(outcome, outcome)


def part_text(part: str) -> str:
    """What a piece of evidence speaks for; the part's own name where it has no words."""
    words = {
        "cooperation": _("cooperation"),
        "subject": _("human resources"),
        "region": _("region"),
        "zone": _("zone"),
        "topic": _("topic"),
        "agreement": _("agreement"),
        "event": _("day of the event"),
        "mask": _("not counted: a slogan or name"),
        "rival": _("speaks for another subject"),
    }
    return words.get(part, part)


def join_text(reason: str | None) -> str:
    """Why an item was joined to its story; the archive's own word where there is no other."""
    if reason is None:
        return ""
    words = {
        "same-url": _("same address in other clothes"),
        "same-body": _("same text"),
        "near-body": _("nearly the same text"),
        "excerpt": _("part of the same text"),
    }
    return words.get(reason, reason)
