"""From bytes to article against trafilatura with metadata, same pages, same run, one core.

`python -m bench.extract [FOLDER…]`; without folders the synthetic pages of the tests.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from bench.timing import best_of
from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.model import Page

PAGES = Path(__file__).parent.parent / "tests" / "pages"
BAR = 3.0  # issue 4 raises this to 8 on government pages


def main(folders: list[str] | None = None) -> int:
    """Print both rates and their ratio; 1 where the ratio is below the bar."""
    files = [path for folder in folders or [str(PAGES)] for path in sorted(Path(folder).rglob("*.html"))]
    bodies = [path.read_bytes() for path in files]
    ours = best_of(lambda: [_article(body) for body in bodies], rounds=3)
    theirs = best_of(lambda: [trafilatura.bare_extraction(body, with_metadata=True) for body in bodies], rounds=2)
    ratio = theirs / ours
    sys.stdout.write(
        f"extract: {len(bodies)} pages; {len(bodies) / ours:,.1f}/s; trafilatura {len(bodies) / theirs:,.1f}/s;"
        f" ratio {ratio:.1f} (bar {BAR})\n"
    )
    return 0 if ratio >= BAR else 1


def _article(body: bytes) -> object:
    page = Page(url="http://www.example/", status=200, headers={}, body=body, fetched_at=datetime.now(UTC))
    try:
        return extract_article(page)
    except RefusedError as error:
        return error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
