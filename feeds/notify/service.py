"""Services that carry messages, through Apprise: what each takes at once, and whether it took it.

Apprise calls a message sent where the answer's status is 200; the robots of WeCom, DingTalk and Feishu refuse with 200
and a code in the body, so that the answer is read here too. Apprise and urllib3 write addresses, tokens included, into
their logs: while anything of theirs runs, nothing of it leaves this module.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from crawler.errors import ConfigError
from crawler.language import _
from feeds.notify.wanted import Target
from feeds.text import one_line

# {"errcode": 93000, "errmsg": "invalid webhook url"}, {"code": 19001, "msg": "param invalid"}
_CODES = ("errcode", "code", "StatusCode")
_WORDS = ("errmsg", "msg", "StatusMessage")
_ROBOTS = frozenset({"wecombot", "dingtalk", "feishu", "lark"})
# The request's body may have 20,000 bytes, in which Apprise writes a Chinese character as six ("\\u5ddd").
_ESCAPED = frozenset({"dingtalk", "feishu", "lark"})
_ESCAPED_LIMIT = 19_000
_FAULT_CHARS = 300
_MAIL = frozenset({"mailto", "mailtos"})


class Service(Protocol):
    """Something that takes messages."""

    @property
    def limit(self) -> int: ...
    @property
    def takes_html(self) -> bool: ...
    def size(self, text: str) -> int: ...
    def send(self, subject: str, body: str, *, is_html: bool = False) -> str | None: ...


def open_service(target: Target) -> Service:
    """The service of a target. Raises ConfigError where Apprise is missing or does not know the address."""
    try:
        import apprise  # an extra
    except ImportError:
        raise ConfigError(_("notifications need Apprise: pip install 'hrwatch[notify]'")) from None
    with _quiet():
        asset = apprise.AppriseAsset(app_id="hrwatch", app_desc="hrwatch", app_url="", async_mode=False)
        plugin = apprise.Apprise.instantiate(target.address, asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise ConfigError(_("{target}: Apprise does not understand this address").format(target=target.name))
    return _Plugin(plugin, target)


class _Plugin:
    """One plugin of Apprise with one address."""

    def __init__(self, plugin: Any, target: Target) -> None:
        self._plugin = plugin
        self._target = target

    @property
    def takes_html(self) -> bool:
        """True for mail, unless its address says otherwise."""
        return self._target.scheme in _MAIL and str(self._plugin.resolve_format("html")) in (
            "html",
            "NotifyFormat.HTML",
        )

    @property
    def limit(self) -> int:
        """The largest text by `size` that is taken at once."""
        if self._target.scheme in _ESCAPED:
            return _ESCAPED_LIMIT
        # in bytes where Apprise counts characters: WeCom's 2048 are bytes, and elsewhere less does no harm
        return int(self._plugin.body_maxlen) or 2**15

    def size(self, text: str) -> int:
        """What a text counts for."""
        if self._target.scheme in _ESCAPED:
            return len(json.dumps(text))
        return len(text.encode("utf-8", "replace"))

    def send(self, subject: str, body: str, *, is_html: bool = False) -> str | None:
        """Send, and return None; or why it was not taken, in words without any secret."""
        import apprise

        kind = apprise.NotifyFormat.HTML if is_html else apprise.NotifyFormat.TEXT
        # where there is no title the subject stands in the text already, and Apprise would put it there again
        title = subject if self._plugin.title_maxlen > 0 and self._target.scheme not in _ROBOTS else ""
        with _quiet() as heard, _watched(self._plugin, self._target.scheme in _ROBOTS) as answers:
            try:
                is_taken = self._plugin.notify(body=body, title=title, body_format=kind)
            except Exception as error:  # noqa: BLE001 - a plugin's own fault; its text may hold the address
                return _("Apprise failed ({kind})").format(kind=type(error).__name__)
        if is_taken:
            return None
        if answers:
            return answers[-1]
        # "Socket Exception: (535, b'authentication failed')": of a mail server, which repeats no password
        said = [line for line in heard if line.startswith("Socket Exception: ")] if self._target.scheme in _MAIL else []
        reason = _("the service did not take it")
        return f"{reason}: {self._masked(one_line(said[-1][18:], _FAULT_CHARS))}" if said else reason

    def _masked(self, text: str) -> str:
        secret = str(self._plugin.password or "")
        return text.replace(secret, "****") if secret else text


@contextmanager
def _watched(plugin: Any, is_robot: bool) -> Iterator[list[str]]:
    """Look at the answers to what `plugin` posts through requests; gathers why they are refusals."""
    module = sys.modules[type(plugin).__module__]
    requests = getattr(module, "requests", None)
    faults: list[str] = []
    if requests is None:
        yield faults
        return
    module.requests = _Watch(requests, faults, is_robot)  # type: ignore[attr-defined]
    try:
        yield faults
    finally:
        module.requests = requests  # type: ignore[attr-defined]


class _Watch:
    """The library `requests` with a `post` that takes a refusal for a failure."""

    def __init__(self, requests: Any, faults: list[str], is_robot: bool) -> None:
        self._requests = requests
        self._faults = faults
        self._is_robot = is_robot

    def __getattr__(self, name: str) -> Any:
        return getattr(self._requests, name)

    def post(self, *args: Any, **given: Any) -> Any:
        try:
            answer = self._requests.post(*args, **given)
        except self._requests.RequestException as error:
            # its text has the address in it
            self._faults.append(_("the service cannot be reached ({kind})").format(kind=type(error).__name__))
            raise
        if answer.status_code != self._requests.codes.ok:
            self._faults.append(_("the service answered {status}").format(status=answer.status_code))
        elif self._is_robot and (fault := refusal_in(answer.content)) is not None:
            self._faults.append(fault)
            raise self._requests.RequestException(fault)
        return answer


def refusal_in(content: bytes) -> str | None:
    """Why a robot refused, in its own words; None where it took the message."""
    try:
        answer = json.loads(content[:100_000])
    except (ValueError, RecursionError):
        return _("the service's answer cannot be read")
    if not isinstance(answer, dict):
        return _("the service's answer cannot be read")
    code = next((answer[key] for key in _CODES if key in answer), None)
    if code == 0:
        return None
    words = next((answer[key] for key in _WORDS if isinstance(answer.get(key), str)), "")
    return _("the service refused it: {code} {words}").format(code=code, words=one_line(words, _FAULT_CHARS)).strip()


class _Hearing(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage()[:2000])


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Let what Apprise and urllib3 log go nowhere but into this list."""
    heard: list[str] = []
    handler = _Hearing(heard)
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3", "requests")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
    try:
        yield heard
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
