"""Which box of a page holds the article, and which of its lines are the article's.

Chosen by the greatest sum of line values over a subtree: sentences count for, link lists and furniture against.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.boilerplate import ARTICLE_HINT, ASIDE_HINT, is_closed, is_end
from crawler.extract.dates import FULL_DATE
from crawler.extract.document import Block, Document, Element
from crawler.extract.families import BODY_NAMES
from crawler.extract.lines import is_label_line
from crawler.extract.select import select

_SENTENCE = re.compile(r"[，。；：！？、,;!?”…]")
_MAX_COPIES = 50  # places where a second copy may begin that are looked at; where there is one, it is the first of them
_SOME_TEXT = 20  # characters below which a named box is taken for empty
# a box that holds this share of its parent's worth is taken instead of the parent: the rest is comments and teasers
CLOSE_ENOUGH = 0.82


def choose_box(document: Document) -> int | None:
    """Number of the box with the article's text, or None where no line reads like a sentence."""
    boxes, blocks = document.boxes, document.blocks
    for block in blocks:
        block.value = _value(block)
        boxes[block.box].value += block.value
    for number in range(len(boxes) - 1, -1, -1):
        box = boxes[number]
        if box.value > 0 and (hint := box.hint) and ASIDE_HINT.search(hint) and not ARTICLE_HINT.search(hint):
            box.value *= 0.2
        if box.parent >= 0:
            boxes[box.parent].value += box.value
    best = max(range(len(boxes)), key=lambda number: boxes[number].value, default=None)
    if best is None or boxes[best].value <= 0:
        return None
    if boxes[best].tag == "p" and boxes[best].parent >= 0:
        best = boxes[best].parent  # of a short text: its other paragraph may be weighed down by what stands around
    return _descend(document, best)


def _descend(document: Document, best: int) -> int:
    """The innermost box below `best` that keeps nearly all of its worth."""
    boxes = document.boxes
    children: dict[int, list[int]] = {}
    for number in range(best + 1, len(boxes)):
        children.setdefault(boxes[number].parent, []).append(number)
    while True:
        below = children.get(best)
        if not below:
            return best
        child = max(below, key=lambda number: boxes[number].value)
        if boxes[child].tag == "p":
            return best
        if boxes[child].value < CLOSE_ENOUGH * boxes[best].value:
            return best
        best = child


def _value(block: Block) -> float:
    """What a line says for its box being the article: about its length in unlinked letters."""
    text = block.text
    length = len(text)
    if block.is_hidden:
        return 0.0
    if block.is_furniture:
        return -10.0
    if block.linked * 2 > length:
        return -4.0 - min(length, 40) * 0.2
    if block.linked * 4 > length and length < 120:
        return -2.0  # `一篇回帖的题目【作者】08-11 17:15`: a row of a list, half of it linked
    free = length - block.linked
    marks = len(_SENTENCE.findall(text))
    if marks == 0:
        return 0.0 if free >= 8 else -1.0
    return free + 4.0 * min(marks, 20) if free >= 12 else 1.0


def box_below_head(document: Document) -> int | None:
    """The box that follows the line of date and 来源, for pages without a sentence: a table, a list of names."""
    blocks, boxes = document.blocks, document.boxes
    for number, block in enumerate(blocks[:-1]):
        if block.is_hidden or FULL_DATE.search(block.text) is None or not is_label_line(block.text):
            continue
        here = blocks[number + 1].box
        while boxes[here].parent >= 0 and boxes[boxes[here].parent].first > number:
            here = boxes[here].parent
        return here
    return None


def selected_box(document: Document, selector: str) -> int | None:
    """The first box that a selector matches and that holds a line of text; None where none does."""
    for element in select(document, selector):
        node: Element | None = element
        while node is not None and node not in document.numbers:
            node = node.getparent()
        if node is None:
            continue
        number = document.numbers[node]
        box = document.boxes[number]
        if sum(len(block.text) for block in document.blocks[box.first : box.last]) >= _SOME_TEXT:
            return number
    return None


def named_box(document: Document, best: int | None) -> int | None:
    """The first box whose id, class or tag names an article's text, if it holds most of what `best` does."""
    floor = document.boxes[best].value * 0.5 if best is not None else 0.0
    hidden: int | None = None
    for number, box in enumerate(document.boxes):
        if box.value < floor or (hidden is not None and box.is_hidden):
            continue
        if box.tag in BODY_NAMES or not BODY_NAMES.isdisjoint(box.hint.split()):
            length = sum(len(block.text) - block.linked for block in document.blocks[box.first : box.last])
            if length >= _SOME_TEXT:
                if not box.is_hidden:
                    return number
                hidden = number
    return hidden  # WeChat hides its text until a script shows it


