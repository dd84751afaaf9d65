"""`hrwatch import`: pages that a person saved enter the archive as fetched ones do, marked as brought by hand.

For sites behind a wall, and for what stood on a site before it was watched. Asks no host.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from crawler.cli import ALL_WELL, INTERRUPTED, SOME_FAILED
from crawler.cli.coding import without_coding
from crawler.cli.importing.saved import Saved, files_in, read_saved
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.screen import complain, err, say, show_json, show_table
from crawler.cli.sources.looking import spider_class
from crawler.edition import edition_pattern
from crawler.errors import ArchiveError, RefusedError, WarcError
from crawler.extract.pdf import is_pdf_address
from crawler.extract.refusal import refusal_of
from crawler.extract.rows import matches
from crawler.language import _
from crawler.model import Capture, Entry, Extracted, Page, Reason, Source, Stored
from crawler.services import Services
from crawler.text.urls import web_host
from crawler.wiring import open_services
from crawler.wording import detail_text, reason_text
from pipelines.extract import Extract
from pipelines.judge import Judge
from pipelines.refused import RefusedItem
from pipelines.store import Store

logger = logging.getLogger(__name__)

# Where an ordinary row has the address of its list. Kept in archives: never translated, never changed.
BY_HAND = "by hand"


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What became of one page."""

    path: Path
    url: str | None
    title: str | None = None
    stored: Stored | None = None
    refused: tuple[Reason, str] | None = None


