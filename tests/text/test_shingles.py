from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.likeness import likeness, titles_alike
from crawler.text.shingles import ANCHOR_BAND, prints_of, text_of

_CHARACTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]


def prose(seed: int, sentences: int = 20) -> str:
    rng = random.Random(seed)
    return "".join("".join(rng.choices(_CHARACTERS, k=rng.randint(20, 40))) + "。" for _ in range(sentences))


def edited(text: str, share: float, seed: int = 1) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(_CHARACTERS) if rng.random() < share else character for character in text)


def shared_bands(one: str, other: str) -> int:
    return len(set(prints_of(text_of("", one)).bands) & set(prints_of(text_of("", other)).bands))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (prose(1), "same-body"),
        (prose(1).replace("。", "，\n"), "same-body"),
        ("合成网讯 某某报道 " + prose(1) + " 责任编辑某某 返回首页 打印本页", "near-body"),
        (edited(prose(1), 0.05), "near-body"),
        (edited(prose(1), 0.08), "near-body"),
        (prose(1, 7), "excerpt"),
        ("合成网讯" + prose(1, 7), "excerpt"),
    ],
)
def test_reprints_are_found_and_verified(other: str, reason: str) -> None:
    found = likeness(text_of("甲", prose(1)), text_of("乙", other))
    assert found is not None
    assert found.reason == reason
    assert shared_bands(prose(1), other) >= 1


@pytest.mark.parametrize(
    "other",
    [prose(2), prose(2) + prose(3), "一行字。", "", prose(2, 10) + prose(1, 6) + prose(3, 10)],
    ids=["another", "longer", "short", "empty", "inside a digest"],
)
def test_others_are_not(other: str) -> None:
    assert likeness(text_of("甲", prose(1, 6)), text_of("乙", other)) is None


def test_short_texts_have_no_prints() -> None:
    assert prints_of(text_of("", "一行字。")).body_hash is None
    assert prints_of(text_of("", "啊" * 5000)).bands == ()


def test_long_texts_have_bounded_prints() -> None:
    bands = prints_of(text_of("", prose(1, 5000))).bands
    assert sum(band == ANCHOR_BAND for band, _ in bands) <= 96
    assert all(-(2**63) <= value < 2**63 for _, value in bands)


def test_figures_tell_bulletins_apart_and_not_reprints() -> None:
    words = prose(4, 6)
    report = f"{words}新增12例，累计345例，治愈67例。{prose(5, 6)}"
    other_day = f"{words}新增31例，累计376例，治愈70例。{prose(5, 6)}"
    reprint = f"某报3月5日讯 {report}"
    assert likeness(text_of("通报", report), text_of("通报", other_day)) is None
    assert likeness(text_of("通报", report), text_of("通报", reprint)) is not None


def test_titles_that_count_are_apart() -> None:
    body = prose(6)
    assert likeness(text_of("公告第3号", body), text_of("公告第4号", body)) is None
    assert likeness(text_of("第三批名单", body), text_of("第四批名单", body)) is None
    assert likeness(text_of("公告第3号", body), text_of("公告第3号", body)) is not None


def test_titles_alike() -> None:
    assert titles_alike("川渝携手 人才协同发展大有可为", "川渝携手：人才协同发展大有可为！")
    assert not titles_alike("川渝携手", "川藏合作")


@given(st.text(alphabet="川渝藏雅安12，。", max_size=300), st.text(alphabet="川渝藏雅安12，。", max_size=300))
def test_likeness_is_symmetric(one: str, other: str) -> None:
    first, second = text_of("甲1", one), text_of("甲2", other)
    assert likeness(first, second) == likeness(second, first)
