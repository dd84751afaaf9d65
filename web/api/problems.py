"""What went wrong, as RFC 9457 has it: application/problem+json, with the parameter at fault where there is one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crawler.errors import ArchiveError
from crawler.language import _
from crawler.text.harmless import harmless
from web.api.asked import DAY

_log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"

# A parameter may be pasted by mistake; an answer need not repeat an article.
_TEXT_LENGTH = 300


class Fault(BaseModel):
    """One parameter, and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    parameter: str = Field(examples=["limit"])
    detail: str = Field(examples=["at most 200"])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(
        default="about:blank", description="Always about:blank: the status says what kind of problem it is."
    )
    title: str = Field(description="The status in words.", examples=["Bad Request"])
    status: int = Field(examples=[400])
    detail: str = Field(description="For people.", examples=["limit: at most 200"])
    errors: tuple[Fault, ...] = Field(default=(), description="Each parameter at fault.")


def _documented(description: str) -> dict[str, Any]:
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


# What the OpenAPI document says of answers that are not 200.
ANY_ROUTE: dict[int | str, dict[str, Any]] = {
    304: {"description": "Unchanged since the answer whose ETag was given in If-None-Match."},
    400: _documented("A parameter cannot be understood; `errors` names it."),
    421: _documented("Asked by a name that this server does not answer to."),
    503: _documented("The archive cannot be read at the moment."),
}
NOT_THERE: dict[int | str, dict[str, Any]] = {404: _documented("Not in the archive.")}


class ParameterError(Exception):
    """A parameter cannot be understood; `faults` say which and why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults))
        self.faults = faults


class NothingThereError(Exception):
    """What is asked for is not in the archive; the message says what."""


def answer_problems(api: FastAPI) -> None:
    """Let every error of `api` be a Problem."""
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(ParameterError, _bad_parameter)
    api.add_exception_handler(NothingThereError, _not_there)
    api.add_exception_handler(ArchiveError, _unusable)
    api.add_exception_handler(HTTPException, http_problem)
    api.add_exception_handler(Exception, _fault)


def problem(status: int, detail: str, faults: Sequence[Fault] = (), headers: dict[str, str] | None = None) -> Response:
    """A Problem as an answer, which no cache may keep."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=_short(detail), errors=tuple(faults))
    return Response(
        told.model_dump_json(),
        status,
        media_type=PROBLEM_TYPE,
        headers={"cache-control": "no-store"} | (headers or {}),
    )


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler was registered for
    told: dict[str, Fault] = {}
    for one in error.errors():  # the first of a parameter; that a list is too short as its value was bad, says nothing
        name = _name(one["loc"])
        told.setdefault(name, Fault(parameter=name, detail=_short(_words(one))))
    return _bad_parameter(request, ParameterError(*told.values()))


def _bad_parameter(_request: Request, error: Exception) -> Response:
    return problem(400, str(error), error.faults if isinstance(error, ParameterError) else ())


def _not_there(_request: Request, error: Exception) -> Response:
    return problem(404, str(error))


def _unusable(request: Request, error: Exception) -> Response:
    # a database's words may hold addresses of this machine
    _log.error("%s: %s", request.url.path, error)
    return problem(503, _("The archive cannot be read at the moment."), headers={"retry-after": "10"})


def http_problem(_request: Request, error: Exception) -> Response:
    """An error of HTTP as a Problem: no such address, nothing can be sent."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return problem(405, _("Nothing can be sent here."), headers={"allow": "GET, HEAD"})
    if status == 404:
        return problem(404, _("There is no page at this address."))
    return problem(status, _("The request cannot be answered."))


def _fault(_request: Request, _error: Exception) -> Response:
    return problem(500, _("The request cannot be answered."))


def _name(place: Sequence[Any]) -> str:
    """("query", "region", 3) is region."""
    return str(place[1]) if len(place) > 1 else str(place[0])


def _words(fault: dict[str, Any]) -> str:
    """What is wrong with a value, from pydantic's kind of fault; its own words where we have none."""
    given = fault.get("ctx", {})
    match fault["type"]:
        case "missing":
            return _("is required")
        case "extra_forbidden":
            return _("there is no such parameter")
        case "int_parsing" | "int_parsing_size" | "int_from_float":
            return _("a whole number is wanted")
        case "greater_than_equal":
            return _("at least {least}").format(least=given["ge"])
        case "less_than_equal":
            return _("at most {most}").format(most=given["le"])
        case "string_too_long":
            return _("at most {n} characters").format(n=given["max_length"])
        case "string_too_short":
            return _("at least {n} characters").format(n=given["min_length"])
        case "too_short":
            return _("at least {n} of them").format(n=given["min_length"])
        case "too_long":
            return _("at most {n} of them").format(n=given["max_length"])
        case "literal_error" | "enum":
            return _("one of {known}").format(known=str(given["expected"]).replace("'", "").replace(" or ", ", "))
        case "string_pattern_mismatch" if given["pattern"] == DAY:
            return _("a day is written 2026-03-01, a month 2026-03, a year 2026")
        case "string_pattern_mismatch":
            return _("a code has six digits, such as 510000")
    return str(fault["msg"])


def _short(text: str) -> str:
    text = harmless(text)
    return text if len(text) <= _TEXT_LENGTH else text[: _TEXT_LENGTH - 1] + "…"
