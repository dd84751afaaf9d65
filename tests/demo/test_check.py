"""The self-check of the demonstration sees what is right and what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.demo import DemoSite, Seen, SeenStory, Visit, check, check_manners, expected
from crawler.model import Reason

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def perfect(site: DemoSite) -> Seen:
    whole = expected(site)
    return Seen(
        stories=[
            SeenStory(
                title=story.title,
                members=[url.replace(".example", ".example:4711") for url in story.members],
                published=story.published,
                first_source=story.first_source,
                regions=story.regions,
                zones=story.zones,
                topics=story.topics,
                document_number=story.document_number,
                is_link_only=story.is_link_only,
            )
            for story in whole.stories
        ],
        refusals={refusal.url: min(refusal.reasons) for refusal in whole.refusals},
        failures={failure.source_id: min(failure.reasons) for failure in whole.failures},
        feeds={
            name: [story.title for story in whole.stories if story.key in keys] for name, keys in whole.feeds.items()
        },
    )


def wrong(site: DemoSite, seen: Seen) -> list[str]:
    return [str(finding) for finding in check(expected(site), seen) if not finding.is_right]


def test_a_right_pass_has_no_fault(site: DemoSite, perfect: Seen) -> None:
    findings = check(expected(site), perfect)
    assert all(finding.is_right for finding in findings)
    assert str(findings[0]).startswith("✓ story ")
    assert len(findings) > 50


def test_faults_are_named(site: DemoSite, perfect: Seen) -> None:
    first, *others = perfect.stories
    assert "not found" in wrong(site, replace(perfect, stories=others))[0]
    halved = replace(first, members=list(first.members)[:1], published=None, zones=())
    faults = wrong(site, replace(perfect, stories=[halved, *others]))
    assert len(faults) == 1
    if len(first.members) > 1:
        assert "member missing" in faults[0]
    assert "published None" in faults[0]
    assert "missing: " in faults[0]


def test_leaks_wrong_reasons_and_unexpected_failures_are_faults(site: DemoSite, perfect: Seen) -> None:
    noise = expected(site).never_published[0]
    (leak,) = wrong(site, replace(perfect, feeds={**perfect.feeds, "all": [noise]}))
    assert noise in leak
    (fault,) = wrong(site, replace(perfect, refusals=dict.fromkeys(perfect.refusals, Reason.ERROR)))[:1]
    assert fault.startswith("✗ refused")
    (fault,) = wrong(site, replace(perfect, failures={**perfect.failures, "demo-yanjiang-hr": Reason.NO_ROWS}))
    assert "demo-yanjiang-hr: no-rows" in fault


def visit(host: str, path: str, at_once: int = 1, *, is_conditional: bool = False) -> Visit:
    return Visit(
        host=host,
        method="GET",
        path=path,
        status=200,
        began_at=datetime(2026, 1, 1, tzinfo=UTC),
        took_s=0.1,
        is_conditional=is_conditional,
        at_once=at_once,
        sent_bytes=1,
        user_agent="",
    )


def test_manners(site: DemoSite) -> None:
    whole = expected(site)
    assert all(finding.is_right for finding in check_manners(whole, [visit("rsj.yanjiang.example", "/")]))
    rude = [
        visit("rsj.yanjiang.example", "/", at_once=2),
        visit("mp.weixin.example", "/s/1"),
        visit("rsj.jinzhi.example", "/xinwen/list/3b94022fd106fe5685047c775a22511a.html"),
    ]
    assert [finding.is_right for finding in check_manners(whole, rude)][:4] == [True, False, False, False]
    assert not check_manners(whole, [])[0].is_right


def test_manners_of_a_second_pass(site: DemoSite) -> None:
    whole = expected(site)
    pages = [visit("www.gongwang.example", "/content/"), visit("www.gongwang.example", "/content/511.html")]
    polite = [*pages, visit("www.gongwang.example", "/content/", is_conditional=True)]
    assert all(finding.is_right for finding in check_manners(whole, polite))
    faults = [str(finding) for finding in check_manners(whole, pages * 2) if not finding.is_right]
    assert faults == [
        "✗ no page fetched twice: http://www.gongwang.example/content/511.html",
        "✗ lists asked for conditionally: http://www.gongwang.example/content/",
    ]
