"""What the archive knows of an article beside its text is evidence, on both databases alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from archive import Archive
from tests.archive.making import NOW, judged, prose, source

TITLE = "成渝地区人才协同发展观察"
DAY = timedelta(days=1)


def sizes(archive: Archive) -> list[int]:
    return sorted(len(story.members) for story in archive.stories())


def test_two_parts_of_one_article(archive: Archive) -> None:
    paper, other = source("paper"), source("other")
    for number, (name, of, day) in enumerate([("上", paper, 2), ("下", paper, 1), ("下", other, 1), ("下", paper, 60)]):
        item = judged(
            f"https://{of.id}.example/{number}",
            prose(f"part {number}"),
            title=f"{TITLE}（{name}）",
            of=of,
            published=NOW - day * DAY,
        )
        archive.store(item, now=NOW)
    assert sizes(archive) == [1, 1, 2]
    joined = next(story for story in archive.stories() if len(story.members) == 2)
    assert [member.join_reason for member in joined.members] == [None, "part"]


def test_documents_with_numbers_of_their_own(archive: Archive) -> None:
    words = prose("form", 20)
    bodies = (
        words,
        words[:90] + prose("clause", 4) + words[210:],
        words[:90] + prose("clause", 4) + words[210:] + "完",
    )
    numbers = ("川人社发〔2025〕15号", "川人社发〔2026〕3号", "川人社发〔2026〕3号")
    for place, (body, number) in enumerate(zip(bodies, numbers, strict=True)):
        item = judged(f"https://a.example/{place}", body, title=TITLE)
        archive.store(replace(item, article=replace(item.article, document_number=number)), now=NOW)
    assert sizes(archive) == [1, 2]


def test_the_form_of_another_year(archive: Archive) -> None:
    words = prose("form", 20)
    for place, (body, when) in enumerate(
        [(words, NOW), (words[:60] + prose("year", 3) + words[150:], NOW - 366 * DAY)]
    ):
        archive.store(judged(f"https://a.example/{place}", body, title=TITLE, published=when), now=NOW)
    assert sizes(archive) == [1, 1]
