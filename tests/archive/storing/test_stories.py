from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive import Archive
from archive.records import Question, StoryRecord
from tests.archive.making import NOW, judged, judgement, prose, source

DAY = timedelta(days=1)


def only(archive: Archive) -> StoryRecord:
    (story,) = archive.stories(relevant_only=False)
    return story


def test_storing_again_changes_nothing(archive: Archive) -> None:
    item = judged("https://a.example/1", prose(1))
    first = archive.store(item, now=NOW)
    before = only(archive)
    again = archive.store(item, now=NOW + DAY)
    assert (first.is_new, first.joined) == (True, False)
    assert (again.is_new, again.joined, again.item_id, again.story_id) == (False, False, first.item_id, first.story_id)
    assert only(archive) == before
    assert (archive.counts().items, archive.counts().pages, archive.counts().stories) == (1, 1, 1)


def test_reprint_joins_and_the_named_publisher_is_first(archive: Archive) -> None:
    paper, blog = source("paper", "四川日报"), source("blog", "某博客")
    copy = judged(
        "https://blog.example/9",
        "本站讯 " + prose(1) + "责任编辑某某",
        source_name="四川日报",
        of=blog,
        published=NOW - 2 * DAY,
    )
    own = judged("https://paper.example/1", prose(1), of=paper, published=NOW - DAY)
    archive.store(copy, now=NOW)
    stored = archive.store(own, now=NOW)
    assert (stored.is_new, stored.joined) == (True, True)
    story = only(archive)
    assert [member.site_name for member in story.members] == ["四川日报", "某博客"]
    assert [member.is_first for member in story.members] == [True, False]
    assert (story.first_source, story.published, story.url) == ("四川日报", NOW - DAY, "https://paper.example/1")
    assert story.members[0].join_reason is None  # although it came second
    assert story.members[1].join_reason == "near-body"
    assert 0.8 < (story.members[1].join_score or 0) < 1


def test_without_names_the_earliest_is_first_and_its_site_the_source(archive: Archive) -> None:
    archive.store(judged("https://b.example/1", prose(1), of=source("b", "乙网"), published=NOW - DAY), now=NOW)
    archive.store(judged("https://a.example/1", prose(1), of=source("a", "甲网"), published=NOW - 2 * DAY), now=NOW)
    assert (only(archive).first_source, only(archive).published) == ("甲网", NOW - 2 * DAY)


def test_office_is_known_by_its_short_name(archive: Archive) -> None:
    office, portal = source("office", "雅安市人力资源和社会保障局"), source("portal", "某门户")
    for carrier, age in ((office, 1), (portal, 2)):
        archive.store(
            judged(
                f"https://{carrier.id}.example/1",
                prose(1),
                of=carrier,
                published=NOW - age * DAY,
                source_name="雅安市人社局",
            ),
            now=NOW,
        )
    assert only(archive).first_source == "雅安市人社局"
    assert only(archive).members[0].site_name == "雅安市人力资源和社会保障局"


def test_excerpt_joins_its_report(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1, 5)), now=NOW)
    archive.store(judged("https://b.example/1", prose(1, 5) + prose("more", 10)), now=NOW)
    story = only(archive)
    assert {member.join_reason for member in story.members} == {None, "excerpt"}
    assert story.body == prose(1, 5) + prose("more", 10)  # the whole is shown


def test_titles_alone_never_join(archive: Archive) -> None:
    for n in range(3):
        archive.store(judged(f"https://a.example/{n}", prose(n)), now=NOW)
    archive.store(judged("https://a.example/8", ""), now=NOW)
    archive.store(judged("https://a.example/9", ""), now=NOW)
    assert len(archive.stories()) == 5


def test_link_only_items_join_none(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1)), now=NOW)
    archive.store(judged("https://mp.example/s/1", prose(1), is_link_only=True), now=NOW)
    stories = archive.stories()
    assert sorted(story.is_link_only for story in stories) == [False, True]


def test_page_replaces_link_and_link_does_not_replace_page(archive: Archive) -> None:
    link = judged("https://a.example/1", "", is_link_only=True)
    page = judged("https://a.example/1", prose(1))
    archive.store(link, now=NOW)
    archive.store(page, now=NOW)
    archive.store(link, now=NOW)
    assert (only(archive).is_link_only, only(archive).body) == (False, prose(1))


def bulletin(day: int, figures: tuple[int, ...]) -> str:
    lines = (
        f"今日新增登记人员{figures[0]}名其中本市{figures[1]}名外省{figures[2]}名均已按规定办理。",
        f"截至{day}日二十四时累计登记{figures[3]}名累计办结{figures[4]}名。",
    )
    return (
        f"据市局通报3月{day}日情况如下。"
        + "".join(lines)
        + "请广大市民继续关注官方发布的信息不信谣不传谣并配合做好有关工作谢谢大家的理解与支持。" * 2
    )