def article_blocks(document: Document, number: int, *, is_sure: bool = False) -> list[Block]:
    """The article's own blocks in a box: its densest run, furniture and the second of two copies left out.

    Where the box is known to be the article's (`is_sure`), all of its lines count and not only the densest run.
    """
    box = document.boxes[number]
    blocks = document.blocks[box.first : box.last]
    first, last = (0, len(blocks)) if is_sure else _densest_run([block.value for block in blocks])
    while first > 0 and _belongs(document, blocks[first - 1], blocks[first]):
        first -= 1
    while last < len(blocks) and _belongs(document, blocks[last], blocks[last - 1]):
        last += 1
    kept = [
        block
        for block in blocks[first : _end(blocks, first, last)]
        if not block.is_furniture and not _is_link_line(block) and (box.is_hidden or not block.is_hidden)
    ]
    return _first_copy(kept)


def _end(blocks: Sequence[Block], first: int, last: int) -> int:
    """Number of the line that ends the article (责任编辑, 相关阅读 …), if less text stands below it than above."""
    below = sum(len(block.text) - block.linked for block in blocks[first:last] if not block.is_hidden)
    above = 0
    for number in range(first, last):
        block = blocks[number]
        if above > below and is_end(block.text) and (is_closed(block.text) or not _goes_on(blocks[number:last])):
            return number
        if not block.is_hidden:
            free = len(block.text) - block.linked
            above, below = above + free, below - free
    return last


def _goes_on(blocks: Sequence[Block]) -> bool:
    """True where 相关报道 heads a part of the article itself: several whole paragraphs follow, and not teasers."""
    whole = (block for block in blocks if len(block.text) - block.linked >= 60 and block.text[-1] in "。！？”）")
    return sum(1 for _ in whole) >= 3


def _densest_run(values: Sequence[float]) -> tuple[int, int]:
    """Bounds of the run of lines with the greatest sum."""
    best = total = 0.0
    first = last = start = 0
    for number, value in enumerate(values):
        if total <= 0:
            total, start = 0.0, number
        total += value
        if total > best:
            best, first, last = total, start, number + 1
    return first, last


def _belongs(document: Document, block: Block, neighbour: Block) -> bool:
    """True for a plain line beside the text, as a heading or a signature is: same box, or a sibling of its box."""
    if block.linked * 4 > len(block.text) or block.is_furniture:
        return False
    if block.box == neighbour.box:
        return True
    boxes = document.boxes
    one, other = boxes[block.box], boxes[neighbour.box]
    return one.parent == other.parent and (one.tag == other.tag or one.tag in _LINE_TAGS)


_LINE_TAGS = frozenset(("p", "h1", "h2", "h3", "h4", "center", "div"))


def lines_of(blocks: Sequence[Block]) -> list[str]:
    """One line of text per block; the cells of a table row stand in one line, parted by tabs."""
    lines: list[str] = []
    row = cell = 0
    for block in blocks:
        beside = block.row == row != 0 and block.cell != cell
        if beside and len(block.text) < 200 and len(lines[-1]) < 1000:
            lines[-1] += "\t" + block.text
        else:
            lines.append(block.text)
        row, cell = block.row, block.cell
    return lines


def _is_link_line(block: Block) -> bool:
    return block.linked * 10 > len(block.text) * 8


def _first_copy(blocks: list[Block]) -> list[Block]:
    """`blocks` up to where they begin again: desktop and phone copies of one text in one box."""
    if len(blocks) < 2:
        return blocks
    seen: dict[str, int] = {}
    looked = 0
    for number, block in enumerate(blocks):
        if len(block.text) < 30:
            continue
        first = seen.setdefault(block.text, number)
        if first == number:
            continue
        ahead = min(number - first, len(blocks) - number)
        if ahead * 2 < len(blocks) - number:
            continue  # too little text above for all that follows
        looked += 1
        if looked > _MAX_COPIES:
            break
        same = sum(blocks[first + k].text == blocks[number + k].text for k in range(ahead))
        if same * 10 >= ahead * 8 and same * 2 >= len(blocks) - number:
            return blocks[: number - _short_run(blocks, number, first)]
    return blocks


def _short_run(blocks: list[Block], number: int, first: int) -> int:
    """How many lines before the second copy repeat those before the first."""
    back = 0
    while back < first and blocks[first - 1 - back].text == blocks[number - 1 - back].text:
        back += 1
    return back
