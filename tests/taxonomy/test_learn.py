"""Words learned from labels: what is proposed, what never is, and that judging so makes fewer errors. Synthetic."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from crawler.errors import HrwatchError
from crawler.taxonomy import learn, load_taxonomy
from crawler.taxonomy.datafile import DATA
from crawler.taxonomy.evaluate import Judging, Labelled
from crawler.taxonomy.learn import Suggestion, suggest
from crawler.taxonomy.phrases import PlaceNames, phrases_of, place_names, shared_phrases
from crawler.taxonomy.proposals import Proposal
from crawler.taxonomy.word_lists import FILES
from crawler.text.fold import fold_text

PLACES = place_names(DATA, load_taxonomy().zones)
SHIPPED = {name: (DATA / name).read_text("utf-8") for name in FILES}
PAIRS = [
    ("四川省", "重庆市", "510000 500000"),
    ("山东省", "甘肃省", "370000 620000"),
    ("湖南省", "江西省", "430000 360000"),
    ("辽宁省", "吉林省", "210000 220000"),
    ("福建省", "广东省", "350000 440000"),
    ("云南省", "贵州省", "530000 520000"),
]


def label(title: str, lead: str, *, relevant: bool, topics: str | None = None, regions: str = "") -> Labelled:
    return Labelled(
        id=title,
        title=title,
        body=lead,
        relevant=relevant,
        regions=frozenset(regions.split()) or None,
        topics=None if topics is None else frozenset(topics.split()),
    )


def learned(labels: list[Labelled], folder: Path, files: Mapping[str, str] = SHIPPED) -> Suggestion:
    """What is suggested, tried in `folder`."""

    def build(files: Mapping[str, str]) -> Judging:
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
        taxonomy = load_taxonomy(folder)
        return lambda one: taxonomy.judge(title=fold_text(one.title), body=fold_text(one.body))

    return suggest(labels, files, build, places=PLACES, zones=load_taxonomy().zones)


def found(suggestion: Suggestion) -> dict[tuple[str, str], Proposal]:
    return {(one.word, one.target): one for one in suggestion.proposals}


# nobody's vocabulary has 灵犀工程: what it is, only labels can tell
UNKNOWN = [
    label(
        f"{a}{b}签署灵犀工程合作协议", f"{a}与{b}签署灵犀工程合作协议，明确第{n}批任务。", relevant=True, regions=codes
    )
    for n, (a, b, codes) in enumerate(PAIRS)
]
OTHERS = [
    label(f"{a}{b}签署防洪合作协议", f"{a}与{b}水利部门签署防洪合作协议，明确第{n}批任务。", relevant=False)
    for n, (a, b, _codes) in enumerate(PAIRS)
]
KNOWN = [
    label(f"{a}{b}签署劳务协作协议", f"{a}人社厅与{b}人社厅签署劳务协作协议，第{n}次。", relevant=True, regions=codes)
    for n, (a, b, codes) in enumerate(PAIRS)
]


def test_a_word_that_labels_speak_for_is_proposed_and_mends_what_was_missed(tmp_path: Path) -> None:
    labels = UNKNOWN + OTHERS + KNOWN
    suggestion = learned(labels, tmp_path)
    proposal = found(suggestion)["灵犀工程", "subject"]
    assert (proposal.old, proposal.new, proposal.support, proposal.against) == (None, "3", 6, 0)
    assert len(proposal.examples) == 3
    assert suggestion.before.measures["relevance_clear"].recall == 0.5
    assert suggestion.after.measures["relevance_clear"].f1 == 1.0
    assert suggestion.held_out is not None
    before, after = suggestion.held_out
    assert before.measures["relevance_clear"].recall == 0.5
    assert after.measures["relevance_clear"].f1 == 1.0, "learned on four fifths, it holds on the last"
    assert suggestion.files.keys() == {"vocabulary.toml"}
    table = tomllib.loads(suggestion.files["vocabulary.toml"])
    assert any("灵犀工程" in each["words"] for each in table["subject"] if each["weight"] == 3.0)


def test_the_same_labels_in_another_order_teach_the_same(tmp_path: Path) -> None:
    labels = UNKNOWN[:4] + OTHERS[:4] + KNOWN[:4]
    one, other = learned(labels, tmp_path), learned(labels[::-1], tmp_path)
    assert one.proposals == other.proposals
    assert one.files == other.files


def test_two_labels_are_no_reason(tmp_path: Path) -> None:
    suggestion = learned(UNKNOWN[:2] + OTHERS[:4] + KNOWN[:4], tmp_path)
    assert suggestion.proposals == ()
    assert suggestion.files == {}


def test_where_nothing_is_wrong_nothing_is_proposed(tmp_path: Path) -> None:
    assert learned(OTHERS + KNOWN, tmp_path).proposals == ()


def test_a_topic_learns_its_word(tmp_path: Path) -> None:
    words = [
        label(
            f"{a}{b}人社厅合作启动匠苗行动",
            f"{a}人社厅与{b}人社厅合作启动匠苗行动，第{n}期。",
            relevant=True,
            topics="skills-competition",
        )
        for n, (a, b, _codes) in enumerate(PAIRS)
    ]
    plain = [
        label(f"{a}{b}人社厅深化合作", f"{a}人社厅与{b}人社厅深化合作，第{n}期。", relevant=True, topics="")
        for n, (a, b, _codes) in enumerate(PAIRS)
    ]
    suggestion = learned(words + plain, tmp_path)
    (proposal,) = [one for one in suggestion.proposals if one.target == "skills-competition"]
    assert "匠苗" in proposal.word
    assert proposal.new == "words"
    assert suggestion.after.topics["skills-competition"].f1 == 1.0


def test_a_false_friend_is_masked_with_the_word_inside_it(tmp_path: Path) -> None:
    alarms = [
        label(f"{a}{b}签署千里劳务河治理协议", f"{a}与{b}签署千里劳务河治理协议，第{n}期。", relevant=False)
        for n, (a, b, _codes) in enumerate(PAIRS)
    ]
    suggestion = learned(alarms[:4] + KNOWN[:4], tmp_path)
    assert suggestion.before.measures["relevance_clear"].wrong == 4, "else they teach nothing"
    masks = [one for one in suggestion.proposals if one.new == "mask"]
    assert masks
    assert all(one.against == 0 and one.support >= 3 for one in masks)
    assert suggestion.after.measures["relevance_clear"].wrong < suggestion.before.measures["relevance_clear"].wrong
    assert suggestion.after.measures["relevance_clear"].recall == 1.0


def test_a_listed_word_that_says_too_little_is_raised(tmp_path: Path) -> None:
    lowered = SHIPPED["vocabulary.toml"].replace('"劳务", ', "", 1).replace('"人社", ', "", 1)
    lowered += '\n[[subject]]\nweight = 0.5\nwords = ["灵犀工程"]\n'
    suggestion = learned(UNKNOWN + OTHERS, tmp_path, {**SHIPPED, "vocabulary.toml": lowered})
    raised = [one for one in suggestion.proposals if one.word == "灵犀工程"]
    assert raised
    assert raised[0].old == "0.5"
    assert tomllib.loads(suggestion.files["vocabulary.toml"])["subject"][-1]["words"] == []


@pytest.mark.parametrize("phrase", ["雅安", "雅安市人社局", "川渝合作", "遂宁潼南", "渝北就业", "成都都市圈"])
def test_the_name_of_a_place_is_no_word(phrase: str) -> None:
    assert PLACES.in_phrase(phrase)


@pytest.mark.parametrize("phrase", ["技能等级", "灵犀工程", "零工市场"])
def test_a_word_is_no_place(phrase: str) -> None:
    assert not PLACES.in_phrase(phrase)


def test_no_proposal_names_a_place_however_often_labels_do(tmp_path: Path) -> None:
    towns = [label("雅安签署合作协议", f"雅安市与眉山市签署合作协议，第{n}号。", relevant=True) for n in range(6)]
    for one in learned(towns + OTHERS, tmp_path).proposals:
        assert "雅安" not in one.word
        assert "眉山" not in one.word


def test_phrases_begin_and_end_like_words_and_the_longest_of_a_kind_speaks() -> None:
    assert phrases_of("社保与就") == {"社保", "保与就", "社保与就"}
    assert phrases_of("的社保") == {"社保"}
    texts = [phrases_of(text) for text in ("新技能岗来了", "新技能岗开了", "技能岗开了")]
    assert shared_phrases(texts, 2) == {"技能岗": (0, 1, 2), "技能岗开": (1, 2), "新技能岗": (0, 1)}
    names = PlaceNames(names=frozenset({"雅安"}), loose=frozenset(), characters=frozenset("川渝"))
    assert names.without("在雅安和川渝就业") == "在\n和\n就业"


def test_without_the_extra_it_is_said_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.svm", None)
    with pytest.raises(HrwatchError, match="learn"):
        learned(KNOWN, tmp_path)
    assert learn.speaking_for([], {}, [], []) == {}
