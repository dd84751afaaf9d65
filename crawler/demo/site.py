"""The demonstration's small internet: which address answers what, for a given moment. Pure; listens nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.demo import items as hosts
from crawler.demo import press, trouble
from crawler.demo.answer import Answer, Resource, answer_with
from crawler.demo.items import Calendar
from crawler.demo.looks import SHOW_PATH, looks
from crawler.demo.plan import plan

PAPER_PAGES = 2
METHODS = frozenset({"GET", "HEAD"})


class DemoSite:
    """The small internet as it is at `now`; on day 2 a new story and a late reprint have come, all else is the same.

    `slow_s` is how long the slow article takes to answer.
    """

    def __init__(self, now: datetime, day: int = 1, *, slow_s: float = 0.3) -> None:
        if now.tzinfo is None:
            raise ValueError(f"now: {now} has no time zone")
        self.now, self.day, self.slow_s = now, day, slow_s
        self.items = tuple(item for item in plan(now) if item.from_day <= day)
        # Half an hour ago the UCAP sites made all their pages anew, with a new PubDate and nothing else.
        self._looks = looks(Calendar(now).now - timedelta(minutes=30))
        self._resources = {
            (urlsplit(url).netloc, urlsplit(url).path): resource
            for part in (self._articles, self._lists, self._editions, self._walls, self._rules)
            for url, resource in part()
        }

    def advance(self) -> DemoSite:
        """The same internet with a second day's news; no other page changes."""
        return DemoSite(self.now, self.day + 1, slow_s=self.slow_s)

    def answer(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a request; `host` as its Host header has it, `path` with its query, if any."""
        name, _, port = host.lower().partition(":")
        if method not in METHODS:
            return Answer(status=405, headers={"Allow": "GET, HEAD"})
        asked = {key.lower(): value for key, value in headers.items()}
        return answer_with(self._resources.get((name, path), trouble.GONE), port, asked)

    def addresses(self) -> tuple[str, ...]:
        """Every address that answers something of its own, without port."""
        return tuple(f"http://{host}{path}" for host, path in self._resources)

    def lists(self) -> tuple[str, ...]:
        """Addresses of the lists that have one address for ever; a newspaper's editions have not."""
        return tuple(look.home + listing.path for look in self._looks.values() for listing in look.lists)

    def _articles(self) -> Iterator[tuple[str, Resource]]:
        for item in self.items:
            yield from trouble.resources(item, self._looks[item.source], self.slow_s)

    def _lists(self) -> Iterator[tuple[str, Resource]]:
        for source, look in self._looks.items():
            for number, listing in enumerate(look.lists):
                rows = [item for item in self.items if item.source == source and item.list == number]
                yield (
                    look.home + listing.path,
                    Resource(
                        body=listing.render(rows, look.home, look.site),
                        content_type=listing.content_type,
                        modified=max(item.at for item in rows),
                        is_fickle=look.is_fickle,
                    ),
                )

    def _editions(self) -> Iterator[tuple[str, Resource]]:
        items = [item for item in self.items if item.source == "demo-shuwan-daily"]
        for day in sorted({item.at for item in items}):
            for page in range(1, PAPER_PAGES + 1):
                rows = [item for item in items if item.at == day and item.list == page - 1]
                body = press.paper_page(rows, "蜀湾日报", day, page, PAPER_PAGES)
                yield f"{hosts.PAPER}/shtml/rb/{day:%Y%m%d}/v{page:02d}.html", Resource(body=body, modified=day)

    def _walls(self) -> Iterator[tuple[str, Resource]]:
        yield f"{hosts.BLOCKED}{SHOW_PATH}", trouble.CHALLENGE
        yield f"{hosts.REDESIGNED}/news/", trouble.REDESIGNED
        # These would answer, so that a crawler which should not have come is seen to have come.
        yield f"{hosts.FORBIDDEN}{SHOW_PATH}", trouble.FORBIDDEN
        yield f"{hosts.INTRANET}/news/", trouble.FORBIDDEN
        for stranger in (hosts.SHOP, hosts.WEIXIN):
            yield f"{stranger}/", trouble.FORBIDDEN

    def _rules(self) -> Iterator[tuple[str, Resource]]:
        yield f"{hosts.JINHE}/robots.txt", trouble.DISALLOW_SOME
        yield f"{hosts.SHUDI}/robots.txt", trouble.ALLOW_ALL
        yield f"{hosts.FORBIDDEN}/robots.txt", trouble.DISALLOW_ALL
        # A page where rules were asked for: no rules, whatever words stand on it. The other hosts answer 404.
        yield f"{hosts.MIRROR}/robots.txt", trouble.HTML_FOR_RULES
