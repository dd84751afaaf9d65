"""The file of notifications (TOML) → Notifications: who is told of which stories, and when. No I/O beyond the file.

The addresses hold tokens and passwords: they are in no error, no repr and no log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from archive.records import Question
from crawler.errors import ConfigError
from crawler.language import _
from crawler.taxonomy import Taxonomy
from feeds.query_keys import QueryKeys
from feeds.toml_names import read_tables

Every = Literal["now", "daily", "weekly"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MAX_NAME = 100
# "08:30", "8:30"
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a notification goes. `name` is its place in the list and its service, and is all that is ever shown."""

    name: str  # 1 wecombot
    scheme: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Who is told, of what, and when, on China's clock. `question` is None where it is of the health of sources."""

    name: str
    to: tuple[Target, ...]
    question: Question | None
    every: Every
    at: time
    weekday: int  # 0 is Monday


class NotificationKeys(QueryKeys):
    """One `[notify.NAME]`."""

    model_config = ConfigDict(hide_input_in_errors=True)

    to: tuple[SecretStr, ...] = Field(min_length=1, max_length=20)
    health: bool = False
    every: Every = "now"
    at: time = time(8, 30)
    on: Literal[WEEKDAYS] = "monday"  # type: ignore[valid-type]  # the names, once

    @field_validator("to", mode="before")
    @classmethod
    def _one_address_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("at", mode="before")
    @classmethod
    def _is_clock(cls, value: Any) -> Any:
        if isinstance(value, time):
            return value
        found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(_("not a time such as 08:30"))
        return time(int(found[1]), int(found[2]))

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for place, address in enumerate(value, start=1):
            scheme, mark, rest = address.get_secret_value().partition("://")
            if not mark or not rest or not re.fullmatch(r"[a-z][a-z0-9]*", scheme, re.ASCII):
                raise ValueError(_("number {place} is no address such as wecombot://KEY").format(place=place))
        return value

    @model_validator(mode="after")
    def _health_asks_nothing_else(self) -> NotificationKeys:
        asked = QueryKeys.model_fields.keys() & self.model_fields_set
        if self.health and asked:
            raise ValueError(_("health goes without {keys}").format(keys=", ".join(sorted(asked))))
        return self


def load_notifications(file: Path, taxonomy: Taxonomy) -> tuple[Notification, ...]:
    """The notifications of a file, in its order. Raises ConfigError naming file and key, never an address."""
    tables = read_tables(file, "notify", setting="HRWATCH_NOTIFY")
    found: list[Notification] = []
    faults: list[str] = []
    for name, table in tables.items():
        try:
            found.append(_notification(name, table, taxonomy))
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False, include_context=False):
                key = ".".join(str(part) for part in ("notify", name, *fault["loc"]))
                faults.append(f"{key}: {fault['msg'].removeprefix('Value error, ')}")
        except ValueError as error:
            faults.append(f"notify.{name}: {error}")
    if faults:
        raise ConfigError(f"{file}: " + "; ".join(faults))
    return tuple(found)


def _notification(name: str, table: Any, taxonomy: Taxonomy) -> Notification:
    if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        raise ValueError(_("a name has 1 to {count} visible characters").format(count=_MAX_NAME))
    given = NotificationKeys.model_validate(table)
    addresses = [address.get_secret_value() for address in given.to]
    return Notification(
        name=name,
        to=tuple(_target(place, address) for place, address in enumerate(addresses, start=1)),
        question=None if given.health else given.question(taxonomy),
        every=given.every,
        at=given.at,
        weekday=WEEKDAYS.index(given.on),
    )


def _target(place: int, address: str) -> Target:
    scheme = address.partition("://")[0].lower()
    return Target(name=f"{place} {scheme}"[:64], scheme=scheme, address=address)
