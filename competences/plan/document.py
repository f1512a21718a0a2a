"""The plan's text: a small, safe part of YAML, read so that every fault is found with its line.

Two departures from YAML 1.1 keep a town hall's file from surprising its authors: keys are always text (`1`,
`no` and `on` are names), and only `true`, `false`, decimal numbers and the empty value are anything but text
(`8:30`, `2026-05-15` and `+33199000100` stay what was typed).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from competences.plan.errors import Finding, Location
from competences.translation import N_

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 30

NOT_A_PLAN = N_("The file does not hold a plan: it should be a list of sections such as `commune:`.")

WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
DECIMAL_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?")

# Both read the same; the one that is written in C is not in every build of PyYAML.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """The text as plain values, the line of each location (from 1), and the faults of the text itself."""

    data: dict[str, Any]
    lines: dict[Location, int]
    findings: list[Finding]


def read(text: str, otherwise: str = NOT_A_PLAN) -> Document:
    """Reads a plan's text. Never raises: what cannot be read is a finding, the rest is still there.

    `otherwise` is the message for a text that is not made of names with values.
    """
    if len(text) > MAX_CHARACTERS:
        return _unreadable(N_("The file is too large: at most {most} characters."), most=MAX_CHARACTERS)
    reader = _Reader(text, otherwise)
    try:
        data = reader.document()
    except _RefusedError as refused:
        return _unreadable(refused.message, line=refused.line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _unreadable(
            N_(
                "The file cannot be read from line {line}, column {column} on. "
                "Look there and just above: indentation, a missing colon or a quote that is not closed."
            ),
            line=line,
            column=column,
        )
    except (yaml.YAMLError, UnicodeError):
        return _unreadable(N_("The file holds characters that are not allowed in a text file."))
    return Document(data, reader.lines, reader.findings)


def _unreadable(message: str, *, line: int = 1, **values: int) -> Document:
    return Document({}, {(): line}, [Finding((), message, {"line": line, **values})])


class _RefusedError(Exception):
    """The whole text is refused; `line` is where the reason shows."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _Reader:
    """Turns the parser's events into plain values, noting lines and faults on the way."""

    def __init__(self, text: str, otherwise: str) -> None:
        self._otherwise = otherwise
        self.lines: dict[Location, int] = {}
        self.findings: list[Finding] = []
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)

    def document(self) -> dict[str, Any]:
        event = next(self._events)
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = next(self._events)
        if not isinstance(event, yaml.MappingStartEvent):
            raise _RefusedError(self._otherwise, _line(event))
        data = self._mapping(event, ())
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _RefusedError(N_("Line {line}: a second document begins; one file holds one plan."), _line(event))
        return data

    def _value(self, event: Any, at: Location) -> Any:
        self.lines.setdefault(at, _line(event))
        if isinstance(event, yaml.AliasEvent):
            # A few references to references can stand for more values than any memory holds.
            raise _RefusedError(
                N_("Line {line}: write the values out, references (`*`) are not allowed."), _line(event)
            )
        if len(at) > MAX_DEPTH:
            raise _RefusedError(N_("Line {line}: too many levels inside each other."), _line(event))
        if event.tag is not None:
            self.findings.append(Finding(at, N_("Tags that begin with `!` are not allowed.")))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(at)
        return _scalar(event.value) if event.implicit[0] else event.value

    def _sequence(self, at: Location) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*at, len(values))))
        return values

    def _mapping(self, start: Any, at: Location) -> dict[str, Any]:
        self.lines.setdefault(at, _line(start))
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._value(event, (*at, ""))
                self._value(next(self._events), (*at, ""))
                message = N_("Line {line}: a name is expected before the colon.")
                self.findings.append(Finding(at, message, {"line": _line(event)}))
                continue
            key = str(event.value)
            self.lines.setdefault((*at, key), _line(event))
            value = self._value(next(self._events), (*at, key))
            if key not in values:
                values[key] = value
                lines[key] = _line(event)
                continue
            message = N_("`{key}` is written twice, on lines {first} and {second}: keep one.")
            self.findings.append(
                Finding((*at, key), message, {"key": key, "first": lines[key], "second": _line(event)})
            )
        return values


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str) -> Any:
    """The value that an unquoted text stands for."""
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if DECIMAL_NUMBER.fullmatch(text):
        return float(text)
    return text
