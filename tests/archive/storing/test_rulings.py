"""Operators' rulings: remembered, never undone by the machine, and announcing nothing. Synthetic items."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from archive import Archive
from archive.records import FeedQuery, StoryRecord
from crawler.errors import RulingError
from tests.archive.making import NOW, enter_feed, judged, prose, source
from tests.archive.places import Place

DAY = timedelta(days=1)


def put(archive: Archive, host: str, body: str, days: int = 0, **more: object) -> int:
    item = judged(f"https://{host}.example/1", body, of=source(host, f"{host}网"), **more)  # type: ignore[arg-type]
    return archive.store(item, now=NOW + days * DAY).story_id


def address(host: str) -> str:
    return f"https://{host}.example/1"


def groups(archive: Archive) -> list[str]:
    stories = archive.stories(relevant_only=False)
    return sorted("".join(sorted(member.url[8] for member in story.members)) for story in stories)


def named(archive: Archive, name: int | str) -> StoryRecord:
    found = archive.story(name)
    assert found is not None
    return found


def publish(archive: Archive, now_days: int = 0) -> int:
    return enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=NOW + now_days * DAY)


def guids(archive: Archive) -> list[str]:
    return sorted(entry.guid for entry in archive.feed_entries("all"))


def rule_join(archive: Archive, *hosts: str) -> int:
    return archive.join_stories([address(host) for host in hosts], by="op", note="one", now=NOW + DAY).id


def rule_split(archive: Archive, story: str, *hosts: str) -> int:
    return archive.split_story(address(story), [address(h) for h in hosts], by="op", note="two", now=NOW + DAY).id


def test_join_keeps_the_older_guid_and_announces_nothing(archive: Archive) -> None:
    one, two = put(archive, "a", prose(1)), put(archive, "b", prose(2), days=1)
    before = {number: named(archive, number).guid for number in (one, two)}
    assert publish(archive) == 2
    ruling = archive.join_stories([str(two), before[one]], by="op", note="the same report", now=NOW + 2 * DAY)
    story = named(archive, two)
    assert (story.id, story.guid) == (one, before[one])
    assert named(archive, before[two]).id == one
    assert [(member.join_reason, member.join_score) for member in story.members] == [(None, None), ("ruling", 1.0)]
    assert publish(archive, 3) == 0
    assert guids(archive) == [before[one]]
    assert (ruling.kind, ruling.made_by, ruling.note, ruling.made_at) == (
        "join",
        "op",
        "the same report",
        NOW + 2 * DAY,
    )
    assert archive.rulings() == (ruling,)
    assert archive.check() == ()


def test_join_tells_likeness_before_the_ruling(archive: Archive) -> None:
    for host, text in (("a", 1), ("b", 2), ("c", 2), ("d", 1)):
        put(archive, host, prose(text), days=0)
    rule_join(archive, "a", "b")
    (story,) = archive.stories()
    reasons = [member.join_reason for member in story.members]
    # one of b and c is here by the ruling, the other because it is like that one; d is like a
    assert sorted(reason or "" for reason in reasons) == ["", "ruling", "same-body", "same-body"]
    put(archive, "e", prose(2), days=3)
    (story,) = archive.stories()
    assert len(story.members) == 5
    assert [member.join_reason for member in story.members].count("ruling") == 1


def test_split_items_never_come_back(archive: Archive) -> None:
    for host in "abc":
        put(archive, host, prose(1))
    rule_split(archive, "a", "c")
    assert groups(archive) == ["ab", "c"]
    archive.store(judged(address("c"), prose(1) + "补记一句。", of=source("c", "c网")), now=NOW + 2 * DAY)  # edited
    archive.store(judged(address("a"), prose(1) + "另记一句。", of=source("a", "a网")), now=NOW + 2 * DAY)
    for host in "def":  # like both
        put(archive, host, prose(1), days=3)
    stories = groups(archive)
    assert len(stories) == 2
    assert not any("c" in group and ("a" in group or "b" in group) for group in stories)
    assert sorted("".join(stories)) == list("abcdef")


def test_split_holds_for_what_the_stories_grow_by(archive: Archive) -> None:
    first, second = prose("first", 6), prose("second", 6)
    put(archive, "a", first)
    put(archive, "b", first)
    rule_split(archive, "a", "b")
    put(archive, "c", second)
    put(archive, "d", first + second)  # joins c to one of the two, not to both
    assert len(groups(archive)) == 2
    assert not any("a" in group and "b" in group for group in groups(archive))


@pytest.mark.parametrize("order", list(itertools.permutations("def"))[:4])
def test_split_and_late_members_in_any_order(new_place: Callable[[], Place], order: tuple[str, ...]) -> None:
    texts = {"d": prose(1), "e": prose(1) + prose("x", 2), "f": prose(1)[30:]}
    found = []
    for hosts in (order, order[::-1]):
        with new_place().open() as archive:
            for host in "ab":
                put(archive, host, prose(1))
            rule_split(archive, "a", "b")
            for host in hosts:
                put(archive, host, texts[host], days=2)
            found.append(groups(archive))
    for held in found:
        assert len(held) == 2
        assert not any("a" in group and "b" in group for group in held)


def test_ruling_outlives_the_process(place: Place) -> None:
    with place.open() as archive:
        for host in "ab":
            put(archive, host, prose(1))
        rule_split(archive, "a", "b")
    with place.open() as archive:
        archive.store(judged(address("b"), prose(1)), now=NOW + DAY)
        assert groups(archive) == ["a", "b"]


def test_split_off_story_is_not_announced_again(archive: Archive) -> None:
    for host in "abc":
        put(archive, host, prose(1))
    assert publish(archive) == 1
    old = named(archive, 1)
    rule_split(archive, "a", "c")
    parted = archive.find_story(address("c"))
    assert parted is not None
    assert parted.guid != old.guid
    assert named(archive, old.guid).id == old.id
    assert publish(archive, 2) == 0
    assert guids(archive) == [old.guid]
    history = archive.explain(address("c"))
    assert history is not None
    assert [omission.reason for omission in history.omissions] == ["split"]
    # a feed that never knew the story deals with it as with any
    entered = enter_feed(
        archive, "new", "topic", "agreement", "协议", FeedQuery(topics=("agreement",)), now=NOW + 3 * DAY
    )
    assert entered == 2


def test_split_off_story_that_was_never_announced_enters(archive: Archive) -> None:
    put(archive, "x", prose("other"))
    assert publish(archive) == 1
    for host in "ab":
        put(archive, host, prose(1))
    rule_split(archive, "a", "b")
    assert publish(archive, 2) == 2
    assert publish(archive, 3) == 0


def test_undone_join_is_as_before(archive: Archive) -> None:
    one, two = put(archive, "a", prose(1)), put(archive, "b", prose(2), days=1)
    before = {name: named(archive, name).guid for name in (one, two)}
    publish(archive)
    number = rule_join(archive, "a", "b")
    put(archive, "c", prose(2), days=2)  # comes to the joined story because it is like b
    assert groups(archive) == ["abc"]
    undone = archive.undo_ruling(number, by="other", now=NOW + 3 * DAY)
    assert (undone.undone_by, undone.undone_at) == ("other", NOW + 3 * DAY)
    assert groups(archive) == ["a", "bc"]
    assert {name: named(archive, name).guid for name in (one, two)} == before
    assert [member.join_reason for member in named(archive, two).members] == [None, "same-body"]
    assert publish(archive, 4) == 0
    put(archive, "d", prose(2), days=5)
    assert groups(archive) == ["a", "bcd"]
    assert archive.check() == ()


def test_undone_join_of_unannounced_stories_announces_each_at_most_once(archive: Archive) -> None:
    put(archive, "x", prose("other"))
    publish(archive)
    put(archive, "a", prose(1))
    put(archive, "b", prose(2))
    number = rule_join(archive, "a", "b")
    assert publish(archive, 1) == 1
    archive.undo_ruling(number, by="op", now=NOW + 2 * DAY)
    assert publish(archive, 2) == 0


def test_undone_split_joins_again(archive: Archive) -> None:
    for host in "ab":
        put(archive, host, prose(1))
    publish(archive)
    old = named(archive, 1)
    number = rule_split(archive, "a", "b")
    archive.undo_ruling(number, by="op", now=NOW + 2 * DAY)
    (story,) = archive.stories()
    assert (story.id, story.guid, len(story.members)) == (old.id, old.guid, 2)
    assert publish(archive, 3) == 0
    put(archive, "c", prose(1), days=3)
    assert groups(archive) == ["abc"]


def test_rulings_do_not_contradict_each_other(archive: Archive) -> None:
    for host, text in (("a", 1), ("b", 1), ("c", 2)):
        put(archive, host, prose(text))
    split = rule_split(archive, "a", "b")
    with pytest.raises(RulingError, match=f"{split}"):
        rule_join(archive, "a", "b")
    join = rule_join(archive, "a", "c")
    with pytest.raises(RulingError, match=f"{join}"):
        rule_split(archive, "a", "c")
    with pytest.raises(RulingError, match=f"{split}"):
        rule_join(archive, "b", "c")
    with pytest.raises(RulingError, match=f"{join}"):
        archive.undo_ruling(split, by="op", now=NOW)
    archive.undo_ruling(join, by="op", now=NOW)
    archive.undo_ruling(split, by="op", now=NOW)
    assert groups(archive) == ["ab", "c"]


def test_says_what_cannot_be(archive: Archive) -> None:
    for host, text in (("a", 1), ("b", 1), ("c", 2)):
        put(archive, host, prose(text))
    one = str(named(archive, 1).id)
    for wrong in (
        lambda: archive.join_stories([one, "999"], by="op", now=NOW),
        lambda: archive.join_stories([one, "https://nobody.example/1"], by="op", now=NOW),
        lambda: archive.join_stories([one, address("b")], by="op", now=NOW),
        lambda: archive.split_story(one, ["999"], by="op", now=NOW),
        lambda: archive.split_story(one, [address("c")], by="op", now=NOW),
        lambda: archive.split_story(one, [address("a"), address("b")], by="op", now=NOW),
        lambda: archive.split_story("tag:nobody", [address("a")], by="op", now=NOW),
        lambda: archive.undo_ruling(7, by="op", now=NOW),
    ):
        with pytest.raises(RulingError):
            wrong()
    assert archive.rulings() == ()
    assert groups(archive) == ["ab", "c"]
    number = rule_split(archive, "a", "b")
    archive.undo_ruling(number, by="op", now=NOW)
    with pytest.raises(RulingError, match=f"{number}"):
        archive.undo_ruling(number, by="op", now=NOW)


def test_members_are_named_by_number_too(archive: Archive) -> None:
    for host in "abc":
        put(archive, host, prose(1))
    member = named(archive, 1).members[1]
    archive.split_story("1", [str(member.item_id)], by="op", now=NOW)
    assert sorted(map(len, groups(archive))) == [1, 2]


_STORE = """
import sys
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place
with Place(sys.argv[1]).open() as archive:
    print("open", flush=True)
    order = range(40) if sys.argv[2] == "up" else range(39, -1, -1)
    for n in order:
        archive.store(judged(f"https://{n % 7}.example/{n}", prose(n // 4)), now=NOW)
"""


def test_rulings_while_two_others_write(place: Place) -> None:
    """Items 0 to 39, four of each text: while two processes store them, 1 is split from 0, and 9 joined to 5."""
    with place.open() as archive:
        for n in (0, 1, 5, 9):
            archive.store(judged(f"https://{n % 7}.example/{n}", prose(n // 4)), now=NOW)
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _STORE, place.name, way], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for way in ("up", "down")
        ]
        try:
            for writer in writers:
                assert writer.stdout is not None
                assert writer.stdout.readline() == b"open\n"
            archive.split_story("https://0.example/0", ["https://1.example/1"], by="op", now=NOW)
            archive.join_stories(["https://5.example/5", "https://2.example/9"], by="op", now=NOW)
        finally:
            ends = [writer.communicate(timeout=120) for writer in writers]
        # not by what they print: `communicate` does not see what `readline` has read ahead
        assert [writer.returncode for writer in writers] == [0, 0], ends
        assert archive.check() == ()
        held = [
            {int(member.url.rpartition("/")[2]) for member in story.members}
            for story in archive.stories(relevant_only=False, limit=100)
        ]
    assert sorted(n for members in held for n in members) == list(range(40))
    assert not any({0, 1} <= members for members in held)
    assert {4, 5, 6, 7, 8, 9, 10, 11} in held
    assert sum(len(members) == 4 for members in held) == 7
