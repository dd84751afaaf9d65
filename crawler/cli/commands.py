"""The command group, in the order a newcomer meets the commands."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import click

from crawler.cli.bring import bring
from crawler.cli.crawl import crawl, publish
from crawler.cli.demo import demo
from crawler.cli.files import classify, extract, group
from crawler.cli.house import doctor, run, serve
from crawler.cli.label import label
from crawler.cli.options import data_option
from crawler.cli.read import explain, search
from crawler.cli.registry import sources
from crawler.cli.reprocess import reprocess
from crawler.cli.show import show
from crawler.cli.story import story
from crawler.cli.vocabulary import taxonomy
from crawler.language import _


def _version() -> str:
    try:
        return version("hrwatch")
    except PackageNotFoundError:
        return "0"


class InOrder(click.Group):
    """Lists commands as they were added, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=InOrder,
    help=_("Watch Chinese government and news sites for human-resources cooperation between regions."),
    epilog=_("Example: hrwatch run    Then open http://127.0.0.1:8080/"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), prog_name="hrwatch", message="%(prog)s %(version)s")
@data_option
def hrwatch() -> None:
    """The group itself does nothing."""


for command in (
    run,
    crawl,
    publish,
    serve,
    search,
    show,
    story,
    explain,
    sources,
    bring,
    label,
    taxonomy,
    reprocess,
    extract,
    classify,
    group,
    doctor,
    demo,
):
    hrwatch.add_command(command)
