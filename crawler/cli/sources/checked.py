"""What `hrwatch sources check` found of each source, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crawler.cli.screen import say, show_table
from crawler.cli.sources.columns import column_text, columns_text
from crawler.cli.sources.fixing import Fixer
from crawler.cli.sources.survey import Fault, Finding, Look
from crawler.language import _
from crawler.model import PollReport, Reason, Source
from crawler.wording import detail_text, reason_text, status_text


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One source, looked at."""

    source: Source
    report: PollReport
    look: Look
    findings: tuple[Finding, ...]
    newest: date | None

    @property
    def is_skipped(self) -> bool:
        return self.report.reason is None and self.report.skipped


def show_checked(checked: Sequence[Checked], *, listless: int) -> None:
    """A row a source, and the sums; `listless` counts sources that have no list."""
    show_table(
        (
            _("source"),
            _("status"),
            _("verdict"),
            _("rows"),
            _("dated"),
            _("newest"),
            _("column"),
            _("article"),
            _("published"),
        ),
        (
            (
                one.source.id,
                status_text(one.source.status),
                _verdict(one),
                len(one.look.entries),
                _dated(one.look),
                one.newest,
                column_text(one.source.column),
                one.look.article.title if one.look.article else None,
                _published(one.look),
            )
            for one in checked
        ),
    )
    if any(finding.reason is Reason.NO_ROWS for one in checked for finding in one.findings):
        say(_("A list without rows was redesigned or moved: sources check --fix proposes how to read it."))
    say(columns_text(one.source for one in checked))
    say(
        _("{checked} sources checked, {well} well, {wrong} not, {skipped} skipped").format(
            checked=len(checked),
            well=sum(not one.findings and not one.is_skipped for one in checked),
            wrong=sum(bool(one.findings) for one in checked),
            skipped=sum(one.is_skipped for one in checked),
        )
    )
    if listless:
        say(_("{count} sources have no list yet and were not asked").format(count=listless))


def _verdict(one: Checked) -> str:
    if one.is_skipped:
        reasons = [page.reason for page in one.report.lists if page.reason is not None]
        return _("skipped: {reason}").format(reason=reason_text(next(iter(reasons), Reason.BUSY)))
    return "; ".join(map(_finding_text, one.findings)) or _("ok")


def _finding_text(finding: Finding) -> str:
    """What is wrong, as a person would say it."""
    text = {
        Fault.FAILED: _("the list was not read"),
        Fault.FEW_ROWS: _("too few rows"),
        Fault.SILENT: _("silent for too many days"),
        Fault.NO_ARTICLE_ROW: _("no row leads to an article"),
        Fault.ARTICLE_REFUSED: _("the article was not read"),
        Fault.UNDATED_ARTICLE: _("the article has no date"),
        Fault.NO_FAMILY_MARK: _("the article has no marks of the family"),
    }[finding.fault]
    said = [reason_text(finding.reason)] if finding.reason is not None else []
    said += [detail_text(finding.detail)] if finding.detail else []
    return f"{text} ({', '.join(said)})" if said else text


def _dated(look: Look) -> int:
    return sum(entry.date is not None for entry in look.entries)


def _published(look: Look) -> date | None:
    stamp = look.article.published if look.article is not None else None
    return stamp.at.date() if stamp is not None else None


def checked_object(one: Checked, fixer: Fixer | None) -> dict[str, object]:
    """For --json."""
    article = one.look.article
    remedy = fixer.object_of(one.source.id) if fixer is not None else None
    return {
        "source": one.source.id,
        "name": one.source.name,
        "status": one.source.status,
        "family": one.source.family,
        "column": one.source.column,
        "ok": not one.findings and not one.is_skipped,
        "skipped": one.is_skipped,
        "faults": [
            {"fault": finding.fault, "reason": finding.reason, "detail": finding.detail} for finding in one.findings
        ],
        "list": one.source.lists[0].url,
        "rows": len(one.look.entries),
        "dated": _dated(one.look),
        "newest": one.newest,
        "article": {
            "url": article.url,
            "title": article.title,
            "published": article.published.at if article.published else None,
            "published_from": article.published.origin if article.published else None,
            "characters": len(article.body),
        }
        if article is not None
        else None,
        **({"remedy": remedy} if fixer is not None else {}),
    }
