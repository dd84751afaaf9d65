"""docs/settings.md, made from the settings themselves: `python -m crawler.settings_page > docs/settings.md`."""

from __future__ import annotations

import sys

from pydantic_core import PydanticUndefined

from crawler.config import Config

HEAD = """# Settings

Made from the code: `python -m crawler.settings_page > docs/settings.md`; the tests hold it to that. Every setting is an
environment variable, or a key (in lower case, without `HRWATCH_`) of the TOML file that `HRWATCH_CONFIG` names. An
option of the command comes first, then the environment, then the file, then the default. Lists and tables in variables
are JSON.

| variable | default | means |
|---|---|---|
"""


def settings_page() -> str:
    """The whole page as Markdown."""
    rows = []
    for name, field in Config.model_fields.items():
        default = "the user's data folder" if field.default is PydanticUndefined and name == "data" else field.default
        if default is PydanticUndefined or default in ((), None):
            default = ""
        rows.append(f"| `HRWATCH_{name.upper()}` | {default} | {field.description} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(settings_page())
