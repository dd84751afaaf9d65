"""Answers that are not what was asked for, told from status, headers and the first look at the bytes.

An article *about* missing pages passes: error words count only on pages with hardly any text.
"""

from __future__ import annotations

import re
from typing import Literal

from crawler.extract.decode import decode
from crawler.extract.pdf import is_pdf
from crawler.model import Page, Reason

_LOOK = 60_000  # bytes of a page looked at; a challenge or error page is far shorter
_SOFT_TEXT = 400  # characters of visible text beyond which a page is not an error page
_CHALLENGE_TEXT = 200  # challenge pages are scripts with a line or two of text
_DOCUMENTS = ("<iframe", "<embed", "<object", ".pdf")  # what a page without text may show in its place
_SHELL_TEXT = 30  # an article page with fewer visible characters than this is a shell

# what a file begins with that is no page
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "zip or Office file"),
    (b"\xd0\xcf\x11\xe0", "Office file"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "gzip"),
    (b"RIFF", "media"),
    (b"\x00\x00\x00\x18ftyp", "video"),
    (b"\x00\x00\x00\x20ftyp", "video"),
    (b"ID3", "audio"),
    (b"OggS", "media"),
    (b"MZ", "program"),
    (b"wOFF", "font"),
)
# `application/pdf`, `image/png`; lists may be JSON or XML
_WRONG_TYPE = re.compile(
    r"^(?:image|video|audio|font)/|^application/(?:pdf|zip|x-zip|msword|vnd\.|x-rar|octet-stream|x-7z|gzip|x-gzip|x-msdownload)",
    re.I,
)
_DATA_TYPE = re.compile(r"json|xml|javascript", re.I)

# challenge pages sent with 200: 瑞数 `$_ts=window['$_ts']`, MOHRSS `__tst_status`, 加速乐 `__jsl_clearance`, others
_CHALLENGES = (
    (re.compile(rb"\$_ts\s*=\s*window|\$_ts\[|_\$jsvmprt", re.I), "412"),
    (re.compile(rb"__tst_status|WTKkN\s*:|bOYDu\s*:|EO_Bot_Ssid", re.I), "challenge"),
    (re.compile(rb"__jsl_clearance|__jsluid|document\.cookie\s*=\s*\(?\s*['\"]_+(?:jsl|['\"])", re.I), "521"),
    (re.compile(rb"aliyun_waf|acw_sc__v2|arg1\s*=\s*'[0-9A-F]{40}'", re.I), "challenge"),
    (re.compile(rb"cf-browser-verification|challenge-platform|_cf_chl", re.I), "challenge"),
)
# what firewalls and challenges say in words: `您的访问被拦截`, `已被创宇盾拦截`, `请按住滑块`, `访问过于频繁`
_WALL = re.compile(
    r"(?:安全|访问|人机|滑动|滑块)验证|请完成[^。\n]{0,6}验证|按住滑块|点击按钮进行验证"
    r"|(?:访问|请求|IP|行为)[^。\n]{0,20}(?:被[^。\n]{0,10}(?:拦截|阻断|禁止|封禁|限制)|设置拦截|存在(?:风险|异常|威胁))"
    r"|网站防火墙|Web应用防火墙"
    r"|疑似(?:黑客|恶意)?攻击|(?:访问|请求|操作)(?:过于|太|过)频繁|创宇盾|云盾|安全狗|请(?:开启|启用)\s*(?:JavaScript|Cookie)",
    re.I,
)
# a page that names the day of its publication or its source is an article, whatever it is about
_HEADED = re.compile(
    r"(?:(?:发布|发表|发文|成文|公开|更新)(?:时间|日期|于)|日\s*期)\s*[:：∶]?\s*20\d\d\s*[-年/.]\s*\d"
    r"|来\s*源\s*[:：∶]\s*[\u4e00-\u9fff]{2}"
)
# `对不起，您访问的页面不存在或已被删除！`
_SOFT_ERROR = re.compile(
    r"(?:页面|网页|文章|内容|信息|文件|栏目|资源|链接|地址|稿件)[^。]{0,12}"
    r"(?:不存在|已(?:被\S{0,4})?删除|已失效|未找到|找不到|无法找到|已下线|已过期|已(?:撤[稿销下]|迁移|停止更新)|不可用)"
    r"|(?:找不到|未找到|无法访问|不存在)[^。]{0,8}(?:页面|网页|文章|内容|文件|资源)"
    r"|404\s*(?:not found|错误|页面)|(?:HTTP\s*)?(?:错误|Error)\s*(?:404|403|500|502|503)"
    r"|页面(?:走丢|丢失|出错|去火星)|(?:系统|平台)(?:正在)?(?:错误|异常|繁忙|维护|升级)|服务器(?:内部)?(?:错误|繁忙|开小差|异常)"
    r"|网站(?:正在)?(?:维护|升级|建设)中|网站(?:暂时|已|临时)关闭|参数(?:错误|有误)|非法(?:参数|请求|访问)|(?:没有|未)(?:找到|查询到)相关"
    r"|not found|bad gateway|service unavailable|internal server error"
    r"|该(?:信息|文章|内容|稿件|页面)(?:不存在|已被?删除|未发布|已撤[稿销])",
    re.I,
)
_LOGIN = re.compile(
    r"(?:请|需|须)(?:先|要)?(?:您)?登[录陆]|登[录陆]后(?:查看|阅读|访问|可见)|统一身份认证|没有权限|无权(?:访问|查看)|仅限?会员|请在微信客户端打开"
)

