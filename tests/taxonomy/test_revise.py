"""Words put into and taken out of data files: comments stay, and nothing else changes. Synthetic."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import DataFileError
from crawler.taxonomy.datafile import DATA
from crawler.taxonomy.revise import Place, Revision, revised

FILE = """# synthetic: the head
words = [
  # why these
  "甲", "乙", # [odd] "丙"
  "丁"  # no comma
]

[[subject]]
weight = 3.0
words = ["就业", '社保']  # one line

# the second one
[[subject]]
weight = 1.0
note = "a"
words = [
  "培训",
]
# about the next

[[cooperation]]
weight = 3.0
act = "joint"
words = ["合作"]

[event]
regex = '[[subject]]'
"""
STRONG = Place(file="f", table="subject", where={"weight": 3.0})
WEAK = Place(file="f", table="subject", where={"weight": 1.0})
HEAD = Place(file="f", table="")


def change(*revisions: Revision) -> str:
    return revised({"f": FILE}, revisions)["f"]


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("place", [STRONG, WEAK, HEAD])
def test_a_word_is_put_last_and_comments_stay(place: Place) -> None:
    new = change(Revision(word='说"好"', into=place))
    tables = [tomllib.loads(new)] if not place.table else tomllib.loads(new)[place.table]
    assert sum(table["words"][-1] == '说"好"' for table in tables) == 1
    assert len(comments(new)) == len(comments(FILE))


def test_a_word_moves_from_one_list_to_another_and_back() -> None:
    moved = change(Revision(word="培训", out_of=WEAK, into=STRONG))
    assert [table["words"] for table in tomllib.loads(moved)["subject"]] == [["就业", "社保", "培训"], []]
    back = revised({"f": moved}, [Revision(word="培训", out_of=STRONG, into=WEAK)])["f"]
    assert tomllib.loads(back) == tomllib.loads(FILE)
    assert comments(back) == comments(FILE)


@pytest.mark.parametrize("word", ["甲", "乙", "丁"])
def test_a_word_is_taken_out_wherever_it_stands(word: str) -> None:
    new = change(Revision(word=word, out_of=HEAD))
    assert tomllib.loads(new)["words"] == [other for other in ("甲", "乙", "丁") if other != word]
    assert len(comments(new)) == len(comments(FILE))


def test_a_list_or_table_that_is_not_there_is_made() -> None:
    bare = Place(file="f", table="cooperation", where={"weight": 3.0, "act": None})
    weak = Place(file="f", table="cooperation", key="weak", where={"weight": 3.0})
    tables = tomllib.loads(change(Revision(word="携手", into=bare), Revision(word="联", into=weak)))["cooperation"]
    assert tables == [
        {"weight": 3.0, "act": "joint", "words": ["合作"], "weak": ["联"]},
        {"weight": 3.0, "words": ["携手"]},
    ]
    below = Place(file="f", table="subject", key="weak", where={"weight": 1.0})
    new = change(Revision(word="联", into=below))
    assert new.index('weak = ["联"]') < new.index("# about the next")


def test_what_does_not_stand_there_is_said_with_its_place() -> None:
    with pytest.raises(DataFileError, match="f: subject: words: '无' does not stand there"):
        change(Revision(word="无", out_of=STRONG))


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8))
def test_any_word_can_be_put_and_taken(word: str) -> None:
    put = revised({"f": FILE}, [Revision(word=word, into=WEAK)])["f"]
    if word == "培训":
        return
    taken = revised({"f": put}, [Revision(word=word, out_of=WEAK)])["f"]
    assert tomllib.loads(taken) == tomllib.loads(FILE)


def test_the_shipped_files_can_be_revised() -> None:
    names = ("vocabulary.toml", "topics.toml", "masks.toml")
    files = {name: (DATA / name).read_text("utf-8") for name in names}
    tables = tomllib.loads(files["vocabulary.toml"])
    revisions = [
        Revision(word="合成词", into=Place(file="vocabulary.toml", table="subject", where={"weight": table["weight"]}))
        for table in tables["subject"][:1]
    ]
    revisions += [
        Revision(word="合成词", into=Place(file="topics.toml", table="topic", key=key, where={"id": topic["id"]}))
        for topic in tomllib.loads(files["topics.toml"])["topic"]
        for key in ("words", "weak", "less")
    ]
    revisions.append(Revision(word="合成词", into=Place(file="masks.toml", table="")))
    assert set(revised(files, revisions)) == set(names)
