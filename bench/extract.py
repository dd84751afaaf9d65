"""From bytes to article: rate and quality of hrwatch and its peers on the same pages, in the same run, on one core.

`python -m bench.extract [FOLDER…]`. Rates are pages per CPU second, from bytes, against trafilatura's
`bare_extraction(with_metadata=True)`. Where `../shared/pages` is present its labelled sets are read, and quality is
what `../shared/tools/score_extract.py` says: of each extractor from bytes, and of bodies once more with all peers
given the text that hrwatch decodes. Elsewhere, or with folders named, only rates are shown; the synthetic pages of
the tests are the fallback. Ends with 1 where a bar is missed. Takes about a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.extractors import PEERS, Reading, hrwatch
from bench.timing import best_of
from crawler.extract.decode import decode

ROOT = Path(__file__).parent.parent
SYNTHETIC = ROOT / "tests" / "pages"
SHARED = ROOT.parent / "shared"
LABELLED = SHARED / "pages"
SCORER = SHARED / "tools" / "score_extract.py"

RATES = {"shanghai_wsjkw": 8.0, "cwced": 3.0}  # times trafilatura's rate
SYNTHETIC_RATE = 8.0  # small pages, some of them lists that are refused early
BODY, LEAD = 0.93, 0.03  # F1 on cwced, and by how much it leads the best peer
TITLE, DAY = 0.98, 0.98  # share right on shanghai_wsjkw
ANY_DAY, WRONG_DAY = 0.95, 0.03  # over all labelled sets

Pages = Mapping[Path, bytes]
Score = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A figure that was measured and what it may not pass."""

    name: str
    found: float
    bar: float
    is_ceiling: bool = False

    @property
    def is_met(self) -> bool:
        return self.found <= self.bar if self.is_ceiling else self.found >= self.bar


def main(folders: list[str] | None = None) -> int:
    """Print the tables and the bars; 1 where one is missed."""
    if not folders and LABELLED.is_dir():
        bars = list(_labelled())
    else:
        if not folders:
            sys.stdout.write("extract: no ../shared/pages here; rates on the synthetic pages only\n")
        bars = [
            Bar(name=f"rate on {folder}", found=_rates(_pages(Path(folder)), folder)[0], bar=SYNTHETIC_RATE)
            for folder in folders or [str(SYNTHETIC)]
        ]
    for bar in bars:
        sign = "≤" if bar.is_ceiling else "≥"
        said = "" if bar.is_met else "  MISSED"
        sys.stdout.write(f"{bar.name:42}{bar.found:9.4g} {sign} {bar.bar:g}{said}\n")
    return 0 if all(bar.is_met for bar in bars) else 1


def _pages(folder: Path) -> Pages:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*.html"))}


def _labelled() -> Iterator[Bar]:
    days = wrong = labelled = 0
    for name, bar in RATES.items():
        pages = _pages(LABELLED / name)
        ratio, readings = _rates(pages, name)
        if name == "cwced":  # the set that has bodies labelled, and pages that say the wrong charset
            readings |= _given_text(pages)
        scores = {who: _score(name, read) for who, read in readings.items()}
        _print_scores(scores)
        yield Bar(name=f"{name}: times trafilatura's rate", found=ratio, bar=bar)
        ours = scores["hrwatch"]
        if name == "cwced":
            best = max(_number(score, "body_f1") for who, score in scores.items() if who != "hrwatch")
            yield Bar(name=f"{name}: body F1", found=_number(ours, "body_f1"), bar=BODY)
            yield Bar(name=f"{name}: lead over the best peer", found=_number(ours, "body_f1") - best, bar=LEAD)
        else:
            yield Bar(name=f"{name}: titles right", found=_number(ours, "title_right"), bar=TITLE)
            yield Bar(name=f"{name}: days right", found=_number(ours, "date_right"), bar=DAY)
        dates = ours["dates"]
        if isinstance(dates, dict):
            days, wrong = days + dates.get("right", 0), wrong + dates.get("wrong", 0)
            labelled += sum(dates.values())
    yield Bar(name="labelled sets: days right", found=days / labelled, bar=ANY_DAY)
    yield Bar(name="labelled sets: days wrong", found=wrong / labelled, bar=WRONG_DAY, is_ceiling=True)


def _rates(pages: Pages, name: str) -> tuple[float, dict[str, dict[Path, Reading]]]:
    """Print the rate of each extractor; our ratio to trafilatura, and what each made of the pages."""
    size = sum(map(len, pages.values())) / max(len(pages), 1) / 1000
    sys.stdout.write(f"{name}: {len(pages)} pages of {size:.0f} kB; pages per CPU second, from bytes\n")
    readings: dict[str, dict[Path, Reading]] = {}
    seconds: dict[str, float] = {}
    for who, read, rounds in (
        ("hrwatch", hrwatch, 5),
        *((who, peer.from_bytes, 2 if who == "trafilatura" else 1) for who, peer in PEERS.items()),
    ):
        seconds[who] = _time(pages, read, readings.setdefault(who, {}), rounds)
    for who, took in seconds.items():
        ratio = seconds["trafilatura"] / took
        sys.stdout.write(f"  {who:28}{len(pages) / took:9,.1f}/s  {ratio:6.2f} × trafilatura\n")
    return seconds["trafilatura"] / seconds["hrwatch"], readings


def _given_text(pages: Pages) -> dict[str, dict[Path, Reading]]:
    """What the peers make of text that hrwatch has decoded."""
    texts = {path: decode(body).text for path, body in pages.items()}
    return {
        f"{who}, given text": {path: peer.from_text(text) for path, text in texts.items()}
        for who, peer in PEERS.items()
        if peer.from_text is not None
    }


def _time(pages: Pages, read: Callable[[bytes], Reading], into: dict[Path, Reading], rounds: int) -> float:
    def work() -> None:
        for path, body in pages.items():
            into[path] = read(body)

    return best_of(work, rounds=rounds)


def _score(name: str, readings: Mapping[Path, Reading]) -> Score:
    """What the shared scorer says of one extractor's readings of a set."""
    lines = "\n".join(
        json.dumps({"path": str(path), "title": found.title, "body": found.body, "published": found.published})
        for path, found in readings.items()
    )
    command = [sys.executable, str(SCORER), str(LABELLED / "manifest.jsonl"), str(LABELLED), "--set", name]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if not isinstance(found, dict) or found["missing"]:
        raise ValueError(f"{SCORER.name} misses pages of {name}: {done.stdout}")
    return found


def _print_scores(scores: Mapping[str, Score]) -> None:
    sys.stdout.write(f"  {'':28}{'body F1':>9}{'title':>9}{'day':>9}{'wrong day':>11}\n")
    for who, score in scores.items():
        dates = score.get("dates")
        wrong = dates.get("wrong", 0) / sum(dates.values()) if isinstance(dates, dict) else None
        row = (score.get("body_f1"), score.get("title_right"), score.get("date_right"), wrong)
        cells = "".join(
            f"{value:{width}.3f}" if isinstance(value, float) else " " * width
            for value, width in zip(row, (9, 9, 9, 11), strict=True)
        )
        sys.stdout.write(f"  {who:28}{cells}\n")


def _number(score: Score, name: str) -> float:
    value = score[name]
    if not isinstance(value, float):
        raise TypeError(f"{name} is {value!r}")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
