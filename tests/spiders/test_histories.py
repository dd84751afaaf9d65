"""Walks through five pages of every family that has a history: each page once, whatever the pager declares."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.model import HistoryEnd, ListReport, Page, Reason, Source
from crawler.polling.history import Walk, walks_of
from crawler.polling.poll import ListJob, PageSeen
from spiders.base import ListSpider
from spiders.history import page_seen
from tests.spiders.golden import family, list_of

PAGES = 5
PER_PAGE = 2
UUID = "0f5c9a4e-1c1f-4c43-9d0a-3f6f3f6f{:04}"
Answer = Callable[[ListJob], str | None]


def numbers(page: int, per_page: int = PER_PAGE) -> range:
    return range((page - 1) * per_page, page * per_page) if 1 <= page <= PAGES else range(0)


def rows(page: int, href: str, per_page: int = PER_PAGE, tag: str = "ul class='list'") -> str:
    """Synthetic rows; `href` has the number in braces."""
    items = "".join(
        f"<li><a href='{href.format(n)}'>甲市与乙市签署第{n}份劳务协作协议</a><span>2026-11-{28 - n:02}</span></li>"
        for n in numbers(page, per_page)
    )
    return f"<html><!-- synthetic --><body><{tag}>{items}</ul>"


def numbered(job: ListJob, *, first: int) -> int:
    """Which page a `…_n.html` stands for, where page 2 is `_first`; 0: none."""
    found = re.search(r"_(\d+)\.\w+$", job.url)
    if found is None:
        return 1
    return int(found[1]) - first + 2 if int(found[1]) >= first else 0


def seen_of(spider: ListSpider, source: Source, job: ListJob, answer: Answer) -> list[PageSeen] | ListReport:
    """A page with the lists it leads to, read as a poll reads them."""
    body = answer(job)
    if body is None:
        return ListReport(url=job.url, status=404, reason=Reason.GONE)
    fetched_at = datetime.fromisoformat("2026-11-20T08:00:00+08:00")
    kind = "application/json" if body[:1] == "{" else "text/html; charset=utf-8"
    page = Page(url=job.url, status=200, headers={"content-type": kind}, body=body.encode(), fetched_at=fetched_at)
    found = spider.read_rows(page, job, source)
    lists = tuple(spider.more_lists(page, job, source))
    if not found and not lists:
        return ListReport(url=job.url, status=200, reason=Reason.NO_ROWS)
    addresses = frozenset(row.url or row.href for row in found)
    seen = [page_seen(spider, page, job, source, addresses, len(addresses))]
    for more in lists:
        further = more if isinstance(more, ListJob) else ListJob(job.page, more, is_first=False, number=job.number)
        inner = seen_of(spider, source, further, answer)
        seen += inner if isinstance(inner, list) else []
    return seen


def walk_back(name: str, url: str, answer: Answer, depth: int = 50) -> tuple[Walk, list[str], list[ListJob]]:
    """Walk as the backfill does, without a network; the addresses found in order of pages, and what was asked for."""
    spider = family(name)
    _, job, source = list_of(b"", url, family=name)
    first = seen_of(spider, source, spider.asked(job, source), answer)
    assert isinstance(first, list)
    found = sorted({address for page in first for address in page.addresses})
    ((walk, start),) = walks_of(source, source.lists[0], depth, first, ())
    following, asked = walk.begin(start), []
    while following is not None:
        asked.append(following)
        outcome = seen_of(spider, source, following, answer)
        if isinstance(outcome, list):
            found += sorted({address for page in outcome for address in page.addresses} - set(found))
            following = walk.read(following, outcome)
        else:
            following = walk.miss(following, outcome)
    return walk, found, asked


def trs(script: str, *, first: int = 1, per_page: int = PER_PAGE) -> Answer:
    """A TRS list whose page 2 is `index_<first>.html`; `script` has {current} and {page}."""

    def answer(job: ListJob) -> str | None:
        page = numbered(job, first=first)
        if not 1 <= page <= PAGES:
            return None
        listed = rows(page, "./202611/t20261118_{}.html", per_page)
        return listed + "<script>" + script.replace("{current}", str(page - 1)).replace("{page}", str(page))

    return answer


def encoded(page: int) -> str:
    return base64.b64encode(
        f'<div></div><script>createPageHTML(5, {page - 1}, "index", "html");</script>'.encode()
    ).decode()


def trs_base64(job: ListJob) -> str | None:
    page = numbered(job, first=1)
    listed = rows(page, "./202611/t20261118_{}.html")
    return f'{listed}<script>x.innerHTML = Base64.decode("{encoded(page)}");</script>' if numbers(page) else None


COMMENTED = """
//createPageHTML(99, 7, "index", "html");
var currentPage = {current};//所在页从0开始
var nextPage = currentPage+1
var countPage = 5//共多少页
document.write("<a href=\\"index"+"_" + nextPage + "."+"html\\">></a>");
</script>"""


@pytest.mark.parametrize(
    "answer",
    [
        trs('createPageHTML(5, {current}, "index", "html");</script>'),
        trs("createPageHTML('paging',5,{page},'index','html',500);</script>", first=2),
        trs('$(".pagination").pagination("setPage",{page},5)</script>', first=2),
        trs(COMMENTED),
        trs_base64,
        # counts that lie: too many, too few, by far
        trs('createPageHTML(322, {current}, "index", "html");</script>'),
        trs('createPageHTML(3, {current}, "index", "html");</script>'),
        trs('createPageHTML(1, {current}, "index", "html");</script>'),
        trs(COMMENTED.replace("= 5", "= 2")),
        # said to count from 0, with files from 2 on
        trs('createPageHTML(5, {current}, "index", "html");</script>', first=2),
    ],
    ids=["from-0", "from-1", "set-page", "commented", "base64", "322", "3", "1", "countPage-2", "0-is-1"],
)
def test_trs(answer: Answer) -> None:
    walk, found, asked = walk_back("trs", "https://rsj.jia.example/gzdt/", answer)
    assert found == [f"https://rsj.jia.example/gzdt/202611/t20261118_{n}.html" for n in range(PAGES * PER_PAGE)]
    assert (walk.end, walk.pages) == (HistoryEnd.OLDEST, PAGES - 1)
    # one page beyond the last, one under the other number
    assert len(asked) <= PAGES + 1


def test_a_list_said_to_count_from_1_whose_second_page_is_index_1() -> None:
    def answer(job: ListJob) -> str | None:
        page = numbered(job, first=1)
        listed = rows(page, "./202611/t20261118_{}.html")
        return f'{listed}<script>createPageHTML(2, {page}, "index", "html");</script>' if page <= 2 else None

    walk, found, asked = walk_back("trs", "https://rsj.jia.example/gzdt/", answer)
    assert [job.url.rpartition("/")[2] for job in asked][:2] == ["index_2.html", "index_1.html"]
    assert (len(found), walk.end) == (2 * PER_PAGE, HistoryEnd.OLDEST)


def test_a_page_that_is_not_full_is_believed_to_be_the_last() -> None:
    def answer(job: ListJob) -> str | None:
        page = numbered(job, first=1)
        listed = rows(page, "./202611/t20261118_{}.html", per_page=2 if page < 3 else 1)
        return f'{listed}<script>createPageHTML(3, {page - 1}, "index", "html");</script>'

    walk, _, asked = walk_back("trs", "https://rsj.jia.example/gzdt/", answer)
    assert (walk.end, len(asked)) == (HistoryEnd.OLDEST, 2)


def test_index_1_that_is_page_1_once_more_is_passed() -> None:
    def answer(job: ListJob) -> str | None:
        page = max(numbered(job, first=2), 1)  # index_1 too
        listed = rows(page, "./202611/t20261118_{}.html")
        return f'{listed}<script>createPageHTML(5, {page - 1}, "index", "html");</script>' if numbers(page) else None

    walk, found, _ = walk_back("trs", "https://rsj.jia.example/gzdt/", answer)
    assert len(found) == PAGES * PER_PAGE
    assert walk.end is HistoryEnd.OLDEST


def query(job: ListJob, name: str, default: int = 1) -> int:
    return int(parse_qs(urlsplit(job.url).query).get(name, [str(default)])[0])


def link_to(page: int, href: str) -> str:
    return f"<a href='{href.format(page + 1)}'>下一页</a>" if page < PAGES else ""


def by_file(href: str, pager: str = "{}") -> Answer:
    """A list with the link 下一页, or another pager, to `…_n.html`."""

    def answer(job: ListJob) -> str | None:
        page = numbered(job, first=2)
        return rows(page, href) + link_to(page, pager) if numbers(page) else None

    return answer


def by_query(name: str, href: str) -> Answer:
    def answer(job: ListJob) -> str | None:
        page = query(job, name)
        return rows(page, href) + link_to(page, f"?{name}={{}}") if numbers(page) else None

    return answer


def ucap(job: ListJob) -> str | None:
    page = numbered(job, first=2)
    listed = rows(page, "/rst/gsgg/2026/8/9/" + "{:032}.shtml")
    return (
        f"{listed}<script>createPageHTML('page_div', 3, {page}, 'list', 'shtml', 100);</script>"
        if numbers(page)
        else None
    )


def ucap_search(job: ListJob) -> str:
    found = [{"title": f"甲市与乙市的第{n}份", "url": f"/2026/8/9/{n:032}.shtml"} for n in numbers(query(job, "page"))]
    return json.dumps({"data": {"total": 6, "results": found}})


def records(page: int) -> str:
    items = "".join(
        f"<record><![CDATA[<li><a href='/art/2026/11/1/art_8_{n}.html'>甲省与乙市第{n}份协作协议</a></li>]]></record>"
        for n in numbers(page)
    )
    return f"<datastore><recordset>{items}</recordset><totalrecord>7</totalrecord></datastore>"


def jcms(job: ListJob) -> str:
    """The column's page with its first records, then windows of `dataproxy.jsp`."""
    if "dataproxy" in job.url:
        asked = parse_qs(urlsplit(job.url).query)
        assert int(asked["endrecord"][0]) - int(asked["startrecord"][0]) + 1 == PER_PAGE
        return records((int(asked["startrecord"][0]) - 1) // PER_PAGE + 1)
    proxy = "/module/web/jpage/dataproxy.jsp?page=1&appid=1&webid=1&columnid=8&unitid=9&permissiontype=0"
    return f"<html><script>{records(1)}</script><script>var p='{proxy}'; jpage({{totalRecord:7,perPage:2}})</script>"


def jcms_posts(job: ListJob) -> str:
    """A shell whose script posts for windows of sixty records; here all are as large as the last."""
    if job.method == "POST":
        assert parse_qs(job.body.decode())["columnid"] == ["8"]
        return records(int(parse_qs(urlsplit(job.url).query)["startrecord"][0]) // 60 + 1)
    return (
        "<html><script>$('#9').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:20,"
        "ajaxParam:{col:1,webid:1,columnid:8,unitid:'9'}});</script></html>"
    )


def jpaas(job: ListJob) -> str:
    if "/build/unit" not in job.url:
        return (
            '<script src="/AuthorizedRead/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit"'
            " queryData=\"{'webId':'1','tagId':'当前栏目list'}\"></script>"
        )
    assert dict(job.headers)["Referer"].endswith("/col/col8/index.html")
    page = json.loads(parse_qs(urlsplit(job.url).query)["paramJson"][0])["pageNo"]
    pager = "<div class='pagination' rows='2' count='3'></div>"
    listed = rows(page, "/art/2026/11/1/art_8_{}.html") + pager if numbers(page) else ""
    return json.dumps({"data": {"html": listed}})


def ilist(job: ListJob) -> str:
    page = query(job, "cur_page")
    return rows(page, "/gsgg/{:04}.htm", tag="div class='list_div'><ul") + "<p>共 3 页</p>"


def aspnet(job: ListJob) -> str:
    fields = parse_qs(job.body.decode())
    page = int(fields["__EVENTARGUMENT"][0]) if job.method == "POST" else 1
    # the server wants the state of the page before
    assert page == 1 or fields["__VIEWSTATE"] == [f"state {page - 1}"]
    pager = "".join(
        f"<a href=\"javascript:__doPostBack('AspNetPager1','{n}')\">{n}</a>" for n in range(1, PAGES + 1) if n != page
    )
    return (
        rows(page, "NewsView.aspx?NewsID=4{}") + f"<input type='hidden' name='__VIEWSTATE' value='state {page}'>{pager}"
    )


def longxun(job: ListJob) -> str | None:
    page = query(job, "pageIndex")
    script = f'Ls.pagination("#p", function(pageIndex){{}},{{currPage: ({page - 1}+1),pageCount:4}});'
    return (
        rows(page, "/zx/{:06}.html", tag="ul class='doc_list'") + f"<script>{script}</script>"
        if numbers(page)
        else None
    )


def epoint(job: ListJob) -> str:
    page = json.loads(job.body)["pageIndex"] + 1
    found = [
        {"realtitle": f"甲市与乙市的第{n}份", "infourl": f"/x/20261101/{UUID.format(n)}.html"}
        for n in numbers(page, per_page=20)
    ]
    return json.dumps({"custom": {"total": 45, "data": found}})


def gkmlpt(job: ListJob) -> str:
    found = [
        {"title": f"甲市与乙市的第{n}份", "url": f"/content/post_{n}.html"} for n in numbers(query(job, "page"), 100)
    ]
    return json.dumps({"total": 250, "articles": found})


def boda(job: ListJob) -> str | None:
    """`gzdt.htm`, then `gzdt/4.htm` down to `gzdt/1.htm`."""
    found = re.search(r"/(\d+)\.htm$", job.url)
    page = PAGES + 1 - int(found[1]) if found is not None else 1
    following = f"<a href='/gzdt/{PAGES - page}.htm'>下页</a>" if page < PAGES else ""
    return rows(page, "/info/7200/{}.htm") + following if numbers(page) else None


def people(job: ListJob) -> str | None:
    found = re.search(r"index(\d+)\.html$", job.url)
    page = int(found[1]) if found is not None else 1
    links = "".join(f"<a href='index{n}.html'>{n}</a>" for n in range(1, PAGES + 1))
    listed = rows(page, "/n2/2026/1118/c345458-{}.html", tag="div class='ej_list_box'><ul")
    return f"{listed}</div><div class='page_n'>{links}</div>" if numbers(page) else None


def feed(job: ListJob) -> str | None:
    page = query(job, "p")
    items = "".join(f"<entry><title>第{n}份</title><link href='/a/{n}'/><id>{n}</id></entry>" for n in numbers(page))
    following = f"<link rel='next' href='?p={page + 1}'/>" if page < PAGES else ""
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>合成</title>{following}{items}</feed>"


def archived_feed(job: ListJob) -> str | None:
    return (feed(job) or "").replace("rel='next'", "rel='prev-archive'")


def json_feed(job: ListJob) -> str:
    page = query(job, "p")
    items = [{"id": str(n), "url": f"https://www.jia.example/a/{n}", "title": f"第{n}份"} for n in numbers(page)]
    following = {"next_url": f"https://www.jia.example/feed?p={page + 1}"} if page < PAGES else {}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, **following})


