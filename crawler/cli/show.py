"""`hrwatch show`: one story with its members, edits, what relates to it, and how its members differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import click

from archive import open_archive
from archive.records import FieldChange, MemberText, RelatedStory, Revision, Ruling, StoryLife, StoryRecord
from crawler.cli import SOME_FAILED
from crawler.cli.differences import field_text, lines_of
from crawler.cli.judged import plain_label, print_labels
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.read import print_story, story_object
from crawler.cli.screen import CHINA, cell_text, complain, say, show_json, show_table
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.wording import check_text, relation_text

_MAX_MEMBERS = 20  # whose differences are shown; --json has no fewer
_MAX_REVISIONS = 40  # of all members together


@click.command(
    help=_("Show one story: members, why they were joined, edits, and what is related."),
    epilog=example("hrwatch show 12", "hrwatch show 12 --diff", "hrwatch show 12 --json"),
)
@click.argument("story", metavar="STORY")
@click.option("--diff", "is_diff", is_flag=True, help=_("Also show how each member differs."))
@json_option
@data_option
@click.pass_context
def show(ctx: click.Context, story: str, is_diff: bool, as_json: bool) -> None:
    """By number, guid, or the address of a member."""
    config = config_of(ctx)
    with closing(open_archive(config)) as archive:
        found = archive.find_story(story)
        life = None if found is None else archive.life(found.id)
        labels = () if found is None else archive.labels(found.id)
    if found is None or life is None:
        complain(_("{id}: no such story").format(id=story))
        ctx.exit(SOME_FAILED)
    taxonomy = load_taxonomy(config.taxonomy)
    if as_json:
        show_json(
            [
                story_object(found)
                | {"body": found.body}
                | _life_object(life, taxonomy, is_diff=is_diff)
                | {"labels": [{"item": one.record.item_id} | plain_label(one.record) for one in labels]}
            ]
        )
        return
    print_story(found, taxonomy)
    print_labels(labels)
    _print_life(found, life, taxonomy)
    if is_diff:
        _print_differences(found, life, taxonomy)
    say()
    say(found.body)


def ruling_row(ruling: Ruling) -> tuple[object, ...]:
    """A ruling as a row of a table."""
    undone = _("undone by {who} {time}").format(who=ruling.undone_by, time=cell_text(ruling.undone_at))
    return (
        ruling.id,
        _("joined") if ruling.kind == "join" else _("split"),
        ruling.made_at,
        ruling.made_by,
        [f"{part.story_id} ({'、'.join(map(str, part.item_ids))})" for part in ruling.parts],
        ruling.note,
        undone if ruling.undone_at is not None else "",
    )


def ruling_columns() -> tuple[str, ...]:
    """The columns of `ruling_row`."""
    return (_("ruling"), _("what"), _("when"), _("by"), _("stories (items)"), _("note"), _("undone"))


def ruling_object(ruling: Ruling) -> dict[str, object]:
    """A ruling as plain values."""
    return {
        "id": ruling.id,
        "kind": ruling.kind,
        "at": ruling.made_at.astimezone(CHINA),
        "by": ruling.made_by,
        "note": ruling.note,
        "parts": [{"story": part.story_id, "guid": part.guid, "items": part.item_ids} for part in ruling.parts],
        "undone_at": ruling.undone_at.astimezone(CHINA) if ruling.undone_at else None,
        "undone_by": ruling.undone_by,
    }


def _print_life(story: StoryRecord, life: StoryLife, taxonomy: Taxonomy) -> None:
    if life.related:
        say()
        show_table(
            (_("related"), _("published"), _("because"), _("first published by"), _("title")),
            (
                (
                    one.story_id,
                    one.published,
                    _because(one),
                    one.first_source,
                    one.title,
                )
                for one in life.related
            ),
        )
    if life.checks:
        say()
        show_table(
            (_("asked again"), _("answer"), _("gone since"), "url"),
            (
                (check.checked_at, f"{check_text(check.outcome)} {check.detail}".strip(), check.vanished_at, check.url)
                for check in life.checks
            ),
        )
    urls = {member.item_id: member.url for member in story.members}
    steps = list(_edits(life))
    for old, new, when in steps[:_MAX_REVISIONS]:
        say()
        say(_("edited, seen {time}: {url}").format(time=cell_text(when), url=urls.get(old.item_id, old.item_id)))
        _print_changes(old, new, taxonomy)
    if len(steps) > _MAX_REVISIONS:
        say(_("… and {count} more").format(count=len(steps) - _MAX_REVISIONS))
    if life.rulings:
        say()
        show_table(ruling_columns(), map(ruling_row, life.rulings))
    for gone in life.retired:
        say()
        say(
            _("story {id} became this one {time}: {guid}").format(
                id=gone.story_id, time=cell_text(gone.retired_at), guid=gone.guid
            )
        )


def _because(one: RelatedStory) -> str:
    return f"{relation_text(one.reason)} {one.score:.2f}"


def _print_differences(story: StoryRecord, life: StoryLife, taxonomy: Taxonomy) -> None:
    texts = {text.item_id: text for text in life.texts}
    shown = texts[life.text_item_id]
    others = [member for member in story.members if member.item_id in texts and member.item_id != shown.item_id]
    for member in others[:_MAX_MEMBERS]:
        say()
        say(_("{site} against the text that is shown: {url}").format(site=member.site_name, url=member.url))
        if not _print_changes(shown, texts[member.item_id], taxonomy):
            say("  " + _("the same text"))
    if len(others) > _MAX_MEMBERS:
        say(_("… and {count} more").format(count=len(others) - _MAX_MEMBERS))


def _print_changes(old: Revision | MemberText, new: Revision | MemberText, taxonomy: Taxonomy) -> bool:
    changes = _changes(old, new)
    for change in changes:
        say(f"  {field_text(change.name)}:")
        for line in lines_of(change, taxonomy):
            say(f"    {line.sign} {line.text}")
    return bool(changes)


def _changes(old: Revision | MemberText, new: Revision | MemberText) -> list[FieldChange]:
    fields = (
        ("title", old.title, new.title),
        ("published_at", old.published, new.published),
        ("body", old.body, new.body),
    )
    return [FieldChange(name=name, old=before, new=after) for name, before, after in fields if before != after]


def _edits(life: StoryLife) -> Iterator[tuple[Revision, Revision | MemberText, datetime]]:
    """Each edit as what was said before, what after, and when that was seen; by member, in order."""
    for text in life.texts:
        said = [one for one in life.revisions if one.item_id == text.item_id]
        following: list[Revision | MemberText] = [*said[1:], text]
        yield from ((old, new, old.replaced_at) for old, new in zip(said, following, strict=False))


def _life_object(life: StoryLife, taxonomy: Taxonomy, *, is_diff: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "text_item": life.text_item_id,
        "revisions": [
            {
                "item": old.item_id,
                "number": old.number,
                "seen": old.seen_at.astimezone(CHINA),
                "replaced": old.replaced_at.astimezone(CHINA),
                "title": old.title,
                "body": old.body,
                "published": old.published.astimezone(CHINA) if old.published else None,
                "difference": _difference(old, new, taxonomy),
            }
            for old, new, _when in _edits(life)
        ],
        "checks": [
            {
                "item": check.item_id,
                "url": check.url,
                "at": check.checked_at.astimezone(CHINA),
                "outcome": check.outcome,
                "detail": check.detail,
                "vanished": check.vanished_at.astimezone(CHINA) if check.vanished_at else None,
            }
            for check in life.checks
        ],
        "related": [
            {"id": one.story_id, "title": one.title, "reason": one.reason, "score": one.score} for one in life.related
        ],
        "retired": [
            {"id": gone.story_id, "guid": gone.guid, "at": gone.retired_at.astimezone(CHINA)} for gone in life.retired
        ],
        "rulings": [ruling_object(ruling) for ruling in life.rulings],
    }
    if is_diff:
        shown = next(text for text in life.texts if text.item_id == life.text_item_id)
        told["differences"] = [
            {"item": text.item_id, "difference": _difference(shown, text, taxonomy)}
            for text in life.texts
            if text.item_id != shown.item_id
        ]
    return told


def _difference(old: Revision | MemberText, new: Revision | MemberText, taxonomy: Taxonomy) -> list[str]:
    found = ((change.name, line) for change in _changes(old, new) for line in lines_of(change, taxonomy))
    return [f"{name}: {line.sign} {line.text}" for name, line in found]
