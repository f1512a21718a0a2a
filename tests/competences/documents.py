"""The town hall's plan, and copies of it with something changed."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from competences.calendar import Calendar
from competences.plan.document import read
from competences.plan.plan import Plan

MAIRIE = Path(__file__).parents[2] / "plans" / "mairie.yaml"

# The tests write hundreds of plans; the emitter written in C is ten times as fast.
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Place = tuple[str | int, ...]


@cache
def mairie() -> Plan:
    return Plan.load(MAIRIE.read_text(encoding="utf-8"))


@cache
def mairie_calendar() -> Calendar:
    return Calendar(mairie().hours, mairie().commune.timezone)


@cache
def _data() -> dict[str, Any]:
    return read(MAIRIE.read_text(encoding="utf-8")).data


def mairie_data() -> dict[str, Any]:
    """The plan's plain values, which a test may change."""
    return copy.deepcopy(_data())


def text_of(data: object) -> str:
    return str(yaml.dump(data, Dumper=DUMPER, allow_unicode=True, sort_keys=False))


def changed(*changes: tuple[Place, Any]) -> str:
    """The plan's text with these values put in place."""
    data = mairie_data()
    for path, value in changes:
        holder: Any = data
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = value
    return text_of(data)


def without(*path: str | int) -> str:
    """The plan's text with one value left out."""
    data = mairie_data()
    holder: Any = data
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    return text_of(data)


def plan_with(*changes: tuple[Place, Any]) -> Plan:
    return Plan.load(changed(*changes))
