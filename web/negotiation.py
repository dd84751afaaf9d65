"""What a request says it has and can take: ETags, dates and content codings (RFC 9110). Knows no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

IDENTITY = "identity"
# The better first: what the client likes equally well is ours to choose.
CODINGS = {"br": "br", "gzip": "gz"}

_ALIASES = {"x-gzip": "gzip"}
_HEADER_LENGTH = 1000  # no browser's comes near; the rest of a longer one is not read


@dataclass(frozen=True, slots=True)
class Accepted:
    """The weights that Accept-Encoding gives, by coding; "*" stands for those not named."""

    weights: Mapping[str, float]

    def weight(self, coding: str) -> float:
        """From 0, refused, to 1. A content without coding is taken by whoever does not refuse it (§12.5.3)."""
        if coding in self.weights:
            return self.weights[coding]
        if coding == IDENTITY:
            return 0.0 if self.weights.get("*") == 0 else 0.0001  # less than the least that can be written
        return self.weights.get("*", 0.0)

    def in_order(self, codings: Iterable[str]) -> list[str]:
        """Those of `codings` that may be sent, the best first; of equals the first given."""
        return sorted((one for one in codings if self.weight(one) > 0), key=self.weight, reverse=True)


@lru_cache(maxsize=256)  # readers of one make send one header
def accepted(accept_encoding: str | None) -> Accepted:
    """What Accept-Encoding says; a part that cannot be understood is passed over. None: no coding is asked for."""
    weights: dict[str, float] = {}
    for part in (accept_encoding or "")[:_HEADER_LENGTH].lower().split(","):
        coding, *options = (word.strip() for word in part.split(";"))
        weight = _weight(options)
        if coding and weight is not None:
            weights[_ALIASES.get(coding, coding)] = weight
    return Accepted(weights)


def is_browser(accept: str | None) -> bool:
    """True where Accept is a person's browser's: it takes pages, and says nothing of feeds, as readers of feeds do."""
    wanted = (accept or "")[:_HEADER_LENGTH].lower()
    return "text/html" in wanted and not any(kind in wanted for kind in ("application/rss+xml", "application/atom+xml"))


def _weight(options: list[str]) -> float | None:
    """1 where no weight is given; None where it is none of "0.8", "1", "0.001"."""
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() != "q":
            continue
        value = value.strip()
        is_number = value.isascii() and value.replace(".", "", 1).isdigit() and len(value) <= 5
        return float(value) if is_number and float(value) <= 1 else None
    return 1.0


def etag_of(digest: str, coding: str) -> str:
    """The strong tag of a content in a coding: "9f86d0", "9f86d0-gz".

    Tags of one content differ by coding (§8.8.3.3): a cache that holds the gzip form and is told 304 would give it to a
    client that cannot read it.
    """
    return f'"{digest}"' if coding == IDENTITY else f'"{digest}-{CODINGS[coding]}"'


def held_tag(if_none_match: str | None, digest: str, takes: Accepted) -> str | None:
    """The tag of this content that the client holds, in a coding that it takes; None where it must be sent."""
    if if_none_match is None:
        return None
    for coding in (IDENTITY, *CODINGS):
        tag = etag_of(digest, coding)
        if takes.weight(coding) > 0 and is_unchanged(if_none_match, tag):
            return tag
    return None


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """True where If-None-Match names `etag`, by the weak comparison of RFC 9110 §13.1.2."""
    if if_none_match is None:
        return False
    given = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in given or etag in given


def is_not_since(if_modified_since: str | None, modified_at: int) -> bool:
    """True where the content is no newer than If-Modified-Since; a date that is none says nothing (§13.1.3)."""
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since[:64])
        return modified_at <= (since if since.tzinfo else since.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return False
