"""What may stand in a source file: its keys, and the form of each value. What they mean together: source_file.py."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from crawler.clock.crontab import check_cron
from crawler.model import Status

# A source that is polled less than once a month is not watched.
MAX_EVERY_MIN = 31 * 24 * 60
# At a slower pace than this a list and a handful of articles take more than an hour.
MAX_DELAY_S = 600.0
# "rsj.yaan.gov.cn": lower case is made by us, other alphabets are written in punycode, as requests are
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ListFacts(_Table):
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


class _SelectorFacts(_Table):
    title: str | None = None
    published: str | None = None
    source_name: str | None = None
    body: str | None = None

    @field_validator("*")
    @classmethod
    def _is_selector(cls, value: str | None) -> str | None:
        return _selector(value)


class _Expect(_Table):
    min_rows: int = Field(default=1, ge=0)
    max_silence_days: int | None = Field(default=None, ge=1)


class _Note(_Table):
    date: date
    text: str


class FormerFacts(_Table):
    valid_until: date
    family: str | None = None
    article: str | None = None
    charset: str | None = None
    selectors: _SelectorFacts | None = None

    @field_validator("article")
    @classmethod
    def _is_regex(cls, value: str | None) -> str | None:
        return _regex(value)

    @field_validator("charset")
    @classmethod
    def _is_charset(cls, value: str | None) -> str | None:
        return _charset(value)


class SourceFacts(_Table):
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    kind: str
    level: str = Field(pattern=r"^(national|province|city|county|zone|park|media)$")
    adcode: str = Field(pattern=r"^\d{6}$")
    home: str
    hosts: tuple[str, ...] = ()
    family: str
    list: tuple[_ListFacts, ...] = ()
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
    selectors: _SelectorFacts = _SelectorFacts()
    expect: _Expect = _Expect()
    notes: tuple[_Note, ...] = ()
    former: tuple[FormerFacts, ...] = ()

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
