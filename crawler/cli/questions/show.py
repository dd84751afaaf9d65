"""`hrwatch show`: one story with its members, edits, what relates to it, and how its members differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from archive.records import FieldChange, MemberText, RelatedStory, Revision, Ruling, StoryLife, StoryRecord
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.questions.differences import field_text, lines_of
from crawler.cli.questions.judged import print_labels
from crawler.cli.questions.read import print_story
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import CHINA, cell_text, complain, say, show_json, show_table
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.wording import check_text, relation_text
from web.api.explained import Labelled
from web.api.lives import Life
from web.api.lives import Ruling as RulingShape
from web.api.shapes import story_object

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
    with archive_to_ask(config) as archive:
        found = archive.find_story(story)
        life = None if found is None else archive.life(found.id)
        labels = () if found is None else archive.labels(found.id)
    if found is None or life is None:
        complain(_("{id}: no such story").format(id=story))
        if as_json:
            show_json(())
        ctx.exit(SOME_FAILED)
    taxonomy = load_taxonomy(config.taxonomy)
    if as_json:
        show_json(
            [
                story_object(found)
                | {"body": found.body}
                | _life_object(life, taxonomy, is_diff=is_diff)
                | {"labels": [{"item": one.record.item_id} | Labelled.of(one.record).model_dump() for one in labels]}
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
    return RulingShape.model_validate(ruling).model_dump()


def _print_life(story: StoryRecord, life: StoryLife, taxonomy: Taxonomy) -> None:
    if life.related:
        say()
        show_table(
            (_("related"), _("published"), _("because"), _("first published by"), _("title")),
            (
                (
                    one.story_id,
                    None if one.published is None else one.published.astimezone(CHINA).date(),
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
    shape = Life.model_validate(life)
    differences = {(old.item_id, old.number): _difference(old, new, taxonomy) for old, new, _when in _edits(life)}
    told = shape.model_dump() | {
        "revisions": [
            old.model_dump() | {"difference": differences[key]}
            for old in shape.revisions
            if (key := (old.item, old.number)) in differences
        ]
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