_LOGIN_FORM = re.compile(r"<input[^<>]*type\s*=\s*[\"']?password")
_FORM_TEXT = 120  # characters; a login page holds the form and little else

# Linear even where nothing is closed: what is left open goes to the end, a head to the next one, a tag to the next "<".
_DROPPED = re.compile(
    r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<head\b(?:(?!<head\b).)*?</head\s*>"
    r"|<!--.*?(?:-->|\Z)|<[^<>]*>",
    re.S | re.I,
)
_LINE_TAG = re.compile(r"</?(?:p|div|h[1-6]|li|ul|br|td|tr|title|body)\b[^<>]*>", re.I)
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.I)
_WORD = re.compile(r"\w")


def refusal_of(page: Page, *, expects: Literal["list", "article"]) -> tuple[Reason, str] | None:
    """Why `page` is not the list or article that was asked for, with a short detail; None where it may be."""
    status, body = page.status, page.body
    head = body[:_LOOK]
    if status in (412, 521):
        return Reason.BLOCKED, str(status)
    if status in (403, 429, 503, 202) and (challenge := _challenge(head) or _wall(head, page)) is not None:
        return Reason.BLOCKED, f"{status} with a challenge page ({challenge})"
    if status in (404, 410):
        return Reason.GONE, str(status)
    if status >= 500:
        return Reason.SERVER_ERROR, str(status)
    if status >= 400:
        return Reason.HTTP_ERROR, str(status)
    if not body.strip():
        return Reason.EMPTY, "0 bytes" if not body else f"{len(body)} bytes of white space"
    if expects == "article" and is_pdf(page):
        return None  # government documents; `extract_article` reads them
    if (kind := _wrong_type(page, expects)) is not None:
        return Reason.WRONG_TYPE, kind
    if (challenge := _challenge(head)) is not None:
        return (
            Reason.BLOCKED,
            f"{challenge}, sent with {status}" if challenge.isdigit() else f"challenge page with {status}",
        )
    if len(body) > _LOOK:
        return None  # no error page is this long
    return _soft(head, page, expects)


def _wrong_type(page: Page, expects: str) -> str | None:
    body = page.body
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    said = page.headers.get("content-type", "").strip()
    start = body[:4096]
    markup = b"<" in start and (b"<html" in start.lower() or b"<!doctype" in start.lower() or b"<body" in start.lower())
    if said and _WRONG_TYPE.match(said) and not markup:
        return said.split(";")[0]
    if expects == "article" and said and _DATA_TYPE.search(said) and "xhtml" not in said.lower() and not markup:
        return said.split(";")[0]
    zeros = start.count(0)
    if zeros * 20 > len(start) and not markup and not _is_utf16(start):
        return "binary"
    return None


