"""The installed font that has Chinese characters, as matplotlib knows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# What systems come with, the best to read first; for an SVG also what its viewer is asked for.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Heiti SC",
    "STHeiti",
    "SimSun",
    "Songti SC",
    "Noto Sans CJK JP",  # of a .ttc file, older matplotlibs see the first face only
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
_SAMPLE = "川渝"  # simplified characters that Japanese and Korean fonts may lack


def chinese_family() -> str | None:
    """The family to draw Chinese with; None where no installed font has it."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    found = _best(manager.ttflist)
    if found is None:
        # the list is kept from an earlier run; a font may have been installed since
        known = {font.fname for font in manager.ttflist}
        for path in font_manager.findSystemFonts():
            if path not in known:
                try:
                    manager.addfont(path)
                except (OSError, RuntimeError):
                    continue  # a broken file, or a kind of font that cannot be drawn
        found = _best(manager.ttflist)
    return found


def _best(fonts: Iterable[Any]) -> str | None:
    by_name: dict[str, str] = {}
    for font in fonts:
        by_name.setdefault(font.name, font.fname)
    named = (name for name in FAMILIES if name in by_name)
    return next(named, None) or next((name for name in sorted(by_name) if _has_sample(by_name[name])), None)


def _has_sample(path: str) -> bool:
    from matplotlib.font_manager import get_font

    try:
        font = get_font(path)
    except (OSError, RuntimeError):
        return False
    return all(font.get_char_index(ord(character)) for character in _SAMPLE)
