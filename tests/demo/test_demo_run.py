"""`hrwatch demo` as a person starts it: everything it expects of itself holds, and it leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.crawler.loopback import run
from tests.feeds.valid import check_atom, check_json, check_opml, check_rss
from tests.real.seeds import HRWATCH, environment


def test_demo_holds_what_it_expects(tmp_path: Path) -> None:
    data = tmp_path / "D"
    done = run(environment("en"), data, "demo", "--no-serve")
    assert "✗" not in done.stdout
    assert "expectations hold" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
    index = json.loads((data / "feeds" / "index.json").read_text("utf-8"))
    assert {"川渝", "all"} <= {feed["key"] or "all" for feed in index}
    for feed in index:
        for form, check in (("rss", check_rss), ("atom", check_atom), ("json", check_json)):
            check((data / "feeds" / feed[form]).read_bytes())
    check_opml((data / "feeds" / "index.opml").read_bytes())
    assert [path for path in data.rglob("*") if path.suffix in (".tmp", ".part")] == []


def test_demo_without_a_folder_leaves_none(tmp_path: Path) -> None:
    env = environment("zh") | {"TMPDIR": os.fspath(tmp_path), "HOME": os.fspath(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    done = subprocess.run(
        [*HRWATCH, "demo", "--no-serve"], capture_output=True, text=True, timeout=120, env=env, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert list((tmp_path / "home").iterdir()) == []
