"""Settings: given options before the environment, the environment before the file, the file before the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config import load_config
from crawler.errors import ConfigError


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_config().port == 8080
    file = tmp_path / "hrwatch.toml"
    file.write_text(
        'port = 1001\ndelay_s = 3.5\nlang = "en"\nresolve = {"A.example" = "127.0.0.1"}\n', encoding="utf-8"
    )
    monkeypatch.setenv("HRWATCH_CONFIG", str(file))
    assert (load_config().port, load_config().delay_s, load_config().lang) == (1001, 3.5, "en")
    assert load_config().resolve == {"a.example": "127.0.0.1"}
    monkeypatch.setenv("HRWATCH_PORT", "1002")
    assert (load_config().port, load_config().delay_s) == (1002, 3.5)
    assert load_config(port=1003).port == 1003
    assert load_config(port=None).port == 1002
    monkeypatch.setenv("HRWATCH_PORT", "")
    assert load_config().port == 1001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delay_s", "0"),
        ("delay_s", "soon"),
        ("timeout_s", "inf"),
        ("delay_s", "nan"),
        ("port", "65536"),
        ("max_page_bytes", "-1"),
        ("allow_private", '["10.0.0.0/99"]'),
        ("allow_private", "10.0.0.0/8"),
        ("resolve", '{"a.example": "nowhere"}'),
        ("resolve", "a.example=127.0.0.1"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"HRWATCH_{name.upper()}", value)
    with pytest.raises(ConfigError, match=name):
        load_config()


@pytest.mark.parametrize(
    ("content", "said"), [("nonsense = 1\n", "nonsense"), ("port = \n", "hrwatch.toml"), ('port = "x"\n', "port")]
)
def test_a_wrong_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str) -> None:
    file = tmp_path / "hrwatch.toml"
    monkeypatch.setenv("HRWATCH_CONFIG", str(file))
    with pytest.raises(ConfigError, match="no such file"):
        load_config()
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_config()
