"""The shipped registry: it loads, it covers the ground that it promises to, and its facts hold together."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.catalogue import SHIPPED, Catalogue, load_catalogue
from crawler.extract.rows import matches
from crawler.model import Source, Status
from crawler.taxonomy import load_taxonomy
from crawler.wiring import families
from tests.sources.examples import FAMILIES, SOURCES, WITHOUT_PATTERN

FILES = sorted(SHIPPED.rglob("*.toml"))
DIVISIONS = load_taxonomy().divisions

MAX_LISTS = 3
MAX_NOTE_CHARS = 200

FOLDERS = {
    "10": "national", "11": "beijing", "12": "tianjin", "13": "hebei", "14": "shanxi", "15": "neimenggu",
    "21": "liaoning", "22": "jilin", "23": "heilongjiang", "31": "shanghai", "32": "jiangsu", "33": "zhejiang",
    "34": "anhui", "35": "fujian", "36": "jiangxi", "37": "shandong", "41": "henan", "42": "hubei", "43": "hunan",
    "44": "guangdong", "45": "guangxi", "46": "hainan", "50": "chongqing", "51": "sichuan", "52": "guizhou",
    "53": "yunnan", "54": "xizang", "61": "shaanxi", "62": "gansu", "63": "qinghai", "64": "ningxia", "65": "xinjiang",
}  # fmt: skip

# The HR bureaus of Chongqing's districts have no hosts of their own: they live under /bm_<n>/ of the district's.
SHARED = frozenset(
    {
        "www.beibei.gov.cn",
        "www.cqbn.gov.cn",
        "www.cqfd.gov.cn",
        "www.cqfj.gov.cn",
        "www.cqjlp.gov.cn",
        "www.cqkz.gov.cn",
        "www.cqlp.gov.cn",
        "www.cqna.gov.cn",
        "www.cqnc.gov.cn",
        "www.cqqj.gov.cn",
        "www.cqspb.gov.cn",
        "www.cqtn.gov.cn",
        "www.cqws.gov.cn",
        "www.cqwx.gov.cn",
        "www.cqxs.gov.cn",
        "www.cqyz.gov.cn",
        "www.dazu.gov.cn",
        "www.fl.gov.cn",
        "www.jiangjin.gov.cn",
        "www.psx.gov.cn",
        "www.qianjiang.gov.cn",
        "www.rongchang.gov.cn",
        "www.wz.gov.cn",
        "www.ybq.gov.cn",
        "www.youyang.gov.cn",
        "www.zhongxian.gov.cn",
    }
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue([SHIPPED], families=families(), is_adcode=DIVISIONS.is_known)


@pytest.fixture(scope="module")
def patterns() -> dict[str, str | None]:
    """What an article's address looks like, by family."""
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    return {name: loader.load(name).article_pattern for name in loader.list()}  # type: ignore[attr-defined]


