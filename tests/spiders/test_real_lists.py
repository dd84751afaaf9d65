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


# file, family, address, rows, dated among them, dates of the first and the last row; counted on the pages by eye.
# The pages of NetEase and Tencent say "30分钟前" or "昨天": seen from 2026-11-20 08:00.
DATES = (
    ("gov_lists_small/xinhua_govcn/govcn_yaowen_list.json", "govcn", "https://www.gov.cn/yaowen/liebiao/YAOWENLIEBIAO.json",
     2, 2, "2026-10-03", "2026-10-03"),
    ("gov_lists_small/json_apis_excerpt/govcn_policy_search.excerpt.json", "govcn",
     "https://sousuo.www.gov.cn/search-gov/data?t=zhengcelibrary", 3, 3, "2026-09-30", None),
    ("gov_lists_small/xinhua_govcn/xinhua_list_item.html", "xinhua", "https://www.news.cn/politics/",
     1, 1, "2026-10-03", "2026-10-03"),
    ("gov_lists_small/mof_zhejiang_trs/page-0.html", "generic", "https://zj.mof.gov.cn/caizhengjiancha/",
     10, 10, "2026-09-30", "2026-08-17"),
    ("gov_lists_small/zrzy_lists_excerpt/ndrc_fzggwl_list.excerpt.html", "generic",
     "https://www.ndrc.gov.cn/xxgk/zcfb/fzggwl/", 3, 3, "2026-07-31", "2026-06-22"),
    ("misc_labelled/examdb__tests__fixtures__people_commentary_index.html", "people",
     "http://opinion.people.com.cn/GB/159301/index.html", 3, 0, None, None),
    ("misc_labelled/examdb__tests__fixtures__xinhua_politics_index.html", "xinhua", "https://www.news.cn/politics/",
     1, 0, None, None),
    ("misc_labelled/gerapy__samples__list__dfa66_announcement.html", "generic", "https://www.dfa66.com/list/index.html",
     10, 10, None, "2019-11-16"),
    ("misc_labelled/gerapy__samples__list__hrfund_announcement.html", "generic",
     "https://www.hr-fund.com.cn/information_2.html", 10, 10, None, "2020-04-27"),
    ("misc_labelled/gerapy__samples__list__hsqhfunds_announcement.html", "generic", "https://www.hsqhfunds.com/list",
     20, 20, "2020-07-02", None),
    ("misc_labelled/gerapy__samples__list__rtfund_xxpl.html", "generic", "https://www.rtfund.com/main/xxpl/",
     15, 15, "2020-07-09", "2020-07-06"),
    ("misc_labelled/gerapy__samples__list__netease_rolling_news.html", "generic", "https://news.163.com/latest/",
     40, 40, "2020-08-16 22:26", "2020-08-16 18:25"),
    ("misc_labelled/gerapy__samples__list__netease_international_news.html", "generic", "https://news.163.com/world/",
     140, 140, None, None),
    ("misc_labelled/gerapy__samples__list__sample.html", "generic", "https://news.163.com/world/",
     140, 140, None, None),
    ("misc_labelled/gerapy__samples__list__tencent_important_news.html", "generic", "https://news.qq.com/",
     10, 10, "2026-11-19 23:00", None),
    ("gne/test_list_page__163__1.html", "generic", "https://news.163.com/", 29, 29, "2026-11-20 07:30", None),
    ("gne/test_list_page__163__2.html", "generic", "https://news.163.com/", 54, 54, "2026-11-20 07:00", None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name", "url", "rows", "dated", "first", "last"), DATES, ids=[f"{case[0]}-by-{case[1]}" for case in DATES]
)
def test_rows_and_dates_of_real_list(
    path: str, name: str, url: str, rows: int, dated: int, first: str | None, last: str | None, shared: Path
) -> None:
    page, job, source = list_of((shared / "pages" / path).read_bytes(), url, family=name)
    found = family(name).read_rows(page, job, source)
    assert (len(found), sum(row.date is not None for row in found)) == (rows, dated)
    assert first is None or shown_date(found[0].date) == first
    assert last is None or shown_date(found[-1].date) == last
    assert len({row.url for row in found}) == rows
    assert all(row.url is not None and row.url.startswith("http") for row in found)


def test_rows_of_netease_are_those_that_its_own_class_marks(shared: Path) -> None:
    for file in ("gne/test_list_page__163__1.html", "gne/test_list_page__163__2.html"):
        page, job, source = list_of((shared / "pages" / file).read_bytes(), "https://news.163.com/")
        tree = family("generic").tree_of(page, source)
        marked = {link.get("href") for link in tree.cssselect(".news_title h3 a")}
        assert {row.url for row in family("generic").read_rows(page, job, source)} == marked


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