WWW = "https://www.jia.example"


@pytest.mark.parametrize(
    ("name", "url", "answer", "per_page"),
    [
        ("ucap", f"{WWW}/rst/list.shtml", ucap, PER_PAGE),
        ("ucap", f"{WWW}/common/search/9729?_isJson=true&page=1", ucap_search, PER_PAGE),
        ("jcms", f"{WWW}/col/col8/index.html", jcms, PER_PAGE),
        ("jcms", f"{WWW}/col/col8/index.html", jcms_posts, PER_PAGE),
        ("jpaas", f"{WWW}/col/col8/index.html", jpaas, PER_PAGE),
        ("ilist", f"{WWW}/info/iList.jsp?cat_id=25723", ilist, PER_PAGE),
        ("aspnet", f"{WWW}/NewsLsit.aspx?ClassID=602", aspnet, PER_PAGE),
        ("longxun", f"{WWW}/content/column/6791573", longxun, PER_PAGE),
        ("epoint", f"{WWW}/EWB-FRONT/rest/lightfrontaction/getgovinfolist?categorynum=1", epoint, 20),
        ("gkmlpt", f"{WWW}/gkmlpt/api/all/505?page=1&sid=2", gkmlpt, 100),
        ("boda", f"{WWW}/gzdt.htm", boda, PER_PAGE),
        ("people", f"{WWW}/GB/1/2/index.html", people, PER_PAGE),
        ("showlist", f"{WWW}/xinwen/list/{'a' * 32}.html", by_query("page", "/xinwen/show/{:032}.html"), PER_PAGE),
        ("powereasy", f"{WWW}/zw/szfwj", by_query("page", "/zw/szfwj/content_{}"), PER_PAGE),
        ("scol", f"{WWW}/ggxw/index.html", by_file("/ggxw/202611/{}.html", "index_{}.html"), PER_PAGE),
        ("generic", f"{WWW}/news/index.html", by_file("/news/2026/{}.html", "index_{}.html"), PER_PAGE),
        ("feed", f"{WWW}/feed", feed, PER_PAGE),
        ("feed", f"{WWW}/feed", archived_feed, PER_PAGE),
        ("feed", f"{WWW}/feed", json_feed, PER_PAGE),
    ],
)
def test_five_pages(name: str, url: str, answer: Answer, per_page: int) -> None:
    """Every pager here that declares a count declares too few."""
    walk, found, asked = walk_back(name, url, answer)
    assert len(found) == PAGES * per_page
    assert len(set(found)) == len(found)
    assert (walk.end, walk.pages) == (HistoryEnd.OLDEST, PAGES - 1)
    assert len(asked) <= PAGES