@click.command(
    "import",
    help=_("Bring in saved pages of registered sites: HTML, PDF, MHTML or WARC files, or folders; no site is asked.")
    + "\n\n"
    + _("Exit code 0: all are in the archive; 1: some are not; 2: wrong use."),
    epilog=example(
        "hrwatch import page.html --url https://rsj.example.gov.cn/a/1.html",
        "hrwatch import notice.pdf --url https://rsj.example.gov.cn/a/P1.pdf",
        "hrwatch import saved/ pages.warc.gz",
    ),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--url", metavar="URL", help=_("Address the page was saved from (one file; default: what it says)."))
@json_option
@sources_option
@data_option
@click.pass_context
def bring(ctx: click.Context, files: tuple[Path, ...], url: str | None, as_json: bool) -> None:
    """A page that is refused is a line with its reason; the others go on."""
    if url is not None and (len(files) > 1 or files[0].is_dir()):
        raise click.UsageError(_("--url is the address of one page; give one file with it."))
    if url is not None and web_host(url) is None:
        raise click.BadParameter(_("{url} is not an http address").format(url=url), param_hint="--url")
    config = config_of(ctx)
    outcomes: list[Brought] = []
    is_stopped = False
    with open_services(config) as services:
        try:
            asyncio.run(_bring_all(services, [found for path in files for found in files_in(path)], url, outcomes))
        except KeyboardInterrupt:
            is_stopped = True
    if as_json:
        show_json(_object(one) for one in outcomes)
    else:
        _show(outcomes, is_stopped=is_stopped)
    if is_stopped:
        complain(_("Stopped: what is shown is done; the rest was not read."))
        ctx.exit(INTERRUPTED)
    ctx.exit(ALL_WELL if outcomes and all(one.stored is not None for one in outcomes) else SOME_FAILED)


async def _bring_all(services: Services, files: Sequence[Path], url: str | None, outcomes: list[Brought]) -> None:
    """Every page of every file, each outcome noted as it comes: whatever one file does, the others go on."""
    with err.status("") as status:
        for path in files:
            status.update(_("{file}: {count} pages read so far").format(file=path.name, count=len(outcomes)))
            saved = Saved(path=path, url=url)
            try:
                for saved in _wanted(services, read_saved(path, url, max_bytes=services.config.max_page_bytes)):
                    outcomes.append(await _bring(services, saved))
            except (ArchiveError, WarcError):
                raise  # the archive itself cannot be used
            except Exception as error:
                logger.exception("%s", path)
                detail = f"{type(error).__name__}: {error}"
                outcomes.append(Brought(path=path, url=saved.url, refused=(Reason.ERROR, detail)))


def _wanted(services: Services, found: Iterator[Saved]) -> Iterator[Saved]:
    """Of one page all that is said of it; of a WARC file no lists, front pages and other sites' pages."""
    for saved in found:
        source = services.catalogue.of_host(web_host(saved.url or "") or "")
        page = saved.page
        if page is None or not saved.is_one_of_many or source is None or _may_be_article(page, source):
            yield saved


def _may_be_article(page: Page, source: Source) -> bool:
    """False for a list of the source, its home, and for what its pattern says is no article."""
    if _is_list(page.url, source):
        return False
    patterns = [listed.article for listed in source.lists if listed.article is not None]
    if source.article is not None or not patterns:
        patterns.append(source.article or spider_class(source.family).article_pattern or "")
    # a PDF may be gzipped still, so its bytes do not tell
    if is_pdf_address(page.url) or "/pdf" in page.headers.get("content-type", "").lower():
        return True
    return any(matches(re.compile(pattern), page.url) for pattern in patterns)


def _is_list(url: str, source: Source) -> bool:
    if url.rstrip("/") == source.home.rstrip("/") or urlsplit(url).path in ("", "/"):
        return True
    return any(edition_pattern(listed.url).fullmatch(url) for listed in source.lists)


async def _bring(services: Services, saved: Saved) -> Brought:
    """One page, through the pipelines that every page goes through."""
    if saved.refused is not None:
        return Brought(path=saved.path, url=saved.url, refused=saved.refused)
    if saved.page is None or saved.url is None:
        return Brought(path=saved.path, url=None, refused=(Reason.BAD_LINK, _("its address is not known: give --url")))
    source = services.catalogue.of_host(web_host(saved.url) or "")
    if source is None:
        detail = web_host(saved.url) or saved.url
        return Brought(path=saved.path, url=saved.url, refused=(Reason.UNREGISTERED_HOST, detail))
    if (fault := _misplaced(services, saved, saved.url, source)) is not None:
        return Brought(path=saved.path, url=saved.url, refused=fault)
    entry = Entry(source_id=source.id, list_url=BY_HAND, url=saved.url, title="")
    page = saved.page
    try:
        page = _kept(services, saved.path, page)
        refusal = refusal_of(page, expects="article")
        if refusal is not None:
            raise RefusedError(*refusal)
        extracted = await Extract().process_item(Capture(entry=entry, source=source, page=page))
        entry = replace(entry, title=extracted.article.title)
        judged = await Judge(services.taxonomy).process_item(_marked(extracted, entry))
        stored = await Store(services.archive).process_item(judged)
    except (RefusedError, RefusedItem) as error:
        # the address is its title: `explain` knows of the page although nothing came of it
        named = entry if entry.title else replace(entry, title=entry.url)
        await asyncio.to_thread(
            services.archive.settle, named, error.reason, error.detail, now=page.fetched_at, lease=None, page=page
        )
        return Brought(path=saved.path, url=saved.url, refused=(error.reason, error.detail))
    return Brought(path=saved.path, url=saved.url, title=entry.title, stored=stored)


def _misplaced(services: Services, saved: Saved, url: str, source: Source) -> tuple[Reason, str] | None:
    """Why a page cannot have come from `url`: a list's address, or the browser that saved it names another source."""
    if _is_list(url, source):
        return Reason.LIST_PAGE, _("{url} is the address of a list or of a front page").format(url=url)
    told = services.catalogue.of_host(web_host(saved.told or "") or "")
    if told is not None and told.id != source.id:
        return Reason.BAD_LINK, _("the file says that it was saved from {url}").format(url=saved.told)
    return None


def _kept(services: Services, path: Path, page: Page) -> Page:
    """The page with its content coding undone, kept in our own WARC files as it came."""
    position = None
    if page.warc is not None and path.resolve().parent == services.config.warc_dir.resolve():
        position = page.warc
    elif services.warc is not None:
        position = services.warc.write(page, reason_phrase="")
    return replace(without_coding(page, max_bytes=services.config.max_page_bytes), warc=position)


def _marked(extracted: Extracted, entry: Entry) -> Extracted:
    """An item says itself that it was brought by hand: its row may be one that a list had shown before."""
    origins = {**extracted.article.origins, "page": BY_HAND}
    return replace(
        extracted,
        capture=replace(extracted.capture, entry=entry),
        article=replace(extracted.article, origins=origins),
    )


def _show(outcomes: Sequence[Brought], *, is_stopped: bool) -> None:
    show_table(
        (_("file"), _("address"), _("result"), _("title")),
        ((one.path, one.url, _result(one), one.title) for one in outcomes),
    )
    stored = sum(one.stored is not None for one in outcomes)
    say(
        _("{stored} of {count} pages are in the archive, {relevant} relevant").format(
            stored=stored,
            count=len(outcomes),
            relevant=sum(one.stored is not None and one.stored.is_relevant for one in outcomes),
        )
    )
    if not outcomes and not is_stopped:
        complain(_("No article of a registered site was found in the files."))


def _result(one: Brought) -> str:
    if one.refused is not None:
        reason, detail = one.refused
        if reason is Reason.BAD_LINK and detail:
            return _("left out: {reason}").format(reason=detail)
        text = _("its host is not registered") if reason is Reason.UNREGISTERED_HOST else reason_text(reason)
        return _("left out: {reason}").format(reason=f"{text} ({detail_text(detail)})" if detail else text)
    if one.stored is None or not one.stored.is_new:
        return _("was in the archive")
    if not one.stored.is_relevant:
        return _("stored; not relevant")
    return _("stored; joined a story") if one.stored.joined else _("stored")


def _object(one: Brought) -> dict[str, object]:
    return {
        "file": str(one.path),
        "url": one.url,
        "title": one.title,
        "stored": one.stored is not None,
        "new": one.stored.is_new if one.stored else None,
        "relevant": one.stored.is_relevant if one.stored else None,
        "story": one.stored.story_id if one.stored else None,
        "reason": one.refused[0] if one.refused else None,
        "detail": one.refused[1] if one.refused else None,
    }
