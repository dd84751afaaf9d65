"""Words for the closed lists of the model, in the reader's language."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.health.standing import Health
from crawler.language import N_, _
from crawler.leases.owner import runs_here
from crawler.model import Reason, Role, Status

# Details of reasons as the rooms word them, which are kept and logged in English. What has no line here (a parser's
# own error, an address) is shown as it is.
_DETAILS = (
    N_("{count} rows, at least {least} expected"),
    N_("{rows} rows and {links} links left out"),
    N_("{count} rows left out"),
    N_("{count} links left out"),
    N_("{host} is {address}"),
    N_("{host} has no address"),
    N_("{host} refused the connection"),
    N_("no answer in time"),
    N_("content coding: {fault}"),
    N_("{count} stray places as {charset}"),
    N_("no text on the page"),
    N_("{count} characters of text"),
    N_("neither tag, heading nor row names the article"),
    N_("neither heading, file nor row names the document"),
    N_("its scripts did not end within {seconds} s"),
    N_("over {count} bytes once its scripts had run"),
    N_("no {family} list: it looks like {likely}"),
    N_("HTML instead of JSON: {shown}"),
    N_("it has no pages"),
    N_("its pages are damaged"),
    N_("pages read: {count}"),
    N_("its fonts do not say which characters they draw"),
    N_("it is encrypted"),
    N_("damaged, or no PDF"),
    N_("cut short: its end is missing"),
    N_("not read within {seconds} s"),
    N_("says nothing new"),
    N_("a feed made to keep its reader busy"),
    # of files that a person brings
    N_("MHTML: over {count} parts"),
    N_("MHTML: its headers are too long"),
    N_("MHTML: cannot be read: {fault}"),
    N_("MHTML without a page"),
    N_("{file}: not a WARC file: {fault}"),
    N_("{file}: holds no WARC records"),
    N_("{file} breaks off: {fault}; what stands before is used"),
    N_("a header of over {count} bytes at or behind the record at offset {offset}"),
    N_("a header of over {count} lines at or behind the record at offset {offset}"),
    N_("{count} bytes are missing"),
    N_("the record at offset {offset} is not all there"),
    # of a source's health: crawler/health/usual.py and crawler/health/verdicts.py
    N_("{now} rows, never below {least} before"),
    N_("{now} of {rows} rows have a date, {usual} % had one"),
    N_("{now} of {rows} rows have a title, {usual} % had one"),
    N_("{now} of {rows} rows lead to an article; it was {usual} %"),
    N_("nothing on the list shows its family any more"),
    N_("no text in the last {count} articles"),
    N_("no date in the last {count} articles"),
    N_("{now} s to answer, usually {usual} s"),
    N_("{now} bytes, usually {usual}"),
    N_("no answer {times} times in the last {count} polls"),
    N_("nothing new for {days} days, {limit} at most are expected"),
    N_("nothing new for {days} working days, so far {longest} at most"),
    N_("the site asked to wait"),
)
# "{count} rows" → "count"
_NAME = re.compile(r"\{(\w+)\}")


def reason_text(reason: Reason) -> str:
    """A Reason as a person would say it."""
    return {
        Reason.BAD_LINK: _("the link leads nowhere"),
        Reason.UNREGISTERED_HOST: _("on a host that is not registered; recorded, not fetched"),
        Reason.OTHER_PATH: _("not an article by the source's own pattern"),
        Reason.ROBOTS: _("refused by robots.txt"),
        Reason.PRIVATE_ADDRESS: _("the host has a private address"),
        Reason.UNREACHABLE: _("unreachable"),
        Reason.TIMEOUT: _("no answer in time"),
        Reason.REDIRECT_LOOP: _("redirected in a circle"),
        Reason.REDIRECT_OFFSITE: _("redirected to another host; recorded, not followed"),
        Reason.TOO_LARGE: _("larger than the limit"),
        Reason.BUSY: _("another run holds the host"),
        Reason.NO_BROWSER: _("needs a browser"),
        Reason.BLOCKED: _("blocked"),
        Reason.GONE: _("not found"),
        Reason.HTTP_ERROR: _("refused by the server"),
        Reason.SERVER_ERROR: _("server error"),
        Reason.EMPTY: _("an empty page"),
        Reason.WRONG_TYPE: _("not the kind of document expected"),
        Reason.SOFT_ERROR: _("an error page in disguise"),
        Reason.LOGIN_WALL: _("behind a login"),
        Reason.LIST_PAGE: _("a list where an article was expected"),
        Reason.UNDECODABLE: _("its characters cannot be decoded"),
        Reason.NO_TITLE: _("no title found"),
        Reason.NO_BODY: _("no text found"),
        Reason.BAD_PDF: _("a PDF that cannot be read"),
        Reason.NO_TEXT: _("a PDF of pictures, without text"),
        Reason.NO_ROWS: _("no rows matched: the list was probably redesigned"),
        Reason.NOT_IN_WARC: _("not in the WARC files"),
        Reason.IRRELEVANT: _("not about the subject"),
        Reason.LEASE_LOST: _("the host passed to another run"),
        Reason.ERROR: _("a fault of the program"),
    }[reason]


def told(reason: Reason, detail: str) -> str:
    """A Reason with its detail in brackets, where there is one."""
    return f"{reason_text(reason)} ({detail_text(detail)})" if detail else reason_text(reason)


def detail_text(detail: str) -> str:
    """The detail of a reason as a person would say it; what is not of our own wording as it is."""
    for pattern, message in _patterns():
        if (found := pattern.fullmatch(detail)) is not None:
            named = found.groupdict()
            return _(message).format(**named | ({"fault": detail_text(named["fault"])} if "fault" in named else {}))
    return detail


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each wording as a regex with its names as groups: "(?P<count>.+?) rows left out"."""
    made = []
    for message in _DETAILS:
        parts = _NAME.split(message)  # text, name, text, name, …, text
        regex = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
        made.append((re.compile(regex, re.DOTALL), message))
    return tuple(made)


