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

from competences.plan_errors import Finding, Location
from competences.translation import N_

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 30


@dataclass(frozen=True)
class Document:
    """The text as plain values, the line of each location (from 1), and what is wrong with the text as such."""

    data: dict[str, Any]
    lines: dict[Location, int]
    findings: list[Finding]


class _Composer(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}


_Composer.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Composer.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Composer.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,14})$"), list("-0123456789"))
_Composer.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?$"), list("-0123456789")
)


def read(text: str) -> Document:
    """Reads a plan's text. Never raises: what cannot be read is a finding, the rest is still there."""
    if len(text) > MAX_CHARACTERS:
        return _unreadable(N_("The file is too large: at most {most} characters."), most=MAX_CHARACTERS)
    try:
        _refuse_depth_and_aliases(text)
        node = yaml.compose(text, _Composer)
    except _RefusedError as refused:
        return Document({}, {(): refused.line}, [refused.finding])
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
    except yaml.YAMLError:
        return _unreadable(N_("The file holds characters that are not allowed in a text file."))
    if not isinstance(node, yaml.MappingNode):
        return _unreadable(N_("The file does not hold a plan: it should be a list of sections such as `commune:`."))
    reader = _Reader()
    return Document(reader.value(node, ()), reader.lines, reader.findings)


def _unreadable(message: str, **values: object) -> Document:
    line = values.get("line", 1)
    return Document({}, {(): line if isinstance(line, int) else 1}, [Finding((), message, values)])


class _RefusedError(Exception):
    def __init__(self, line: int, finding: Finding) -> None:
        super().__init__(finding.message)
        self.line = line
        self.finding = finding


def _refuse_depth_and_aliases(text: str) -> None:
    """Before any tree is built: neither nesting nor references may make a small file cost much."""
    depth = 0
    for event in yaml.parse(text, _Composer):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(
                line,
                Finding((), N_("Line {line}: write the values out, references (`*`) are not allowed."), {"line": line}),
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _RefusedError(
                line, Finding((), N_("Line {line}: too many levels inside each other."), {"line": line})
            )


class _Reader:
    """Turns the tree into plain values, noting lines and faults on the way."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self.findings: list[Finding] = []

    def value(self, node: yaml.Node, at: Location) -> Any:
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, at))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*at, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, at)

    def _pairs(self, node: yaml.MappingNode, at: Location) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.findings.append(
                    Finding(at, N_("Line {line}: a name is expected before the colon."), {"line": line})
                )
                continue
            key = str(key_node.value)
            if key in seen:
                self.findings.append(
                    Finding(
                        (*at, key),
                        N_("`{key}` is written twice, on lines {first} and {second}: keep one."),
                        {"key": key, "first": seen[key], "second": line},
                    )
                )
                continue
            seen[key] = line
            self.lines[(*at, key)] = line
            yield key, self.value(value_node, (*at, key))

    def _scalar(self, node: yaml.Node, at: Location) -> Any:
        text = str(node.value)
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "null":
                return None
            case "bool":
                return text == "true"
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "str":
                return text
            case _:
                self.findings.append(Finding(at, N_("Tags that begin with `!` are not allowed.")))
                return text
