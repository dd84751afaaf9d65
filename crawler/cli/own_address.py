"""The address that a saved page gives as its own, from its bytes: of the page itself nothing else is known yet."""

from __future__ import annotations

import re

# Marks stand in the head.
LOOK = 200_000
# `<link rel="canonical" href="https://…">`, `<meta property="og:url" content="https://…">`
_CANONICAL = re.compile(
    rb"""<(?:link|meta)\b[^<>]{0,2000}?(?:rel=["']?canonical|property=["']?og:url)[^<>]{0,2000}>""", re.IGNORECASE
)
_ADDRESS = re.compile(rb"""(?:href|content)=["']?(https?://[^"'\s>]+)""", re.IGNORECASE)


def own_address(body: bytes) -> str | None:
    """The canonical address of a page; None where it names none."""
    tag = _CANONICAL.search(body[:LOOK])
    address = _ADDRESS.search(tag.group()) if tag else None
    return address[1].decode("latin-1") if address else None
