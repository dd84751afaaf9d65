"""What is empty, huge, or the same thousands of times: bounded work, no giant story. Comparisons are counted."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from archive import Archive
from archive.schema import bands, items, stories
from archive.storing import joins, likes
from archive.storing.likes import find_likes, prepare, save_prints
from tests.archive.making import NOW, entry, judged, prose

_TEMPLATE = prose("template", 8)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters each comparison had before it, in the order of comparing."""
    made: list[int] = []

    def counted(one: Any, other: Any) -> Any:
        made.append(len(one.bare) + len(other.bare))
        return alike(one, other)

    alike = likes.alike
    monkeypatch.setattr(likes, "alike", counted)
    monkeypatch.setattr(joins, "alike", counted)
    return made


def bulletin(number: int) -> str:
    drawn = random.Random(number).sample(range(10_000), 4)
    return "{0}新增{1}例，累计{2}例，治愈{3}例，观察{4}人。{0}".format(_TEMPLATE, *drawn)


def fill(archive: Archive, texts: list[str]) -> None:
    """Put `texts` into the archive as it would look after storing each, a thousand times as fast."""

    def write(connection: Connection) -> None:
        for number, body in enumerate(texts, start=1):
            _text, prints = prepare("情况通报", body)
            when = NOW - timedelta(minutes=len(texts) - number)
            story = {"guid": f"tag:{number}", "seq": 10_000 + number, "title": "情况通报", "first_source": ""}
            story |= {"first_seen_at": when, "updated_at": when, "sorted_at": when, "is_relevant": False, "score": 0.0}
            story |= {"agreements": [], "is_link_only": False, "is_backfill": False, "found_by": "", "digest": ""}
            story |= {"id": number, "first_item_id": number, "text_item_id": number}
            connection.execute(insert(stories).values(**story))
            item = {"url_key": f"filled/{number}", "url": "", "source_id": "", "site_name": "", "found_by": ""}
            item |= {"title": "情况通报", "body": body, "attachments": [], "origins": {}, "repairs": []}
            item |= {"folded_title": "情况通报", "folded_body": body, "is_link_only": False, "is_backfill": False}
            item |= {"first_seen_at": when, "updated_at": when, "id": number, "story_id": number}
            connection.execute(insert(items).values(**item, body_hash=prints.body_hash))
            save_prints(connection, number, prints, is_new=True)

    archive.submit(write).result()


def stories_of(archive: Archive, *, relevant_only: bool = True) -> list[int]:
    held = archive.stories(limit=1000, relevant_only=relevant_only)
    return sorted((len(story.members) for story in held), reverse=True)


@pytest.mark.parametrize(
    "body", ["", "详见附件。", "啊" * 300_000, "。\n" * 5000], ids=["empty", "line", "one", "marks"]
)
def test_texts_that_say_nothing_are_stories_of_their_own(archive: Archive, compared: list[int], body: str) -> None:
    for number in range(12):
        archive.store(judged(f"https://a.example/{number}", body + "啊" * number, title=f"题目{number}甲"), now=NOW)
    assert stories_of(archive) == [1] * 12
    assert len(compared) <= 12 * 12 / 2


def test_an_endless_address_costs_its_list_nothing(archive: Archive) -> None:
    drawn = random.Random(3)
    rows = [f"https://synthetic.example/{''.join(drawn.choices('0123456789abcdef', k=k))}" for k in (20, 6000, 9000)]
    noted = archive.note_rows(
        [entry(url) for url in rows],
        list_url="https://synthetic.example/list",
        source_id="synthetic",
        now=NOW,
        validators=None,
        lease=None,
    )
    assert noted.new == 3
    for url in rows:
        archive.store(judged(url, prose(url)), now=NOW)
    assert stories_of(archive) == [1, 1, 1]


def test_a_text_of_megabytes_is_compared_by_its_beginning(archive: Archive, compared: list[int]) -> None:
    chance = random.Random(2)
    body = "".join(chr(0x4E00 + chance.randrange(3000)) for _ in range(700_000))  # 2 MB in UTF-8
    for number, text in enumerate((body, body + "完", "本报讯" + body)):
        archive.store(judged(f"https://a.example/{number}", text), now=NOW)
    assert stories_of(archive) == [3]
    assert len(compared) <= 4
    assert max(compared) <= 200_000
    kept = archive.submit(lambda c: c.execute(select(func.count()).select_from(bands)).scalar_one()).result()
    assert kept <= 3 * (16 + 96)


def test_a_form_filled_in_five_thousand_times(archive: Archive, compared: list[int]) -> None:
    filled = [bulletin(number) for number in range(5000)]
    fill(archive, filled)

    def look(connection: Connection, number: int) -> int:
        return len(find_likes(connection, 0, *prepare("情况通报", bulletin(number))))

    for number in range(5000, 5020):
        assert archive.submit(lambda connection, number=number: look(connection, number)).result() == 0  # type: ignore[misc]
    assert len(compared) <= 20 * 24
    # and a true reprint of the oldest is still found, before anything else is compared
    compared.clear()
    assert archive.submit(lambda connection: look(connection, 0)).result() == 1


def test_five_hundred_of_one_template_are_no_giant_story(archive: Archive, compared: list[int]) -> None:
    for number in range(500):
        archive.store(judged(f"https://a.example/{number}", bulletin(number), title="情况通报"), now=NOW)
    assert max(stories_of(archive)) == 1
    assert len(compared) <= 500 * 24


def test_a_story_of_many_members_costs_each_new_one_a_few_comparisons(archive: Archive, compared: list[int]) -> None:
    body = prose("popular")
    for number in range(120):
        text = f"合成{chr(0x4E00 + number)}网转载 {body}"
        archive.store(judged(f"https://a.example/{number}", text, published=NOW + timedelta(minutes=number)), now=NOW)
        assert len(compared) <= 4
        compared.clear()
    assert stories_of(archive) == [120]
