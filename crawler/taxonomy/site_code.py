"""政府网站标识码 → division: the first six digits are the code of the place, as it was when the site was registered."""

from __future__ import annotations

import re

from crawler.taxonomy.divisions import Divisions

# `5118000022`; ministries have `bm01000001`, which names no place
_CODE = re.compile(r"([1-8]\d{5})\d{4}")


def division_of_site(code: str, divisions: Divisions) -> str | None:
    """Today's division that a site belongs to; None for ministries and for what is no code.

    An abolished code (射洪 carries 510922, which became 510981) stands for its heir, or, where several places took
    over, for the nearest division that holds them all. A zone's invented code stands for what is above it.
    """
    match = _CODE.fullmatch(code.strip())
    if match is None:
        return None
    adcode = match[1]
    heirs = divisions.successors(adcode) if divisions.is_known(adcode) else ()
    if len(heirs) == 1:
        return heirs[0]
    for place in (adcode, adcode[:4] + "00", adcode[:2] + "0000"):
        if divisions.is_current(place) and all(divisions.contains(place, heir) for heir in heirs):
            return place
    return None