def role_text(role: Role) -> str:
    """A region's role as a person would say it."""
    return {
        Role.PARTY: _("party"),
        Role.PLACE: _("place"),
        Role.ISSUER: _("issuer"),
        Role.MENTION: _("mentioned"),
    }[role]


def status_text(status: Status) -> str:
    """A source's status as a person would say it."""
    return {
        Status.ACTIVE: _("active"),
        Status.UNVERIFIED: _("unverified"),
        Status.BLOCKED: _("blocked"),
        Status.PAUSED: _("paused"),
        Status.RETIRED: _("retired"),
    }[status]


def health_text(health: Health) -> str:
    """How a source stands, in a word."""
    return {
        Health.HEALTHY: _("healthy"),
        Health.QUIET: _("quiet"),
        Health.SLOW: _("slow"),
        Health.SILENT: _("silent"),
        Health.BROKEN: _("broken"),
        Health.MOVED: _("moved"),
        Health.BLOCKED: _("blocked"),
        Health.REFUSED: _("refused"),
        Health.UNREACHABLE: _("unreachable"),
        Health.FAULT: _("a fault of the program"),
    }[health]


def omission_text(reason: str) -> str:
    """Why a feed passed a story over."""
    words = {
        "opening": _("older than the newest 50 when the feed opened"),
        "late": _("published long before it was first seen"),
        "quota": _("beyond the 20 that a source's first crawl or backfill may bring"),
        "split": _("told as part of another story"),
    }
    return words.get(reason, reason)


def outcome_text(outcome: str) -> str:
    """What became of a URL."""
    words = {
        "pending": _("seen, not fetched yet"),
        "stored": _("in the archive"),
        "refused": _("not taken"),
        "link-only": _("kept as a link: its host is not fetched"),
    }
    return words.get(outcome, outcome)


def part_text(part: str) -> str:
    """What a piece of evidence speaks for; the part's own name where it has no words."""
    words = {
        "cooperation": _("cooperation"),
        "subject": _("human resources"),
        "region": _("region"),
        "zone": _("zone"),
        "topic": _("topic"),
        "agreement": _("agreement"),
        "event": _("day of the event"),
        "act": _("act of cooperation"),
        "agency": _("body that acts"),
        "agreement-party": _("party to the agreement"),
        "exclusion": _("speaks against it"),
        "mask": _("not counted: a slogan or name"),
        "label": _("label"),
        "rival": _("speaks for another subject"),
    }
    return words.get(part, part)


def join_text(reason: str | None) -> str:
    """Why an item was joined to its story; the archive's own word where there is no other."""
    if reason is None:
        return ""
    words = {
        "same-url": _("same address in other clothes"),
        "same-body": _("same text"),
        "near-body": _("nearly the same text"),
        "excerpt": _("part of the same text"),
        "part": _("part of one article in several"),
        "same-address": _("same address, overlapping text"),
        "ruling": _("ruled by a person"),
    }
    return words.get(reason, reason)


def relation_text(reason: str) -> str:
    """What two related stories have in common."""
    words = {
        "agreement": _("the same agreement"),
        "document": _("a document and what is said of it"),
        "event": _("the same event, by another hand"),
    }
    return words.get(reason, reason)


def check_text(outcome: str) -> str:
    """How a stored page's address answered when it was asked again."""
    words = {"same": _("unchanged"), "changed": _("edited"), "moved": _("moved")}
    if outcome in words:
        return words[outcome]
    return reason_text(Reason(outcome)) if outcome in set(Reason) else outcome


def owner_text(owner: str) -> str:
    """Who holds a lease: the process, and where that is unless it is here."""
    machine, _slash, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if not pid:
        return owner
    if runs_here(owner):
        return _("process {pid}").format(pid=pid)
    return _("process {pid} on {machine}").format(pid=pid, machine=machine)
