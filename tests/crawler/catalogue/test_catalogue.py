"""Source files that are wrong are refused with file, key and reason; every fault is told at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.catalogue import SHIPPED, Catalogue, load_catalogue, read_source
from crawler.errors import CatalogueError
from crawler.model import Source, Status
from crawler.taxonomy import load_taxonomy
from crawler.wiring import families
from tests.crawler.loopback import run, settings, source_file

GOOD = """# synthetic
id = "synthetic"
name = "合成日报"
kind = "news"
level = "media"
adcode = "510000"
home = "http://www.synthetic.example/"
hosts = ["news.synthetic.example"]
family = "generic"

[[list]]
url = "http://news.synthetic.example/list/"
"""


def load(*folders: Path) -> Catalogue:
    return load_catalogue(folders, families=families(), is_adcode=load_taxonomy().divisions.is_known)


def write(folder: Path, text: str | bytes, name: str = "synthetic") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(folder: Path, text: str | bytes, name: str = "synthetic") -> list[str]:
    path = write(folder, text, name)
    with pytest.raises(CatalogueError) as told:
        load(folder)
    lines = str(told.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines), lines
    return [line.removeprefix(f"{path}: ") for line in lines]


def test_a_good_file_is_a_source(tmp_path: Path) -> None:
    write(tmp_path / "sichuan", "\ufeff" + GOOD)
    (source,) = load(tmp_path)
    assert (source.id, source.status, source.every_min) == ("synthetic", Status.ACTIVE, 60)
    assert source.hosts == ("www.synthetic.example", "news.synthetic.example")
    assert load(tmp_path).of_host("NEWS.synthetic.example") == source
    assert load(tmp_path).of_host("evil.example") is None


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('kind = "news"', 'kind = "news"\nnonsense = 1', "nonsense", "Extra inputs"),
        ('family = "generic"', 'family = "generic"\narticle = "/a/(["', "article", "bad regex"),
        ("/list/", '/list/"\nrows = "ul > > li', "list.0.rows", "bad CSS selector"),
        ("/list/", '/list/"\narticle = "*', "list.0.article", "bad regex"),
        ("http://news.synthetic", "http://elsewhere", "list.0.url", "outside the source's hosts"),
        ("http://news.synthetic.example/list/", "ftp://news.synthetic.example/", "list.0.url", "not an http address"),
        ("http://news.synthetic.example/list/", "http://[news", "list.0.url", "not an http address"),
        ("/list/", "/list/{YY}/", "list.0.url", "{YY} is none of"),
        ('"510000"', '"519999"', "adcode", "519999 is no division"),
        ('"510000"', '"51"', "adcode", "match"),
        ('id = "synthetic"', 'id = "other"', "id", "not the file's name"),
        ('family = "generic"', 'family = "unheard-of"', "family", "unheard-of is not one of"),
        ('[[list]]\nurl = "http://news.synthetic.example/list/"', "", "list", "needs at least one"),
        ('family = "generic"', 'family = "generic"\nstatus = "blocked"', "why", "says why and since"),
        ('family = "generic"', 'family = "generic"\nstatus = "blocked"\nwhy = "412"', "why", "says why and since"),
        ('family = "generic"', 'family = "generic"\nstatus = "asleep"', "status", "Input should be"),
        ('family = "generic"', 'family = "generic"\ntimezone = "Asia/Yaan"', "timezone", "no such time zone"),
        ('family = "generic"', 'family = "generic"\ncharset = "gb9999"', "charset", "no such charset"),
        ('family = "generic"', 'family = "generic"\nfeed = "half"', "feed", "match"),
        ('family = "generic"', 'family = "generic"\nevery_min = 99999999999', "every_min", "less than or equal"),
        ('family = "generic"', 'family = "generic"\ncron = "30 8,25 * * 1-5"', "cron", "is no cron expression"),
        ('family = "generic"', 'family = "generic"\ncron = "0 0 31 2 *"', "cron", "is no cron expression"),
        ('family = "generic"', 'family = "generic"\ncron = "@daily"', "cron", "is no cron expression"),
        ('family = "generic"', 'family = "generic"\ncron = 8', "cron", "valid string"),
        ('"news.synthetic.example"', '"http://news.synthetic.example/"', "hosts", "is no host name"),
        ('name = "合成日报"\n', "", "name", "Field required"),
    ],
)
def test_a_fault_is_told_with_file_key_and_reason(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    assert old in GOOD
    told = faults(tmp_path, GOOD.replace(old, new))
    assert any(line.startswith(f"{key}: ") and reason in line for line in told), told


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path, GOOD.replace('synthetic"\nname', 'one"\nname').replace("510000", "519999") + "nonsense = 1\n", "one"
    )
    write(tmp_path, GOOD.replace('family = "generic"', 'family = "x"\narticle = "(["'), "two")
    with pytest.raises(CatalogueError) as told:
        load(tmp_path)
    lines = str(told.value).splitlines()
    told_of = {"one": ("list.0.nonsense", "adcode"), "two": ("family", "article", "id")}
    for file, key in [(file, key) for file, keys in told_of.items() for key in keys]:
        assert any(line.startswith(f"{tmp_path / file}.toml: {key}: ") for line in lines), lines


@pytest.mark.parametrize(
    "content",
    [b"id = ", GOOD.encode("gb18030"), b"\x00\xff", b"a = " + b"[" * 100_000, b""],
    ids=["toml", "gbk", "junk", "deep", "empty"],
)
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    assert faults(tmp_path, content)


FORMER = """
[selectors]
title = "h1.new"

