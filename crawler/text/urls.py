"""One key for one address, whatever clothes it wears. Decides nothing about whether an address may be fetched."""

from __future__ import annotations

import contextlib
import hashlib
import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote_to_bytes, urlencode, urljoin, urlsplit

# http://big5.www.gov.cn/gate/big5/www.gov.cn/xinwen/1.htm, https://sc.isd.gov.hk/TuniS/www.info.gov.hk/gia/1.htm:
# gateways that show another site in the other characters
_GATEWAY = re.compile(
    r"^/(?:gate/(?:big5|gb|gb2big5)|gb|tunis)/(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?)(?P<path>/.*)?$",
    re.I,
)

# big5.china.com.cn, m.thepaper.cn, wap.cq.gov.cn: a site for other readers or devices, under the same paths
_OTHER_CLOTHES = re.compile(r"^(?:(?:www|big5|gb|m|wap|3g)\.)+(?=[^.]+\.[^.]+)")

# /202304/19/c_1129537411.htm, /newsDetail_forward_22750456: the number of an article, which no other site has as well
_ARTICLE = re.compile(r"\d{5}")

# t20230419_123_app.html, content_1_wap.shtml, a_pc.htm: renderings of one page for other devices
_RENDERING = re.compile(r"_(?:app|wap|pc|mobile)(?=\.(?:s?html?|jhtml|aspx?|jspx?|php)$)", re.I)

# /xinwen/index.html, /default.aspx: the folder itself
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|aspx?|jspx?|php)$", re.I)

# Parameters that say how the reader came, never what is read.
_TRACKING = re.compile(
    r"^(?:utm_\w+|spm|scm|from|isappinstalled|share_?\w*|chksm|scene|fbclid|gclid|bd_vid|hmsr|hmpl|hmcu|hmkw|hmci"
    r"|_t|_r|_refer\w*|timestamp|nsukey|wx_\w+|weixin_\w+|sessionid|jsessionid|phpsessid)$",
    re.I,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_CHARS = 4096  # no article address is longer; what is, is hostile or broken, and is keyed by its beginning
# PostgreSQL refuses what is longer than 2,704 bytes in an index, together with a digest, and its whole list with it.
_MAX_KEY_BYTES = 2600
_NESTED_GATEWAYS = 3  # gateways have been seen behind gateways, never deeper


def host_of(url: str) -> str:
    """The host of `url`, lower-case and without port; "" where there is none or it cannot be read."""
    try:
        host = urlsplit(url.strip()).hostname
    except ValueError:
        return ""
    return (host or "").rstrip(".").lower()


def web_host(url: str) -> str | None:
    """The host of an http address, lower-case; None for javascript:, mailto: and what is no address at all.

    Nor is one with a user in it: http://www.gov.cn@elsewhere.example/ is made to deceive.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.hostname.lower()


def web_address(base_url: str, href: str) -> str | None:
    """Where a link on the page at `base_url` leads, without its fragment; None for scripts, marks and no addresses."""
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    try:
        url = urljoin(base_url, href)
    except ValueError:  # "http://["
        return None
    parts = _split(url)
    return None if parts is None or "@" in parts.netloc else url.partition("#")[0]


def url_key(url: str) -> str:
    """A key that is equal for two addresses of one page: no scheme, www., tracking parameters, rendering or gateway.

    Never raises: what is no web address is its own key. A key of more bytes than an index takes ends with a digest.
    """
    key = _key(url)
    written = key.encode()
    if len(written) <= _MAX_KEY_BYTES:
        return key
    digest = hashlib.sha256(written).hexdigest()
    return written[: _MAX_KEY_BYTES - len(digest) - 1].decode("utf-8", "ignore") + "#" + digest


def _key(url: str) -> str:
    text = "".join(url.split())[:_MAX_CHARS].encode("utf-8", "replace").decode("utf-8")  # lone surrogates are "?"
    parts = _split(text)
    if parts is None:
        return text
    for _ in range(_NESTED_GATEWAYS):
        behind = _behind_gateway(parts)
        if behind is None:
            break
        parts = behind
    path = _same_escapes(re.sub(r"/{2,}", "/", parts.path)) or "/"
    path = re.sub(r";jsessionid=[^/]*$", "", path, flags=re.I)
    path = _INDEX.sub("/", _RENDERING.sub("", path))
    query = _same_query(parts.query)
    key = _same_host(parts, is_article=_ARTICLE.search(path + query) is not None) + path
    fragment = parts.fragment
    if fragment.startswith(("/", "!/")):  # #/article/12: a page of its own in a single-page site
        query = f"{query}#{fragment}" if query else f"#{fragment}"
        return key + ("?" if not query.startswith("#") else "") + query
    return f"{key}?{query}" if query else key


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # read here because a bad port raises
    except ValueError:
        return None
    return parts if parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname else None


def _behind_gateway(parts: SplitResult) -> SplitResult | None:
    found = _GATEWAY.match(parts.path)
    if found is None:
        return None
    behind = f"http://{found['host']}{found['path'] or '/'}" + (f"?{parts.query}" if parts.query else "")
    return _split(behind)


def _same_host(parts: SplitResult, *, is_article: bool) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    if not host.isascii():
        with contextlib.suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    if is_article:
        # china.com and china.com.cn have other owners and other home pages, but never an article of one number
        host = _OTHER_CLOTHES.sub("", host)
        host = re.sub(r"\.com\.cn$", ".com", host)
    else:
        host = host.removeprefix("www.") if host.count(".") > 1 else host
    port = parts.port
    return host if port is None or port in _DEFAULT_PORTS.values() else f"{host}:{port}"


def _same_escapes(path: str) -> str:
    # %e5%b7%9d, %E5%B7%9D and 川 are one; "~" and "%7E" as well
    return quote(unquote_to_bytes(path), safe="/~!$&'()*+,;=:@-._")


def _same_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)[:64]
    kept = sorted((name, value) for name, value in pairs if not _TRACKING.match(name))
    return urlencode(kept, errors="surrogateescape")
