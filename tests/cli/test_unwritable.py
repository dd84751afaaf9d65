"""Commands on an archive that cannot be written: those that ask answer and say so, those that write end. Synthetic."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive import open_archive
from crawler.config import Config
from tests.archive.places import new_file
from tests.cli.worlds import call
from tests.crawler.loopback import source_file
from tests.web.archive_of import store

ASKING = (
    ("search", "互认"),
    ("show", "1"),
    ("export",),
    ("stats",),
    ("cooperations",),
    ("explain", "https://a.example/none"),
    ("story", "rulings"),
    ("label", "--list"),
    ("schedule",),
    ("sources", "list"),
    ("sources", "health"),
    ("sources", "freshness"),
)
WRITING = (("publish",), ("label", "1", "relevant"), ("story", "undo", "1", "--yes"), ("sources", "pause", "one"))


def test_questions_are_answered_and_writing_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "D"
    new_file(data / "hrwatch.sqlite3")
    with open_archive(Config(data=data)) as archive:
        store(archive, 1, title="川渝社保互认", regions=("510000", "500000"))
    source_file(tmp_path / "sources", "one", "one.example", port=80)
    env = {"HRWATCH_LANG": "en", "HRWATCH_SOURCES": f'["{tmp_path / "sources"}"]'}
    told = {words: call(env, data, *words, expect=None) for words in ASKING}
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    for words in ASKING:
        out, err = call(env, data, *words, expect=None)
        assert out == told[words][0], words
        assert f"{data}/hrwatch.sqlite3: is only read: it may not be written\n" in err, words
    assert "Shown as it was last judged" in call(env, data, "sources", "health", expect=None)[1]
    for words in WRITING:
        out, err = call(env, data, *words, expect=3)
        assert err == f"hrwatch: {data}/hrwatch.sqlite3: the archive cannot be opened: it may not be written\n", words
    assert {path.name for path in data.iterdir()} == {"hrwatch.sqlite3"}
    with closing(sqlite3.connect(data / "hrwatch.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0014'")
    err = call(env, data, "search", "互认", expect=3)[1]
    assert err.count("\n") == 1
    assert "made by an older hrwatch (schema 0014)" in err
