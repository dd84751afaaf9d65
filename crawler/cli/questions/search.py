"""`hrwatch search`: a reader's words and filters to the archive."""

from __future__ import annotations

from typing import Any, Literal

import click
from rich.padding import Padding
from rich.text import Text

from archive.records import Cursor, SearchHit
from archive.reports.cursors import cursor_text, read_cursor
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.questions.asking import QuestionCommand, question_of, question_options
from crawler.cli.questions.read import published_text
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import out, say, show_json, show_table
from crawler.language import _
from web.api.shapes import story_object


class _Cursor(click.ParamType[Cursor]):
    name = "cursor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Cursor:
        cursor = value if isinstance(value, Cursor) else read_cursor(str(value))
        if cursor is None:
            self.fail(_("{value}: no cursor; --json shows each story's").format(value=value))
        return cursor


@click.command(
    cls=QuestionCommand,
    help=_(
        "Search the archive, newest first.\n\n\b\n"
        "川渝 社保            both words, in any order\n"
        "川渝 OR 成渝         either; also 或 or |\n"
        "川渝 -高速           not the second; also NOT or 非\n"
        "(社保 OR 医保) 互认  brackets group\n"
        '"双城 经济圈"        the phrase, in any quotes\n'
        "标题:互认            in the title (title:)\n"
        "地区:雅安            a region, with what is below (region:)\n"
        "对:四川-重庆         two regions (pair:)\n"
        "区域:川渝            a zone (zone:)\n"
        "主题:合作协议        a topic (topic:)\n"
        "来源:四川日报        a source (source:)\n"
        "类型:政府            a kind of source (kind:)\n"
        "日期:2023-01..2023-06  days (date:, since:, until:)"
    ),
    epilog=example(
        "hrwatch search 川渝",
        "hrwatch search '川渝 (社保 OR 医保) -高速'",
        "hrwatch search '标题:互认 地区:雅安 日期:2023-01..2023-06'",
        "hrwatch search '\"双城 经济圈\" 类型:政府' --order relevance",
        "hrwatch search --pair 四川 重庆 --since 2024 --json",
    ),
)
@question_options
@click.option(
    "--order",
    type=click.Choice(["time", "relevance"]),
    default="time",
    show_default=True,
    help=_("Newest first, or those that are most about the words."),
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help=_("At most this many."))
@click.option(
    "--after", metavar="CURSOR", type=_Cursor(), help=_("Go on behind this story: its cursor, as --json shows it.")
)
@json_option
@data_option
@click.pass_context
def search(
    ctx: click.Context,
    /,
    order: Literal["time", "relevance"],
    limit: int,
    after: Cursor | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Stories with marked excerpts."""
    if after is not None and order != "time":
        raise click.UsageError(_("--after goes with --order time only"))
    question = question_of(ctx, **asked)
    with archive_to_ask(config_of(ctx)) as archive:
        hits = archive.search(question, order=order, limit=limit, after=after)
    if as_json:
        show_json(map(hit_object, hits))
    elif hits:
        _show(hits)
    else:
        say(_("nothing found"))
    if not hits:
        ctx.exit(SOME_FAILED)


def hit_object(hit: SearchHit) -> dict[str, object]:
    """A hit as plain values: its story, the excerpt with the places of the words, and where a next page begins."""
    return story_object(hit.story) | {
        "excerpt": hit.excerpt,
        "marks": hit.marks,
        "title_marks": hit.title_marks,
        "cursor": None if hit.cursor is None else cursor_text(hit.cursor),
    }


def _show(hits: tuple[SearchHit, ...]) -> None:
    if out.is_terminal:
        for hit in hits:
            _print_hit(hit)
        return
    show_table(
        (_("id"), _("published"), _("title"), _("first published by"), _("members"), _("zones"), "url"),
        (
            (
                hit.story.id,
                published_text(hit.story),
                hit.story.title,
                hit.story.first_source,
                len(hit.story.members),
                hit.story.zones,
                hit.story.url,
            )
            for hit in hits
        ),
    )


def _print_hit(hit: SearchHit) -> None:
    story = hit.story
    out.print(
        Text.assemble(
            (f"{story.id:>6}  ", "dim"),
            (published_text(story), "cyan"),
            "  ",
            _marked(story.title, hit.title_marks, "bold", "bold reverse"),
            (f"  {story.first_source}", "dim"),
            (f"  ×{len(story.members)}" if len(story.members) > 1 else "", "yellow"),
        )
    )
    out.print(Padding(_marked(hit.excerpt, hit.marks, "dim", "bold not dim"), (0, 0, 0, 8)))


def _marked(text: str, marks: tuple[tuple[int, int], ...], style: str, mark: str) -> Text:
    shown = Text(text, style=style)
    for start, end in marks:
        shown.stylize(mark, start, end)
    return shown
