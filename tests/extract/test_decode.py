"""Bytes to text, whatever was declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.decode import decode
from crawler.extract.pager import ls_pager_of, pager_of

TEXT = (
    "<html><head><title>两地人力资源协作</title></head><body><p>为深化两地人力资源服务协作，甲市与乙市人社部门签署了合作"
    "协议，约定共建产业园、共享岗位信息。</p><p>会上，双方表示将建立常态化工作机制，推动更多事项跨市通办。</p></body></html>"
)
TRADITIONAL = (
    "<p>為深化兩地人力資源服務協作，甲市與乙市有關部門簽署了合作協議，約定共建產業園、共享崗位資訊。會上，雙方表示將"
    "建立常態化的工作機制，推動更多事項。</p>"
)


def test_byte_order_mark_is_believed_first() -> None:
    body = b"\xef\xbb\xbf" + TEXT.encode()
    decoded = decode(body, headers={"content-type": "text/html; charset=gbk"}, charset="big5")
    assert (decoded.text, decoded.charset, decoded.origin) == (TEXT, "utf-8", "bom")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_with_and_without_mark(codec: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[codec]
    assert decode(mark + TEXT.encode(codec)).text == TEXT
    assert decode(TEXT.encode(codec)).charset == codec


@pytest.mark.parametrize("said", ["gb2312", "GBK", "gb18030"])
def test_old_names_mean_gb18030(said: str) -> None:
    text = TEXT + "镕㐂🀄"
    decoded = decode(text.encode("gb18030"), headers={"content-type": f"text/html;charset={said}"})
    assert (decoded.text, decoded.charset, decoded.origin) == (text, "gb18030", "http")


def test_utf8_that_declares_gb2312() -> None:
    body = TEXT.replace("<head>", '<head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">').encode()
    decoded = decode(body)
    assert (decoded.charset, decoded.origin) == ("utf-8", "detected")
    assert "人力资源协作" in decoded.text


def test_gbk_that_declares_utf8() -> None:
    body = TEXT.replace("<head>", '<head><meta charset="utf-8">').encode("gbk")
    decoded = decode(body, headers={"content-type": "text/html; charset=utf-8"})
    assert (decoded.charset, decoded.origin, decoded.replaced) == ("gb18030", "detected", 0)


def test_big5_is_told_from_gbk_even_where_gbk_is_declared() -> None:
    assert decode(TRADITIONAL.encode("big5")).text == TRADITIONAL
    assert decode(TRADITIONAL.encode("big5"), headers={"content-type": "text/html; charset=gbk"}).text == TRADITIONAL


def test_the_sources_own_fact_comes_before_http() -> None:
    decoded = decode(TEXT.encode("gbk"), headers={"content-type": "text/html; charset=utf-8"}, charset="gbk")
    assert (decoded.origin, decoded.text) == ("source", TEXT)


def test_a_character_cut_off_at_the_end_is_dropped() -> None:
    for codec in ("utf-8", "gb18030"):
        decoded = decode((TEXT + "尾").encode(codec)[:-1], charset=codec)
        assert (decoded.text, decoded.replaced) == (TEXT, 0)


def test_a_stray_byte_does_not_cost_the_charset() -> None:
    body = TEXT.encode() + b"\xff" + TEXT.encode()
    decoded = decode(body, headers={"content-type": "text/html; charset=utf-8"})
    assert (decoded.charset, decoded.replaced) == ("utf-8", 1)


def as_cp1252(data: bytes) -> str:
    """`data` as browsers read it in Windows-1252: the five undefined bytes pass as controls."""
    return "".join(chr(byte) if byte in b"\x81\x8d\x8f\x90\x9d" else bytes((byte,)).decode("cp1252") for byte in data)


@pytest.mark.parametrize(
    ("misread", "said"),
    [
        (TEXT.encode().decode("latin-1"), "utf-8 through cp1252"),
        (as_cp1252(TEXT.encode()), "utf-8 through cp1252"),
        (as_cp1252(TEXT.encode("gbk")), "gb18030 through cp1252"),
    ],
)
def test_text_encoded_twice_is_undone(misread: str, said: str) -> None:
    decoded = decode(misread.encode())
    assert decoded.text == TEXT
    assert decoded.charset == said


SENTENCE = "两地人社部门签订协议，共享岗位信息，联合举办招聘会。"


def test_utf8_read_as_gbk_is_undone_but_for_what_was_lost() -> None:
    misread = TEXT.encode().decode("gb18030", "replace")
    decoded = decode(misread.encode())
    assert decoded.charset == "utf-8 through gb18030"
    matching = sum(one == other for one, other in zip(decoded.text, TEXT, strict=False))
    assert "人力资源" in decoded.text
    assert decoded.text.count("\ufffd") * 10 < len(TEXT)
    assert matching > 30


def test_a_sound_page_with_a_misread_text_in_it() -> None:
    page = f"<title>两地协作</title><p>{as_cp1252(SENTENCE.encode())}</p><p>共建产业园。</p>"
    decoded = decode(page.encode())
    assert decoded.text == f"<title>两地协作</title><p>{SENTENCE}</p><p>共建产业园。</p>"


@pytest.mark.parametrize(
    "text",
    [
        "浜锛鐨是几个少用的字，鍦、鏄也是。" * 5,  # a text about misread characters
        "联通公司与某市人社局签约。" * 5,
        as_cp1252(SENTENCE.encode())[:20],  # too little to be certain
        as_cp1252(SENTENCE.encode())[:-1].replace("å", "e", 3),  # damaged further: not to be undone
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    assert decode(text.encode()).text == text


def test_latin_text_is_left_alone() -> None:
    text = "Économie française : où en est-on après l'été ? " * 20
    assert decode(text.encode()).text == text


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gb2312", "big5", "utf-16", "nonsense", ""]))
def test_never_raises(body: bytes, charset: str | None) -> None:
    decoded = decode(body, headers={"content-type": f"text/html; charset={charset}"}, charset=charset)
    assert isinstance(decoded.text, str)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=200))
def test_utf8_always_reads_as_itself(text: str) -> None:
    body = f"<meta charset=gb2312><p>{text}".encode()
    assert decode(body).text.endswith(text)


@given(st.sampled_from(["utf-8", "gb18030"]), st.integers(200, 6000))
def test_a_page_cut_anywhere_reads_as_its_beginning(codec: str, length: int) -> None:
    said = "utf-8" if codec == "utf-8" else "gb2312"
    whole = f"<meta charset={said}>{TEXT}{'镕㐂🀄甲市' * 500}"
    decoded = decode(whole.encode(codec)[:length])
    assert decoded.charset == codec
    assert whole.startswith(decoded.text)
    assert decoded.replaced == 0
    assert len(decoded.text.encode(codec)) > length - 4


@given(st.binary(max_size=400), st.sampled_from([b"", b"<meta charset=gbk>", b"<meta charset=utf-8>"]))
def test_no_more_text_than_bytes_and_every_stray_place_counted(body: bytes, head: bytes) -> None:
    decoded = decode(head + body)
    assert len(decoded.text) <= len(head + body)
    if decoded.charset == "utf-8":
        stray = (head + body).decode("utf-8", "ignore").count("\ufffd")
        assert decoded.text.count("\ufffd") - stray <= decoded.replaced + 1


CODECS = {
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "utf_8": "utf-8",
    "utf_16": "utf-16",
    "utf_16_be": "utf-16-be",
    "utf_16_le": "utf-16-le",
}


def test_every_stored_charset_file_reads_as_its_folder_says(shared: Path) -> None:
    wrong = []
    for path in sorted((shared / "pages").glob("charset_*/*/*")):
        codec = CODECS.get(path.parent.name.lower())
        if codec is None:
            continue  # EUC-TW: Python has no such codec
        body = path.read_bytes()
        if decode(body).text != body.decode(codec, "replace").removeprefix("\ufeff"):
            wrong.append(path.name)
    assert wrong == []


def test_many_quotation_marks_are_no_misread_text() -> None:
    text = "他说：“……”她没有回应，只写下“——”两地合作的事，“……”，“……”，“……”，“……”，“……”，“……”，“……”。"
    assert decode(text.encode()).text == text
    assert decode(text.encode("gb18030")).text == text


@pytest.mark.timeout(60)  # what takes quadratic time does not come back
def test_endless_blanks_are_a_hundred() -> None:
    assert decode(b"a" + b" \n" * 200_000 + b"b").text == "a" + " \n" * 50 + "b"
    assert decode(b"a" + b" " * 100 + b"b").text == "a" + " " * 100 + "b"
    blank = " " * 300_000
    script = decode(f"Ls.pagination currPage :{blank}x 'a' + '_' + a + '.{blank}x".encode()).text
    assert ls_pager_of(script) is None
    assert pager_of(f"currentPage=1 {script}") is None
    assert decode(b"a", headers={"content-type": f"charset={blank};"}).text == "a"
