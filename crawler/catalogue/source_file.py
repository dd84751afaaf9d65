"""One source file → one Source, refused with file, key and reason where it is wrong.

Its name is its id. Knows nothing of spiders or divisions beyond the names it is given.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from crawler.catalogue.shape import FormerFacts, SourceFacts
from crawler.edition import FIELDS, unknown_fields
from crawler.errors import CatalogueError
from crawler.model import Former, ListPage, Selectors, Source, Status

# 100000 is no division: GB/T 2260 leaves it free and the registry uses it for national bodies.
NATIONAL = "100000"


def read_source(path: Path, *, families: Collection[str], is_adcode: Callable[[str], bool]) -> Source:
    """Read one source file; raises CatalogueError with file, key and reason of each fault, one a line."""
    try:
        raw = path.read_bytes()
        # utf-8-sig: editors on Windows put a BOM in front, which tomllib refuses
        given = tomllib.loads(raw.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise CatalogueError(f"{path}: {error}") from error
    facts, faults = _read_facts(given)
    if facts is not None:
        faults += _faults(facts, path.stem, families, is_adcode)
    if facts is None or faults:
        raise CatalogueError("\n".join(f"{path}: {' '.join(fault.split())}" for fault in faults))
    return Source(
        id=facts.id,
        name=facts.name,
        kind=facts.kind,
        level=facts.level,
        adcode=facts.adcode,
        home=facts.home,
        hosts=_hosts(facts),
        family=facts.family,
        lists=tuple(
            ListPage(
                url=page.url,
                rows=page.rows,
                article=page.article,
                browser=facts.browser if page.browser is None else page.browser,
            )
            for page in facts.list
        ),
        article=facts.article,
        timezone=facts.timezone,
        status=facts.status,
        column=facts.column,
        every_min=facts.every_min,
        cron=facts.cron,
        delay_s=facts.delay_s,
        charset=facts.charset,
        selectors=Selectors(**facts.selectors.model_dump()),
        min_rows=facts.expect.min_rows,
        max_silence_days=facts.expect.max_silence_days,
        why=facts.why,
        browser=facts.browser,
        feed=facts.feed,
        former=tuple(_former(old) for old in facts.former),
        digest=hashlib.sha256(raw).hexdigest()[:16],
    )


def _former(old: FormerFacts) -> Former:
    return Former(
        valid_until=old.valid_until,
        family=old.family,
        article=old.article,
        charset=old.charset,
        selectors=None if old.selectors is None else Selectors(**old.selectors.model_dump()),
    )


def _read_facts(given: dict[str, Any]) -> tuple[SourceFacts | None, list[str]]:
    """The facts and what is wrong with them; wrong keys are left out, so that what the others say is looked at too."""
    try:
        return SourceFacts.model_validate(given), []
    except ValidationError as error:
        faults = error.errors()
    told = [f"{_key(fault['loc'])}: {fault['msg']}" for fault in faults]
    for fault in faults:
        given = _without(given, fault["loc"])
    try:
        return SourceFacts.model_validate(given), told
    except ValidationError:
        return None, told  # a key that must be there is not, or not as it must


def _without(value: Any, location: tuple[int | str, ...]) -> Any:
    """A copy of nested tables without the key at `location`; items of a list keep their numbers."""
    if not location:
        return value
    head, *rest = location
    if isinstance(value, dict) and head in value:
        inner = {head: _without(value[head], tuple(rest))} if rest else {}
        return {key: inner.get(key, old) for key, old in value.items() if rest or key != head}
    if isinstance(value, list) and isinstance(head, int) and head < len(value) and rest:
        return [*value[:head], _without(value[head], tuple(rest)), *value[head + 1 :]]
    return value


def _faults(
    facts: SourceFacts, stem: str, families: Collection[str], is_adcode: Callable[[str], bool]
) -> Iterator[str]:
    if facts.id != stem:
        yield f"id: {facts.id} is not the file's name"
    if facts.family not in families:
        yield f"family: {facts.family} is not one of {', '.join(sorted(families))}"
    if facts.adcode != NATIONAL and not is_adcode(facts.adcode):
        yield f"adcode: {facts.adcode} is no division of GB/T 2260, of today or before"
    if facts.status is Status.ACTIVE and not facts.list:
        yield "list: an active source needs at least one"
    if facts.status in (Status.BLOCKED, Status.PAUSED, Status.RETIRED) and not (facts.why and facts.since):
        yield f"why: a {facts.status} source says why and since"
    for number, old in enumerate(facts.former):
        if old.family is not None and old.family not in families:
            yield f"former.{number}.family: {old.family} is not one of {', '.join(sorted(families))}"
        if not old.model_fields_set - {"valid_until"}:
            yield f"former.{number}: says nothing of what was read otherwise"
        if number and old.valid_until <= facts.former[number - 1].valid_until:
            yield f"former.{number}.valid_until: {old.valid_until} is not after the one above; the oldest stands first"
    hosts = _hosts(facts)
    urls = [("home", facts.home)] + [(f"list.{n}.url", page.url) for n, page in enumerate(facts.list)]
    for key, url in urls:
        host = _host(url)
        if host is None:
            yield f"{key}: {url} is not an http address"
        elif host not in hosts:
            yield f"{key}: {url} is outside the source's hosts ({', '.join(hosts)})"
        for field in unknown_fields(url):
            yield f"{key}: {{{field}}} is none of {', '.join(f'{{{name}}}' for name in sorted(FIELDS))}"


def _hosts(facts: SourceFacts) -> tuple[str, ...]:
    own = _host(facts.home)
    return tuple(dict.fromkeys(host.lower() for host in ((own,) if own else ()) + facts.hosts))


def _host(url: str) -> str | None:
    """The host of an http address; None where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") and parts.hostname else None


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"
