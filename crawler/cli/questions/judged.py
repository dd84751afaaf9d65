"""A judgement as people read it: who says so, the text with the words marked that it rests on, and what each weighs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from archive.records import JudgementRecord, LabelledItem, LabelRecord, UrlHistory
from archive.storing.labels import PART
from crawler.cli.screen import cell_text, out, print_line, say, show_table
from crawler.language import _, language
from crawler.model import Evidence
from crawler.taxonomy import Taxonomy
from crawler.wording import part_text, role_text

_CONTEXT = 30  # characters shown on either side of a marked word
_MAX_MARKS = 60  # in one text; the table has the rest
_STYLES = {
    "subject": "bold green",
    "cooperation": "bold cyan",
    "act": "bold cyan",
    "region": "bold yellow",
    "zone": "bold magenta",
    "topic": "bold blue",
    "mask": "dim strike",
    "rival": "bold red",
    "exclusion": "bold red",
}


def print_judgement(history: UrlHistory, judgement: JudgementRecord, taxonomy: Taxonomy) -> None:
    """The verdict, the label behind it where there is one, the marked text, and the evidence as a table."""
    say(
        _("judged {verdict}, score {score:.2f}").format(verdict=verdict_text(judgement.relevant), score=judgement.score)
    )
    if judgement.label is not None:
        say(label_text(judgement.label))
    if judgement.regions:
        say(
            "、".join(
                f"{taxonomy.divisions.name(region.adcode) or region.adcode} ({role_text(region.role)})"
                for region in judgement.regions
            )
        )
    evidence = [one for one in judgement.evidence if one.part != PART]
    for where, text in (("title", history.folded_title), ("body", history.folded_body)):
        marks = marks_of(text, [one for one in evidence if one.where == where])
        if marks:
            say()
            _print_marked(text, marks, is_whole=where == "title")
    say()
    show_table(
        (_("part"), _("for"), _("words"), _("where"), _("weight")),
        (
            (
                part_text(one.part),
                _key_text(taxonomy, one),
                one.text,
                (_("title") if one.where == "title" else _("body")) + f" {one.start}–{one.end}",
                f"{one.weight:+.2f}" if one.weight else "",
            )
            for one in evidence
        ),
    )


def print_labels(labelled: Iterable[LabelledItem]) -> None:
    """Whose word stands for a story: each label once."""
    for text in dict.fromkeys(label_text(item.record) for item in labelled):
        say(text)


def verdict_text(is_relevant: bool) -> str:
    """Relevant or not, in the reader's language."""
    return _("relevant") if is_relevant else _("not relevant")


def label_text(record: LabelRecord) -> str:
    """Whose word stands, and what it overrides, in a sentence."""
    label, machine = record.label, record.machine
    said = _("labelled {verdict} by {by} on {time}; the rules say {rules} ({score:.2f})").format(
        verdict=verdict_text(label.relevant),
        by=label.by,
        time=cell_text(record.labelled_at),
        rules=verdict_text(machine.relevant),
        score=machine.score,
    )
    return f"{said}: {label.note}" if label.note else said


def topic_text(taxonomy: Taxonomy, topic: str) -> str:
    """A topic's name in the reader's language, with its id."""
    known = taxonomy.topics.get(topic)
    if known is None:
        return topic
    return f"{known.zh if language() == 'zh' else known.en} ({topic})"


def marks_of(text: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """What is to be marked, from left to right, none over another; the longer of two that begin together."""
    found: list[Evidence] = []
    at = 0
    for one in sorted(evidence, key=lambda one: (one.start, one.start - one.end)):
        if at <= one.start < one.end <= len(text) and len(found) < _MAX_MARKS:
            found.append(one)
            at = one.end
    return found


def _print_marked(text: str, marks: Sequence[Evidence], *, is_whole: bool) -> None:
    """The text around the marks: in colours on a terminal, else in 【】."""
    line = Text()
    shown = 0
    for number, mark in enumerate(marks):
        start = 0 if is_whole else max(shown, mark.start - _CONTEXT)
        line.append(("…" if start > shown else "") + text[max(start, shown) : mark.start])
        word = text[mark.start : mark.end]
        line.append(word if out.is_terminal else f"【{word}】", style=_STYLES.get(mark.part, "bold"))
        shown = mark.end
        following = marks[number + 1].start if number + 1 < len(marks) else len(text)
        end = following if is_whole else min(following, mark.end + _CONTEXT)
        line.append(text[shown:end])
        shown = end
    if shown < len(text):
        line.append("…")
    if out.is_terminal:
        out.print(line)
    else:
        print_line(" ".join(line.plain.split()))


def _key_text(taxonomy: Taxonomy, evidence: Evidence) -> str:
    """What a piece of evidence speaks for, by its name; rules that have none say nothing beside the part."""
    key = evidence.key
    if evidence.part in ("region", "agency"):
        return f"{taxonomy.divisions.name(key) or ''} {key}".strip()
    if evidence.part == "topic":
        return topic_text(taxonomy, key)
    return key if key in taxonomy.zones else ""
