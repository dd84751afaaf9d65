"""Who published first, by name: aliases, addresses, what pages glue to a name, and what only looks alike. Synthetic."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive.storing.folding import fold_name
from archive.storing.publisher import Candidate, first_source, in_order
from tests.archive.making import NOW

LATE = timedelta(days=3)


def member(
    site: str, source_name: str | None = None, *, host: str = "x.example", age: timedelta = timedelta(days=1)
) -> Candidate:
    return Candidate(
        item_id=hash((site, host)) % 1000,
        url_key=f"{host}/1.html",
        title="题",
        site_name=site,
        source_name=source_name,
        published=NOW - age,
        first_seen_at=NOW,
        repairs=0,
        body_chars=500,
        is_link_only=False,
    )


def first_of(*members: Candidate) -> tuple[str, str]:
    ordered = in_order(members, fold_name)
    assert in_order(members[::-1], fold_name)[0] == ordered[0]
    return ordered[0].site_name, first_source(ordered, fold_name)


@pytest.mark.parametrize(
    ("site", "source_name"),
    [
        ("四川日报", "四川日报"),
        ("四川日报", "《四川日报》"),
        ("四川日报", "来源：四川日报"),
        ("四川日报", "四川日报 作者：张三"),
        ("四川日报", "四川日报记者 李四"),
        ("四川日报", "四川日报 2026-03-01 10:20"),
        ("四川日报", "四川日报2026年3月1日"),
        ("四川日报", "四川日报、川观新闻"),
        ("四川日报", "四川日报数字版"),
        ("四川日报", "四川日報"),
        ("四川日报数字报", "四川日报"),
        ("人民网四川频道", "人民网"),
        ("新华网", "新华社"),
        ("新华网", "新华社北京5月1日电"),
        ("中国新闻网", "中新网"),
        ("中国新闻网", "中新社"),
        ("雅安市人力资源和社会保障局", "雅安市人社局"),
        ("雅安市人力资源和社会保障局", "雅安市人力资源和社会保障局 川人社发〔2023〕12号"),
        ("雅安市人社局", "市人社局"),
        ("雅安市人民政府", "雅安市人民政府门户网站"),
        ("人力资源和社会保障部", "中华人民共和国人力资源和社会保障部"),
    ],
)
def test_named_site_is_first_though_it_published_later(site: str, source_name: str) -> None:
    assert first_of(member("某门户", source_name, age=LATE), member(site))[0] == site


@pytest.mark.parametrize(
    ("site", "source_name"),
    [
        ("人民网", "人民日报"),
        ("人民日报", "人民网"),
        ("四川经济日报", "经济日报"),
        ("经济日报", "四川经济日报"),
        ("四川日报", "四川经济日报"),
        ("重庆日报", "四川日报"),
        ("雅安市人社局", "雅安市人社局雨城分局"),
        ("雅安市人社局", "成都市人社局"),
        ("四川日报", "网络"),
        ("四川日报", "本网讯"),
        ("四川日报", "转载"),
    ],
)
def test_other_name_does_not_make_a_site_first(site: str, source_name: str) -> None:
    assert first_of(member("某门户", source_name, age=LATE), member(site))[0] == "某门户"


@pytest.mark.parametrize("source_name", ["www.scol.com.cn", "https://scol.com/", "scol.com.cn"])
@pytest.mark.parametrize("host", ["scol.com.cn", "scol.com"])
def test_site_named_by_its_address(source_name: str, host: str) -> None:
    assert first_of(member("某门户", source_name, age=LATE), member("四川在线", host=host))[0] == "四川在线"


@pytest.mark.parametrize("source_name", ["本网", "本站原创", "本网讯", "本报讯"])
def test_own_word_is_the_site_itself(source_name: str) -> None:
    others = (member("甲网", age=LATE), member("乙网", "丙社", age=LATE))
    assert first_of(member("四川在线", source_name), *others) == ("四川在线", "四川在线")


def test_a_name_weighs_more_than_an_own_word() -> None:
    assert (
        first_of(member("某门户", "本网讯", age=LATE), member("甲网", "四川日报"), member("四川日报"))[0] == "四川日报"
    )


def test_who_names_its_own_site_is_first() -> None:
    assert first_of(member("某门户", age=LATE), member("四川日报", "四川日报")) == ("四川日报", "四川日报")


@pytest.mark.parametrize(
    ("source_name", "shown"),
    [
        ("来源：四川日报 作者：张三", "四川日报"),
        ("四川日报 2026-03-01 10:20", "四川日报"),
        ("《四川日报》", "四川日报"),
        ("新华社北京5月1日电", "新华社"),
        ("四川日报、川观新闻", "四川日报、川观新闻"),
        ("作者：张三", "作者：张三"),
    ],
)
def test_name_is_shown_without_what_is_glued_to_it(source_name: str, shown: str) -> None:
    assert first_of(member("某门户", source_name))[1] == shown


@pytest.mark.parametrize(
    "hostile", ["", " ", "：", "《》", "来源：", "a" * 100_000, "《" * 5000, "\x00\ud800", "四川日报" + "网网站" * 60]
)
def test_hostile_names_cost_nothing(hostile: str) -> None:
    site, _source = first_of(member("某门户", hostile, age=LATE), member("四川日报"))
    assert site == "某门户"
