"""Whether the pages of a story are still there: asked again by the ordinary crawl, and what they answered."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from archive.records import KeptItem, KeptQuery, MemberCheck, StoryRecord
from crawler.cli.screen import CHINA, show_json, show_table
from crawler.language import _
from crawler.model import Entry, Source
from crawler.polling.runner import Runner
from crawler.services import Services
from crawler.text.urls import web_host
from crawler.wording import check_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A page that was to be asked again; `check` is None where it was not asked, or gave no answer to go by."""

    item: KeptItem
    check: MemberCheck | None


def members_of(archive: Archive, found: StoryRecord) -> tuple[KeptItem, ...]:
    """Its members, with what is kept of each."""
    ids = tuple(member.item_id for member in found.members)
    return archive.kept_items(KeptQuery(ids=ids), after=0, limit=len(ids))


def by_source_of(items: Iterable[KeptItem], services: Services) -> list[tuple[Source, list[Entry]]]:
    """The rows to ask for, by the source whose host carries them; pages of sources no longer registered are left."""
    rows: defaultdict[str, list[Entry]] = defaultdict(list)
    for item in items:
        source = services.catalogue.of_host(web_host(item.url) or "")
        if source is None:
            continue
        row = item.entry or Entry(source_id=source.id, list_url=source.home, url=item.url, title=item.title)
        rows[source.id].append(replace(row, url=item.url))
    return [(services.catalogue.select([source_id])[0], found) for source_id, found in sorted(rows.items())]


async def ask(services: Services, by_source: Sequence[tuple[Source, Sequence[Entry]]], stopping: asyncio.Event) -> bool:
    """Ask for these rows, source by source; True where `stopping` cut it short."""
    runner = Runner(services)
    asked = asyncio.gather(*(runner.ask_again(source, rows) for source, rows in by_source))
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((asked, stop), return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            await runner.stop()
        await asked
    finally:
        stop.cancel()
        await runner.close()
    return stopping.is_set()


def answers_of(archive: Archive, items: Sequence[KeptItem], began: datetime) -> list[Answer]:
    """What the archive has heard of each since `began`."""
    checks: dict[int, MemberCheck] = {}
    for story_id in {item.story_id for item in items}:
        named = archive.story(story_id)
        life = None if named is None else archive.life(named.id)
        checks |= {check.item_id: check for check in (() if life is None else life.checks)}
    return [
        Answer(item=item, check=found if (found := checks.get(item.item_id)) and found.checked_at >= began else None)
        for item in items
    ]


def show_answers(answers: Sequence[Answer], *, as_json: bool) -> None:
    """A row a page, or an object."""
    if as_json:
        show_json(
            {
                "story": answer.item.story_id,
                "item": answer.item.item_id,
                "url": answer.item.url,
                "outcome": answer.check.outcome if answer.check else None,
                "detail": answer.check.detail if answer.check else None,
                "vanished": answer.check.vanished_at.astimezone(CHINA)
                if answer.check and answer.check.vanished_at
                else None,
            }
            for answer in answers
        )
        return
    show_table(
        (_("story"), _("item"), _("answer"), _("gone since"), "url"),
        (
            (
                answer.item.story_id,
                answer.item.item_id,
                f"{check_text(answer.check.outcome)} {answer.check.detail}".strip()
                if answer.check
                else _("not asked: the host is busy, or not registered"),
                answer.check.vanished_at if answer.check else None,
                answer.item.url,
            )
            for answer in answers
        ),
    )
