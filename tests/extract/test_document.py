"""The walk over a page: lines and the boxes they stand in, and what keeps hostile pages small."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.document import MAX_BLOCKS, Document, parse_document

TEXT = "两市人社部门签署协作协议，约定共建人力资源产业园。"
PIECES = ("<div>", "</div>", "<p>", "</p>", "<br>", "<table>", "<tr>", "<td>", "</table>", "<a href=x>", "</a>", "<b>",
          "<!-- x -->", "<script>x</script>", "<body>", "</body>", "<p style='DISPLAY : none'>",
          "甲", "乙 丙", "\n")  # fmt: skip


def read(html: str) -> Document:
    document = parse_document(html)
    assert document is not None
    return document


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_lines_end_at_blocks_and_breaks_only() -> None:
    document = read("<p>甲<b>乙</b>\n <span>丙</span></p>丁<br>戊<script>x</script>己<div>庚</div>")
    assert lines(document) == ["甲乙 丙", "丁", "戊己", "庚"]


def test_linked_characters_and_table_cells_are_counted() -> None:
    document = read("<p>甲乙<a href=x> 丙丁戊 </a></p><table><tr><td>己<td>庚<tr><td>辛</table>")
    assert [block.linked for block in document.blocks] == [3, 0, 0, 0]
    one, same_row, next_row = document.blocks[1:]
    assert one.row == same_row.row != next_row.row
    assert one.cell != same_row.cell


def test_hidden_boxes_hide_what_they_hold() -> None:
    document = read("<div style='color:red;DISPLAY : None'><p>甲</p></div><p style='visibility:hidden'>乙</p><p>丙</p>")
    assert [block.is_hidden for block in document.blocks] == [True, True, False]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_boxes_nest_and_hold_every_line(html: str) -> None:
    document = parse_document(f"<p>始{html}")
    assert document is not None
    boxes = document.boxes
    assert (boxes[0].first, boxes[0].last) == (0, len(document.blocks))
    for number, box in enumerate(boxes[1:], 1):
        outer = boxes[box.parent]
        assert box.parent < number
        assert outer.first <= box.first <= box.last <= outer.last
    for number, block in enumerate(document.blocks):
        assert boxes[block.box].first <= number < boxes[block.box].last
        assert block.text == " ".join(block.text.split()) != ""


def test_more_lines_than_any_page_has_are_not_read() -> None:
    assert len(read(f"<p>{TEXT}" * (MAX_BLOCKS + 5000)).blocks) == MAX_BLOCKS + 1


def test_a_tag_of_a_hundred_thousand_attributes_ends_the_page() -> None:
    endless = " ".join(f"a{number}='<>'" for number in range(100_000))
    document = read(f"<h1>标题</h1><p>{TEXT}</p><div {endless}>之后</div>")
    assert lines(document) == ["标题", TEXT]


def test_a_script_that_looks_like_an_endless_tag_costs_no_text() -> None:
    script = "for(i=0;i<n ;i++) { x " + "= y z " * 2000 + "}"
    document = read(f"<h1>标题</h1><style>a<b {'c ' * 2000}</style><script>{script}</script><p>{TEXT}</p>")
    assert lines(document) == ["标题", TEXT]


def test_deep_nesting_is_cut_by_the_parser() -> None:
    for tag in ("div", "b", "table", "blockquote"):
        document = read(f"<p>{TEXT}</p>" + f"<{tag}>" * 100_000 + "之后")
        assert lines(document)[0] == TEXT
        assert len(document.boxes) < 100_000
