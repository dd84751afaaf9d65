"""`python -m web`: the web side alone, by the settings of the environment."""

from __future__ import annotations

import sys

from crawler.config import load_config
from crawler.log import start_log
from web.server import serve


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    settings = load_config()
    start_log(0, settings.log)
    serve(settings, ready=_say)
