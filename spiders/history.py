"""What a list page says of the older ones, as a walk through its history needs to know it."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from crawler.errors import RefusedError
from crawler.model import Page, Source
from crawler.polling.poll import ListJob, PageSeen


class Paged(Protocol):
    """A family, as far as its histories go."""

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None: ...


def page_seen(family: Paged, page: Page, job: ListJob, source: Source, addresses: frozenset[str], new: int) -> PageSeen:
    """A page whose rows were read, with the way on: what it declares, or else what may lie beyond that."""
    following: ListJob | None = None
    beyond: ListJob | None = None
    # rows that were read stay read, whatever is wrong with the pager below them
    with suppress(RefusedError):
        following = family.next_page(page, job, source)
        beyond = family.next_page(page, job, source, beyond=True) if following is None else None
    return PageSeen(job=job, addresses=addresses, new=new, following=following, beyond=beyond)