[[former]]
valid_until = 2024-05-31
charset = "gb18030"
family = "trs"
selectors = { title = "h2.first", body = "#first" }

[[former]]
valid_until = 2026-03-01
selectors = { title = "h2.old" }
"""


def test_a_page_is_read_by_the_parser_that_was_valid_on_its_day(tmp_path: Path) -> None:
    write(tmp_path, GOOD + FORMER)
    (source,) = load(tmp_path)

    def at(*when: int) -> Source:
        return source.at(datetime(*when, tzinfo=ZoneInfo(source.timezone)))  # type: ignore[misc]

    assert at(2026, 3, 2) == source
    old = at(2026, 3, 1, 23, 59)
    assert (old.selectors.title, old.selectors.body, old.family, old.charset) == ("h2.old", None, "generic", None)
    first = at(2024, 5, 31, 23, 59)
    assert (first.selectors.title, first.selectors.body, first.family, first.charset) == (
        "h2.first",
        "#first",
        "trs",
        "gb18030",
    )
    assert at(2024, 6, 1) == old
    # the day is the site's own: 16:00 in UTC is midnight in China
    assert source.at(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == old
    assert source.at(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == source


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("valid_until = 2024-05-31", "", "former.0.valid_until", "Field required"),
        ("valid_until = 2024-05-31", 'valid_until = "soon"', "former.0.valid_until", "date"),
        ("valid_until = 2024-05-31", "valid_until = 2026-03-01", "former.1.valid_until", "is not after"),
        ("valid_until = 2024-05-31", "valid_until = 2027-03-01", "former.1.valid_until", "the oldest stands first"),
        ("valid_until = 2024-05-31", "valid_until = 2024-05-31\nevery_min = 9", "former.0.every_min", "Extra inputs"),
        ('family = "trs"', 'family = "unheard-of"', "former.0.family", "unheard-of is not one of"),
        ('charset = "gb18030"', 'charset = "gb9999"', "former.0.charset", "no such charset"),
        ('charset = "gb18030"', 'article = "(["', "former.0.article", "bad regex"),
        ('title = "h2.old"', 'title = "h2 > >"', "former.1.selectors.title", "bad CSS selector"),
        ('title = "h2.old"', 'headline = "h2"', "former.1.selectors.headline", "Extra inputs"),
        ('selectors = { title = "h2.old" }', "", "former.1", "says nothing"),
    ],
)
def test_a_fault_of_a_former_parser_is_told(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    assert old in FORMER
    told = faults(tmp_path, GOOD + FORMER.replace(old, new))
    assert any(line.startswith(f"{key}: ") and reason in line for line in told), told


def test_an_id_twice_names_both_files(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", GOOD), write(tmp_path / "b", GOOD)
    with pytest.raises(CatalogueError, match="is also the id of") as told:
        load(tmp_path / "a", tmp_path / "b")
    assert str(first) in str(told.value)
    assert str(second) in str(told.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no such folder"):
        load(tmp_path / "nowhere")


def test_a_source_of_excerpts_is_known_as_one(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert load(tmp_path).excerpts == frozenset()
    write(tmp_path, GOOD.replace('family = "generic"', 'family = "generic"\nfeed = "excerpt"'))
    assert load(tmp_path).excerpts == {"synthetic"}


def test_an_unknown_source_is_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(CatalogueError, match="unheard-of"):
        load(tmp_path).select(["synthetic", "unheard-of"])


def test_the_digest_changes_with_the_facts(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        path = write(tmp_path, text)
        return read_source(path, families=families(), is_adcode=lambda code: True).digest

    assert digest(GOOD) == digest(GOOD) != digest(GOOD.replace("合成日报", "合成晚报"))


def test_the_shipped_registry_is_right() -> None:
    assert len(load(SHIPPED).active()) >= 5


def test_sources_on_the_command_line_replace_the_registry_and_repeat(tmp_path: Path) -> None:
    for name in ("one", "two"):
        source_file(tmp_path / name, name, f"{name}.example", port=80)
    args = ("sources", "list", "--json", "--sources", tmp_path / "one", "--sources", tmp_path / "two")
    printed = run(settings({}), tmp_path / "D", *args).stdout
    assert [line.split('"')[3] for line in printed.splitlines() if '"id"' in line] == ["one", "two"]
    (tmp_path / "one" / "one.toml").write_text("nonsense = 1\n", encoding="utf-8")
    done = run(settings({}), tmp_path / "D", *args, expect=2)
    assert f"{tmp_path / 'one' / 'one.toml'}: nonsense: " in done.stderr
    assert "Traceback" not in done.stderr
