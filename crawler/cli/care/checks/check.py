"""One finding of `hrwatch doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that doctor looked at, and, where it is not well, what to do about it."""

    name: str
    is_well: bool
    detail: str
    remedy: str = ""