def test_a_sitemap_index_has_its_older_sitemaps_as_history() -> None:
    def answer(job: ListJob) -> str:
        found = re.search(r"/s(\d+)\.xml$", job.url)
        if found is None:
            maps = "".join(
                f"<sitemap><loc>{WWW}/s{n}.xml</loc><lastmod>2026-{n:02}-01</lastmod></sitemap>" for n in range(1, 8)
            )
            return f"<sitemapindex>{maps}</sitemapindex>"
        return f"<urlset><url><loc>{WWW}/a/{found[1]}</loc></url></urlset>"

    walk, found, _ = walk_back("sitemap", f"{WWW}/sitemap.xml", answer)
    # the newest three are polled, the others are walked
    assert found == [f"{WWW}/a/{n}" for n in (5, 6, 7, 4, 3, 2, 1)]
    assert (walk.end, walk.pages) == (HistoryEnd.OLDEST, 4)


def test_chinanews_goes_from_rolling_pages_to_days() -> None:
    def answer(job: ListJob) -> str | None:
        path = urlsplit(job.url).path
        rolling = re.search(r"news(\d+)\.html$", path)
        day = 20 if rolling is not None else int(path.split("/")[-2][2:])
        n = int(rolling[1]) if rolling is not None else 100 - day
        link = f"<a href='/gn/2026/11-{day:02}/{n:05}.shtml'>甲乙两地联合举办第{n}场招聘会</a>"
        return f"<html><div class='content_list'><ul><li><div class='dd_bt'>{link}</div></li></ul></div></html>"

    walk, found, asked = walk_back("chinanews", f"{WWW}/scroll-news/news1.html", answer, depth=12)
    assert [urlsplit(job.url).path for job in asked[-3:]] == [
        f"/scroll-news/2026/11{day}/news.shtml" for day in (20, 19, 18)
    ]
    assert (walk.end, walk.pages, len(found)) == (HistoryEnd.DEPTH, 12, 13)


@pytest.mark.parametrize("name", ["channels", "thecover", "govcn", "xinhua"])
def test_families_that_show_all_they_have_on_one_page(name: str) -> None:
    page, job, source = list_of(rows(1, "/a/{}").encode(), f"{WWW}/list/index.html", family=name)
    seen = page_seen(family(name), page, job, source, frozenset(["/a/1"]), 1)
    ((walk, first),) = walks_of(source, source.lists[0], 9, [seen], ())
    assert walk.begin(first) is None
    assert walk.end is HistoryEnd.OLDEST
