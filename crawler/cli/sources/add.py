"""`hrwatch sources add URL`: looks at a list page, shows what a source of it would be, and writes it on yes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from crawler.catalogue import NATIONAL, SHIPPED, Catalogue, load_catalogue
from crawler.cli import ALL_WELL, NOTHING_RAN, SOME_FAILED, WRONG_USE
from crawler.cli.log import log_to_stderr
from crawler.cli.options import config_of, data_option, example, replay_option, sources_option, verbose_option
from crawler.cli.screen import CHINA, complain, out, print_line, say, show_table
from crawler.cli.sources.looking import open_manners, open_replay
from crawler.cli.sources.proposal import Proposal, id_of, place_by_host, propose
from crawler.cli.sources.readings import GENERIC, is_article, is_article_of_a_list, provisional_source, text_of
from crawler.cli.sources.visiting import Found, PageKeeper, Visitor, services_to_visit
from crawler.cli.sources.writing import check_file, default_folder, shown_date, toml_of, write_case, write_whole
from crawler.config import Config
from crawler.errors import CatalogueError
from crawler.extract.navigation import columns_above
from crawler.extract.pdf import is_pdf_address
from crawler.extract.rows import Row
from crawler.language import _
from crawler.model import Page, Reason, Source
from crawler.polling.runner import run_until_done
from crawler.taxonomy import Divisions, load_taxonomy
from crawler.text.urls import web_host
from crawler.wiring import families, open_catalogue
from crawler.wording import reason_text, told

# As many rows as fit a screen with the facts above them.
SHOWN_ROWS = 12
# Lists tried for an address that turns out to be an article: its trail's last link, and its folder.
MAX_COLUMNS = 2


@click.command(
    "add",
    help=_("Look at a list page, propose a source for it, and write its file on yes.")
    + "\n\n"
    + _("Exit code 0: written; 1: not written; 2: wrong use or known already; 3: not reached."),
    epilog=example(
        "hrwatch sources add https://rsj.example.gov.cn/xwdt/",
        "hrwatch sources add URL --yes --to my-sources",
        "hrwatch sources add URL --replay pages.warc.gz",
    ),
)
@click.argument("url", metavar="URL")
@replay_option
@click.option("--yes", "is_yes", is_flag=True, help=_("Write without asking."))
@click.option(
    "--to", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help=_("Write the source file here.")
)
@click.option("--id", "source_id", metavar="ID", help=_("Id of the source (default: from the host)."))
@click.option("--name", metavar="NAME", help=_("Name of the site (default: what the page says)."))
@click.option("--adcode", metavar="CODE", help=_("Division of GB/T 2260 (default: what the page says)."))
@click.option("--family", metavar="FAMILY", help=_("Family of the site (default: recognised)."))
@verbose_option
@sources_option
@data_option
@click.pass_context
def add(
    ctx: click.Context,
    url: str,
    replay: tuple[Path, ...],
    is_yes: bool,
    to: Path | None,
    source_id: str | None,
    name: str | None,
    adcode: str | None,
    family: str | None,
    verbose: int,
) -> None:
    """From an address to a source file."""
    log_to_stderr(verbose)
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    _check_use(url, family, adcode, taxonomy.divisions)
    source_id = source_id or id_of(url)
    if (known := _known(config, to, url, source_id)) is not None:
        complain(known)
        ctx.exit(WRONG_USE)
    url, found = _look(config, url, family, replay)
    if found.refused is not None or found.page is None:
        reason, detail = found.refused or (Reason.EMPTY, url)
        detail = detail if detail != url else str(reason)
        complain(f"{url}: {told(reason, detail)}")
        ctx.exit(NOTHING_RAN)
    if found.reading is None or not found.reading.rows:
        _say_why(url, found)
        ctx.exit(SOME_FAILED)
    proposal = propose(
        found.page, url, found.reading, taxonomy.divisions, source_id=source_id, name=name, adcode=adcode
    )
    place = proposal.adcode or place_by_host(web_host(url) or "", open_catalogue(config))
    if place is None:
        complain(_("The page does not say where its site is: 100000, national, is written unless you give --adcode."))
    proposal = replace(proposal, adcode=place or NATIONAL)
    today = found.page.fetched_at.astimezone(CHINA).date()
    text = toml_of(proposal, taxonomy.divisions, today, is_place_known=place is not None)
    check_file(text, source_id)
    folder = to or default_folder(config, place or NATIONAL)
    _show(proposal, text, folder, open_catalogue(config))
    if not is_yes and not _is_agreed():
        complain(_("Nothing was written."))
        ctx.exit(SOME_FAILED)
    path = write_whole(folder / f"{source_id}.toml", text)
    say(_("Written: {path}").format(path=path))
    if not found.reading.leads_on:
        _keep_case(config, proposal, found.page)
    shipped = path.resolve().is_relative_to(SHIPPED.resolve())
    say(
        _("Crawl it: {command}").format(
            command=f"hrwatch crawl {source_id}" + ("" if shipped else f" --sources {folder}")
        )
    )
    ctx.exit(ALL_WELL)


def _keep_case(config: Config, proposal: Proposal, page: Page) -> None:
    """The source is written by now: a case that cannot be kept is a pity and no failure."""
    try:
        case = write_case(config, proposal, page)
    except CatalogueError as error:
        complain(_("No golden case was kept: {error}").format(error=error))
    else:
        say(_("A golden case of the list, not to be published: {path}").format(path=case))


def _check_use(url: str, family: str | None, adcode: str | None, divisions: Divisions) -> None:
    if web_host(url) is None:
        raise click.BadParameter(_("{url} is not an http address").format(url=url), param_hint="URL")
    if family is not None and family not in families():
        raise click.BadParameter(
            _("{family}: no such family; there are {known}").format(family=family, known=", ".join(families())),
            param_hint="--family",
        )
    if adcode is not None and adcode != "100000" and not divisions.is_known(adcode):
        raise click.BadParameter(_("{adcode} is no division of GB/T 2260").format(adcode=adcode), param_hint="--adcode")


def _known(config: Config, to: Path | None, url: str, source_id: str) -> str | None:
    """Why this source must not be added: its host or its id is there already."""
    host = web_host(url) or ""
    catalogues = [open_catalogue(config)]
    for folder in (to, config.data / "sources"):
        if folder is not None and folder.is_dir() and folder not in (config.sources or (SHIPPED,)):
            is_known = load_taxonomy(config.taxonomy).divisions.is_known
            catalogues.append(load_catalogue([folder], families=families(), is_adcode=is_known))
    for catalogue in catalogues:
        if (source := catalogue.of_host(host)) is not None:
            return _("{host} is registered already, as {id} ({name}): add the list to that file.").format(
                host=host, id=source.id, name=source.name
            )
        if catalogue.get(source_id) is not None:
            return _("{id} is taken; give another --id.").format(id=source_id)
    return None


def _look(config: Config, url: str, family: str | None, replay: Sequence[Path]) -> tuple[str, Found]:
    """The list at an address, or the column of the article there; and which address it is in the end."""
    keeper = PageKeeper(open_replay(replay))
    source = provisional_source("provisional", url, family or GENERIC)
    with open_manners(config, keeper if replay else None) as manners:
        services, store = services_to_visit(config, Catalogue((source,)), manners, keeper, is_replay=bool(replay))

        async def look(stopping: asyncio.Event) -> tuple[str, Found]:
            visitor = Visitor(services, store, keeper)
            try:
                return await _follow_up(visitor, source, url, family, stopping)
            finally:
                await visitor.close()

        return run_until_done(look)


async def _follow_up(
    visitor: Visitor, source: Source, url: str, family: str | None, stopping: asyncio.Event
) -> tuple[str, Found]:
    found = await visitor.read(source, url, family)
    if family is not None or found.page is None or not is_article_of_a_list(found.page, found.tried):
        return url, found
    for column in columns_above(text_of(found.page), found.page.url)[:MAX_COLUMNS]:
        if stopping.is_set() or web_host(column) not in source.hosts:
            continue
        complain(_("{url} is an article; trying its column {column}").format(url=url, column=column))
        listed = await visitor.read(source, column)
        if listed.page is not None and listed.reading is not None and listed.reading.rows:
            return column, listed
    return url, replace(found, reading=None, refused=(Reason.NO_ROWS, _("an article, and no list of its column found")))


def _say_why(url: str, found: Found) -> None:
    complain(_("{url}: no rows of news were found").format(url=url))
    for reading in found.tried:
        complain(
            _("  read as {family}: {why}").format(
                family=reading.family, why=reading.refused or _("{count} rows").format(count=len(reading.rows))
            )
        )
    complain(_("If you know the family, give --family; if rows need a script, the address of their data."))


def _show(proposal: Proposal, text: str, folder: Path, catalogue: Catalogue) -> None:
    say(_("{path} would say:").format(path=folder / f"{proposal.id}.toml"))
    for line in text.splitlines():
        print_line(f"    {line}")
    rows = proposal.reading.rows
    show_table(
        (_("date"), _("title"), _("address"), _("what would become of it")),
        (
            (shown_date(row.date), row.title, row.url or row.href, _fate(row, proposal, catalogue))
            for row in rows[:SHOWN_ROWS]
        ),
        title=_("first rows"),
    )
    if len(rows) > SHOWN_ROWS:
        say(_("… and {count} more").format(count=len(rows) - SHOWN_ROWS))


def _fate(row: Row, proposal: Proposal, catalogue: Catalogue) -> str:
    host = web_host(row.url) if row.url is not None else None
    if host is None:
        return reason_text(Reason.BAD_LINK)
    if host == web_host(proposal.list_url):
        is_fetched = is_article(row, proposal.reading) or is_pdf_address(row.url or "")
        return _("fetched and stored") if is_fetched else reason_text(Reason.OTHER_PATH)
    other = catalogue.of_host(host)
    return _("fetched as {id}").format(id=other.id) if other is not None else reason_text(Reason.UNREGISTERED_HOST)


def _is_agreed() -> bool:
    """Ask on a terminal; elsewhere nobody can say yes."""
    return sys.stdin.isatty() and out.is_terminal and click.confirm(_("Write it?"), default=False)
