"""Family: People's Daily Online 人民网: the channel pages of www and the provincial hosts."""

from __future__ import annotations

import re

from crawler.extract.pager import same_host
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, older

# "index2.html" in a pager
NUMBERED = re.compile(r"(?:^|/)index(\d{1,4})\.html$")


class PeopleSpider(ColumnSpider):
    """Channels `/GB/<a>/<b>/index.html`, further pages `index2.html`; GBK, many behind a meta refresh.

    To be recognised by `/n2/YYYY/MMDD/c<channel>-<id>.html` and `#rwb_zw` or `.rm_txt_con` on articles. The columns
    beside the list rank other channels' articles, so the list's own box comes first. Needs `list.url`.
    """

    name = "people"
    row_selectors = (
        "div.ej_list_box li, div.p2j_list li, div.leftItem li, .p6 li, div.headingNews",
        "div.ej_list_box, div.p2j_list, div.leftItem, .p6",
    )
    # "/n2/2024/1029/c367650-41023922.html", its second page "…-2.html", and the old "/GB/365401/c8210.html"
    article_pattern = r"/n\d/20\d\d/\d{4}/c\d+-\d+(?:-\d+)?\.html$|/GB/\d+/c\d+\.html$"

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        for link in self.tree_of(page, source).cssselect(".page_n a[href]"):
            shown = NUMBERED.search(link.get("href") or "")
            if shown is not None and int(shown[1]) == job.number + 1:
                return older(job, same_host(page.url, link.get("href") or ""))
        return None
