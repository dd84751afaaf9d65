"""PDF: text, title, number and dates of synthetic documents; hostile files end with a reason and cost nothing else."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import RefusedError
from crawler.extract import pdf as pdf_module
from crawler.extract.article import extract_article
from crawler.extract.pdf import created_at, is_pdf, is_pdf_address, pdf_text
from crawler.extract.pdf_lines import Line, joined, measure_of, paragraphs_of, tidied, tidy, without_furniture
from crawler.extract.pdf_title import title_of, title_told
from crawler.extract.refusal import refusal_of
from crawler.extract.title import letters
from crawler.model import Capture, Entry, ListPage, Page, Precision, Reason, RowDate, Source
from pipelines.extract import Extract
from pipelines.refused import RefusedItem
from tests.extract.pdfs import At, pdf, typeset

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://rsj.jia.example/a/notice.pdf"
ADDRESSEES = "各市（州）人力资源社会保障局，各区县人力社保局："
LEAD = "为深入贯彻落实成渝地区双城经济圈建设部署，推动两地 Human Resources 市场协同发展，现就有关事项通知如下（合成）。"
AIM = "坚持统筹推进，到2025年，两地共建人力资源服务产业园12个，服务企业3.5万家，帮助120万名劳动者实现稳定就业（合成）。"
TASK = (
    "（一）共建公共就业服务平台。建立岗位信息共享机制，定期举办专场招聘活动，共同打造劳务品牌，"
    "切实维护劳动者合法权益（合成）。"
)
PARAGRAPHS = [ADDRESSEES, LEAD, "一、总体要求", AIM, "二、重点任务", TASK]
TITLE = "甲省人力资源和社会保障厅关于深化甲乙两地人力资源合作有关工作的通知"
ENCRYPTED = f"<< /Filter /Standard /V 1 /R 2 /O <{'00' * 32}> /U <{'11' * 32}> /P -4 >>"
PICTURE = b"q 500 0 0 700 50 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q"


def official(signed: str = "2024年1月5日", **more: str) -> bytes:
    """A red-headed document of two pages, set as GB/T 9704 wants it."""
    head = [
        At("甲省人力资源和社会保障厅文件", 760, None, 32),
        At("甲人社发〔2024〕1号", 710, None),
        At("甲省人力资源和社会保障厅", 650, None, 22),
        At("关于深化甲乙两地人力资源合作有关工作的", 622, None, 22),
        At("通    知", 594, None, 22),
    ]
    text = typeset(PARAGRAPHS)
    first = [replace(line, y=line.y - 220) for line in text[:11]]
    second = [replace(line, y=line.y + 11 * 28) for line in text[11:]]
    signature = [At("甲省人力资源和社会保障厅", 500, 260), At(signed, 472, 330), At("（此件公开发布）", 440, 122)]
    pages = [[*head, *first, At("— 1 —", 60, None, 14)], [*second, *signature, At("— 2 —", 60, None, 14)]]
    return pdf(pages, title="Microsoft Word - 通知.doc", **more)


def page(body: bytes, url: str = URL, kind: str = "application/pdf") -> Page:
    return Page(url=url, status=200, headers={"content-type": kind}, body=body, fetched_at=FETCHED)


def row(title: str, day: RowDate | None = None) -> Entry:
    return Entry(source_id="jia", list_url="https://rsj.jia.example/list", url=URL, title=title, date=day)


def refused(body: bytes) -> tuple[Reason, str]:
    with pytest.raises(RefusedError) as error:
        pdf_text(body)
    return error.value.reason, error.value.detail


def test_an_official_document_reads_as_its_paragraphs() -> None:
    text = pdf_text(official())
    assert text.paragraphs == (
        "甲省人力资源和社会保障厅文件",
        "甲人社发〔2024〕1号",
        TITLE,
        *PARAGRAPHS,
        "甲省人力资源和社会保障厅",
        "2024年1月5日",
        "（此件公开发布）",
    )
    assert (text.title, text.pages, text.is_cut) == (TITLE, 2, False)


@pytest.mark.parametrize("signed", ["2024年1月5日", "2024 年 1 月 5 日", "二〇二四年一月五日"])
def test_number_and_dates_come_from_the_readers_of_every_page(signed: str) -> None:
    article = extract_article(page(official(signed, created="D:20240110093000+08'00'")))
    assert (article.title, article.document_number) == (TITLE, "甲人社发〔2024〕1号")
    assert article.written is not None
    assert article.published is not None
    assert article.written.at.date() == date(2024, 1, 5)
    assert (article.published.at.date(), article.published.origin) == (date(2024, 1, 10), "pdf:CreationDate")
    assert TITLE not in article.body.split("\n")
    assert article.origins["body"] == "pdf"
    assert article.body_html is not None
    assert f"<p>{LEAD}</p>" in article.body_html


def test_the_row_leads_with_title_and_date() -> None:
    listed = row("甲乙两地深化人力资源合作", RowDate(year=2024, month=1, day=12))
    article = extract_article(page(official(created="D:20240110093000+08'00'")), entry=listed)
    assert (article.title, article.origins["title"]) == ("甲乙两地深化人力资源合作", "row")
    assert article.published is not None
    assert (article.published.at.date(), article.published.origin) == (date(2024, 1, 12), "row")
    cut = extract_article(page(official()), entry=row("甲省人力资源和社会保障厅关于深化甲乙…"))
    assert (cut.title, cut.origins["title"]) == (TITLE, "pdf")


def test_a_date_of_making_that_belies_the_signature_is_no_date() -> None:
    for made in ("D:20190101", "D:20260101"):
        assert extract_article(page(official(created=made))).published is None


def test_plain_lines_without_sizes_and_indents_are_joined() -> None:
    text = (
        "甲省人社厅与乙市人社局在甲市签署人力资源合作协议，双方将共建公共就业服务平台，推动岗位信息共享。"
        "会上交流了工作（合成）。"
    )
    broken = [text[start : start + 30] for start in range(0, len(text), 30)]
    lines = ["甲乙签署人力资源合作协议", "发布时间：2024-03-01 来源：甲省日报", *broken, "会后参观了产业园（合成）。"]
    article = extract_article(page(pdf([[At(line, 760 - n * 20, 50, 12) for n, line in enumerate(lines)]])))
    assert article.title == "甲乙签署人力资源合作协议"
    assert article.body.split("\n") == [lines[1], text, "会后参观了产业园（合成）。"]
    assert article.published is not None
    assert (article.published.origin, article.source_name) == ("label:发布时间", "甲省日报")


def test_running_heads_and_page_numbers_go_and_the_text_of_every_page_stays() -> None:
    said = [f"第{n}页的内容：两地就业服务机构第{n}次对接，新增岗位{n}00个（合成）。" for n in range(1, 5)]
    figures = {2: "88", 4: "17"}
    pages = [
        [
            At("甲乙人力资源合作简报", 810, None, 10),
            *typeset([said[n - 1]]),
            *([] if n % 2 else [At(figures[n], 400, 300)]),
            At(f"第 {n} 页 共 4 页", 40, None, 9),
        ]
        for n in range(1, 5)
    ]
    text = pdf_text(pdf(pages, title="甲乙人力资源合作简报第三期"))
    assert text.paragraphs == (said[0], said[1], "88", said[2], said[3], "17")  # a figure in the text is no page number
    assert text.title == "甲乙人力资源合作简报第三期"


def test_what_stands_on_one_page_alone_is_no_running_head() -> None:
    assert (
        pdf_text(pdf([[At("甲乙两地签署人力资源合作协议", 700)]] * 3)).paragraphs
        == ("甲乙两地签署人力资源合作协议",) * 3
    )


def plain(lines: list[str], x: float | None = 60) -> bytes:
    return pdf([[At(line, 780 - n * 24, x, 14) for n, line in enumerate(lines)]])


def test_a_title_in_the_size_of_the_text_is_found_with_its_issuer() -> None:
    head = [At("甲省人力资源和社会保障厅", 790, None), At("关于公布甲乙两地合作项目名单的通知", 764, None)]
    text = [replace(line, y=line.y - 60) for line in typeset([ADDRESSEES, LEAD])]
    article = extract_article(page(pdf([[*head, *text]])))
    assert article.title == "甲省人力资源和社会保障厅关于公布甲乙两地合作项目名单的通知"
    assert article.body.split("\n") == [ADDRESSEES, LEAD]


def test_lines_set_ragged_with_indents_of_blanks() -> None:
    lines = [
        "甲乙签约",
        "　　甲省与乙市签署协议，",
        "双方加强协作（合成）。",
        "　　一、共享信息。双方每月",
        "交换一次岗位。",
    ]
    text = pdf_text(plain(lines))
    assert text.title == "甲乙签约"
    assert text.paragraphs[1:] == ("甲省与乙市签署协议，双方加强协作（合成）。", "一、共享信息。双方每月交换一次岗位。")


def test_two_issuers_stand_on_lines_of_their_own_and_are_no_title() -> None:
    head = [At("甲省人力资源和社会保障厅", 790, None, 30), At("乙市人力资源和社会保障局", 755, None, 30)]
    more = [At("甲人社发〔2024〕12号", 710, None), At("甲乙人力资源合作2024年工作要点", 660, None, 22)]
    text = pdf_text(pdf([[*head, *more, *(replace(line, y=line.y - 150) for line in typeset([LEAD]))]]))
    assert text.title == more[1].text
    assert text.paragraphs == (head[0].text, head[1].text, more[0].text, more[1].text, LEAD)


def test_a_document_that_names_itself_nowhere_is_refused_without_a_row() -> None:
    body = plain([f"{n}、甲乙两地就业服务机构第{n}次对接，双方交流岗位信息（合成）。" for n in range(1, 4)])
    with pytest.raises(RefusedError) as error:
        extract_article(page(body))
    assert error.value.reason is Reason.NO_TITLE
    assert extract_article(page(body), entry=row("甲乙两地对接")).title == "甲乙两地对接"


def test_a_turned_page_reads_as_any_other() -> None:
    line = "Ledger of cooperation (synthetic)"  # Chinese characters without glyphs have no height to turn
    code = line.encode("utf-16-be").hex()
    turned = pdf([f"BT /F1 16 Tf 0 1 -1 0 300 100 Tm <{code}> Tj ET".encode()], rotate=90)
    assert pdf_text(turned).paragraphs == (line,)


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("人力资源", "合作", "人力资源合作"),
        ("Human", "Resources", "Human Resources"),
        ("co\x02", "operation", "cooperation"),
        ("两地", "HR", "两地HR"),
        ("（2024", "）", "（2024）"),
    ],
)
def test_lines_are_joined_as_they_are_written(first: str, second: str, whole: str) -> None:
    assert joined(first, second) == whole


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("⼈⼒资源⻓期合作", "人力资源长期合作"),
        ("通 知", "通知"),
        ("２０２４年（第Ⅱ期）", "２０２４年（第Ⅱ期）"),
        ("甲省厅 乙市局", "甲省厅 乙市局"),
        ("ﬁrst\x00", "first"),
        ("　　一、要求　", "　　一、要求"),
    ],
)
def test_a_line_is_tidied_and_stays_as_published(text: str, read: str) -> None:
    assert tidy(text) == read


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ("关于深化合作的通知", "关于深化合作的通知"),
        ("Microsoft Word - 关于深化合作的通知.doc", None),
        ("关于深化合作的通知.pdf", None),
        ("P020240105123", None),
        ("新建 Microsoft Word 文档", None),
        ("Annual Report 2024", "Annual Report 2024"),
        ("", None),
        (None, None),
    ],
)
def test_a_file_name_is_no_title(told: str | None, title: str | None) -> None:
    assert title_told(told) == title


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("D:20240105093000+08'00'", datetime(2024, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=8)))),
        ("D:20240105093000Z", datetime(2024, 1, 5, 9, 30, tzinfo=UTC)),
        ("D:20240105", datetime(2024, 1, 5, tzinfo=timezone(timedelta(hours=8)))),
        ("20240105093000-05'30'", datetime(2024, 1, 5, 9, 30, tzinfo=timezone(-timedelta(hours=5, minutes=30)))),
        ("D:20241305", None),
        ("D:20240105093000+99'99'", None),
        ("Fri Jan 5 2024", None),
        (None, None),
    ],
)
def test_the_date_of_making_is_read(told: str | None, at: datetime | None) -> None:
    assert created_at(told) == at


def test_a_pdf_is_known_by_its_bytes() -> None:
    assert is_pdf(b"%PDF-1.7\n")
    assert is_pdf(b"\xef\xbb\xbf\n" + b" " * 900 + b"%PDF-1.4")
    assert not is_pdf(b" " * 1100 + b"%PDF-1.4")
    assert not is_pdf(b"<html><p>a file begins with %PDF-1.7</p>")
    assert is_pdf_address("https://a.example/P1.PDF?x=1#page=2")
    assert not is_pdf_address("https://a.example/pdf?file=a.pdf")
    known = page(official(), kind="application/octet-stream")
    assert refusal_of(known, expects="article") is None
    assert refusal_of(known, expects="list") == (Reason.WRONG_TYPE, "PDF")
    assert refusal_of(page(b"<html>"), expects="article") != (Reason.WRONG_TYPE, "PDF")


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        (b"", Reason.WRONG_TYPE, "no PDF"),
        (b"<html>synthetic</html>", Reason.WRONG_TYPE, "no PDF"),
        (b"%PDF-1.4 synthetic", Reason.BAD_PDF, "cut short"),
        (b"%PDF-1.4 synthetic %%EOF", Reason.BAD_PDF, "damaged"),
        (official()[:1500], Reason.BAD_PDF, "cut short"),
        (pdf([[At("甲乙合作协议", 700)]], encrypt=ENCRYPTED), Reason.BAD_PDF, "encrypted"),
        (pdf([]), Reason.BAD_PDF, "no pages"),
        (pdf([PICTURE] * 2), Reason.NO_TEXT, "pages read: 2"),
        (pdf([[At(f"— {n} —", 60, None)] for n in range(9)]), Reason.NO_TEXT, "pages read: 9"),
        (pdf([[At("\ue001\ue002甲乙\ue003\ue004合作\ue005协议签署仪式举行", 700)]]), Reason.NO_TEXT, "fonts"),
        # 50 MB of nested states in 50 kB, at which PDFium ends itself
        (pdf([b"q " * 25_000_000], packed=True), Reason.BAD_PDF, "broke"),
    ],
    ids=["empty", "html", "torn", "damaged", "cut", "encrypted", "no-pages", "scan", "numbers", "private", "bomb"],
)
def test_a_file_that_cannot_be_read_says_why(body: bytes, reason: Reason, detail: str) -> None:
    found = refused(body)
    assert found[0] is reason
    assert detail in found[1]


@given(
    st.lists(
        st.builds(
            Line,
            page=st.integers(0, 3),
            text=st.text(alphabet="甲省通知关于一、。，：—-12 　\x02\ufffe（）号〔〕ab", max_size=30),
            left=st.floats(-600, 600),
            right=st.floats(-600, 600),
            bottom=st.floats(-900, 900),
            size=st.floats(0, 60),
        ),
        max_size=30,
    )
)
def test_lines_of_any_kind_lose_nothing_but_furniture(lines: list[Line]) -> None:
    kept = without_furniture(tidied(lines))
    if not kept:
        return
    measure = measure_of(kept)
    said = letters("".join(paragraphs_of(kept, measure)))
    assert said == letters("".join(line.text for line in kept))
    title_of(kept, measure)


def test_a_line_of_half_a_million_blanks_costs_no_time() -> None:
    lines = [
        Line(page=0, text=text, left=0, right=9, bottom=9 * n, size=9)
        for n, text in enumerate(("—" * 250_000 + "\u3000" * 250_000 + "a", "。）" * 250_000, "甲" * 500_000))
    ]
    many = [Line(page=0, text="甲乙合作" * 3, left=0, right=90, bottom=-n, size=9) for n in range(40_000)]
    before = time.process_time()
    for found in (lines, many):
        kept = without_furniture(tidied(found))
        measure = measure_of(kept)
        paragraphs_of(kept, measure)
        title_of(kept, measure)
    assert time.process_time() - before < 5


def test_ten_thousand_pages_are_read_as_far_as_the_limit() -> None:
    text = pdf_text(pdf([[At("甲乙两地签署合作协议", 700)]] * 10_000))
    assert (text.pages, text.is_cut, len(text.paragraphs)) == (10_000, True, 1000)
    assert (
        extract_article(page(pdf([[At("甲乙两地签署合作协议", 700)], *[[At("双方加强合作", 700)]] * 1500])))
        .origins["body"]
        .startswith("pdf, not all of")
    )


def test_a_file_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_module, "MAX_BYTES", 100)
    assert refused(official())[0] is Reason.TOO_LARGE


def child(folder: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "child.py"
    path.write_text(f"import os, signal, sys\n{program}\n", encoding="utf-8")
    monkeypatch.setattr(pdf_module, "_CHILD", path)


@pytest.mark.parametrize(
    ("program", "reason", "detail"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", Reason.BAD_PDF, "SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", Reason.BAD_PDF, "SIGKILL"),
        ("while True: pass", Reason.BAD_PDF, "not read within 0.5 s"),
        ("os.kill(os.getpid(), signal.SIGTERM)", Reason.ERROR, "stopped"),
        ("sys.exit(3)", Reason.ERROR, "ended with 3"),
    ],
)
def test_a_reader_that_crashes_or_hangs_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, reason: Reason, detail: str
) -> None:
    child(tmp_path, program, monkeypatch)
    monkeypatch.setattr(pdf_module, "TIMEOUT_S", 0.5 if "while" in program else 20.0)
    found = refused(official())
    assert found[0] is reason
    assert detail in found[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are POSIX")
def test_the_child_bounds_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(pdf_module.__file__).with_name("pdf_child.py").read_text(encoding="utf-8")
    greedy = source.replace("import pypdfium2_raw as pdfium", "pdfium = bytearray(2 * MEMORY_BYTES)", 1)
    assert greedy != source
    path = tmp_path / "child.py"
    path.write_text(greedy, encoding="utf-8")
    monkeypatch.setattr(pdf_module, "_CHILD", path)
    assert refused(official()) == (Reason.BAD_PDF, "it needs too much memory")


def test_the_event_loop_goes_on_while_a_pdf_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = tmp_path / "turned"
    waits = f"import time\nwhile not os.path.exists({str(turned)!r}): time.sleep(0.01)"
    child(tmp_path, f"{waits}\nos.kill(os.getpid(), signal.SIGKILL)", monkeypatch)
    source = Source(
        id="jia",
        name="合成",
        kind="gov",
        level="province",
        adcode="510000",
        home="https://rsj.jia.example/",
        hosts=("rsj.jia.example",),
        family="generic",
        lists=(ListPage(url="https://rsj.jia.example/list"),),
    )

    async def both() -> None:
        capture = Capture(entry=row("合成的一行"), source=source, page=page(official()))
        task = asyncio.ensure_future(Extract().process_item(capture))
        await asyncio.sleep(0.02)
        assert not task.done()
        turned.touch()  # which ends the child
        with pytest.raises(RefusedItem, match="SIGKILL"):
            await task

    asyncio.run(both())


def test_the_address_of_a_file_tells_its_day() -> None:
    article = extract_article(page(official(), url="https://rsj.jia.example/202401/P020240106402979611996.pdf"))
    assert article.published is not None
    assert (article.published.at.date(), article.published.precision) == (date(2024, 1, 6), Precision.DAY)
