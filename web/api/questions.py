"""The parameters of a request as a Question to the archive, or an error that names the parameter."""

from __future__ import annotations

from archive.search.asking import Asked as Understood
from archive.search.asking import Doubt, Filters, ask
from archive.search.doubts import slip_text
from crawler.language import _
from crawler.taxonomy import Taxonomy
from crawler.text.fields import days_of
from web.api.asked import AskedStories
from web.api.problems import Fault, ParameterError


def understand(asked: AskedStories, taxonomy: Taxonomy) -> Understood:
    """The question, and what of its words was not understood as it stands. Raises ParameterError.

    A name that is not known is an error in a filter, which a program gives; in words, which people type, it is told.
    """
    since = days_of(asked.since) if asked.since is not None else None
    until = days_of(asked.until) if asked.until is not None else None
    for name, given, days in (("since", asked.since, since), ("until", asked.until, until)):
        if given is not None and days is None:
            raise ParameterError(Fault(parameter=name, detail=_("there is no such day")))
    understood = ask(
        asked.q,
        Filters(
            regions=asked.region,
            zones=asked.zone,
            topics=asked.topic,
            pair=(asked.pair[0], asked.pair[1]) if asked.pair else None,
            source=asked.source,
            kind=asked.kind,
            since=since[0] if since else None,
            until=until[1] if until else None,
            relevant_only=not asked.include_irrelevant,
        ),
        taxonomy,
    )
    faults = [
        Fault(parameter=slip.field, detail=slip_text(slip))
        for slip in understood.slips
        if isinstance(slip, Doubt) and slip.is_filter and slip.reason != "ambiguous"
    ]
    if faults:
        raise ParameterError(*faults)
    return understood


def notes_of(understood: Understood) -> tuple[str, ...]:
    """What a person should be told of a question: the names that may mean several, the words left out."""
    return tuple(map(slip_text, understood.slips))
