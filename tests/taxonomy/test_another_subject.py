"""Another subject is data alone: a small profile of the environment judges its own news, and refuses ours.

No word of a subject may stand in code; where one must (names of sites and of columns), the file is listed here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from crawler.taxonomy import load_taxonomy
from tests.taxonomy.cases import source

PROFILE = Path(__file__).parent / "profile_ecology"
ROOT = Path(__file__).parents[2]
ECOLOGY = load_taxonomy(PROFILE)


@pytest.mark.parametrize(
    ("title", "body", "parties", "zones", "topics"),
    [
        (
            "川渝签署大气污染联防联控合作协议",
            "四川省生态环境厅与重庆市生态环境局签署协议,共同应对重污染天气。",
            {"510000", "500000"},
            ("川渝",),
            ("air",),
        ),
        (
            "浙皖续签新安江流域生态补偿协议",
            "浙江省生态环境厅、安徽省生态环境厅签订第四轮横向补偿协议。",
            {"330000", "340000"},
            ("新安江流域",),
            ("compensation",),
        ),
        (
            "泸州永川开展跨界河流联合执法",
            "泸州市生态环境局与永川区生态环境局联合执法,检查水质。",
            {"510500", "500118"},
            ("川渝",),
            ("water",),
        ),
        (
            "汾渭平原危险废物联动监管启动",
            "陕西省生态环境厅、山西省生态环境厅、河南省生态环境厅建立固体废物合作机制。",
            {"610000", "140000", "410000"},
            ("汾渭平原",),
            ("waste",),
        ),
    ],
)
def test_news_of_the_other_subject(
    title: str, body: str, parties: set[str], zones: tuple[str, ...], topics: tuple[str, ...]
) -> None:
    judgement = ECOLOGY.judge(title=title, body=body)
    assert judgement.relevant
    assert set(judgement.parties) == parties
    assert judgement.zones == zones
    assert judgement.topics == topics
    assert judgement.acts
    assert not load_taxonomy().judge(title=title, body=body).relevant


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("川渝人社合作协议签署", "四川省人社厅与重庆市人社局签署劳务协作协议。"),
        ("成渝两地联合招聘会举行", "四川、重庆人社部门联合举办招聘会。"),
        ("泸州优化营商生态环境", "泸州与永川合作优化营商生态环境,签署协议。"),
        ("泸州生态环境质量持续改善", "泸州市生态环境局通报大气污染防治成效。"),
        ("服务川渝 泸州抓水环境治理", "泸州市生态环境局召开会议。"),
    ],
)
def test_what_the_other_subject_refuses(title: str, body: str) -> None:
    assert not ECOLOGY.judge(title=title, body=body).relevant


def test_its_own_bodies_without_a_place() -> None:
    body = "省生态环境厅与重庆市生态环境局签署水污染联防联控协议。"
    judgement = ECOLOGY.judge(title="川渝共治水污染", body=body, source=source("510000"))
    assert judgement.agencies == (("省生态环境厅", "510000"), ("重庆市生态环境局", "500000"))


def test_its_version_is_its_own() -> None:
    assert ECOLOGY.version != load_taxonomy().version
    assert list(ECOLOGY.topics) == ["air", "water", "waste", "compensation"]


SUBJECT = re.compile("人力资源|社保|社会保障|社会保险|人社|技能|就业|劳务|劳动|人才|工伤|职称|招聘|欠薪|务工|农民工")
# file → why words of the subject stand in its strings
ALLOWED = {
    "crawler/extract/navigation.py": "names of columns on government sites, and which of them are notices",
    "crawler/cli/sources/proposal.py": "names by which the site of a bureau is recognised",
    "crawler/cli/questions/search.py": "examples in a help text",
    "crawler/cli/questions/stats.py": "an example in a help text",
    "crawler/text/asked.py": "samples of what a pattern matches",
    "crawler/text/fields.py": "what readers call a kind of source, as the registry has it",
    "web/api": "examples in the description of the API",
    "archive/datasette.py": "the title of the archive",
    "crawler/demo": "the texts of the demonstration",
}


def strings(path: Path) -> list[tuple[int, str]]:
    """Line and text of the strings that code uses: all but docstrings and comments."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def test_no_word_of_the_subject_stands_in_code() -> None:
    folders = ("crawler", "spiders", "pipelines", "archive", "feeds", "web")
    files = [ROOT / "scheduler.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    assert len(files) > 100
    found = [
        f"{name}:{line}: {text[:40]}"
        for path in files
        if not (name := path.relative_to(ROOT).as_posix()).startswith(tuple(ALLOWED))
        for line, text in strings(path)
        if SUBJECT.search(text)
    ]
    assert found == []


def test_what_is_allowed_is_needed() -> None:
    for name in ALLOWED:
        path = ROOT / name
        files = [path] if path.is_file() else list(path.rglob("*.py"))
        if not any(SUBJECT.search(text) for file in files for _, text in strings(file)):
            pytest.fail(f"{name} holds no word of the subject: take it off the list")
