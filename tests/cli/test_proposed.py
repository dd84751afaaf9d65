"""What `sources add` says of a source in the making: a place that is a guess, rows that are files."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from crawler.catalogue import Catalogue
from crawler.cli.sources.add import _fate
from crawler.cli.sources.proposal import Proposal
from crawler.cli.sources.readings import Reading
from crawler.cli.sources.writing import toml_of
from crawler.extract.rows import Row
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from crawler.wording import reason_text

LIST = "https://rsj.jia.example/gzdt/"


def proposal() -> Proposal:
    return Proposal(
        id="rsj-jia",
        name="合成甲市人社局",
        kind="gov-hrss",
        adcode="100000",
        column="news",
        list_url=LIST,
        list_name=None,
        reading=Reading(family="trs"),
        max_silence_days=60,
    )


@pytest.mark.parametrize("is_place_known", [True, False])
def test_a_place_that_is_a_guess_is_noted_as_one(is_place_known: bool) -> None:
    text = toml_of(proposal(), load_taxonomy().divisions, date(2026, 11, 20), is_place_known=is_place_known)
    (note,) = tomllib.loads(text)["notes"]
    assert ("adcode 100000 is a guess" in note["text"]) == (not is_place_known)


@pytest.mark.parametrize(
    ("href", "is_fetched"),
    [("202611/t20261118_1.html", True), ("202611/P020261112402979611996.pdf", True), ("../about/", False)],
)
def test_a_pdf_is_fetched_whatever_its_address(href: str, is_fetched: bool) -> None:
    row = Row(href=href, url=f"{LIST}{href}", title="合成", date=None, is_pinned=False, is_article=True)
    said = _fate(row, proposal(), Catalogue(()))
    assert (said != reason_text(Reason.OTHER_PATH)) == is_fetched
