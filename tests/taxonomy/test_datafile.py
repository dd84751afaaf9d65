"""A broken data file is named, with the table and the key; another subject needs data files only."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import DataFileError
from crawler.taxonomy import load_taxonomy
from crawler.taxonomy.datafile import DATA

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


ECOLOGY = {
    "vocabulary.toml": """
[[act]]
name = "signing"
strength = 1
zh = "签约"
en = "signing"
[[subject]]
weight = 3.0
words = ["生态环境", "大气污染", "水环境", "河长"]
[[cooperation]]
weight = 3.0
act = "signing"
words = ["签署", "合作", "联防联控", "共治"]
""",
    "topics.toml": """
[[topic]]
id = "air"
zh = "大气"
en = "Air"
words = ["大气污染"]
[[topic]]
id = "water"
zh = "水"
en = "Water"
words = ["水环境", "河长"]
""",
    "masks.toml": 'words = ["营商生态环境"]\n',
}


def test_another_subject_is_data_alone(tmp_path: Path) -> None:
    for name, text in ECOLOGY.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    places = (DATA / "places.toml").read_text(encoding="utf-8").replace("人力资源|人社|", "人力资源|生态环境|人社|")
    (tmp_path / "places.toml").write_text(places, encoding="utf-8")
    ecology = load_taxonomy(tmp_path)
    assert list(ecology.topics) == ["air", "water"]
    assert ecology.version != load_taxonomy().version
    title, body = "川渝签署大气污染联防联控合作协议", "四川省生态环境厅与重庆市生态环境局签署协议。"
    judgement = ecology.judge(title=title, body=body)
    assert judgement.relevant
    assert judgement.topics == ("air",)
    assert set(judgement.parties) == {"510000", "500000"}
    assert judgement.zones == ("川渝",)
    assert not load_taxonomy().judge(title=title, body=body).relevant
    labour = ecology.judge(title="川渝人社合作协议签署", body="四川省人社厅与重庆市人社局签署劳务协议。")
    assert not labour.relevant
