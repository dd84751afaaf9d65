"""What was done, by whom, and who signed which agreement. All texts are synthetic."""

from __future__ import annotations

import pytest

from crawler.model import Judgement
from tests.taxonomy.cases import TAXONOMY, judge


@pytest.mark.parametrize(
    ("text", "act", "strength"),
    [
        ("四川省人社厅与重庆市人社局签署劳务协作协议", "signing", 1),
        ("川渝人力资源服务产业园揭牌", "plaque", 1),
        ("川渝人力资源服务产业园联盟成立", "league", 1),
        ("川渝人社部门召开合作联席会议", "meeting", 2),
        ("川渝人社部门举行劳务工作座谈会", "meeting", 2),
        ("四川省人社厅、重庆市人社局联合印发职称互认办法", "document", 2),
        ("川渝人社部门联合开展欠薪案件协查", "joint", 2),
        ("宁波市人社局结对帮扶凉山州就业工作", "assistance", 2),
        ("重庆市人社局赴四川考察技工教育", "visit", 3),
        ("四川省人社厅与重庆市人社局将签署劳务合作协议", "plan", 4),
    ],
)
def test_kinds_of_act_and_their_strength(text: str, act: str, strength: int) -> None:
    assert (act, strength) in judge(text, text + "。").acts
    assert TAXONOMY.acts[act].strength == strength


def test_the_firmest_act_comes_first() -> None:
    judgement = judge("川渝人社部门座谈并签署协议", "双方考察产业园,四川省人社厅、重庆市人社局签署协议。")
    assert [strength for _, strength in judgement.acts] == sorted(strength for _, strength in judgement.acts)
    assert judgement.acts[0] == ("signing", 1)


def test_bodies_that_act_are_named_with_their_places() -> None:
    body = "雅安市人力资源和社会保障局与西藏自治区林芝市委组织部签署人才合作协议。"
    assert judge("雅安林芝签署人才合作协议", body).agencies == (
        ("雅安市人力资源和社会保障局", "511800"),
        ("林芝市委组织部", "540400"),
    )


def test_a_body_that_only_looks_on_is_no_agency_of_the_item() -> None:
    body = "杭州市人社局与广元市人社局签署劳务协议。会议此前在南京举行,全程直播。"
    places = {adcode for _, adcode in judge("杭州广元签署劳务协议", body).agencies}
    assert places == {"330100", "510800"}


def signers(judgement: Judgement) -> dict[str, tuple[str, ...]]:
    """Of each agreement, the adcodes of its parties; () where the text does not tell."""
    pairs = [one.key.split(" ", 1) for one in judgement.evidence if one.part == "agreement-party"]
    return {name: tuple(adcode for adcode, signed in pairs if signed == name) for name in judgement.agreements}


def test_every_agreement_has_its_own_parties() -> None:
    body = (
        "会上,四川省人社厅与重庆市人社局签署《川渝劳动保障监察合作协议》。"
        "雅安市人社局与永川区人社局签署《雅永劳务协作协议》。"
    )
    judgement = judge("川渝人社合作会议签署多项协议", body)
    assert judgement.agreements == ("川渝劳动保障监察合作协议", "雅永劳务协作协议")
    assert {name: set(codes) for name, codes in signers(judgement).items()} == {
        "川渝劳动保障监察合作协议": {"510000", "500000"},
        "雅永劳务协作协议": {"511800", "500118"},
    }


def test_a_zone_in_the_name_stands_for_its_sides() -> None:
    judgement = judge("川渝人社合作", "会上签署了《川渝劳动保障监察合作协议》,两地人社部门出席。")
    assert set(signers(judgement)["川渝劳动保障监察合作协议"]) == {"510000", "500000"}


def test_of_many_parties_none_is_guessed_to_have_signed() -> None:
    body = "泸州市人社局、内江市人社局、自贡市人社局与宜宾市人社局、江津区人社局开会。会上发布《人力资源合作倡议书》。"
    judgement = judge("五地人社部门召开劳务协作联席会议", body)
    assert len(judgement.parties) > 3
    assert signers(judgement) == {"人力资源合作倡议书": ()}
