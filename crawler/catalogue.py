"""Source files → Source values, refused with file, key and reason where they are wrong.

One TOML file is one source; its name is its id. Knows nothing of spiders or divisions beyond the names it is given.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, field_validator

from crawler.clock.crontab import check_cron
from crawler.edition import FIELDS, unknown_fields
from crawler.errors import CatalogueError
from crawler.model import Former, ListPage, Selectors, Source, Status

SHIPPED = Path(__file__).parent.parent / "spiders" / "sources"

# 100000 is no division: GB/T 2260 leaves it free and the registry uses it for national bodies.
NATIONAL = "100000"
# A source that is polled less than once a month is not watched.
MAX_EVERY_MIN = 31 * 24 * 60
# At a slower pace than this a list and a handful of articles take more than an hour.
MAX_DELAY_S = 600.0
# "rsj.yaan.gov.cn": lower case is made by us, other alphabets are written in punycode, as requests are
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _List(_Strict):
    url: str
    name: str | None = None
    rows: str | None = None
    article: str | None = None
    browser: StrictBool | None = None  # as the source, where a list does not say

    @field_validator("rows")
    @classmethod
    def _is_selector(cls, value: str | None) -> str | None:
        return _selector(value)

    @field_validator("article")
    @classmethod
    def _is_regex(cls, value: str | None) -> str | None:
        return _regex(value)


class _Selectors(_Strict):
    title: str | None = None
    published: str | None = None
    source_name: str | None = None
    body: str | None = None

    @field_validator("*")
    @classmethod
    def _is_selector(cls, value: str | None) -> str | None:
        return _selector(value)


class _Expect(_Strict):
    min_rows: int = Field(default=1, ge=0)
    max_silence_days: int | None = Field(default=None, ge=1)


class _Note(_Strict):
    date: date
    text: str


class _Former(_Strict):
    valid_until: date
    family: str | None = None
    article: str | None = None
    charset: str | None = None
    selectors: _Selectors | None = None

    @field_validator("article")
    @classmethod
    def _is_regex(cls, value: str | None) -> str | None:
        return _regex(value)

    @field_validator("charset")
    @classmethod
    def _is_charset(cls, value: str | None) -> str | None:
        return _charset(value)


class _File(_Strict):
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    kind: str
    level: str = Field(pattern=r"^(national|province|city|county|zone|park|media)$")
    adcode: str = Field(pattern=r"^\d{6}$")
    home: str
    hosts: tuple[str, ...] = ()
    family: str
    list: tuple[_List, ...] = ()
    article: str | None = None
    timezone: str = "Asia/Shanghai"
    status: Status = Status.ACTIVE
    column: str = Field(default="mixed", pattern=r"^(news|notices|policy|mixed)$")
    why: str | None = None
    since: date | None = None
    every_min: int = Field(default=60, ge=5, le=MAX_EVERY_MIN)
    cron: str | None = None
    delay_s: float | None = Field(default=None, gt=0, le=MAX_DELAY_S)
    browser: StrictBool = False
    feed: str = Field(default="full", pattern=r"^(full|excerpt)$")
    charset: str | None = None
    selectors: _Selectors = _Selectors()
    expect: _Expect = _Expect()
    notes: tuple[_Note, ...] = ()
    former: tuple[_Former, ...] = ()

    @field_validator("article")
    @classmethod
    def _is_regex(cls, value: str | None) -> str | None:
        return _regex(value)

    @field_validator("cron")
    @classmethod
    def _are_times(cls, value: str | None) -> str | None:
        if value is not None and (fault := check_cron(value)) is not None:
            raise ValueError(f"{value!r} is no cron expression: {fault}")
        return value

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not HOST.fullmatch(host.lower()):
                raise ValueError(f"{host!r} is no host name (no scheme, port or path; other alphabets in punycode)")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no such time zone: {value}") from error
        return value

    @field_validator("charset")
    @classmethod
    def _is_charset(cls, value: str | None) -> str | None:
        return _charset(value)


@dataclass(frozen=True)
class Catalogue:
    """The sources of this run, by id, and which of them a host belongs to."""

    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        by_host: dict[str, Source] = {}
        # An active source speaks for its host before a blocked or unverified one on the same host.
        for source in sorted(self.sources, key=lambda source: source.status is not Status.ACTIVE):
            for host in source.hosts:
                by_host.setdefault(host, source)
        object.__setattr__(self, "_by_host", by_host)
        object.__setattr__(self, "_by_id", {source.id: source for source in self.sources})

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def get(self, source_id: str) -> Source | None:
        """The source of that id, or None."""
        by_id: dict[str, Source] = self.__dict__["_by_id"]
        return by_id.get(source_id)

    @property
    def excerpts(self) -> frozenset[str]:
        """Ids of the sources whose texts feeds show as excerpts."""
        return frozenset(source.id for source in self.sources if source.feed == "excerpt")

    def of_host(self, host: str) -> Source | None:
        """The source a host is registered for, or None for a host that must not be fetched."""
        by_host: dict[str, Source] = self.__dict__["_by_host"]
        return by_host.get(host.lower())

    def select(self, ids: Sequence[str]) -> tuple[Source, ...]:
        """The sources named; raises CatalogueError naming the first id that is not registered."""
        found = []
        for source_id in ids:
            source = self.get(source_id)
            if source is None:
                raise CatalogueError(f"{source_id}: no such source (hrwatch sources list shows them)")
            found.append(source)
        return tuple(found)

    def active(self) -> tuple[Source, ...]:
        """The sources that are polled."""
        return tuple(source for source in self.sources if source.status is Status.ACTIVE)


def load_catalogue(
    folders: Iterable[Path], *, families: Collection[str], is_adcode: Callable[[str], bool]
) -> Catalogue:
    """Read every `*.toml` below `folders`.

    Raises CatalogueError listing every fault found, one a line, each with file, key and reason.
    """
    sources: dict[str, Source] = {}
    files: dict[str, Path] = {}
    faults: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            faults.append(f"{folder}: no such folder")
            continue
        for path in sorted(folder.rglob("*.toml")):
            try:
                source = read_source(path, families=families, is_adcode=is_adcode)
            except CatalogueError as error:
                faults.extend(str(error).splitlines())
                continue
            if source.id in sources:
                faults.append(f"{path}: id: {source.id} is also the id of {files[source.id]}")
            else:
                sources[source.id], files[source.id] = source, path
    if faults:
        raise CatalogueError("\n".join(faults))
    return Catalogue(tuple(sources[key] for key in sorted(sources)))


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


def _former(old: _Former) -> Former:
    return Former(
        valid_until=old.valid_until,
        family=old.family,
        article=old.article,
        charset=old.charset,
        selectors=None if old.selectors is None else Selectors(**old.selectors.model_dump()),
    )


def _read_facts(given: dict[str, Any]) -> tuple[_File | None, list[str]]:
    """The facts and what is wrong with them; wrong keys are left out, so that what the others say is looked at too."""
    try:
        return _File.model_validate(given), []
    except ValidationError as error:
        faults = error.errors()
    told = [f"{_key(fault['loc'])}: {fault['msg']}" for fault in faults]
    for fault in faults:
        given = _without(given, fault["loc"])
    try:
        return _File.model_validate(given), told
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


def _faults(facts: _File, stem: str, families: Collection[str], is_adcode: Callable[[str], bool]) -> Iterator[str]:
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


def _hosts(facts: _File) -> tuple[str, ...]:
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


def _regex(value: str | None) -> str | None:
    if value is not None:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"bad regex {value!r}: {error}") from error
    return value


def _charset(value: str | None) -> str | None:
    if value is not None:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"no such charset: {value}") from error
    return value


def _selector(value: str | None) -> str | None:
    if value is not None:
        from cssselect import HTMLTranslator, SelectorError

        try:
            HTMLTranslator().css_to_xpath(value)
        except SelectorError as error:
            raise ValueError(f"bad CSS selector {value!r}: {error}") from error
    return value
