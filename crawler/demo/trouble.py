"""What goes wrong on real sites, one resource each: gone, soft errors, huge answers, pictures, loops, challenges."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from crawler.demo import items as hosts
from crawler.demo import press
from crawler.demo.answer import Resource
from crawler.demo.items import Answers, Item
from crawler.demo.looks import Look
from crawler.demo.markup import document

# Far above any limit that makes sense for a page of text.
HUGE_BYTES = 60 * 2**20
_PARAGRAPH = "<p>　　合成页面：这一段文字会重复许多遍，使页面大到不该整页读入。</p>\n".encode()
_CHUNK = _PARAGRAPH * (2**16 // len(_PARAGRAPH))

GONE = Resource(body=document("404", "<h1>404 Not Found</h1>"), status=404)
SOFT_ERROR = Resource(
    body=document("系统提示", '<div class="tip">抱歉，您访问的页面不存在或者已被删除，3秒后返回首页。</div>')
)
SERVER_ERROR = Resource(body=document("500", "<h1>500 Internal Server Error</h1>"), status=500)
# As the wall of a known maker answers: a script instead of a page.
CHALLENGE = Resource(
    body=b"<!-- synthetic --><html><head><script>$_ts=window['$_ts'];$_ts.nsd=1;</script></head><body></body></html>",
    status=412,
    headers={"Set-Cookie": "demoO=synthetic; Path=/"},
)
# The list was drawn anew: cards made by a script, where the source file expects rows.
REDESIGNED = Resource(
    body=document("新版首页", '<div id="app"><div v-for="item in items" class="card">{{item.title}}</div></div>')
)
# Not to be fetched by anybody who reads robots.txt; the page itself would answer.
FORBIDDEN = Resource(
    body=document(
        "人社动态", '<ul class="list"><li><a href="/xinwen/show/1.html">成德眉资人社服务一体化动态</a></li></ul>'
    )
)
HTML_FOR_RULES = Resource(body=document("首页", "<p>User-agent: *</p>\n<p>Disallow: /</p>"))
ALLOW_ALL = Resource(body=b"# synthetic\nUser-agent: *\nDisallow:\n", content_type="text/plain; charset=utf-8")
DISALLOW_ALL = replace(ALLOW_ALL, body=b"# synthetic\nUser-agent: *\nDisallow: /\n")
DISALLOW_SOME = replace(ALLOW_ALL, body=b"# synthetic\nUser-agent: *\nDisallow: /search/\nDisallow: /jhrs/neibu/\n")


def resources(item: Item, look: Look, slow_s: float) -> Iterator[tuple[str, Resource]]:
    """What stands at an item's address, and at the addresses that it leads to on the way."""
    article = Resource(
        body=look.article(item, look.site) if item.answers in _READABLE else b"",
        content_type=look.content_type,
        modified=item.at,
        is_fickle=look.is_fickle,
    )
    aside = item.url.removesuffix(".html") + "-2.html"
    match item.answers:
        case Answers.ARTICLE:
            yield item.url, article
        case Answers.ELSEWHERE:
            return
        case Answers.WRONG_CHARSET:
            yield item.url, replace(article, body=press.plain_article(item, look.site, encoding="gb18030"))
        case Answers.MOVED:
            yield item.url, _redirect(aside, 301)
            yield aside, article
        case Answers.SLOW:
            yield item.url, replace(article, delay_s=slow_s)
        case Answers.GONE:
            yield item.url, GONE
        case Answers.SOFT_ERROR:
            yield item.url, SOFT_ERROR
        case Answers.SERVER_ERROR:
            yield item.url, SERVER_ERROR
        case Answers.EMPTY:
            yield item.url, Resource()
        case Answers.HUGE:
            head = document(item.text.title, "<h1>合成</h1>").removesuffix(b"</body></html>\n")
            yield item.url, Resource(body=head, tail=_CHUNK, tail_times=HUGE_BYTES // len(_CHUNK))
        case Answers.BOMB:
            # Members of one gzip stream: some 60 kB on the wire, 60 MB unpacked (RFC 1952, 2.2).
            member = gzip.compress(_PARAGRAPH * (2**20 // len(_PARAGRAPH)), mtime=0)
            yield item.url, Resource(body=member * (HUGE_BYTES // 2**20), headers={"Content-Encoding": "gzip"})
        case Answers.PICTURE:
            yield item.url, Resource(body=picture())
        case Answers.LOOP:
            yield item.url, _redirect(aside, 302)
            yield aside, _redirect(item.url, 302)
        case Answers.OFFSITE:
            yield item.url, _redirect(f"{hosts.SHOP}/", 302)
        case Answers.PRIVATE:
            yield item.url, _redirect("http://10.0.0.1/", 302)
        case Answers.METADATA:
            yield item.url, _redirect("http://169.254.169.254/latest/meta-data/", 302)
        case Answers.COLUMN:
            rows = "".join(f'<li><a href="/zhuanti/{n}/">川渝人社合作专题第{n}期</a></li>' for n in range(1, 9))
            yield item.url, Resource(body=document(item.text.title, f'<ul class="list">{rows}</ul>'))


_READABLE = frozenset({Answers.ARTICLE, Answers.MOVED, Answers.SLOW})


def picture() -> bytes:
    """A valid PNG of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )


def _redirect(location: str, status: int) -> Resource:
    return Resource(status=status, location=location)
