"""What a reader is told of a query that was not understood as it stands: one sentence for each slip."""

from __future__ import annotations

from archive.search.asking import Doubt
from crawler.language import _
from crawler.text.asked import Slip

_MAX_SHOWN = 12  # names to choose from: the kinds of source, the topics; of 61 places called 郊区 enough


def slip_text(slip: Slip | Doubt) -> str:
    """A slip as a person would say it, naming what was typed."""
    if isinstance(slip, Doubt):
        return _doubt_text(slip)
    return {
        "too-long": _("the query is longer than {n} characters; the rest was left out"),
        "too-many": _("the query has more than {n} words and values; the rest was left out"),
        "too-deep": _("more than {n} brackets within each other; those further in were left out"),
        "open-quote": _("a quotation mark {mark} has no other: what follows was taken as words"),
        "dangling": _("{mark} has no word beside it, and was left out"),
    }[slip.reason].format(n=slip.text, mark=slip.text)


def _doubt_text(doubt: Doubt) -> str:
    known = "、".join(doubt.known[:_MAX_SHOWN]) + ("…" if len(doubt.known) > _MAX_SHOWN else "")
    if doubt.reason == "is-zone":
        return _("{value}: no such region; there is a zone of this name: {known}").format(
            value=doubt.value, known=known
        )
    if doubt.reason == "not-two":
        return _("{pair}: not two regions, as in 四川-重庆").format(pair=doubt.value)
    if doubt.reason == "unlisted":
        return _("{kind} is not among the usual kinds of source ({known}); looked for as it is").format(
            kind=doubt.value, known=known
        )
    if doubt.reason == "ambiguous":
        return _("{value} may be any of these, and all are looked for: {known}").format(value=doubt.value, known=known)
    if doubt.reason == "backwards":
        return _("{days}: ends before it begins").format(days=doubt.value)
    match doubt.field:
        case "region" | "pair":
            return _("{region}: no such region").format(region=doubt.value)
        case "zone":
            return _("{zone}: no such zone").format(zone=doubt.value)
        case "topic":
            return _("{topic}: no such topic; there are {known}").format(topic=doubt.value, known=known)
        case "kind":
            return _("{kind}: no such kind of source; there are {known}").format(kind=doubt.value, known=known)
    return _("{days}: no days, as in 2023, 2023-06, 2023-06-01 or 2023-01..2023-06").format(days=doubt.value)
