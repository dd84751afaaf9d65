"""Feeds and their list, byte for byte as a person has read them; `pytest --accept` rewrites them, and still fails.

Every text is synthetic.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.language import use_language
from crawler.model import Precision
from feeds.feed import Feed
from feeds.index import index_files, index_json
from feeds.jsonfeed import json_feed
from feeds.syndication import atom, rss
from tests.feeds.test_formats import feed_of
from tests.feeds.world import NOW, World, member, shown, story

GOLDEN = Path(__file__).parent / "golden"

TABLE = '<table><tr><th>岗位<th>人数<tr><td>护理员<td>20</table><p>详见<a href="../file/1.pdf">附件</a>。</p>'

STORIES = (
    story(1),
    story(
        2,
        title="比值<5 的岗位：A&B 公司《合成》招聘",
        published=datetime(2026, 2, 28, 1, 30, tzinfo=UTC),
        precision=Precision.MINUTE,
        document_number="合成发〔2026〕1号",
        body="合成导语。\n岗位 人数\n护理员 20",
        body_html=f"<p>合成导语。</p>{TABLE}<script>x()</script>",
        first_source="合成市人社局",
        zones=("川渝", "川藏"),
        regions=("511802", "500105"),
        members=(
            member("https://hrss.example/a/2.html", is_first=True),
            member(
                "https://copy.example/2?a=1&b=2",
                source_name="合成网",
                published=datetime(2026, 3, 1, tzinfo=UTC),
                precision=Precision.DAY,
            ),
        ),
        updated_at=NOW + timedelta(hours=2),
    ),
    story(3, is_link_only=True, body="", published=None, precision=None, zones=(), topics=()),
)


def feeds() -> tuple[Feed, ...]:
    kinds = (
        *(("all", "all"), ("custom", "社保川渝"), ("zone", "川渝"), ("zone", "川藏"), ("topic", "agreement")),
        *(("zone-topic", "川渝/agreement"), ("region", "510000"), ("region", "511800"), ("region", "511802")),
        *(("region", "500105"), ("source", "synthetic")),
    )
    return tuple(feed_of(*STORIES, kind=kind, key=key) for kind, key in kinds)


def written() -> dict[str, bytes]:
    found = {}
    full = {"hub": "https://hub.example/", "prev_archive": 2}
    for language in ("zh", "en"):
        use_language(language)
        feed = feed_of(*STORIES, **full)
        found |= {f"{language}/zone.rss": rss(feed), f"{language}/zone.atom": atom(feed)}
        found |= {f"{language}/zone.json": json_feed(feed)}
        files = {**index_files(feeds(), World(), "https://hr.example"), "index.json": index_json(shown(feeds()))}
        found |= {
            f"{language}/{name}": content
            for name, content in files.items()
            if name in ("index.html", "index.opml", "index.json", "feed.css")
        }
    use_language("zh")
    page = feed_of(*STORIES, archive_page=2, prev_archive=1, next_archive=3)
    return found | {"zh/zone_p2.rss": rss(page), "zh/zone_p2.atom": atom(page), "zh/zone_p2.json": json_feed(page)}


NAMES = sorted(path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*.*"))


def test_every_file_has_a_golden_one(request: pytest.FixtureRequest) -> None:
    found = written()
    if request.config.getoption("--accept", default=False):
        for name in found.keys() - {*NAMES}:
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_bytes(found[name])
    assert sorted(found) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    expected = (GOLDEN / name).read_bytes().decode()
    found = written()[name].decode()
    if found != expected and request.config.getoption("--accept", default=False):
        (GOLDEN / name).write_bytes(found.encode())
    assert found == expected
