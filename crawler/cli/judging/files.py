"""`hrwatch extract`, `classify` and `group`: the pure rooms on files, without an archive. JSON Lines in and out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from archive.grouping import group as group_items
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, example
from crawler.cli.own_address import own_address
from crawler.cli.screen import complain, print_json_line
from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.extract.pdf import is_pdf
from crawler.extract.refusal import refusal_of
from crawler.language import _
from crawler.model import Article, Page, Reason, Role
from crawler.taxonomy import load_taxonomy
from crawler.text.fold import fold_text
from crawler.wording import detail_text, reason_text


@click.command(
    help=_("Read articles out of saved pages: one JSON object a line for each file."),
    epilog=example("hrwatch extract --jsonl pages/*.html", "hrwatch extract --jsonl page.html | jq .title"),
)
@click.option("--jsonl", is_flag=True, default=True, help=_("JSON Lines (the only form)."))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def extract(ctx: click.Context, jsonl: bool, files: tuple[Path, ...]) -> None:
    """A page that fails is a line with its error; the others go on."""
    failed = 0
    max_bytes = config_of(ctx).max_page_bytes
    for path in files:
        row = _extracted(path, max_bytes)
        failed += "error" in row
        print_json_line(row)
        sys.stdout.flush()
    if failed:
        complain(_("{failed} of {count} pages gave no article").format(failed=failed, count=len(files)))
        ctx.exit(SOME_FAILED)


@click.command(
    help=_("Judge articles: reads {id, title, body} a line, writes regions, zones, topics and the evidence."),
    epilog=example("hrwatch classify --jsonl < articles.jsonl"),
)
@click.option("--jsonl", is_flag=True, default=True, help=_("JSON Lines (the only form)."))
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.pass_context
def classify(ctx: click.Context, jsonl: bool, file: TextIO) -> None:
    """One line out for each line in."""
    taxonomy = load_taxonomy(config_of(ctx).taxonomy)
    failed = 0
    for number, row in _rows(file):
        if "error" in row:
            failed += 1
            print_json_line(row)
            continue
        published = _day(row.get("published"))
        judgement = taxonomy.judge(
            title=fold_text(str(row.get("title") or "")),
            body=fold_text(str(row.get("body") or "")),
            on=published,
        )
        print_json_line(
            {
                "id": row.get("id", number),
                "relevant": judgement.relevant,
                "score": round(judgement.score, 4),
                "regions": judgement.parties,
                "places": [region.adcode for region in judgement.regions if region.role is not Role.PARTY],
                "zones": judgement.zones,
                "topics": judgement.topics,
                "agreements": judgement.agreements,
                "event_date": judgement.event_date,
                "evidence": [
                    {
                        "part": item.part,
                        "key": item.key,
                        "text": item.text,
                        "where": item.where,
                        "start": item.start,
                        "end": item.end,
                        "weight": item.weight,
                    }
                    for item in judgement.evidence
                ],
            }
        )
    if failed:
        ctx.exit(SOME_FAILED)


@click.command(
    help=_("Group reprints into stories: reads {id, title, body, published, url} a line, writes {id, story}."),
    epilog=example("hrwatch group --jsonl < articles.jsonl"),
)
@click.option("--jsonl", is_flag=True, default=True, help=_("JSON Lines (the only form)."))
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.pass_context
def group(ctx: click.Context, jsonl: bool, file: TextIO) -> None:
    """The archive's own joining, on an archive in memory."""
    failed: list[dict[str, Any]] = []

    def items() -> Iterator[dict[str, Any]]:
        for number, row in _rows(file):
            if "error" in row:
                failed.append(row)
            else:
                yield {"id": number, **row}

    for item_id, story in group_items(items()):
        print_json_line({"id": item_id, "story": story})
    for row in failed:
        print_json_line(row)
    if failed:
        ctx.exit(SOME_FAILED)


def _rows(file: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a JSON Lines file; a line that is none is an object with `error`, and the rest goes on."""
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, {"line": number, "error": f"not JSON: {error}"}
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            yield number, {"line": number, "error": "not a JSON object"}


def _extracted(path: Path, max_bytes: int) -> dict[str, object]:
    """The article of a saved page, or an object that says why there is none. Never raises."""
    try:
        if not path.is_file():  # a pipe or a device might never end
            why = _("a folder") if path.is_dir() else _("no file") if not path.exists() else _("no ordinary file")
            return _failed(path, "unreadable", why)
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
        if len(body) > max_bytes:
            return _failed(path, Reason.TOO_LARGE, _("over {count} bytes").format(count=max_bytes))
        fetched_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        url = own_address(body)
        page = Page(url=url or "", status=200, headers={}, body=body, fetched_at=fetched_at)
        if not is_pdf(page) and (refusal := refusal_of(page, expects="article")) is not None:
            return _failed(path, *refusal)
        return _object(path, url, extract_article(page))
    except OSError as error:
        return _failed(path, "unreadable", error.strerror or str(error))
    except RefusedError as error:
        return _failed(path, error.reason, error.detail)
    except Exception as error:  # noqa: BLE001 - whatever one page does, the others go on
        return _failed(path, Reason.ERROR, f"{type(error).__name__}: {error}")


def _failed(path: Path, reason: str, detail: str) -> dict[str, object]:
    """The object of a page that gave no article: `reason` is for programs, `error` for people."""
    words = reason_text(reason) if isinstance(reason, Reason) else _("cannot be read")
    error = f"{words} ({detail_text(detail)})" if detail else words
    return {"path": str(path), "file": str(path), "error": error, "reason": str(reason)}


def _object(path: Path, url: str | None, article: Article) -> dict[str, object]:
    stamp = article.published
    return {
        "path": str(path),
        "title": article.title,
        "body": article.body,
        "published": stamp.at if stamp else None,
        "published_precision": stamp.precision if stamp else None,
        "published_from": stamp.origin if stamp else None,
        "source_name": article.source_name,
        "document_number": article.document_number,
        "written": article.written.at.date() if article.written else None,
        "charset": article.charset,
        "url": url,
        "origins": dict(article.origins),
        "repairs": article.repairs,
        "attachments": [{"url": item.url, "name": item.name} for item in article.attachments],
        "images": article.images,
        "columns": article.columns,
        "site_code": article.site_code,
    }


def _day(value: object) -> Any:
    try:
        return datetime.fromisoformat(str(value)).date() if value else None
    except ValueError:
        return None
