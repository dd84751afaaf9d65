"""What a list page tells of its site: name, place, kind, and how often it has news. How it is read: readings.py.

Asks nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from crawler.catalogue import NATIONAL, Catalogue
from crawler.cli.sources.readings import Reading, text_of
from crawler.cli.sources.survey import MIN_ALIKE
from crawler.extract.dates import row_stamp
from crawler.extract.document import parse_document
from crawler.extract.meta import Meta, read_meta
from crawler.extract.navigation import kind_of, page_column
from crawler.extract.rows import Row
from crawler.model import Page
from crawler.taxonomy.divisions import Divisions
from crawler.text.urls import web_host

FOUNDER = "founder"
# "2026-11/20", "20261120", "2026/11/20" within a path
DAY = re.compile(r"(?<!\d)(20\d\d)([-/]?)(0[1-9]|1[0-2])([-/]?)(0[1-9]|[12]\d|3[01])(?!\d)")
# "通知公告-雅安市人力资源和社会保障局", "要闻_四川在线", "动态 | 某局"
TITLE_PARTS = re.compile(r"\s*[-_|—–>·]+\s*")
HANZI = re.compile(r"[\u3400-\u9fff]")
HR_BUREAU = re.compile(r"人力资源和?社会保障|人社[厅局部]|人力社保")
# "rsj.yaan.gov.cn" → rsj.yaan; "www.scol.com.cn" → scol
HOST_ENDING = re.compile(r"(?:\.(?:gov|com|net|org|edu|ac))?\.[a-z]{2,}$")
# "中国（四川）自由贸易试验区川南临港片区管理委员会" has 22
MAX_NAME = 25
# "雅安市人力资源和社会保障局", "四川在线", "某某日报社"
SITE = re.compile(r"(?:局|厅|委|委员会|政府|部|网|网站|在线|日报|晚报|报|报社|公司|集团|基金|协会|学会|院|台|频道)$")
# Days without news that are nothing unusual, as the registry knows them.
SILENCES = (7, 14, 30, 60, 120, 180, 365)
# The longest pause between the rows of one page is not the longest there will be.
SILENCE_FACTOR = 3
OFFICE_SILENCE = 14  # no office publishes over a long holiday
USUAL_SILENCE = 60  # where the rows have no dates to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source file in the making. `adcode` None: the page does not say where it is."""

    id: str
    name: str
    kind: str
    adcode: str | None
    column: str
    list_url: str
    list_name: str | None
    reading: Reading
    max_silence_days: int

    @property
    def min_rows(self) -> int:
        """A third of what is there now: lists shrink, but not to a third."""
        return max(1, min(5, len(self.reading.rows) // 3))


def propose(
    page: Page,
    url: str,
    reading: Reading,
    divisions: Divisions,
    *,
    source_id: str,
    name: str | None,
    adcode: str | None,
) -> Proposal:
    """All that a page tells of its source; what is given is believed."""
    document = parse_document(text_of(page))
    meta = read_meta(document, page.url) if document is not None else Meta(title=None, base=page.url)
    parts = [part for part in TITLE_PARTS.split(meta.title or "") if part]
    site = name or meta.tags.get("sitename") or _site_in(parts) or (web_host(url) or url)
    column_name = meta.tags.get("columnname") or next((part for part in parts if part != site), None)
    is_government = (web_host(url) or "").endswith(".gov.cn")
    told = f"{site} {meta.title or ''}"
    kind = "gov-hrss" if HR_BUREAU.search(told) else "gov" if is_government else "news"
    return Proposal(
        id=source_id,
        name=site,
        kind=kind,
        adcode=adcode or place_of(meta, site, divisions),
        column=page_column(text_of(page), page.url).kind or kind_of(column_name or "") or "mixed",
        list_url=edition_of(url) if reading.family == FOUNDER else url,
        list_name=column_name,
        reading=reading,
        max_silence_days=max(_silence_of(reading.rows, page), 7 if kind == "news" else OFFICE_SILENCE),
    )


def edition_of(url: str) -> str:
    """A newspaper's address with its day left open: ".../2026-11/20/node_1.htm" → ".../{YYYY}-{MM}/{DD}/node_1.htm"."""
    parts = urlsplit(url)
    path = DAY.sub(lambda day: f"{{YYYY}}{day[2]}{{MM}}{day[4]}{{DD}}", parts.path, count=1)
    return parts._replace(path=path).geturl() if path != parts.path else url


def place_of(meta: Meta, site: str, divisions: Divisions) -> str | None:
    """The adcode that SiteIDCode begins with, else the narrowest division that the site or the title names, or None."""
    code = (meta.tags.get("siteidcode") or "").lower()
    if code.startswith("bm"):  # "bm01000001": a ministry (国办发〔2017〕47号)
        return NATIONAL
    if divisions.is_known(code[:6]):
        heirs = divisions.successors(code[:6])
        return heirs[0] if len(heirs) == 1 else code[:6]
    for text in (site, meta.title or ""):
        if (found := _named_place(text, divisions)) is not None:
            return found
    return None


def place_by_host(host: str, catalogue: Catalogue) -> str | None:
    """Where registered hosts of the same domain are: their one place, else their province; None for other domains.

    Of cq.gov.cn the districts are registered and the municipality: what is not known is the municipality's.
    """
    if not host.endswith(".gov.cn"):
        return None
    domain = ".".join(host.split(".")[-3:])
    codes = {
        source.adcode
        for source in catalogue
        for known in source.hosts
        if known == domain or known.endswith(f".{domain}")
    }
    if len(codes) > 1:
        codes = {f"{code[:2]}0000" for code in codes}
    return codes.pop() if len(codes) == 1 else None


def _named_place(text: str, divisions: Divisions) -> str | None:
    """The narrowest division named; 朝阳区 alone, of which there are two, is none."""
    named: dict[str, set[str]] = {"county": set(), "prefecture": set(), "province": set()}
    for holder in divisions:
        if holder.until is not None:
            continue
        short = divisions.short_name(holder.adcode) or holder.name
        level = divisions.level(holder.adcode)
        # the short name of a county is a word like any other: 城关, 郊, 新
        is_short = level != "county" and len(short) >= 2 and short in text
        if holder.name in text or (is_short and holder.adcode in divisions.find(short)):
            named[level].add(holder.adcode)
    wider = named["province"] | named["prefecture"]
    for level in ("county", "prefecture", "province"):
        within = {code for code in named[level] if any(code != out and divisions.contains(out, code) for out in wider)}
        found = within or named[level]
        if len(found) == 1:
            return found.pop()
    return None


def _site_in(parts: Sequence[str]) -> str | None:
    """The site's name in a title: the last part that is called as sites are, else the last that is no sentence."""
    names = [part for part in reversed(parts) if 3 <= len(HANZI.findall(part)) <= MAX_NAME]
    return next((name for name in names if SITE.search(name)), names[0] if names else None)


def _silence_of(rows: Sequence[Row], page: Page) -> int:
    """The longest pause between rows, and a good deal more."""
    stamps = [row_stamp(row.date, "Asia/Shanghai", page.fetched_at) for row in rows if row.date is not None]
    days = sorted({stamp.at.date() for stamp in stamps if stamp is not None})
    if len(days) < MIN_ALIKE:
        return USUAL_SILENCE
    pause = max((later - earlier).days for earlier, later in pairwise(days))
    return next((days for days in SILENCES if days >= pause * SILENCE_FACTOR), SILENCES[-1])


def level_of(proposal: Proposal, divisions: Divisions) -> str:
    """The level that the registry files a source under."""
    if proposal.kind == "news":
        return "media"
    if proposal.adcode in (None, NATIONAL):
        return "national"
    return {"province": "province", "prefecture": "city", "county": "county"}[divisions.level(proposal.adcode or "")]


def id_of(url: str) -> str:
    """An id made of the host's name: rsj-yaan, scol; gov-yaan for a government's own front door."""
    host = (web_host(url) or "").removeprefix("www.")
    stem = re.sub(r"[^a-z0-9]+", "-", HOST_ENDING.sub("", host)).strip("-") or "source"
    return f"gov-{stem}" if host.endswith(".gov.cn") and host.count(".") == 2 else stem
