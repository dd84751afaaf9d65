"""A synthetic archive with everything in it that an archive can hold: for copies and backups."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from archive import Archive
from archive.records import FeedQuery, Label, Question
from crawler.model import (
    Article,
    HistoryMark,
    MissingPart,
    Page,
    Precision,
    Reason,
    RobotsRecord,
    Stamp,
    Validators,
    WarcPosition,
)
from tests.archive.making import NOW, enter_feed, entry, judged, judgement, poll, prose, source

DAY = timedelta(days=1)
HOSTILE = "合成\x00标题 \ud800 '; DROP TABLE items; -- 😀\t%s"
MARK = HistoryMark(
    source_id="synthetic",
    start="0" * 64,
    list_url="https://synthetic.example/list",
    url="https://synthetic.example/list",
    number=7,
    method="POST",
    body=b"__VIEWSTATE=%2FwEP\x00\xff\\x",
    headers=(("Referer", "https://synthetic.example/"),),
    source_digest="d",
)


def address(number: int) -> str:
    return f"https://h{number % 7}.example/{number}"


def fill(archive: Archive, items: int = 40) -> None:
    """Put items in, a third of them reprints, and around them whatever else is kept."""
    for at in (NOW, NOW + DAY):
        archive.record_poll(poll(at=at))
    archive.record_poll(replace(poll(at=NOW), reason=Reason.NO_ROWS, detail="0 rows\x00", refused={Reason.ROBOTS: 2}))
    rows = [entry(address(number), title=f"川渝合作{number}") for number in range(items)]
    archive.note_rows(
        rows,
        list_url="https://synthetic.example/list",
        source_id="synthetic",
        now=NOW,
        validators=Validators(etag='W/"\\N\t1"', source_digest="d"),
        lease=None,
    )
    for number in range(items):
        own = source(f"h{number % 7}", f"合成日报{number % 7}")
        archive.store(
            judged(
                address(number),
                prose(number if number % 3 else number // 6),
                of=own,
                published=None if number % 11 == 0 else NOW - number * DAY / 10,
                source_name="合成社" if number % 5 == 0 else None,
                verdict=judgement(relevant=number % 4 != 0, topics=("talent",) if number % 2 else ("agreement",)),
                repairs=("shift",) if number == 3 else (),
            ),
            now=NOW + DAY,
        )
    _store_the_odd_ones(archive)
    archive.save_history_mark(MARK)
    archive.save_robots(
        RobotsRecord(origin="https://synthetic.example", fetched_at=NOW, body=b"User-agent: *\n\x00\xff")
    )
    archive.save_robots(RobotsRecord(origin="https://silent.example", fetched_at=NOW, body=None))
    refused = entry("https://synthetic.example/refused", title=HOSTILE)
    archive.settle(refused, Reason.NO_BODY, "nothing \x00 there", now=NOW, lease=None)
    archive.acquire_lease("synthetic.example", "somebody", 1)
    archive.label(archive.find_items(address(1)), Label(relevant=False, by="kim", note=HOSTILE), now=NOW + 2 * DAY)
    archive.label(
        archive.find_items(address(2)),
        Label(relevant=True, by="kim", regions=("330000",), topics=()),
        now=NOW + 2 * DAY,
    )
    archive.join_stories([address(7), address(8)], by="op", note="one", now=NOW + 2 * DAY)
    archive.split_story(address(0), [address(3)], by="op", now=NOW + 2 * DAY)
    undone = archive.join_stories([address(10), address(11)], by="op", now=NOW + 2 * DAY)
    archive.undo_ruling(undone.id, by="op", now=NOW + 2 * DAY)
    archive.notice("川渝组", Question(), ["1 wecombot"], now=NOW + 2 * DAY)
    for number in range(3):
        archive.store(judged(f"https://noticed.example/{number}", prose(f"late {number}")), now=NOW + 2 * DAY)
    archive.notice("川渝组", Question(), ["1 wecombot"], now=NOW + 2 * DAY, per_source=2)
    archive.record_delivery("川渝组", "1 wecombot", [1], now=NOW + 2 * DAY)
    archive.record_failure("川渝组", "1 wecombot", HOSTILE, retry_at=NOW + 3 * DAY)
    for _time in range(2):
        archive.record_poll(replace(poll("broken", at=NOW), reason=Reason.BLOCKED, detail=HOSTILE))
    archive.judge_health({}, now=NOW + 2 * DAY)
    enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=NOW + 2 * DAY, opening=5)


def _store_the_odd_ones(archive: Archive) -> None:
    """A text of two pages, an edited text, a hostile one, a bare link, related documents."""
    url = "https://synthetic.example/parts"
    position = WarcPosition(file="合成.warc.gz", offset=2**33, length=77)
    further = Page(url=f"{url}_2", status=200, headers={}, body=b"2", fetched_at=NOW, warc=position)
    lost = MissingPart(number=3, url=f"{url}_3", reason=Reason.TIMEOUT, detail="late")
    item = judged(url, prose("parts"))
    archive.store(replace(item, capture=replace(item.capture, parts=(further,), missing=(lost,))), now=NOW)
    for body in (prose("before", 30), prose("after", 30)):
        edited = judged("https://synthetic.example/edited", body)
        assert edited.capture.page is not None
        archive.store(edited, now=NOW)
    hostile = judged("https://synthetic.example/hostile", HOSTILE * 50, title=HOSTILE)
    archive.store(replace(hostile, article=replace(hostile.article, body_html=f"<p>{HOSTILE}</p>")), now=NOW)
    archive.store(judged("https://link.example/1", "", title="合成链接", is_link_only=True), now=NOW)
    for number, title in enumerate(("合成省人力资源合作办法", "关于《合成省人力资源合作办法》的解读")):
        article = Article(
            url=f"https://rules.example/{number}",
            title=title,
            body=prose(title),
            folded_title=title,
            folded_body=prose(title),
            document_number="合成发〔2026〕7号",
            published=Stamp(at=NOW, precision=Precision.DAY, origin="label"),
        )
        archive.store(replace(judged(article.url, article.body, title=title), article=article), now=NOW)
