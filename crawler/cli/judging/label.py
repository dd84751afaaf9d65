"""`hrwatch label`: what an analyst says of an item, which the rules never undo; and all such labels as a list."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from archive import Archive, open_archive
from archive.records import KeptQuery, Label, LabelledItem
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import CHINA, complain, print_json_line, say, show_json, show_table
from crawler.cli.stopping import seen_through
from crawler.language import _
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.taxonomy.evaluate import CLEAR

NONE = "none"  # for an option: there is no such thing in this item


@click.command(
    help=_("Say that an item is relevant or not, and what it is about: the rules never undo it.")
    + "\n\n"
    + _(
        "ID is the number or guid of a story, or the URL of a page. A label holds for all pages of the story, those to "
        "come included; with --only, for the page of this URL or number alone. Regions, zones and topics that are "
        'given replace those found; "none" says that there are none; what is not given is left to the rules.'
    ),
    epilog=example(
        "hrwatch label 12 not --note 'only a slogan'",
        "hrwatch label 12 relevant --region 四川 --region 500000 --zone 川渝 --topic training",
        "hrwatch label 12 --remove",
        "hrwatch label --list --jsonl > labels.jsonl",
    ),
)
@click.argument("name", metavar="[ID]", required=False)
@click.argument("verdict", metavar="[relevant|not]", required=False, type=click.Choice(["relevant", "not"]))
@click.option(
    "--region", "regions", metavar="REGION", multiple=True, help=_("A cooperating region: code or name (repeatable).")
)
@click.option("--zone", "zones", metavar="ZONE", multiple=True, help=_("A zone it is about (repeatable)."))
@click.option("--topic", "topics", metavar="TOPIC", multiple=True, help=_("A topic it is about (repeatable)."))
@click.option("--note", metavar="TEXT", help=_("Why, for others to read."))
@click.option("--by", metavar="WHO", help=_("Who says so; without it, who is logged in."))
@click.option("--only", "is_only", is_flag=True, help=_("Only this page, not its reprints."))
@click.option("--remove", "is_removed", is_flag=True, help=_("Take the label back: the rules speak again."))
@click.option("--list", "is_listed", is_flag=True, help=_("Show all labels."))
@json_option
@click.option("--jsonl", "as_lines", is_flag=True, help=_("With --list: JSON Lines, as taxonomy eval reads them."))
@data_option
@click.pass_context
def label(
    ctx: click.Context,
    name: str | None,
    verdict: str | None,
    regions: tuple[str, ...],
    zones: tuple[str, ...],
    topics: tuple[str, ...],
    note: str | None,
    by: str | None,
    is_only: bool,
    is_removed: bool,
    is_listed: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    """One item at a time; a list says nothing of items."""
    says_more = bool(regions or zones or topics or note or by)
    if is_listed and (name or verdict or says_more or is_only or is_removed):
        raise click.UsageError(_("--list stands alone, or with --json or --jsonl."))
    if not is_listed and (as_json or as_lines):
        raise click.UsageError(_("--json and --jsonl go with --list."))
    if not is_listed and name is None:
        raise click.UsageError(_("Say which item: a story's number or guid, or a URL."))
    if not is_listed and (verdict is None) != is_removed:
        raise click.UsageError(_("Say relevant or not, or --remove."))
    if is_removed and says_more:
        raise click.UsageError(_("--remove takes nothing but the item, and --only."))
    if is_only and name is not None and not (_is_url(name) or name.isdecimal()):
        raise click.UsageError(_("--only goes with the URL of a page, or its number as hrwatch show has it."))
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    wanted = None
    if verdict is not None:
        wanted = Label(
            relevant=verdict == "relevant",
            by=(by or _user()).strip(),
            regions=_given(regions, lambda given: region_of(taxonomy, given)),
            zones=_given(zones, lambda given: zone_of(taxonomy, given)),
            topics=_given(topics, lambda given: topic_of(taxonomy, given)),
            note=(note or "").strip() or None,
            is_story=not is_only,
        )
    if is_listed:
        with archive_to_ask(config) as archive:
            _list(archive, as_json=as_json, as_lines=as_lines)
        return
    with open_archive(config) as archive:
        assert name is not None  # noqa: S101 - checked above
        item_ids = _items(archive, name, is_only=is_only)
        if not item_ids:
            complain(_no_item(archive, name))
            ctx.exit(SOME_FAILED)
        story_id = archive.kept_items(KeptQuery(ids=item_ids[:1]), after=0, limit=1)[0].story_id
        now = datetime.now(UTC)
        with seen_through():
            if wanted is None:
                taken = archive.unlabel(item_ids, now=now)
                if not taken:
                    complain(_("{id}: has no label").format(id=name))
                    ctx.exit(SOME_FAILED)
                say(_("label taken back from {count} pages").format(count=taken))
            else:
                archive.label(item_ids, wanted, now=now)
            _tell(archive, story_id, wanted, len(item_ids))
            archive.close()


def _tell(archive: Archive, story_id: int, wanted: Label | None, count: int) -> None:
    story = archive.story(story_id)
    if story is None:
        return
    verdict = _("relevant") if story.relevant else _("not relevant")
    if wanted is not None:
        say(_("labelled by {by}: {count} pages").format(by=wanted.by, count=count))
    say(_("story {id} is {verdict}: {title}").format(id=story.id, verdict=verdict, title=story.title))
    if wanted is not None and wanted.relevant != story.relevant:
        say(_("Its other pages are judged otherwise: label the story without --only to decide for all."))
    if story.relevant and not (story.regions or story.zones):
        say(_("It has no region and no zone, so no feed of one will carry it: give --region or --zone."))
    say(_("hrwatch publish brings the feeds up to date"))


def _list(archive: Archive, *, as_json: bool, as_lines: bool) -> None:
    labelled = once_a_story(archive.labels())
    if as_json:
        show_json(map(label_object, labelled))
    elif as_lines:
        for item in labelled:
            print_json_line(label_object(item))
    elif not labelled:
        say(_("no labels"))
    else:
        show_table(
            (_("id"), _("label"), _("by"), _("time"), _("rules"), _("title"), _("note")),
            (_row(item) for item in labelled),
        )


def _row(item: LabelledItem) -> Sequence[object]:
    given, machine = item.record.label, item.record.machine
    return (
        item.story_id if given.is_story else item.url,
        _("relevant") if given.relevant else _("not relevant"),
        given.by,
        item.record.labelled_at,
        (_("relevant") if machine.relevant else _("not relevant")) + f" ({machine.score:.2f})",
        item.title,
        given.note,
    )


def once_a_story(labelled: Sequence[LabelledItem]) -> list[LabelledItem]:
    """Labels with reprints left out: one page speaks for a story that is labelled as a whole."""
    found: dict[tuple[int, int | None], LabelledItem] = {}
    for item in labelled:
        found.setdefault((item.story_id, None if item.record.label.is_story else item.record.item_id), item)
    return list(found.values())


def label_object(item: LabelledItem) -> dict[str, Any]:
    """A label as `taxonomy eval` reads it; what the person left to the rules is null."""
    given = item.record.label
    return {
        "url": item.url,
        "title": item.title,
        "title_kind": "shown",
        "lead": item.body,
        "lead_kind": "text",
        "published": item.published.astimezone(CHINA).date() if item.published else None,
        "source": item.source_id,
        "source_name": item.source_name,
        "site_code": item.site_code,
        "relevant": given.relevant,
        "certainty": CLEAR,
        "regions": given.regions,
        "zones": given.zones,
        "topics": given.topics,
        "note": given.note,
        "by": given.by,
        "at": item.record.labelled_at,
    }


def region_of(taxonomy: Taxonomy, given: str) -> str:
    """The one adcode that a user means by a code or a name; raises a usage error that names it."""
    divisions = taxonomy.divisions
    found = (given,) if divisions.is_known(given) else divisions.find(given)
    current = tuple(code for code in found if divisions.is_current(code)) or found
    if not current:
        raise click.BadParameter(_("{region}: no such region").format(region=given), param_hint="--region")
    if len(current) > 1:
        several = "、".join(f"{divisions.name(code)} {code}" for code in current)
        raise click.BadParameter(
            _("{region}: may be {several}; give the code").format(region=given, several=several),
            param_hint="--region",
        )
    return current[0]


def zone_of(taxonomy: Taxonomy, given: str) -> str:
    """The canonical name of a zone given by any of its names; raises a usage error that names it."""
    found = next((zone.name for zone in taxonomy.zones.values() if given in (zone.name, *zone.aliases)), None)
    if found is None:
        raise click.BadParameter(_("{zone}: no such zone").format(zone=given), param_hint="--zone")
    return found


def topic_of(taxonomy: Taxonomy, given: str) -> str:
    """The id of a topic given by id or Chinese name; raises a usage error that names it."""
    found = next((topic.id for topic in taxonomy.topics.values() if given in (topic.id, topic.zh)), None)
    if found is None:
        known = "、".join(taxonomy.topics)
        raise click.BadParameter(
            _("{topic}: no such topic; there are {known}").format(topic=given, known=known), param_hint="--topic"
        )
    return found


def _given(values: tuple[str, ...], read: Any) -> tuple[str, ...] | None:
    if not values:
        return None
    if NONE in values:
        if len(values) > 1:
            raise click.UsageError(_('"none" stands alone.'))
        return ()
    return tuple(dict.fromkeys(read(value) for value in values))


def _items(archive: Archive, name: str, *, is_only: bool) -> tuple[int, ...]:
    """The pages meant: all of a story, or one by its number or URL."""
    if is_only and name.isdecimal():
        ids = (int(name),) if len(name) < 19 else ()  # what a database takes for a number
        return tuple(item.item_id for item in archive.kept_items(KeptQuery(ids=ids), after=0, limit=1))
    story = None if is_only else archive.find_story(name)
    return archive.find_items(name if story is None else str(story.id))


def _is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _no_item(archive: Archive, name: str) -> str:
    if archive.find_refused(name) is not None:
        return _("{id}: was refused, so there is no item to label; see hrwatch explain").format(id=name)
    return _("{id}: no such story or URL").format(id=name)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return _("somebody")
