"""The demonstration's source files are good ones, and carry the server's port."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from crawler.catalogue import load_catalogue
from crawler.demo import DemoSite, demo_addresses, demo_hosts, stranger_hosts, without_port, write_sources

FAMILIES = {"showlist", "ucap", "generic", "founder", "feed"}


def test_written_sources_load_and_cover_the_site(tmp_path: Path, site: DemoSite) -> None:
    paths = write_sources(tmp_path / "sources", 4711)
    catalogue = load_catalogue([tmp_path / "sources"], families=FAMILIES, is_adcode=lambda code: len(code) == 6)
    assert len(paths) == len(catalogue) == 16
    assert {source.family for source in catalogue} == FAMILIES
    assert {host for source in catalogue for host in source.hosts} == set(demo_hosts())
    assert {item.source for item in site.items} <= {source.id for source in catalogue}
    for source in catalogue:
        for page in source.lists:
            assert urlsplit(page.url).port == 4711


def test_strangers_are_nobodys_sources() -> None:
    assert not set(stranger_hosts()) & set(demo_hosts())
    assert set(demo_addresses()) == set(stranger_hosts()) | set(demo_hosts())
    assert demo_addresses()["neiwang.example"] == "127.0.0.2"
    assert list(demo_addresses().values()).count("127.0.0.1") == len(demo_addresses()) - 1


def test_every_list_answers(tmp_path: Path, site: DemoSite) -> None:
    write_sources(tmp_path, 1)
    catalogue = load_catalogue([tmp_path], families=FAMILIES, is_adcode=lambda code: True)
    statuses = {}
    for source in catalogue:
        for page in source.lists:
            parts = urlsplit(page.url)
            if "{" not in page.url:
                statuses[source.id] = site.answer("GET", parts.netloc, parts.path, {}).status
    assert {name for name, status in statuses.items() if status != 200} == {"demo-zhangai-blocked"}


def test_without_port_leaves_other_addresses_alone() -> None:
    assert without_port("http://rsj.yanjiang.example:80/x:1") == "http://rsj.yanjiang.example/x:1"
    assert without_port("http://10.0.0.1:80/") == "http://10.0.0.1:80/"
    assert without_port("javascript:void(0)") == "javascript:void(0)"