def _is_utf16(start: bytes) -> bool:
    """Zero bytes that stand in every second place only, as in markup written in UTF-16."""
    zeros = start.count(0)
    return start[:2] in (b"\xff\xfe", b"\xfe\xff") or max(start[::2].count(0), start[1::2].count(0)) * 10 > zeros * 9


def _challenge(head: bytes) -> str | None:
    """The kind of challenge page; None for a page with text of its own, which may mention such words."""
    for pattern, kind in _CHALLENGES:
        if pattern.search(head) is not None and len(_visible(head.decode("utf-8", "replace"))) < _CHALLENGE_TEXT:
            return kind
    return None


def _wall(head: bytes, page: Page) -> str | None:
    """What a page with a refusing status says of a firewall."""
    said = _WALL.search(_visible(decode(head, headers=page.headers).text)[:_SOFT_TEXT])
    return said[0][:60] if said is not None else None


def _visible(markup: str) -> str:
    """The text a reader sees, a line per block."""
    text = _DROPPED.sub("", _LINE_TAG.sub("\n", markup))
    return "\n".join(line for raw in text.split("\n") if (line := " ".join(raw.split())))


def _soft(head: bytes, page: Page, expects: str) -> tuple[Reason, str] | None:
    markup = decode(head, headers=page.headers).text
    if expects == "list" and len(_ROW.findall(markup)) >= _LIST_ROWS:
        return None  # 系统升级 in a headline of a list is news
    text = _visible(markup)
    title = (found[1] if (found := _TITLE.search(markup)) else "").strip()
    if len(text) <= _SOFT_TEXT and _HEADED.search(text) is None:
        if expects == "article" and (wall := _WALL.search(text) or _WALL.search(title)) is not None:
            return Reason.BLOCKED, f"{wall[0][:60]}, sent with {page.status}"
        error = _SOFT_ERROR.search(text) or (_SOFT_ERROR.search(title) if len(title) < 30 else None)
        if error is not None and not _has_sentences(text):
            return Reason.SOFT_ERROR, error[0][:60]
        if (login := _LOGIN.search(text)) is not None and not _has_sentences(text):
            return Reason.LOGIN_WALL, login[0]
    lowered = markup.lower()
    if len(text) <= _FORM_TEXT and _LOGIN_FORM.search(lowered) is not None and _NEWS.search(text) is None:
        return Reason.LOGIN_WALL, "a form that asks for a password"
    if expects == "article" and "<" in markup and len(_WORD.findall(text)) < _SHELL_TEXT:
        return None if any(mark in lowered for mark in _DOCUMENTS) else _shell(lowered, text)
    return None


# `<a href="…">`, and the items of a feed
_ROW = re.compile(r"<a\s[^<>]*?href|<item[\s>]|<entry[\s>]|\"url\"", re.I)
_LIST_ROWS = 3  # error pages link the front page and the page before
# `您可以返回首页，或检查输入的网址是否正确`: sentences that error pages add
_ADVICE = re.compile(r"网址|链接|地址|返回|刷新|管理员|稍后|重试|联系|跳转|首页|浏览器|原因|抱歉|对不起")
# A sentence that tells something of its own: 25 characters and a full stop. `主办：某某市人民政府` has none.
_NEWS = re.compile(r"[^。！？!?\n]{25,}[。！？!?]")


def _has_sentences(text: str) -> bool:
    """True where a short page says something beside its error: a full sentence that is neither error nor advice."""
    return any(
        _SOFT_ERROR.search(sentence) is None and _ADVICE.search(sentence) is None for sentence in _NEWS.findall(text)
    )


def _shell(markup: str, text: str) -> tuple[Reason, str] | None:
    if re.search(r"<meta[^<>]+http-equiv\s*=\s*[\"']?refresh", markup):
        return Reason.NO_BODY, "a page that only refreshes to another"
    if re.search(r"""id\s*=\s*["'](?:app|root|__next)["']""", markup) or "<script" in markup:
        return Reason.NO_BODY, f"an empty shell: {len(text)} characters of text"
    return None
