"""The command group, in the order a newcomer meets the commands."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import click

from crawler.cli.listing import Listed, ListedGroup
from crawler.cli.options import data_option
from crawler.language import _

# The lines are those of the commands' own help: they stand here too, so that to list them imports none.
COMMANDS = (
    Listed("run", "house:run", _("Poll, publish and serve the web side until Ctrl-C: the main job.")),
    Listed("crawl", "crawling.crawl:crawl", _("Poll sources once, fetch what is new, store it, and print a summary.")),
    Listed("publish", "publish:publish", _("Write the feeds that changed.")),
    Listed("notify", "notify:notify", _("Tell people of new stories, as the file of HRWATCH_NOTIFY says.")),
    Listed("serve", "house:serve", _("Serve the web side alone, read-only.")),
    Listed("search", "questions.search:search", _("Search the archive, newest first.")),
    Listed(
        "show", "questions.show:show", _("Show one story: members, why they were joined, edits, and what is related.")
    ),
    Listed(
        "export", "questions.export:export", _("Export what a question finds: CSV for Excel, JSON Lines, or Parquet.")
    ),
    Listed(
        "stats",
        "questions.stats:stats",
        _("Count stories by time, region, pair, zone, topic or source: a table, or a chart."),
    ),
    Listed(
        "cooperations",
        "questions.cooperations:cooperations",
        _("Show which regions cooperate: pairs by year, or a square picture of all (--plot)."),
    ),
    Listed("story", "judging.story:story", _("Join, split and check stories by hand.")),
    Listed(
        "explain", "questions.read:explain", _("Tell what happened to a URL, and why it is or is not in the feeds.")
    ),
    Listed("sources", "sources.registry:sources", _("The registry of sources.")),
    Listed(
        "schedule",
        "sources.schedule:schedule",
        _("Show what will be polled when, and why then, and what was polled last."),
    ),
    Listed(
        "import",
        "importing.bring:bring",
        _("Bring in saved pages of registered sites: HTML, PDF, MHTML or WARC files, or folders; no site is asked."),
    ),
    Listed(
        "label",
        "judging.label:label",
        _("Say that an item is relevant or not, and what it is about: the rules never undo it."),
    ),
    Listed("taxonomy", "judging.vocabulary:taxonomy", _("Score the vocabulary on labels, and learn from them.")),
    Listed(
        "reprocess",
        "judging.reprocess:reprocess",
        _("Extract and judge the archive again, show what would change, and write it with --apply."),
    ),
    Listed(
        "extract", "judging.files:extract", _("Read articles out of saved pages: one JSON object a line for each file.")
    ),
    Listed(
        "classify",
        "judging.files:classify",
        _("Judge articles: reads {id, title, body} a line, writes regions, zones, topics and the evidence."),
    ),
    Listed(
        "group",
        "judging.files:group",
        _("Group reprints into stories: reads {id, title, body, published, url} a line, writes {id, story}."),
    ),
    Listed(
        "doctor",
        "care.doctor:doctor",
        _("Say whether all is well: settings, sources, archive, disk, feeds, and the last polls."),
    ),
    Listed("backup", "care.backup:backup", _("Copy the archive into one SQLite file, while hrwatch runs.")),
    Listed(
        "restore",
        "care.backup:restore_command",
        _("Put a copy back that hrwatch backup made. hrwatch must be stopped."),
    ),
    Listed("migrate", "care.migrate:migrate", _("Bring the archive to this program's schema.")),
    Listed("prune", "care.prune:prune_command", _("Let go of the bytes of old pages, to save room.")),
    Listed(
        "copy-archive",
        "care.copy_archive:copy_archive",
        _("Copy the archive into another database: PostgreSQL, or a SQLite file."),
    ),
    Listed(
        "demo",
        "demo:demo",
        _("Show the whole thing on a built-in synthetic site, without a network: crawl, stories, feeds, pages."),
    ),
)


def _version() -> str:
    try:
        return version("hrwatch")
    except PackageNotFoundError:
        return "0"


@click.group(
    cls=ListedGroup,
    listed=COMMANDS,
    help=_("Watch Chinese government and news sites for human-resources cooperation between regions."),
    epilog=_("Example: hrwatch run    Then open http://127.0.0.1:8080/"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), prog_name="hrwatch", message="%(prog)s %(version)s")
@data_option
def hrwatch() -> None:
    """The group itself does nothing."""
