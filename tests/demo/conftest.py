"""The demonstration's site at one fixed moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.demo import DemoSite

# An ordinary forenoon in China; nothing in the site depends on which.
NOW = datetime(2026, 3, 18, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def site() -> DemoSite:
    return DemoSite(NOW)