def _facts(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def test_every_file_is_a_source(catalogue: Catalogue) -> None:
    assert {source.id for source in catalogue} == {path.stem for path in FILES}
    assert len(catalogue) >= 150
    assert len(catalogue.active()) >= 100


def test_all_provincial_hr_departments(catalogue: Catalogue) -> None:
    found = {source.adcode for source in catalogue if source.kind == "gov-hrss" and source.level == "province"}
    provinces = {f"{prefix}0000" for prefix in FOLDERS if prefix != "10"}
    assert len(provinces) == 31
    assert found == provinces
    for adcode in provinces:
        name = DIVISIONS.name(adcode) or ""
        assert any(
            source.adcode == adcode and re.fullmatch(f"{name}人力资源和社会保障[厅局]", source.name)
            for source in catalogue
        ), name


@pytest.mark.parametrize("kind", ["gov", "gov-hrss"])
def test_all_prefectures_of_sichuan(catalogue: Catalogue, kind: str) -> None:
    prefectures = {code for code in DIVISIONS.children("510000") if code.endswith("00")}
    assert len(prefectures) == 21
    assert prefectures <= {source.adcode for source in catalogue if source.kind == kind and source.level == "city"}


def test_the_ministry_and_tibet(catalogue: Catalogue) -> None:
    ministry = catalogue.get("mohrss")
    assert ministry is not None
    assert ministry.adcode == "100000"
    assert ministry.lists[0].url.endswith("/dfdt/index.html")  # 地方动态 before all else
    tibet = {source.adcode for source in catalogue if source.adcode.startswith("54")}
    assert {"540000", *DIVISIONS.children("540000")} <= tibet


def test_news_comes_before_policy(catalogue: Catalogue) -> None:
    """A source that has columns of places or of the body's own work lists them before notices and documents."""
    later = re.compile(r"公[示告]|通知|政策|文件|法规|招[聘考录]")
    news = re.compile(r"动态|要闻|资讯")
    for path in FILES:
        names = [page.get("name", "") for page in _facts(path)["list"]]
        seen_later = False
        for name in names:
            assert not (seen_later and news.search(name)), (path.stem, names)
            seen_later = seen_later or (bool(later.search(name)) and not news.search(name))


def test_what_a_source_holds_is_said(catalogue: Catalogue) -> None:
    columns = Counter(source.column for source in catalogue.active())
    # of what is polled, this much has news among its lists; the rest is marked as notices or policy documents
    assert columns["news"] + columns["mixed"] >= 40
    assert columns["notices"] >= 15
    assert columns["policy"] >= 50


def test_hosts_are_shared_on_purpose_only(catalogue: Catalogue) -> None:
    by_host: dict[str, list[Source]] = defaultdict(list)
    for source in catalogue:
        for host in source.hosts:
            by_host[host].append(source)
    shared = {host: sources for host, sources in by_host.items() if len(sources) > 1}
    assert set(shared) == SHARED
    for sources in shared.values():
        assert len({source.adcode for source in sources}) == 1
        assert sorted(source.kind for source in sources) == ["gov", "gov-hrss"]


def test_every_family_has_an_example(patterns: dict[str, str | None]) -> None:
    assert {name for name, pattern in patterns.items() if pattern is None} <= WITHOUT_PATTERN
    for name, pattern in patterns.items():
        if pattern is not None:
            for path in FAMILIES[name]:
                assert matches(re.compile(pattern), urljoin("https://www.jia.example/", path)), (name, path)


def test_article_patterns_match_what_was_seen(catalogue: Catalogue, patterns: dict[str, str | None]) -> None:
    own = {source.id for source in catalogue if source.article is not None}
    assert own <= set(SOURCES)
    for source in catalogue:
        pattern = source.article or patterns[source.family]
        if pattern is None:
            continue
        if source.article is not None:
            assert matches(re.compile(pattern), urljoin(source.home, SOURCES[source.id])), source.id
        # nor is a list an article
        for page in source.lists:
            assert not matches(re.compile(pattern), page.url), (source.id, page.url)


def test_active_sources_can_be_read_without_guessing(catalogue: Catalogue, patterns: dict[str, str | None]) -> None:
    """The heuristic finds rows of its own: a polled source says what its articles or its rows look like."""
    for source in catalogue.active():
        for page in source.lists:
            assert page.rows or page.article or source.article or patterns[source.family], source.id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_facts_of_one_file(path: Path) -> None:
    facts = _facts(path)
    assert path.parent.name == FOLDERS[facts["adcode"][:2]]
    assert re.fullmatch(r"[\u4e00-\u9fff（）]+", facts["name"])
    assert 1 <= len(facts["list"]) <= MAX_LISTS
    hosts = {urlsplit(facts["home"]).hostname, *facts.get("hosts", ())}
    for page in facts["list"]:
        assert urlsplit(page["url"]).hostname in hosts
    assert {"min_rows", "max_silence_days"} == set(facts["expect"])
    assert facts["expect"]["min_rows"] >= 1
    for note in facts.get("notes", ()):
        assert len(note["text"]) <= MAX_NOTE_CHARS
    if facts.get("status") == Status.BLOCKED:
        assert facts["why"]
        assert facts["since"]
    else:
        assert "why" not in facts
    if facts.get("status", Status.ACTIVE) == Status.ACTIVE:
        assert "column" in facts
