"""How each source of the demonstration looks: its lists with their renderers, and its articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.demo import items as hosts
from crawler.demo import official, press, syndication
from crawler.demo.answer import HTML
from crawler.demo.items import Item, hexid

SHOW_PATH = f"/xinwen/list/{hexid('人社动态')}.html"
# No charset in the header: the page's own meta is all there is.
BARE_HTML = "text/html"

ListRenderer = Callable[[Sequence[Item], str, str], bytes]  # (rows, home, name of the site)
ArticleRenderer = Callable[[Item, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list's path on its host, what it shows and as what type."""

    path: str
    render: ListRenderer
    content_type: str = HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a source's pages look. `is_fickle`: its server sends a new ETag each time, for the same bytes."""

    home: str
    site: str
    article: ArticleRenderer
    lists: tuple[Listing, ...] = ()  # a newspaper has editions instead
    content_type: str = HTML
    is_fickle: bool = False


def looks(generated: datetime) -> dict[str, Look]:
    """Every source's look, by its id; `generated` is when the UCAP sites last made their pages anew."""

    def ucap(item: Item, site: str) -> bytes:
        return official.ucap_article(item, site, generated)

    show = (Listing(path=SHOW_PATH, render=official.show_list),)
    return {
        "demo-yanjiang-hr": Look(home=hosts.YANJIANG, site="岩江市人社局", article=official.show_article, lists=show),
        "demo-lizhou-hr": Look(home=hosts.LIZHOU, site="利州人社", article=official.show_article, lists=show),
        "demo-jinhe-district": Look(
            home=hosts.JINHE,
            site="金河区人力社保局",
            article=ucap,
            lists=(Listing(path="/jhrs/gzdt/zwdtlist.shtml", render=official.ucap_list),),
        ),
        "demo-shudi-hr": Look(
            home=hosts.SHUDI,
            site="蜀地人社",
            article=ucap,
            lists=(Listing(path="/rst/sndt/zwdtlist.shtml", render=official.ucap_list),),
        ),
        "demo-minjiang-portal": Look(
            home=hosts.PORTAL,
            site="岷江网",
            article=press.portal_article,
            lists=(Listing(path="/html/xw/dzyw/", render=press.portal_list, content_type=BARE_HTML),),
            content_type=BARE_HTML,
        ),
        "demo-shuwan-daily": Look(home=hosts.PAPER, site="蜀湾日报", article=press.paper_article),
        "demo-fanti-mirror": Look(
            home=hosts.MIRROR,
            site="鏡像新聞",
            article=press.mirror_article,
            lists=(Listing(path="/gate/", render=press.mirror_list),),
        ),
        "demo-huaxin-blog": Look(
            home=hosts.BLOG,
            site="华新博客",
            article=press.plain_article,
            lists=(Listing(path="/feed.xml", render=syndication.rss, content_type="application/rss+xml"),),
        ),
        "demo-jjj-talent": Look(
            home=hosts.JJJ,
            site="京津冀人才网",
            article=press.plain_article,
            lists=(
                Listing(path="/atom.xml", render=syndication.atom, content_type="application/atom+xml"),
                Listing(path="/feed.json", render=syndication.json_feed, content_type="application/feed+json"),
            ),
        ),
        "demo-skills-net": Look(
            home=hosts.SKILLS,
            site="技能网",
            article=press.plain_article,
            lists=(Listing(path="/news/", render=press.plain_list),),
        ),
        "demo-gongwang-trade": Look(
            home=hosts.TRADE,
            site="工网",
            article=press.plain_article,
            lists=(Listing(path="/content/", render=press.nested_list),),
            is_fickle=True,
        ),
        "demo-kunnan-trouble": Look(
            home=hosts.TROUBLE,
            site="困难站",
            article=press.plain_article,
            lists=(Listing(path="/wz/", render=press.nested_list),),
        ),
    }
