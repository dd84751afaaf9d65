from __future__ import annotations

import pytest

from crawler.text.likeness import may_be_alike
from crawler.text.shingles import Text, text_of
from crawler.text.swaps import names_apart
from tests.text.test_shingles import edited, prose

_FORM = "{0}市人力资源和社会保障局决定招聘。凡在{0}市居住者可到{0}市人才中心报名，由{0}市统一组织。" + prose(7, 8)


def apart(one: Text, other: Text) -> bool:
    shared = len(set(one.grams.tolist()) & set(other.grams.tolist()))
    found = names_apart(one, other, shared=shared)
    assert found == names_apart(other, one, shared=shared)
    return found


@pytest.mark.parametrize("pair", [("成都", "绵阳"), ("阿坝藏族", "凉山彝族"), ("广元", "巴中")])
def test_one_form_of_two_cities(pair: tuple[str, str]) -> None:
    assert apart(*(text_of("招聘公告", _FORM.format(city)) for city in pair))


def test_cities_that_share_a_character_are_told_by_their_titles() -> None:
    assert apart(*(text_of(f"{city}市招聘公告", _FORM.format(city)) for city in ("广元", "广安")))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_FORM.format("雅安"), _FORM.replace("{0}市", "我市")),
        (_FORM.format("雅安"), edited(_FORM.format("雅安"), 0.1)),
        (_FORM.format("雅安"), "本报讯" + _FORM.format("雅安")[:-30]),
        (_FORM.format("雅安").replace("人力资源和社会保障局", "人社局"), _FORM.format("雅安")),
        (_FORM.format("雅安"), _FORM.format("雅安").replace("成", "戍")),  # a variant that folding does not know
    ],
    ids=["own city", "edited", "cut", "an agency's short name", "variant"],
)
def test_reprints_have_no_names_swapped(one: str, other: str) -> None:
    assert not apart(text_of("招聘公告", one), text_of("招聘公告", other))


def test_a_look_misses_no_reprint_and_spares_the_rest() -> None:
    report = prose(3, 30)
    for seed in range(200):
        assert may_be_alike(report, edited(report, 0.12, seed))
        assert may_be_alike("央视网消息" + report[: len(report) // 3], report)
    strangers = [may_be_alike("央视网消息" + prose(seed), "央视网消息" + prose(seed + 1)) for seed in range(100)]
    assert not any(strangers)
