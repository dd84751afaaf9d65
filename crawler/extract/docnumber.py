"""发文字号: a document's own number, `川人社函〔2021〕581号`, in whatever brackets it is printed.

Grammar of GB/T 9704-2012: organ's short name, 〔year〕, serial, 号. Numbers that a text merely cites are not taken.
"""

from __future__ import annotations

import re

_HEAD_LINES = 40  # the number stands above the salutation or in the information block
_HEAD_CHARS = 3000

_OPEN, _SHUT = "〔\\[［(（【﹝〈《", "〕\\]］)）】﹞〉》"
# `川人社函〔2021〕581号`, `川发改地区[2021]424号`, `万州府发〔202312` (brackets and 号 lost), `川人社函〔2021581`
NUMBER = re.compile(
    rf"(?P<organ>[\u4e00-\u9fff]{{2,16}})\s*[{_OPEN}]\s*(?P<year>(?:19|20)\d\d)\s*"
    rf"(?:[{_SHUT}]\s*第?\s*(?P<serial>\d{{1,5}})\s*号|[{_SHUT}]?\s*(?P<bare>\d{{1,4}})(?:\s*号|(?=\s*$)))",
    re.M,
)
# brackets lost altogether: `川人社发202412号`, `渝府发2023年9号`
UNBRACKETED = re.compile(
    r"(?P<organ>[\u4e00-\u9fff]{1,12}(?:发|函|字|令|规|通|办|公告|任))\s*(?P<year>(?:19[89]|20[0-4])\d)年?第?\s*(?P<serial>\d{1,4})\s*号"
)
# `绵阳市人力资源社会保障局：`, `各市（州）人民政府，各县（市、区）人民政府：`
_SALUTATION = re.compile(r"^[^:：]*[\u4e00-\u9fff]{2}[^:：]*[：:]\s*$")
_SALUTED = re.compile(r"^(?:各|有关)|人民政府|委员会|[局厅委办院校司部署会处所]|单位|企业|公司|部门")
# `文号：`, `发文字号`, `[ 发文字号 ]`
_LABEL = re.compile(r"(?:发文字号|公文字号|文\s*号|发文文号|文件编号)[\s\]］】:：]*")
# `根据川人社函〔2021〕581号`, `《…通知》（川人社发〔2020〕3号）精神`: cited
_CITING = re.compile(
    r"(?:根据|按照|依据|依照|执行|印发|转发|落实|贯彻|遵照|对照|参照|以|由|的|及|和|与|在|据|即|原|《|》|》\s*[(（]|[(（])$"
)
# kinds that end an organ's short name: 发, 函, 办发, 规, 字, 令, 公告, 通, 任, 纪要, 地区 … any characters pass
_LEADING_WORDS = re.compile(r"^(?:.*?(?:根据|按照|依据|依照|执行|转发|落实|贯彻|遵照|文号|字号|编号))")


def find_document_number(text: str) -> str | None:
    """The document's own number in `text` as `川人社函〔2021〕581号`, or None. Looks above the salutation only."""
    head = text[:_HEAD_CHARS]
    for line_number, line in enumerate(head.splitlines()):
        if line_number >= _HEAD_LINES:
            return None
        line = line.strip()
        if (found := _number_in(line)) is not None:
            return found
        if _is_salutation(line):
            return None
    return None


def _number_in(line: str) -> str | None:
    for match in (*NUMBER.finditer(line), *UNBRACKETED.finditer(line)):
        before = line[: match.start()]
        rest = line[match.end() :].strip(" \t。)）】]")
        labelled = _LABEL.search(before[-12:]) is not None
        organ = match["organ"]
        label_inside = _LABEL.match(organ)
        if label_inside is not None:
            organ, labelled = organ[label_inside.end() :], True
        alone = (
            not before.strip(" \t[【(（:：") and len(rest) <= 20 and not rest.startswith(("》", "文件", "精神", "、"))
        )
        is_own = alone and (
            not rest or _CITING.search(before) is None
        )  # `（川人社发〔2024〕1号）` alone under the title
        if not labelled and not (is_own and _LEADING_WORDS.match(organ) is None):
            continue
        organ = _LEADING_WORDS.sub("", organ)
        serial = (match["serial"] or match.groupdict().get("bare") or "").lstrip("0")
        if len(organ) >= 2 and serial:
            return f"{organ}〔{match['year']}〕{serial}号"
    return None


def _is_salutation(line: str) -> bool:
    return (
        len(line) < 300
        and line.endswith((":", "："))
        and _SALUTATION.search(line) is not None
        and _SALUTED.search(line) is not None
        and _LABEL.match(line) is None
    )
