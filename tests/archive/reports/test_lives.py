"""What happens to a story after it was told: pages edited, gone and moved, stories related. Synthetic items."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from archive import Archive
from archive.records import FeedQuery, KeptQuery, Redo, StoryLife, StoryRecord
from archive.storing.revisions import MAX_REVISIONS
from crawler.model import Entry, Judged, Reason, Region, Role
from tests.archive.making import NOW, enter_feed, entry, judged, judgement, prose, source

DAY = timedelta(days=1)
A = "https://a.example/1"
B = "https://b.example/1"


def life(archive: Archive, url: str = A) -> StoryLife:
    story = archive.find_story(url)
    assert story is not None
    found = archive.life(story.id)
    assert found is not None
    return found


def only(archive: Archive) -> StoryRecord:
    (story,) = archive.stories()
    return story


def test_edited_page_keeps_what_it_said(archive: Archive) -> None:
    archive.store(judged(A, prose(1), title="川渝签署协议"), now=NOW)
    enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=NOW)
    before = only(archive)
    archive.store(judged(A, prose(1) + "更正：数字有误。", title="川渝签署合作协议"), now=NOW + DAY)
    after = only(archive)
    assert (after.guid, after.title, after.updated_at) == (before.guid, "川渝签署合作协议", NOW + DAY)
    assert [feed.guid for feed in archive.feed_entries("all")] == [before.guid]
    (kept,) = life(archive).revisions
    assert (kept.number, kept.title, kept.body) == (1, "川渝签署协议", prose(1))
    assert (kept.seen_at, kept.replaced_at) == (NOW, NOW + DAY)
    archive.store(judged(A, prose(1), title="川渝签署合作协议"), now=NOW + 2 * DAY)
    assert [(one.number, one.seen_at) for one in life(archive).revisions] == [(1, NOW), (2, NOW + DAY)]


@pytest.mark.parametrize(
    "same",
    [
        "{}",
        "{}\n浏览次数：1234次",
        "{}\n【打印】【关闭】",
        "{}\n分享到：微信 微博",
    ],
)
def test_what_no_reader_calls_an_edit_is_none(archive: Archive, same: str) -> None:
    archive.store(judged(A, prose(1) + "\n浏览次数：7次"), now=NOW)
    before = only(archive)
    archive.store(judged(A, same.format(prose(1).replace("。", "．"))), now=NOW + DAY)
    assert life(archive).revisions == ()
    assert only(archive) == before


def test_date_that_is_only_better_known_is_no_edit(archive: Archive) -> None:
    day = datetime(2026, 3, 1, tzinfo=NOW.tzinfo)
    archive.store(judged(A, prose(1), published=None), now=NOW)
    archive.store(judged(A, prose(1) + " ", published=day), now=NOW + DAY)
    assert life(archive).revisions == ()
    archive.store(judged(A, prose(1) + "  ", published=NOW - 9 * DAY), now=NOW + 2 * DAY)
    (kept,) = life(archive).revisions
    assert kept.published == day


def test_a_page_that_never_rests_keeps_its_first_text_and_the_newest(archive: Archive) -> None:
    for n in range(MAX_REVISIONS + 6):
        archive.store(judged(A, prose(1) + prose(f"edit {n}", 1)), now=NOW + n * DAY)
    kept = life(archive).revisions
    assert len(kept) == MAX_REVISIONS
    assert [kept[0].number, kept[-1].number] == [1, MAX_REVISIONS + 5]
    assert kept[0].body == prose(1) + prose("edit 0", 1)


def test_link_that_becomes_a_page_is_no_edit(archive: Archive) -> None:
    archive.store(judged(A, "", is_link_only=True), now=NOW)
    archive.store(judged(A, prose(1)), now=NOW + DAY)
    archive.store(judged(A, "", is_link_only=True), now=NOW + 2 * DAY)
    assert life(archive).revisions == ()
    assert life(archive).checks == ()


def test_what_other_rules_read_is_no_edit(archive: Archive) -> None:
    first = judged(A, prose(1))
    archive.store(first, now=NOW)
    reread = judged(A, prose(1) + prose("read by better rules", 3), title="别的题目")
    # the same bytes, read again when the page was asked again
    again = replace(reread, capture=replace(reread.capture, page=first.capture.page))
    archive.store(again, now=NOW + DAY)
    assert only(archive).title == "别的题目"
    # and read again by reprocess
    (kept,) = archive.kept_items(KeptQuery(), after=0, limit=10)
    third = judged(A, prose(1), title="第三个题目")
    (done,) = archive.redo([Redo(of=kept, judged=third, is_read_again=True)], now=NOW + 2 * DAY)
    assert done.changes
    assert only(archive).title == "第三个题目"
    assert life(archive).revisions == ()


def gone(archive: Archive, url: str, at: datetime, reason: Reason = Reason.GONE) -> None:
    archive.settle(entry(url), reason, "404", now=at, lease=None)


def test_vanished_member_stays_and_the_link_goes_to_a_living_one(archive: Archive) -> None:
    archive.store(judged(A, prose(1), of=source("a", "甲网"), published=NOW - 2 * DAY), now=NOW)
    archive.store(judged(B, prose(1), of=source("b", "乙网"), published=NOW - DAY), now=NOW)
    before = only(archive)
    assert before.url == A
    gone(archive, A, NOW + DAY)
    story = only(archive)
    assert [(member.url, member.is_first, member.vanished_at) for member in story.members] == [
        (A, True, NOW + DAY),
        (B, False, None),
    ]
    assert (story.url, story.first_source, story.guid, story.body) == (B, "甲网", before.guid, before.body)
    assert story.updated_at == NOW + DAY
    gone(archive, A, NOW + 3 * DAY)
    assert only(archive) == story  # since when, not when last
    history = archive.explain(A)
    assert history is not None
    assert history.member == story.members[0]
    assert history.entry is not None
    assert (history.entry.outcome, history.entry.retry_at) == ("stored", None)
    archive.store(judged(A, prose(1), of=source("a", "甲网"), published=NOW - 2 * DAY), now=NOW + 4 * DAY)
    assert (only(archive).url, only(archive).members[0].vanished_at) == (A, None)


def test_nothing_but_404_and_410_says_vanished(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    for reason in (Reason.BLOCKED, Reason.TIMEOUT, Reason.SOFT_ERROR, Reason.ROBOTS):
        gone(archive, A, NOW + DAY, reason)
        (check,) = life(archive).checks
        assert (check.outcome, check.vanished_at) == (reason.value, None)
    gone(archive, A, NOW + 2 * DAY)
    gone(archive, A, NOW + 3 * DAY, Reason.TIMEOUT)
    assert life(archive).checks[0].vanished_at == NOW + 2 * DAY


def test_all_gone_links_to_the_first_publisher_still(archive: Archive) -> None:
    archive.store(judged(A, prose(1), published=NOW - 2 * DAY), now=NOW)
    archive.store(judged(B, prose(1), published=NOW - DAY), now=NOW)
    for url in (A, B):
        gone(archive, url, NOW + DAY)
    assert only(archive).url == A


def test_page_of_an_old_replay_does_not_revive(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    gone(archive, A, NOW + 2 * DAY)
    archive.store(judged(A, prose(1)), now=NOW + DAY)
    assert only(archive).members[0].vanished_at == NOW + 2 * DAY


def test_moved_page_is_told_and_joins_its_story(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    moved = judged("https://a.example/new", prose(1))
    archive.store(replace(moved, capture=replace(moved.capture, entry=entry(A))), now=NOW + DAY)
    story = only(archive)
    assert len(story.members) == 2
    (check,) = life(archive).checks
    assert (check.url, check.outcome, check.detail) == (A, "moved", "https://a.example/new")


def test_refused_rows_without_an_item_are_settled_as_ever(archive: Archive) -> None:
    row: Entry = entry(A)
    archive.note_rows([row], list_url=row.list_url, source_id="s", now=NOW, validators=None, lease=None)
    gone(archive, A, NOW)
    history = archive.explain(A)
    assert history is not None
    assert history.entry is not None
    assert (history.entry.outcome, history.entry.reason) == ("refused", Reason.GONE)


def report(
    url: str, title: str, seed: str, *, day: date | None = None, agreements: tuple[str, ...] = (), days: int = 1
) -> Judged:
    verdict = replace(judgement(), event_date=day, agreements=agreements)
    return judged(url, prose(seed), title=title, verdict=verdict, published=NOW - days * DAY)


def related(archive: Archive, url: str = A) -> list[tuple[str, str]]:
    return [(one.reason, one.title) for one in life(archive, url).related]


@pytest.mark.parametrize("reverse", [False, True])
def test_two_reports_of_one_event_are_related_and_not_joined(archive: Archive, reverse: bool) -> None:
    one = report(A, "川渝两地在蓉签署人力资源合作协议", "one", day=date(2026, 2, 26))
    two = report(B, "签署人力资源合作协议 川渝携手引才", "two", day=date(2026, 2, 27))
    other_event = report("https://c.example/1", "川渝两地签署人力资源合作协议", "three", day=date(2026, 1, 10))
    other_title = report("https://d.example/1", "成都地铁新线开通运营", "four", day=date(2026, 2, 26))
    items = [one, two, other_event, other_title]
    for item in reversed(items) if reverse else items:
        archive.store(item, now=NOW)
    assert len(archive.stories()) == 4
    assert related(archive, A) == [("event", "签署人力资源合作协议 川渝携手引才")]
    assert related(archive, B) == [("event", "川渝两地在蓉签署人力资源合作协议")]
    assert related(archive, "https://c.example/1") == []


def test_reports_of_one_agreement_are_related(archive: Archive) -> None:
    name = "成渝地区双城经济圈人力资源协同发展协议"
    archive.store(report(A, "两地携手", "one", agreements=(name,)), now=NOW)
    archive.store(report(B, "签约仪式举行", "two", agreements=(name,)), now=NOW)
    archive.store(report("https://c.example/1", "周年回望", "three", agreements=(name,), days=200), now=NOW)
    archive.store(report("https://d.example/1", "另一协议", "four", agreements=("合作协议",)), now=NOW)
    archive.store(report("https://e.example/1", "又一协议", "five", agreements=("合作协议",)), now=NOW)
    assert related(archive) == [("agreement", "签约仪式举行")]
    assert related(archive, "https://d.example/1") == []


@pytest.mark.parametrize(
    ("policy", "interpretation"),
    [
        ("关于印发《川渝人力资源服务合作办法》的通知", "《川渝人力资源服务合作办法》政策解读"),
        ("关于印发《川渝人力资源服务合作办法》的通知", "一图读懂《川渝人力资源服务合作办法》"),
        ("川渝人力资源服务合作办法", "川渝人力资源服务合作办法解读"),
        ("川渝人力资源服务合作办法（试行）", "政策解读丨川渝人力资源服务合作办法（试行）"),
        ("合成厅关于印发《川渝人力资源服务合作办法》的通知", "《川渝人力资源服务合作辦法》答记者问"),
    ],
)
def test_policy_and_its_interpretation_are_related(archive: Archive, policy: str, interpretation: str) -> None:
    archive.store(report(A, policy, "policy", days=3), now=NOW)
    archive.store(report(B, interpretation, "words"), now=NOW)
    assert related(archive, A) == [("document", interpretation)]
    assert related(archive, B) == [("document", policy)]


def test_document_number_links_who_speaks_of_it_with_the_document_only(archive: Archive) -> None:
    notice = report(A, "做好引才工作的安排", "notice")
    numbered = replace(notice.article, document_number="合人社发〔2026〕12号")
    archive.store(replace(notice, article=numbered), now=NOW)
    for host in "bc":
        text = "根据《通知》（合人社发〔2026〕12号）要求，" + prose(host)
        archive.store(judged(f"https://{host}.example/1", text, title=f"{host}地引才"), now=NOW)
    assert sorted(related(archive, A)) == [("document", "b地引才"), ("document", "c地引才")]
    assert related(archive, B) == [("document", "做好引才工作的安排")]


def test_links_follow_the_stories(archive: Archive) -> None:
    day = date(2026, 2, 26)
    archive.store(report(A, "川渝两地签署人力资源合作协议", "one", day=day), now=NOW)
    archive.store(report(B, "川渝签署人力资源合作协议", "two", day=day), now=NOW)
    archive.store(report("https://c.example/1", "川渝签署合作协议现场", "three", day=day), now=NOW)
    assert len(related(archive)) == 2
    archive.join_stories([A, B], by="op", now=NOW + DAY)
    assert [title for _reason, title in related(archive)] == ["川渝签署合作协议现场"]
    assert len(related(archive, "https://c.example/1")) == 1
    # what a story is no longer about does not link it any more
    archive.store(report("https://c.example/1", "川渝签署合作协议现场", "three"), now=NOW + 2 * DAY)
    assert related(archive) == []
    assert archive.check() == ()


def test_a_key_that_everybody_shares_stays_bounded(archive: Archive) -> None:
    name = "成渝地区双城经济圈人力资源协同发展协议"
    for n in range(40):
        archive.store(report(f"https://a.example/{n}", f"第{n}篇", f"many {n}", agreements=(name,)), now=NOW)
    assert max(len(related(archive, f"https://a.example/{n}")) for n in range(40)) <= 50


def test_two_parties_and_no_more_make_an_event(archive: Archive) -> None:
    everybody = tuple(Region(adcode=f"{n}0000", role=Role.PARTY) for n in (11, 12, 13, 31, 32, 33, 50, 51))
    for url, seed in ((A, "one"), (B, "two")):
        item = report(url, "全国人社系统合作大会举行", seed, day=date(2026, 2, 26))
        archive.store(replace(item, judgement=replace(item.judgement, regions=everybody)), now=NOW)
    assert related(archive) == []


def test_retired_guids_are_told(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    archive.store(judged(B, prose(2)), now=NOW + DAY)
    guid = archive.find_story(B).guid  # type: ignore[union-attr]
    ruling = archive.join_stories([A, B], by="op", now=NOW + 2 * DAY)
    (retired,) = life(archive).retired
    assert (retired.guid, retired.retired_at) == (guid, NOW + 2 * DAY)
    assert life(archive).rulings == (ruling,)
    assert archive.life(999) is None


@pytest.mark.parametrize(
    "title", ["政策解" * 30_000, "甲" + "《" * 60_000, "关于印发" * 20_000, "川人社发〔2026〕" * 9_000]
)
def test_hostile_titles_are_related_in_bounded_time(archive: Archive, title: str) -> None:
    began = time.process_time()
    archive.store(judged(A, prose(1), title=title), now=NOW)
    archive.store(judged(B, prose(2), title=title), now=NOW)
    assert time.process_time() - began < 20
    assert len(archive.stories()) == 2
