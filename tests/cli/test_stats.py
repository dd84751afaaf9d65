"""`hrwatch stats` and `hrwatch cooperations`: tables, programs' rows, files and charts. Synthetic stories."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from archive import open_archive
from crawler.cli.commands import hrwatch
from crawler.cli.output import chart, fonts
from crawler.cli.output.chart import Bars, Grid, write_chart
from crawler.cli.questions import counting
from crawler.config import Config
from crawler.errors import OutputError
from crawler.figures import key_text, pair_text, region_text
from crawler.language import use_language
from crawler.taxonomy import load_taxonomy
from tests.web.archive_of import source, store

PNG = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}"


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stats")
    with open_archive(Config(data=folder)) as archive:
        for number, (published, regions, zones) in enumerate(
            (
                (datetime(2025, 11, 30, 17, tzinfo=UTC), ("510000", "500000"), ("川渝",)),  # 1 December in China
                (datetime(2026, 2, 1, tzinfo=UTC), ("510100", "500112"), ("川渝",)),
                (datetime(2026, 2, 3, tzinfo=UTC), ("510100", "511800"), ()),
                (datetime(2026, 2, 4, tzinfo=UTC), ("510000", "540000"), ("川藏",)),
                (None, ("510000", "500000"), ("川渝",)),
            )
        ):
            by = source() if number % 2 else source("synthetic-b", "=合成晚报")
            store(archive, number + 1, by=by, regions=regions, zones=zones, published=published)
    return folder


def ask(data: Path, *args: object, code: int = 0) -> Result:
    result = CliRunner().invoke(hrwatch, [*map(str, args), "--data", str(data)])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def rows(data: Path, *args: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask(data, *args, "--json").stdout)
    return found


def table(result: Result) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_months_with_zeros_and_the_undated_apart(data: Path) -> None:
    result = ask(data, "stats", "--since", "2025-11")
    assert table(result) == [
        ["month", "stories", "members"],
        ["2025-11", "0", "0"],
        ["2025-12", "1", "1"],
        ["2026-01", "0", "0"],
        ["2026-02", "3", "3"],
        ["undated", "1", "1"],
    ]
    assert "1 without a date" in result.stderr


def test_two_dimensions_and_what_a_story_of_several_means(data: Path) -> None:
    result = ask(data, "stats", "--by", "zone", "--by", "region")
    assert table(result)[0] == ["zone", "in all", "四川", "重庆", "西藏"]
    assert table(result)[1:] == [
        ["Sichuan–Chongqing", "3", "3", "3", "0"],
        ["Sichuan–Tibet", "1", "1", "0", "1"],
        ["none", "1", "1", "0", "0"],
    ]
    assert "counts may come to more" in result.stderr


def test_rows_for_programs_have_keys_and_names(data: Path) -> None:
    assert rows(data, "stats", "--by", "pair", "--top", 1) == [
        {"pair": "500000-510000", "pair_name": "四川—重庆", "stories": 3, "members": 3}
    ]
    found = rows(data, "stats", "--by", "month", "--by", "zone", "--zone", "川藏")
    assert found == [{"month": "2026-02", "zone": "川藏", "zone_name": "Sichuan–Tibet", "stories": 1, "members": 1}]
    assert [row["region"] for row in rows(data, "stats", "--by", "region", "--level", "own")][:2] == [
        "510000",
        "500000",
    ]


def test_csv_is_for_excel(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "sources.csv"
    ask(data, "stats", "--by", "source", "--csv", file)
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    held = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["stories"] for row in held] == ["3", "2"]
    assert held[0]["source_name"] == "'=合成晚报"  # no formula
    ask(data, "cooperations", "--by", "month", "--csv", file)
    (first, *_rest) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    assert (first["pair"], first["stories"], first["2025-12"], first["2026-01"]) == ("四川—重庆", "3", "1", "0")


def test_cooperations(data: Path) -> None:
    result = ask(data, "cooperations")
    assert table(result) == [
        ["pair of regions", "in all", "undated", "2025", "2026"],
        ["四川—重庆", "3", "1", "1", "1"],
        ["within 四川省", "1", "0", "0", "1"],
        ["四川—西藏", "1", "0", "0", "1"],
    ]
    assert "3 pairs in 5 of 5 stories" in result.stderr
    (city, *_more) = rows(data, "cooperations", "--level", "city", "--pair", "成都", "雅安")
    assert city == {
        "pair": "成都—雅安",
        "regions": ["510100", "511800"],
        "region_names": ["成都", "雅安"],
        "is_within": False,
        "stories": 1,
        "members": 1,
        "undated": 0,
        "by_period": {"2026": 1},
    }


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("stats",), ("Stories by month", "2026-02")),
        (("stats", "--by", "pair"), ("四川—重庆", "within 四川省")),
        (("stats", "--by", "zone", "--by", "month"), ("Stories by zone × month", "2025-12")),
        (("stats", "--by", "publisher", "--region", "四川"), ("=合成晚报", "relevant stories · region 四川")),
        (("cooperations",), ("四川", "重庆", "西藏")),
    ],
)
def test_charts_say_in_text_what_they_show(data: Path, tmp_path: Path, command: tuple[str, ...], words: Any) -> None:
    svg, png = tmp_path / "chart.svg", tmp_path / "chart.PNG"
    ask(data, *command, "--plot", svg)
    tree = etree.parse(str(svg))
    told = ["".join(map(str, text.itertext())) for text in tree.iter(f"{SVG}text")]
    assert all(word in told for word in words), told
    assert any("Microsoft YaHei" in (text.get("style") or "") for text in tree.iter(f"{SVG}text"))
    ask(data, *command, "--plot", png)
    assert png.read_bytes().startswith(PNG)
    again = tmp_path / "again.svg"
    ask(data, *command, "--plot", again)
    assert again.read_bytes() == svg.read_bytes()


@pytest.mark.parametrize(("ending", "count"), [("svg", 1), ("png", 3), ("svg", 60), ("svg", 400)])
def test_charts_of_any_size_and_of_hostile_names(tmp_path: Path, ending: str, count: int) -> None:
    hostile = "川$x_1$\x00\x1b[31m\u202e\ud800" + "局" * 300
    names = [f"{number}{hostile}" for number in range(count)]
    few = names[:60]
    pictures: tuple[Bars | Grid, ...] = (
        Bars(title=hostile, about=hostile, note="n", names=names, values=range(count), is_time=True),
        Bars(title=hostile, about=hostile, note="n", names=few, values=range(len(few)), is_time=False),
        Grid(
            title=hostile,
            about=hostile,
            note="n",
            rows=few[:3],
            columns=few,
            values=[[0] * (len(few) - 1) + [9]] * len(few[:3]),
        ),
    )
    for number, picture in enumerate(pictures if count <= 60 else pictures[:1]):
        file = tmp_path / f"{number}.{ending}"
        write_chart(str(file), picture)
        if ending == "svg":
            assert etree.parse(str(file)).getroot().tag == f"{SVG}svg"
        else:
            assert file.read_bytes().startswith(PNG)


@pytest.mark.parametrize(("name", "columns", "is_turned"), [("合作协议", 8, False), ("2026-11-22", 20, True)])
def test_names_of_columns_are_turned_only_where_they_would_touch(
    tmp_path: Path, name: str, columns: int, is_turned: bool
) -> None:
    file = tmp_path / "grid.svg"
    names = [name] * columns
    write_chart(str(file), Grid(title="t", about="a", note="n", rows=["四川"], columns=names, values=[[1] * columns]))
    assert ("rotate(-60" in file.read_text("utf-8")) == is_turned


def test_a_chart_of_few_of_many_says_so(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "chart.svg"
    ask(data, "stats", "--by", "region", "--top", 2, "--plot", file)
    assert "the 2 with most stories" in file.read_text(encoding="utf-8")
    monkeypatch.setattr("crawler.cli.questions.stats.MOST_DRAWN", 1)
    assert "1 more are not shown" in ask(data, "stats", "--by", "region", "--top", 2, "--plot", file).stderr
    assert "重庆" not in file.read_text(encoding="utf-8")


def test_without_a_chinese_font_a_png_comes_with_a_warning(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart, "chinese_family", lambda: None)
    assert "fonts-noto-cjk" in ask(data, "stats", "--by", "pair", "--plot", tmp_path / "a.png").stderr
    assert "fonts-noto-cjk" not in ask(data, "stats", "--by", "pair", "--plot", tmp_path / "a.svg").stderr


def test_a_font_is_known_by_name_or_by_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    font_manager = pytest.importorskip("matplotlib.font_manager")
    latin = [font for font in font_manager.fontManager.ttflist if font.name.startswith("DejaVu")]
    assert fonts._best(latin) is None
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["/nowhere.ttf", __file__])
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    assert fonts.chinese_family() is None  # and what is no font harms nothing


def test_charts_are_refused_before_any_work(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("stats", "cooperations"):
        result = CliRunner().invoke(hrwatch, [command, "--plot", "chart.pdf", "--data", str(data)])
        assert isinstance(result.exception, OutputError)
        assert "chart.pdf: a chart is a .png or a .svg file" in str(result.exception)
        file = tmp_path / "missing" / "chart.png"
        result = CliRunner().invoke(hrwatch, [command, "--plot", str(file), "--data", str(data)])
        assert isinstance(result.exception, OutputError)
        assert str(file) in str(result.exception)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = CliRunner().invoke(hrwatch, ["stats", "--plot", "chart.png", "--data", str(data)])
    assert "pip install 'hrwatch[plot]'" in str(result.exception)


def test_nothing_found(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "chart.png"
    for command in ("stats", "cooperations"):
        result = ask(data, command, "--since", "2030", "--plot", file, code=1)
        assert "nothing found" in result.stdout
        assert not file.exists()


@pytest.mark.parametrize(
    "question",
    [
        ("search", "无此词语"),
        ("stats", "--since", "2030"),
        ("cooperations", "--since", "2030"),
        ("show", "999"),
        ("explain", "https://synthetic.example/nowhere"),
    ],
)
def test_nothing_found_is_an_empty_list_and_exit_code_1(data: Path, question: tuple[str, ...]) -> None:
    assert ask(data, *question, "--json", code=1).stdout.split() == ["[", "]"]


@pytest.mark.parametrize(
    "args",
    [
        ("stats", "--by", "moon"),
        ("stats", "--by", "month", "--by", "month"),
        ("stats", "--by", "month", "--by", "zone", "--by", "topic"),
        ("stats", "--level", "village"),
        ("stats", "--region", "亚特兰蒂斯"),
        ("cooperations", "--by", "zone"),
        ("cooperations", "--top", "0"),
    ],
)
def test_wrong_use(data: Path, args: tuple[str, ...]) -> None:
    assert "Error" in ask(data, *args, code=2).stderr


def test_bars_and_curves() -> None:
    assert counting.bar(0, 10) == ""
    assert counting.bar(1, 10_000) == "▏"
    assert counting.bar(10, 10) == "█" * 30
    assert counting.curve((0, 5, 10)) == "▁▅█"
    assert counting.curve((0, 0)) == "▁▁"


def test_names_that_people_use() -> None:
    taxonomy = load_taxonomy()
    assert region_text("510104", taxonomy) == "成都锦江区"
    assert region_text("500112", taxonomy) == "重庆渝北区"
    assert region_text("999999", taxonomy) == "999999"
    assert pair_text(("500000", "510000"), taxonomy) == "四川—重庆"  # as 川渝 has it
    assert pair_text(("510000", "530000"), taxonomy) == "四川—云南"
    assert key_text("topic", "agreement", taxonomy) == "Agreements"
    assert key_text("topic", "gone", taxonomy) == "gone"
    assert key_text("month", None, taxonomy) == "undated"
    use_language("zh")
    assert key_text("kind", "news", taxonomy) == "媒体"
    assert key_text("zone", "川渝", taxonomy) == "川渝"
