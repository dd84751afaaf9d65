"""Documentation is held to the code: examples run, tables are complete, the settings page is what the code says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from crawler.catalogue import read_source
from crawler.cli.commands import hrwatch
from crawler.settings_page import settings_page
from crawler.taxonomy import load_taxonomy
from crawler.wiring import families
from tests.cli.worlds import call
from tests.conftest import ROOT
from tests.real.seeds import environment
from tests.real.seeds import hrwatch as run

READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
# "$ hrwatch search 川渝"
EXAMPLE = re.compile(r"^\$ hrwatch (.+)$", re.MULTILINE)
# "| `hrwatch run [--port N]` | …"
TABLED = re.compile(r"^\| `hrwatch ([\w-]+)(.*?)` \|", re.MULTILINE)


DEMO = "demo --no-serve"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The archive of the demonstration, and what was printed while it was made."""
    data = tmp_path_factory.mktemp("docs") / "D"
    return data, run(data, *DEMO.split())


@pytest.mark.parametrize("line", EXAMPLE.findall((ROOT / "docs" / "guide.md").read_text("utf-8")))
def test_examples_of_the_guide_run(line: str, demo: tuple[Path, str]) -> None:
    data, printed = demo
    assert printed if line == DEMO else call(environment("en"), data, *shlex.split(line))[0]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_source_of_the_readme_is_a_source(readme: Path, tmp_path: Path) -> None:
    toml = re.search(r"```toml\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    assert toml is not None
    path = tmp_path / "rsj-sc-yaan.toml"
    path.write_text(toml[1], encoding="utf-8")
    source = read_source(path, families=families(), is_adcode=load_taxonomy().divisions.is_known)
    assert source.family == "showlist"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_readme_lists_every_command_with_options_that_exist(readme: Path) -> None:
    text = readme.read_text("utf-8")
    tabled = TABLED.findall(text)
    assert {name for name, _rest in tabled} == set(hrwatch.commands)
    for name, rest in tabled:
        command = hrwatch.commands[name]
        if isinstance(command, click.Group) and rest:
            command = command.commands[rest.split()[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", rest)) <= known, (name, rest)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_first_screen_of_the_readme_is_the_two_commands(readme: Path) -> None:
    first_screen = "\n".join(readme.read_text("utf-8").splitlines()[:15])
    assert "make run" in first_screen
    assert "make test" in first_screen


def test_the_settings_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_page()


@pytest.mark.parametrize("family", families())
def test_the_guide_names_every_family(family: str) -> None:
    assert f"`{family}`" in (ROOT / "docs" / "guide.md").read_text("utf-8")


@pytest.mark.parametrize("page", [*READMES, *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
