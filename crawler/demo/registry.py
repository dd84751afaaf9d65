"""The demonstration's source files with the server's port put in, and which names resolve to what."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from crawler.demo import items as hosts

LOOPBACK = "127.0.0.1"
# An address outside what the demonstration allows (127.0.0.1): the guard must refuse it before a connection is made,
# and were it ever to fail, this machine would be all it reached.
PRIVATE = "127.0.0.2"
# 'home = "http://rsj.yanjiang.example/"'
ADDRESS = re.compile(r"(https?://[a-z0-9.-]+\.example)(?=[/\"'])")

_REGISTERED = (
    hosts.YANJIANG,
    hosts.LIZHOU,
    hosts.JINHE,
    hosts.SHUDI,
    hosts.PORTAL,
    hosts.PAPER,
    hosts.MIRROR,
    hosts.BLOG,
    hosts.JJJ,
    hosts.SKILLS,
    hosts.TRADE,
    hosts.TROUBLE,
    hosts.BLOCKED,
    hosts.FORBIDDEN,
    hosts.REDESIGNED,
    hosts.INTRANET,
)
_STRANGERS = (hosts.WEIXIN, hosts.SHOP)


def demo_hosts() -> tuple[str, ...]:
    """Host names of the demonstration's sources."""
    return tuple(urlsplit(home).netloc for home in _REGISTERED)


def stranger_hosts() -> tuple[str, ...]:
    """Host names that its pages lead to and that are nobody's sources; they are never to be asked."""
    return tuple(urlsplit(home).netloc for home in _STRANGERS)


def demo_addresses() -> dict[str, str]:
    """Every host name with its address: loopback, strangers included, so that a request to them would be seen;
    and one source whose name leads to a private address."""
    names = dict.fromkeys(demo_hosts() + stranger_hosts(), LOOPBACK)
    return names | {urlsplit(hosts.INTRANET).netloc: PRIVATE}


def write_sources(folder: Path, port: int) -> tuple[Path, ...]:
    """Write the demonstration's source files into `folder`, with `port` in every address; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in (files("crawler.demo") / "sources").iterdir():
        if not file.name.endswith(".toml"):
            continue
        path = folder / file.name
        path.write_text(ADDRESS.sub(rf"\1:{port}", file.read_text("utf-8")), encoding="utf-8")
        written.append(path)
    return tuple(sorted(written))


def without_port(url: str) -> str:
    """The address as the plan knows it."""
    return re.sub(r"^(https?://[a-z0-9.-]+\.example):\d+", r"\1", url)
