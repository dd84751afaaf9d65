"""What looks like cooperation on human resources and is not. All texts are synthetic."""

from __future__ import annotations

import pytest

from tests.taxonomy.cases import judge


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("建设实体经济、科技创新、现代金融、人力资源协同发展的产业体系", "川渝合作,加快建设这一产业体系。"),
        ("川渝共建现代化产业体系", "构建人力资源与实体经济、科技创新、现代金融协同发展的产业体系,两地签署合作协议。"),
        ("构建产业体系", "加快构建人力资源协同发展产业体系,川渝携手。"),
        ("服务业方案", "四川人力资源服务与全省重点特色产业深度对接协同,服务成渝地区双城经济圈。"),
        ("成都银行与雅安市签署战略合作协议", "6家银行与雅安市签订战略合作协议,支持实体经济。"),
        ("川渝高速公路互联互通合作协议签署", "四川、重庆交通部门签署合作协议。"),
        ("川渝共建巴蜀文化旅游走廊", "两地文旅部门签订协议11份。"),
        ("川渝高竹新区道路工程劳务分包中标公告", "四川与重庆合作项目。"),
        ("泸州医保与永川医保异地就医合作", "两地医保部门签署结算合作协议。"),
        ("通江县农民专业合作社联合招工", "通江县合作社与企业结对。"),
        ("对外劳务合作企业年会", "某省境外劳务合作企业签署协议。"),
        ("张某诉重庆某公司劳务纠纷达成调解协议", "四川籍工人张某与公司签订调解协议。"),
        ("成都市、重庆市2024年公开招聘事业单位工作人员公告", "两市人社局联合公开招聘。"),
        ("川渝职业资格考试报名通知", "川渝两地人社部门联合发布考试报名时间。"),
        ("关于赴重庆挂职干部的任前公示", "根据川渝人才合作安排,拟选派。"),
        ("川渝人力资源服务采购项目中标公告", "成都与重庆合作项目。"),
        ("成都举办春风行动招聘会", "1月8日,成都市人社局联合总工会举办招聘会,提供岗位5000个。"),
        ("四川省技能大赛在成都举行", "成都、绵阳、德阳等21个市州代表队参赛,省人社厅主办。"),
        ("遂宁潼南共建产业园 带动就业5000人", "两地签约工业项目20个。"),
        ("人力资源软件限时优惠 川渝人社系统都在用", "川渝人社系统都在用的软件,限时五折。"),
        ("我国试点人力资源服务业融合发展", "人社部确定北京、上海、长沙等39个试点城市,协同推进就业。"),
        ("关于川渝社保系统停机维护的公告", "四川、重庆社保业务将联合升级,暂停办理。"),
        ("", ""),
    ],
)
def test_is_not_relevant(title: str, body: str) -> None:
    assert not judge(title, body).relevant


def test_a_masked_slogan_is_evidence_and_does_not_drop_the_article() -> None:
    body = (
        "川渝两地人社部门签署统一人力资源市场准入管理协议,"
        "着力构建人力资源与实体经济、科技创新、现代金融协同发展的产业体系。"
    )
    judgement = judge("川渝人力资源服务产业园联盟成立", body)
    assert judgement.relevant
    slogan = next(reason for reason in judgement.evidence if reason.part == "mask")
    assert body[slogan.start : slogan.end] == slogan.text
    assert "产业体系" in slogan.text


def test_a_joint_fair_is_no_recruitment_notice() -> None:
    body = "成都市人社局与重庆市人社局联合举办招聘会。"
    assert judge("川渝联合招聘会举行", body).relevant
