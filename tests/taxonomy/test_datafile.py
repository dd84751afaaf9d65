"""A broken data file is named, with the table and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import DataFileError
from crawler.taxonomy import load_taxonomy

ZONE = '[[zone]]\nname = "甲"\nen = "A"\nkind = "zone"\n'


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("zones.toml", ZONE + 'members = ["四川省=999999"]', ["zones.toml", "甲", "members", "999999"]),
        ("zones.toml", ZONE + 'members = ["重庆市=510000"]', ["zones.toml", "甲", "members", "510000"]),
        ("zones.toml", ZONE + 'aliases = ["乙", "乙"]', ["zones.toml", "aliases", "乙", "twice"]),
        ("zones.toml", ZONE + ZONE.replace("甲", "丙") + 'aliases = ["甲"]', ["zones.toml", "丙", "aliases", "甲"]),
        ("zones.toml", ZONE + 'colour = "red"', ["zones.toml", "甲", "colour"]),
        ("zones.toml", ZONE + 'within = ["乙"]', ["zones.toml", "within", "乙"]),
        ("zones.toml", ZONE.replace('"zone"', '"club"'), ["zones.toml", "kind", "club"]),
        ("zones.toml", "[[zone]]\nname = ", ["zones.toml"]),
        (
            "masks.toml",
            '[[pattern]]\nname = "x"\nhint = "a"\nregex = "("\nsample = "a"',
            ["masks.toml", "pattern x", "regex"],
        ),
        (
            "masks.toml",
            '[[pattern]]\nname = "x"\nhint = "a"\nregex = "b"\nsample = "a"',
            ["masks.toml", "pattern x", "sample"],
        ),
        ("masks.toml", 'words = ["人社"]', ["masks.toml", "words", "人社"]),
        (
            "vocabulary.toml",
            '[[subject]]\nweight = 1\nwords = ["甲"]\n[[subject]]\nweight = 2\nwords = ["甲"]',
            ["vocabulary.toml", "words", "甲"],
        ),
        ("vocabulary.toml", '[[subject]]\nweight = "a"\nwords = ["甲"]', ["vocabulary.toml", "weight"]),
        ("judgement.toml", "[reading]\nlead_chars = 3", ["judgement.toml", "reading", "max_chars"]),
        ("names.toml", '[characters]\n"京" = "1"\n[aliases]\n[owners]\n[words]', ["names.toml", "characters", "京"]),
        ("divisions.tsv", "51000\t四川省\t\t\t\n", ["divisions.tsv", "line 1", "51000"]),
    ],
)
def test_a_broken_file_is_named_with_its_key(tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_taxonomy(tmp_path)
    assert all(word in str(caught.value) for word in words), str(caught.value)
