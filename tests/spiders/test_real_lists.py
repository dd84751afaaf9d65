"""The stored real lists, read by their families. Each test names the file it ran on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spiders.golden import family, list_of, shown_date

# file, family, address, rows, articles among them, date of the first row, next page
LISTS = (
    (
        "gov_lists_small/mof_zhejiang_trs/page-0.html", "trs", "https://zj.mof.gov.cn/caizhengjiancha/",
        10, 9, "2026-09-30", "https://zj.mof.gov.cn/caizhengjiancha/index_1.htm",
    ),
    (
        "gov_lists_small/mof_zhejiang_trs/sichuan-list.compact.html", "trs", "https://sc.mof.gov.cn/caizhengjiancha/",
        1, 1, "2026-09-28", None,
    ),
    (
        "gov_lists_small/mof_zhejiang_trs/chongqing-list.compact.html", "trs",
        "https://cq.mof.gov.cn/gzdt2019/caizhengjiancha/", 1, 1, "2026-09-30", None,
    ),
    (
        "gov_lists_small/zrzy_lists_excerpt/ndrc_fzggwl_list.excerpt.html", "trs",
        "https://www.ndrc.gov.cn/xxgk/zcfb/fzggwl/", 6, 6, "2026-07-31", None,
    ),
    (
        "gov_lists_small/hanweb_jpage_fragment/jiangsu_gov_col33718.html", "jcms",
        "https://www.jiangsu.gov.cn/col/col33718/", 2, 2, "2026-09-11",
        "https://www.jiangsu.gov.cn/module/web/jpage/dataproxy.jsp?page=2&appid=1&webid=1&path=%2F&columnid=33718"
        "&unitid=212860&webname=%E6%B1%9F%E8%8B%8F%E7%9C%81%E4%BA%BA%E6%B0%91%E6%94%BF%E5%BA%9C&permissiontype=0"
        "&startrecord=3&endrecord=4&perpage=2",
    ),
    (
        "misc_labelled/gerapy__samples__list__dfa66_announcement.html", "generic", "https://www.dfa66.com/list/index.html",
        10, 0, None, "https://www.dfa66.com/list/index2.html",
    ),
    (
        "misc_labelled/gerapy__samples__list__hrfund_announcement.html", "generic",
        "https://www.hr-fund.com.cn/information_2.html", 10, 0, None, "https://www.hr-fund.com.cn/information_3.html",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name", "url", "rows", "articles", "first", "following"), LISTS, ids=[case[0] for case in LISTS]
)
def test_real_list(
    path: str, name: str, url: str, rows: int, articles: int, first: str | None, following: str | None, shared: Path
) -> None:
    body = (shared / "pages" / path).read_bytes()
    page, job, source = list_of(body, url, family=name)
    spider = family(name)
    found = spider.read_rows(page, job, source)
    assert (len(found), sum(row.is_article for row in found)) == (rows, articles)
    assert first is None or shown_date(found[0].date) == first
    older = spider.next_page(page, job, source)
    assert (older.url if older is not None else None) == following


def test_interpretations_do_not_hide_the_row_they_hang_under(shared: Path) -> None:
    body = (shared / "pages/gov_lists_small/zrzy_lists_excerpt/ndrc_fzggwl_list.excerpt.html").read_bytes()
    page, job, source = list_of(body, "https://www.ndrc.gov.cn/xxgk/zcfb/fzggwl/", family="trs")
    dated = {
        row.url: shown_date(row.date) for row in family("trs").read_rows(page, job, source) if row.date is not None
    }
    # the date of the list, not of the address: 20260716 and 20260612 there
    assert list(dated.values()) == ["2026-07-31", "2026-07-17", "2026-06-22"]
    assert all("/fzggwl/" in (url or "") for url in dated)