def test_bulletins_that_differ_in_figures_stay_apart(archive: Archive) -> None:
    for day, figures in ((1, (12, 5, 7, 1012, 880)), (2, (31, 11, 20, 1043, 902)), (3, (8, 2, 6, 1051, 931))):
        archive.store(judged(f"https://a.example/{day}", bulletin(day, figures), title=f"3月{day}日通报"), now=NOW)
        archive.store(judged(f"https://b.example/{day}", bulletin(day, figures), title=f"3月{day}日通报"), now=NOW)
    assert sorted(len(story.members) for story in archive.stories()) == [2, 2, 2]


def test_numbered_notices_stay_apart(archive: Archive) -> None:
    body = "现将有关名单予以公布，具体内容请见附件，特此公告。" * 5
    for number in "三四五":
        archive.store(judged(f"https://a.example/{number}", body, title=f"公布第{number}批名单的公告"), now=NOW)
    assert len(archive.stories()) == 3


def test_two_stories_that_turn_out_to_be_one(archive: Archive) -> None:
    one = archive.store(judged("https://a.example/1", prose(1, 6)), now=NOW)
    two = archive.store(judged("https://b.example/1", prose(2, 6)), now=NOW + DAY)
    guids = {archive.story(one.story_id).guid, archive.story(two.story_id).guid}  # type: ignore[union-attr]
    both = archive.store(judged("https://c.example/1", prose(1, 6) + prose(2, 6)), now=NOW + 2 * DAY)
    story = only(archive)
    assert both.story_id == one.story_id == story.id
    assert len(story.members) == 3
    for name in (*guids, one.story_id, two.story_id):
        found = archive.story(name)
        assert found is not None
        assert found.id == story.id
    assert sum(member.join_reason is None for member in story.members) == 1


def test_seq_moves_with_every_change_and_only_then(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1)), now=NOW)
    archive.store(judged("https://a.example/2", prose(2)), now=NOW)
    last = max(story.seq for story in archive.stories())
    assert archive.changes(Question(), after_seq=last) == ()
    archive.store(judged("https://b.example/1", prose(1)), now=NOW + DAY)
    (changed,) = archive.changes(Question(), after_seq=last)
    assert len(changed.members) == 2
    assert changed.updated_at == NOW + DAY


def test_story_has_the_union_of_its_relevant_members(archive: Archive) -> None:
    verdicts = (
        judgement(regions=("510000",), zones=("川渝",), topics=("talent",)),
        judgement(regions=("500000",), zones=("成渝地区双城经济圈",), topics=("agreement",)),
        judgement(relevant=False, regions=("110000",), zones=("京津冀",), topics=("policy",)),
    )
    for number, verdict in enumerate(verdicts):
        archive.store(judged(f"https://{number}.example/1", prose(1), verdict=verdict), now=NOW)
    story = only(archive)
    assert story.relevant
    assert story.regions == ("500000", "510000")
    assert story.zones == ("川渝", "成渝地区双城经济圈")
    assert story.topics == ("agreement", "talent")


def test_guid_is_a_tag_uri_of_our_own(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1)), now=NOW)
    assert only(archive).guid.startswith(f"tag:feeds.example.org,{datetime.now(UTC).year}:story/")


def test_many_of_one_template_stay_apart_and_bounded(archive: Archive) -> None:
    for day in range(1, 29):
        figures = (day * 7 % 90 + 1, day * 3 % 40 + 1, day * 11 % 70 + 1, 1000 + day * 13, 800 + day * 17)
        archive.store(judged(f"https://a.example/{day}", bulletin(day, figures), title="每日通报"), now=NOW)
    assert archive.counts().stories == 28


@pytest.mark.parametrize("body", ["", "一行。", "啊" * 5000, "川" * 2_000_000, "坏\ud800字\x00"])
def test_odd_bodies_are_stored(archive: Archive, body: str) -> None:
    archive.store(judged("https://a.example/1", body), now=NOW)
    archive.store(judged("https://b.example/1", prose(1)), now=NOW)
    assert archive.counts().stories == 2


def test_what_no_database_takes_is_replaced_once(archive: Archive) -> None:
    item = judged("https://a.example/1", "坏\ud800字\x00")
    archive.store(item, now=NOW)
    before = only(archive)
    archive.store(item, now=NOW + DAY)
    assert only(archive) == before
    assert before.body.startswith("坏")
