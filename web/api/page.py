"""The page about the API for people: its operations, parameters and examples, read from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.language import _

_LARGEST_SHOWN = 100_000  # what is larger is a number's end, and no choice


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """A parameter as the page shows it."""

    name: str
    values: str  # what may be given, in short: 1–200, time | relevance
    default: str
    text: str
    is_required: bool
    is_repeatable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRow:
    """One address that can be asked."""

    id: str
    path: str
    summary: str
    parameters: tuple[ParameterRow, ...]
    curl: str
    href: str


def operation_rows(document: Mapping[str, Any]) -> tuple[OperationRow, ...]:
    """All operations of the document, in its order, in the language in use."""
    root = document["servers"][0]["url"]
    return tuple(
        OperationRow(
            id=operation["operationId"],
            path=f"{root}{path}",
            summary=_in_words(operation, "summary"),
            parameters=tuple(map(_parameter, operation.get("parameters", ()))),
            curl=operation["x-codeSamples"][0]["source"],
            href=operation["x-example"],
        )
        for path, methods in document["paths"].items()
        for operation in methods.values()
    )


def _parameter(parameter: Mapping[str, Any]) -> ParameterRow:
    schema: Mapping[str, Any] = parameter["schema"]
    is_repeatable = schema.get("type") == "array"
    default = schema.get("default")
    return ParameterRow(
        name=parameter["name"],
        values=_values(schema["items"] if is_repeatable else schema) or _example(schema),
        default=" ".join(default) if isinstance(default, list) else "" if default is None else str(default).lower(),
        text=_in_words(parameter, "description"),
        is_required=parameter.get("required", False),
        is_repeatable=is_repeatable,
    )


def _in_words(told: Mapping[str, Any], name: str) -> str:
    english: str = told[name]  # marked by N_ where it stands
    return _(english)


def _values(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(schema["enum"])
    match schema.get("type"):
        case "boolean":
            return "true | false"
        case "integer" if schema["maximum"] <= _LARGEST_SHOWN:
            return f"{schema['minimum']}–{schema['maximum']}"
    return ""


def _example(schema: Mapping[str, Any]) -> str:
    return _("e.g. {example}").format(example=schema["examples"][0]) if schema.get("examples") else ""
