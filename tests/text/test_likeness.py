"""Every kind of reprint that is to be joined, and every kind of likeness that is not one. All texts are synthetic."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from crawler.text.fold import fold_text
from crawler.text.likeness import Likeness, likeness
from crawler.text.shingles import Evidence, Text, text_of

DAY = datetime(2024, 3, 5, tzinfo=UTC)
_WORDS = (
    "人力资源 社会保障 部门 联合 签署 合作 协议 推动 人才 流动 岗位 信息 共享 职称 互认 技能 培训 劳务 品牌 建设"
    " 就业 服务 平台 企业 专家 调研 座谈 代表 表示 双方 将 围绕 产业 需求 开展 对接 活动 提升 质量 优化 环境 完善"
    " 机制 重点 项目 落实 政策 支持 高校 毕业生 创业 园区 示范 引领 加快 形成 格局 群众 满意 成效 明显 下一步 继续"
)


def prose(seed: int | str, sentences: int = 12) -> str:
    """Sentences of real words in a drawn order: two seeds share words and hardly a phrase."""
    chance, words = random.Random(f"likeness {seed}"), _WORDS.split()
    return "".join("".join(chance.choices(words, k=chance.randint(6, 12))) + "。" for _ in range(sentences))


def compare(one: Text, other: Text) -> Likeness | None:
    found = likeness(one, other)
    assert found == likeness(other, one)
    return found


def told(title: str, body: str, **known: object) -> Text:
    return text_of(fold_text(title), fold_text(body), Evidence(**known))  # type: ignore[arg-type]


REPORT = prose("report", 36)
TITLE = "川渝两地签署人力资源合作协议"


def edited(body: str, share: float) -> str:
    chance = random.Random(1)
    return "".join(chance.choice("甲乙丙丁戊己庚辛") if chance.random() < share else character for character in body)


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        pytest.param(TITLE, REPORT, "same-body", id="the same"),
        pytest.param("快讯｜两地携手", REPORT.replace("。", "，\n"), "same-body", id="retitled, other punctuation"),
        pytest.param(TITLE, "来源：合成日报 字体：大 中 小\n" + REPORT + "\n责任编辑：甲", "near-body", id="framed"),
        pytest.param(TITLE, edited(REPORT, 0.05), "near-body", id="edited"),
        pytest.param(
            "川渝兩地簽署人力資源合作協議",
            REPORT.replace("协议", "協(xié)議").replace("。", ",。"),
            "same-body",
            id="traditional with glosses and doubled punctuation",
        ),
        pytest.param(
            TITLE,
            "发布时间：2024-03-06 09:00 浏览次数：57\n" + REPORT,
            "near-body",
            id="with a day and a count of its own",
        ),
        pytest.param("两地签约", REPORT[: len(REPORT) // 3], "excerpt", id="first third, retitled"),
        pytest.param(TITLE, "编者按：" + prose("note", 3) + "\n" + REPORT, "near-body", id="with an editor's note"),
        pytest.param("另一个题目", "原标题：" + TITLE + "\n" + REPORT, "near-body", id="with the former title"),
        pytest.param(TITLE, REPORT[-len(REPORT) // 3 :], "excerpt", id="second page under the same title"),
    ],
)
def test_reprints(title: str, body: str, reason: str) -> None:
    report = "发布时间：2024-03-05 17:30 浏览次数：3102\n" + REPORT if "浏览" in body else REPORT
    found = compare(told(TITLE, report), told(title, body))
    assert found is not None
    assert found.reason == reason


FIGURES = "{day}日0—24时，新增{a}例，累计{b}例，治愈出院{c}例，尚在隔离观察{d}人。"


def bulletin(day: int) -> Text:
    chance = random.Random(day)
    drawn = {name: chance.randint(3, 900) for name in "abcd"}
    return told(f"3月{day}日情况通报", prose("bulletin", 5) + FIGURES.format(day=day, **drawn) + prose("end", 5))


NOTICE = (
    "根据工作安排，{city}市人力资源和社会保障局决定开展职业技能提升行动。凡在{city}市参加职工基本医疗保险的人员均可报名。"
    "报名者请到{city}市人才服务中心提交身份证明、学历证书和近期照片，并填写申请表。培训结束后由{city}市统一组织考核，"
    "合格者发给证书。培训期间的食宿由学员自理，未尽事宜由主办单位负责解释。" + prose("notice", 8)
)
POLICY = prose("policy", 30)
SPEECH = prose("speech", 60)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(bulletin(4), bulletin(5), id="daily figures"),
        pytest.param(told("公告（第3号）", REPORT), told("公告（第4号）", REPORT), id="numbered notices with one body"),
        pytest.param(
            told("公告", f"第12号{REPORT}共录用35人，递补6人，放弃2人。"),
            told("公告", f"第13号{REPORT}共录用48人，递补3人，放弃5人。"),
            id="numbered notices",
        ),
        pytest.param(
            told("第二批拟聘用人员公示", REPORT), told("第三批拟聘用人员公示", REPORT), id="recruitment rounds"
        ),
        pytest.param(
            told("成都市技能提升行动通知", NOTICE.format(city="成都")),
            told("绵阳市技能提升行动通知", NOTICE.format(city="绵阳")),
            id="one notice of two cities",
        ),
        pytest.param(
            told("技能提升行动通知", NOTICE.format(city="成都")),
            told("技能提升行动通知", NOTICE.format(city="绵阳")),
            id="one notice of two cities under one title",
        ),
        pytest.param(
            told("关于印发人才合作办法的通知", POLICY),
            told("《人才合作办法》政策解读", POLICY[: len(POLICY) // 2] + prose("why", 14)),
            id="a policy and its interpretation",
        ),
        pytest.param(
            told("人才合作办法", POLICY[: len(POLICY) // 2]),
            told("一图读懂人才合作办法", prose("what", 3) + POLICY),
            id="a policy within its interpretation",
        ),
        pytest.param(
            told(TITLE, "双方签署了协议。" + prose("hand one")),
            told(TITLE, "双方签署了协议。" + prose("hand two")),
            id="one event by two hands",
        ),
        pytest.param(told(TITLE, REPORT[:160]), told("某某讲话", prose(0, 30) + REPORT), id="quoted far down"),
        pytest.param(
            told("某某发表讲话", prose("about", 6) + SPEECH[:200]),
            told("在大会上的讲话", SPEECH),
            id="report and speech",
        ),
        pytest.param(
            told(TITLE, REPORT), told("一周要闻", REPORT + prose("b", 8) + prose("c", 8)), id="first of a digest"
        ),
        pytest.param(
            told(TITLE, REPORT),
            told("人社动态三则", f"{TITLE}\n{REPORT}\n成渝人才大会举行\n{prose('b')}\n技能大赛开幕\n{prose('c')}"),
            id="first of a digest with headings",
        ),
        pytest.param(
            told("技能大赛开幕", prose("c")),
            told("人社动态三则", f"{TITLE}\n{REPORT}\n成渝人才大会举行\n{prose('b')}\n技能大赛开幕\n{prose('c')}"),
            id="last of a digest",
        ),
        pytest.param(told(TITLE, "详见附件。"), told(TITLE, "详见附件。"), id="bodies of a line"),
        pytest.param(told(TITLE, ""), told(TITLE, ""), id="titles alone"),
        pytest.param(told(TITLE, prose(1)), told(TITLE, prose(2)), id="titles with other bodies"),
        pytest.param(told(TITLE, "啊" * 9000), told(TITLE, "啊" * 9001), id="one character repeated"),
        pytest.param(
            told("年度招聘公告", edited(REPORT, 0.08), published=DAY),
            told("年度招聘公告", REPORT, published=DAY - timedelta(days=366)),
            id="last year's",
        ),
        pytest.param(
            told("关于合作的通知", edited(REPORT, 0.08), document_number="川人社发〔2024〕15号"),
            told("关于合作的通知", REPORT, document_number="渝人社发〔2024〕8号"),
            id="two document numbers",
        ),
    ],
)
def test_not_joined(one: Text, other: Text) -> None:
    assert compare(one, other) is None


def test_own_city_named_by_others_is_a_reprint() -> None:
    ours, theirs = NOTICE.replace("{city}市", "我市"), NOTICE.format(city="雅安")
    assert compare(told("我市技能提升行动", ours), told("雅安市技能提升行动", theirs)) is not None


def test_evidence_moves_the_bar() -> None:
    first, second = REPORT, edited(REPORT, 0.125)
    assert compare(told(TITLE, first), told(TITLE, second)) is None
    known = {"source_name": "合成日报", "published": DAY}
    assert compare(told(TITLE, first, **known), told(TITLE, second, **known)) is not None
    number = {"document_number": "川人社发〔2024〕15号"}
    assert compare(told(TITLE, first, **number), told(TITLE, second, **number)) is not None
    # neither makes one report of two that share little
    assert compare(told(TITLE, prose(1), **known), told(TITLE, prose(2), **known)) is None


def test_the_same_words_are_the_same_report_whatever_the_evidence() -> None:
    old = told(TITLE, REPORT, published=DAY - timedelta(days=900), document_number="一号")
    assert compare(old, told(TITLE, REPORT, published=DAY, document_number="二号")) is not None


PARTS = "成渝人才协同发展观察"


def test_parts_of_a_newspaper_article() -> None:
    first = told(PARTS, prose("up") + "（下转第四版）")
    second = told(PARTS, "（上接第一版）" + prose("down"))
    found = compare(first, second)
    assert found is not None
    assert found.reason == "part"
    assert compare(first, told("别的一篇文章的题目", "（上接第一版）" + prose("down"))) is None


def test_parts_of_a_series_need_one_house_and_near_days() -> None:
    def part(name: str, body: str, *, site: str | None, day: int | None) -> Text:
        published = None if day is None else DAY + timedelta(days=day)
        return told(f"{PARTS}（{name}）", prose(body), site=site, published=published)

    first = part("上", "up", site="paper", day=0)
    found = compare(first, part("下", "down", site="paper", day=1))
    assert found is not None
    assert found.reason == "part"
    assert compare(first, part("下", "down", site="other", day=1)) is None
    assert compare(first, part("下", "down", site="paper", day=90)) is None
    assert compare(first, part("下", "down", site="paper", day=None)) is None
    assert compare(first, part("上", "down", site="paper", day=1)) is None
    assert (
        compare(
            told("时评（上）", prose(1), site="p", published=DAY), told("时评（下）", prose(2), site="p", published=DAY)
        )
        is None
    )
