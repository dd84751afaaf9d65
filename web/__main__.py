"""`python -m web`: the web side alone, by the settings of the environment."""

from __future__ import annotations

import sys

from crawler.config import load_config
from web.server import serve


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(load_config(), ready=_say)
