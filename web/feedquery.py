"""A feed that its own address describes: the parameters as a checked value, and the value as parameters again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlencode

from archive.search.asking import Asked, Doubt, Filters, ask
from archive.search.doubts import slip_text
from crawler.language import _
from crawler.taxonomy import Taxonomy
from crawler.text.harmless import harmless
from web.query import WORDS_LENGTH, BadQueryError

# What an address may hold: most servers and readers refuse longer ones.
_QUERY_LENGTH = 4000
# Of one list of names: nobody follows more regions, and each is a look into the index.
_MAX_NAMES = 20
_NAME_LENGTH = 100

# "川渝,京津冀", "川渝、京津冀", "川渝;京津冀"
_BETWEEN_NAMES = re.compile(r"[,，、;；\n]")
# "四川-重庆", "四川—重庆", "四川,重庆"
_BETWEEN_ENDS = re.compile(r"[-–—~～,，、;；]+")

_LISTS = ("zones", "regions", "topics", "sources")
# What the parameters may be called: as in the file of custom feeds, or as on the page of stories and in the API.
_PARAMETERS = {
    **{name: name for name in ("words", "exclude", "pair", "kind", *_LISTS)},
    "q": "words",
    "zone": "zones",
    "region": "regions",
    "topic": "topics",
    "source": "sources",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAsk:
    """What a feed is of: all that is given must hold, and of a list any."""

    words: str = ""
    exclude: str = ""
    zones: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()  # two regions
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kind: str = ""

    @property
    def is_empty(self) -> bool:
        """True where nothing is asked for; to exclude alone is no description."""
        return self == FeedAsk(exclude=self.exclude)

    @property
    def parameters(self) -> str:
        """The value as it stands in addresses: in one order, so that who asks the same has the same address."""
        given = {
            "zones": ",".join(self.zones),
            "regions": ",".join(self.regions),
            "pair": "-".join(self.pair),
            "topics": ",".join(self.topics),
            "sources": ",".join(self.sources),
            "kind": self.kind,
            "words": self.words,
            "exclude": self.exclude,
        }
        return urlencode({name: value for name, value in given.items() if value}, safe=",")


def read_feed_ask(query_string: bytes) -> FeedAsk:
    """The value in a query string, in UTF-8 or GBK. Raises BadQueryError for what cannot be meant.

    A parameter that does not exist is refused: a misspelt filter must not go unseen, as it would let in everything.
    """
    if len(query_string) > _QUERY_LENGTH:
        raise BadQueryError(_("The address is too long: at most {most} characters.").format(most=_QUERY_LENGTH))
    given: dict[str, list[str]] = {}
    for name, value in _parameters(query_string):
        if name not in _PARAMETERS:
            known = ", ".join(dict.fromkeys(_PARAMETERS.values()))
            raise BadQueryError(
                _("{name}: there is no such parameter; there are {known}").format(name=name[:_NAME_LENGTH], known=known)
            )
        if value:
            given.setdefault(_PARAMETERS[name], []).append(value)
    found = FeedAsk(
        words=_words(given, "words"),
        exclude=_words(given, "exclude"),
        kind=_words(given, "kind")[:_NAME_LENGTH],
        pair=_pair(given.get("pair", [])),
        **{name: _names(name, given.get(name, [])) for name in _LISTS},
    )
    if found.is_empty and found.exclude:
        raise BadQueryError(_("exclude: only beside something that is looked for."))
    return found


def understand(asked: FeedAsk, taxonomy: Taxonomy) -> Asked:
    """The question to the archive. Raises BadQueryError for a name that is not known: the feed would stay empty."""
    understood = ask(
        asked.words,
        Filters(
            regions=asked.regions,
            zones=asked.zones,
            topics=asked.topics,
            pair=(asked.pair[0], asked.pair[1]) if asked.pair else None,
            sources=asked.sources,
            kind=asked.kind or None,
            exclude=(asked.exclude,) if asked.exclude else (),
        ),
        taxonomy,
    )
    doubts = (slip for slip in understood.slips if isinstance(slip, Doubt))
    faults = [doubt for doubt in doubts if doubt.reason not in ("ambiguous", "unlisted")]  # those find something
    if faults:
        raise BadQueryError(" · ".join(map(slip_text, faults)))
    return understood


def _parameters(query_string: bytes) -> Iterator[tuple[str, str]]:
    for part in query_string.split(b"&"):
        if part:
            name, _equals, value = part.partition(b"=")
            yield _text(name), _text(value)


def _text(encoded: bytes) -> str:
    content = unquote_to_bytes(encoded.replace(b"+", b" "))
    for charset in ("utf-8", "gb18030"):
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        return " ".join(harmless(text).split())
    raise BadQueryError(_("The address is neither UTF-8 nor GBK."))


def _words(given: dict[str, list[str]], name: str) -> str:
    text = " ".join(given.get(name, []))
    if len(text) > WORDS_LENGTH:
        raise BadQueryError(_("The search has {n} characters; at most {most}.").format(n=len(text), most=WORDS_LENGTH))
    return text


def _names(parameter: str, values: list[str]) -> tuple[str, ...]:
    names = dict.fromkeys(name.strip() for value in values for name in _BETWEEN_NAMES.split(value))
    found = tuple(name for name in names if name)
    if len(found) > _MAX_NAMES or any(len(name) > _NAME_LENGTH for name in found):
        raise BadQueryError(
            _("{name}: at most {most} names, each of at most {length} characters.").format(
                name=parameter, most=_MAX_NAMES, length=_NAME_LENGTH
            )
        )
    return found


def _pair(values: list[str]) -> tuple[str, ...]:
    ends = tuple(end.strip() for value in values for end in _BETWEEN_ENDS.split(value) if end.strip())
    if ends and (len(ends) != 2 or max(map(len, ends)) > _NAME_LENGTH):
        raise BadQueryError(_("{pair}: not two regions, as in 四川-重庆").format(pair="-".join(values)[:_NAME_LENGTH]))
    return ends
