"""The web side takes up source files that change while it runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import web.known
from archive import Archive
from crawler.catalogue import load_catalogue
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from crawler.wiring import families
from tests.archive.making import source
from tests.crawler.loopback import source_file
from tests.web.client import Client
from web.app import create_app
from web.known import KnownSources, follow


def test_names_follow_the_files(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.known, "LOOK_S", 0.01)
    folder = tmp_path / "sources"
    source_file(folder, "a", "a.example", port=80)
    taxonomy, config = load_taxonomy(), Config(data=tmp_path, sources=(folder,))
    known = KnownSources(load_catalogue([folder], families=families(), is_adcode=taxonomy.divisions.is_known))
    client = Client(create_app(archive, taxonomy, config, sources=known))
    assert "合成a" in client.get("/sources").text
    ended, replaced = threading.Event(), threading.Event()
    replace = known.replace
    monkeypatch.setattr(known, "replace", lambda sources: (replace(sources), replaced.set()))
    thread = threading.Thread(target=follow, args=(known, config, taxonomy, ended))
    source_file(folder, "b", "b.example", port=80)
    (folder / "a.toml").unlink()
    thread.start()
    try:
        assert replaced.wait(60)
    finally:
        ended.set()
        thread.join(60)
    shown = client.get("/sources").text
    assert "合成b" in shown
    assert "合成a" not in shown


def test_who_reads_while_they_are_replaced_sees_those_of_before() -> None:
    known = KnownSources((source("a"), source("b")))
    reader = iter(known)
    assert next(reader) == "a"
    known.replace((source("c"),))
    assert list(reader) == ["b"]
    assert (list(known), len(known), known.get("a")) == (["c"], 1, None)
