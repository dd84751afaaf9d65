"""Charts of counts as PNG or SVG, drawn by matplotlib without a display: columns over time, bars, heat maps.

In an SVG the words stay text, shown in the viewer's own fonts; a PNG needs a font with Chinese characters here.
"""

from __future__ import annotations

import io
import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.cli.output.fonts import FAMILIES, chinese_family
from crawler.cli.output.landing import landing
from crawler.errors import OutputError
from crawler.language import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg")

_INK, _SOFT, _BAR, _GRID = "#22272e", "#6b7280", "#2f6f9f", "#e3e5e8"
_EMPTY = "#f4f4f1"
_TITLE_SIZE = 14
_DPI = 150  # sharp on a screen and in a document
_NAME_CHARS = 22  # of a bar or row; a publisher's name may be a sentence
_NUMBERED_COLUMNS = 24  # beyond, the numbers above the columns would touch
_NUMBERED_CELLS = 1200  # all provinces by all provinces
_FEW_CELLS = 400  # of which the numbers may be larger
_DIGIT_INCHES = 0.068  # about the width of one in a label; a Chinese character is two of them
_STEPS = 160  # columns beyond this are thinner than the gaps between them


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """One number for each name; `is_time`: columns from left to right, else bars from top to bottom."""

    title: str
    about: str  # which stories, under the title
    note: str
    names: Sequence[str]
    values: Sequence[int]
    is_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A number for each row and column."""

    title: str
    about: str
    note: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Sequence[int]]


def check_target(file: str) -> None:
    """Raise OutputError, before any work is done, where no chart can be written to `file`."""
    if Path(file).suffix.lower() not in ENDINGS:
        raise OutputError(_("{file}: a chart is a .png or a .svg file").format(file=file))
    try:
        import matplotlib as _matplotlib  # noqa: F401
    except ImportError as error:
        raise OutputError(_("charts need matplotlib: pip install 'hrwatch[plot]'")) from error


def write_chart(file: str, chart: Bars | Grid) -> str | None:
    """Draw into `file`, which is there whole or not at all; a warning for people where Chinese will not show."""
    from matplotlib.figure import Figure

    is_svg = Path(file).suffix.lower() == ".svg"
    picture = io.BytesIO()
    with _style() as has_chinese:
        figure = Figure(layout="constrained", facecolor="white")
        if isinstance(chart, Grid):
            _draw_grid(figure, chart)
        elif chart.is_time:
            _draw_columns(figure, chart)
        else:
            _draw_bars(figure, chart)
        _tell(figure, chart.about)
        # without a date the same counts are the same file
        figure.savefig(picture, format="svg" if is_svg else "png", dpi=_DPI, metadata={"Date": None} if is_svg else {})
    with landing(file) as stream:
        stream.write(picture.getvalue())
    if has_chinese or is_svg:
        return None
    return _(
        "no font with Chinese characters is installed, so they show as boxes: install one "
        "(Debian, Ubuntu: apt install fonts-noto-cjk), or write a .svg"
    )


@contextmanager
def _style() -> Iterator[bool]:
    """Settings of a drawing; True where there is a font for Chinese."""
    import matplotlib

    family = chinese_family()
    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": [*([family] if family else []), *FAMILIES, "DejaVu Sans"],
        "svg.fonttype": "none",
        "svg.hashsalt": "hrwatch",
        "text.parse_math": False,  # a name may hold a $
        "axes.unicode_minus": False,
        "axes.edgecolor": _SOFT,
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
    # it warns of every family that is not installed, and of every character that no font has
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with matplotlib.rc_context(settings), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield family is not None
    finally:
        log.setLevel(level)


def _draw_columns(figure: Figure, chart: Bars) -> None:
    count = len(chart.names)
    figure.set_size_inches(min(11.0, max(5.0, 0.55 * count + 1.5)), 4.4)
    axes = _axes(figure, chart)
    if count > _STEPS:
        axes.fill_between(range(count), chart.values, step="mid", color=_BAR, linewidth=0)
    else:
        drawn = axes.bar(range(count), chart.values, color=_BAR, width=min(0.8, 0.25 + 0.1 * count))
        if count <= _NUMBERED_COLUMNS:
            axes.bar_label(drawn, padding=2, fontsize=9, color=_INK)
    axes.set_xlim(-0.7, count - 0.3)
    axes.set_ylim(0, max(1, max(chart.values)) * 1.12)
    names = [_shown(name) for name in chart.names]
    room = max(map(_width, names)) * _DIGIT_INCHES + 0.15  # two labels want a little room between them
    every = max(1, math.ceil(count * room / (figure.get_figwidth() * 0.93)))
    axes.set_xticks(range(0, count, every), names[::every], fontsize=9)
    axes.yaxis.set_major_locator(_whole_numbers())
    axes.grid(axis="y", color=_GRID, linewidth=0.8)


def _draw_bars(figure: Figure, chart: Bars) -> None:
    count = len(chart.names)
    figure.set_size_inches(9.0, 1.7 + 0.3 * count)
    axes = _axes(figure, chart)
    drawn = axes.barh(range(count), chart.values, color=_BAR, height=0.72)
    axes.bar_label(drawn, padding=3, fontsize=9, color=_INK)
    axes.set_yticks(range(count), [_shown(name) for name in chart.names], fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(count - 0.4, -0.6)  # the first on top
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(_whole_numbers())
    axes.grid(axis="x", color=_GRID, linewidth=0.8)


def _draw_grid(figure: Figure, chart: Grid) -> None:
    from matplotlib.colors import PowerNorm

    rows, columns = [_shown(name) for name in chart.rows], [_shown(name) for name in chart.columns]
    longest = max(map(_width, columns))
    beside = 0.09 * max(map(_width, rows)) + 0.6
    width = min(40.0, max(5.5, 0.44 * len(columns) + beside))
    is_turned = longest * _DIGIT_INCHES > (width - beside) / len(columns)
    figure.set_size_inches(
        width,
        min(60.0, 0.34 * len(rows) + 1.8 + (0.07 * longest if is_turned else 0.0)),
    )
    axes = _axes(figure, chart)
    most = max(map(max, chart.values))
    # square root: a few pairs have most of the stories, and the others should still be told apart
    norm = PowerNorm(0.5, vmin=0, vmax=max(1, most))
    shown = [[value or float("nan") for value in row] for row in chart.values]
    image = axes.pcolormesh(shown, cmap="YlGnBu", norm=norm, edgecolors="white", linewidth=1.2)
    axes.set_facecolor(_EMPTY)
    axes.invert_yaxis()
    every = max(1, len(columns) // 80)  # of a picture that is as wide as it may be
    places = [at + 0.5 for at in range(0, len(columns), every)]
    axes.set_xticks(places, columns[::every], fontsize=9, rotation=60 if is_turned else 0)
    if is_turned:
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
    axes.set_yticks([at + 0.5 for at in range(len(rows))], rows, fontsize=9)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    cells = len(rows) * len(columns)
    if cells <= _NUMBERED_CELLS:
        size = 8 if cells <= _FEW_CELLS else 7
        for down, values in enumerate(chart.values):
            for along, value in enumerate(values):
                if value:
                    color = "white" if norm(value) > 0.6 else _INK
                    axes.text(along + 0.5, down + 0.5, str(value), ha="center", va="center", fontsize=size, color=color)
    else:
        figure.colorbar(image, ax=axes, shrink=0.6, label=_("stories"))


def _axes(figure: Figure, chart: Bars | Grid) -> Axes:
    axes = figure.add_subplot()
    # the empty line keeps room for what `_tell` writes there
    figure.suptitle(_clean(chart.title) + "\n", x=0.01, ha="left", fontsize=_TITLE_SIZE, fontweight="bold")
    figure.supxlabel(_clean(chart.note), x=0.01, ha="left", fontsize=8, color=_SOFT)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def _tell(figure: Figure, about: str) -> None:
    """Write what was asked under the title, whose place is known once all else has its own."""
    figure.draw_without_rendering()
    title = next(text for text in figure.texts if text.get_fontsize() == _TITLE_SIZE)
    below = title.get_window_extent().transformed(figure.transFigure.inverted()).y0
    figure.text(0.01, below, _clean(about), ha="left", va="bottom", fontsize=10, color=_SOFT)


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=6, integer=True, min_n_ticks=1)


def _width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def _shown(name: str) -> str:
    name = _clean(name)
    return name if len(name) <= _NAME_CHARS else name[: _NAME_CHARS - 1] + "…"


def _clean(text: str) -> str:
    """Text of the web on one line, without what XML and fonts do not have."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
