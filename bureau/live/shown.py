"""What the reader of a stream has been told, thing by thing, and what is different now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

Key = tuple[str, ...]
"""Names one thing that is shown: its kind, then what tells it from others of its kind."""

Things = Mapping[Key, BaseModel]


@dataclass(frozen=True)
class Differences:
    """The things that are new or have changed, as they are now, and the names of those that are gone."""

    changed: Things
    gone: tuple[Key, ...]


class Shown:
    """Keeps in mind what was told, by digest."""

    def __init__(self) -> None:
        self._told: dict[Key, int] = {}

    def replace(self, things: Things) -> None:
        """All that is shown was told anew."""
        self._told = {key: _digest(thing) for key, thing in things.items()}

    def named(self, kind: str) -> frozenset[str]:
        """The names of the things of this kind."""
        return frozenset(key[1] for key in self._told if key[0] == kind)

    def differences(self, now: Things, among: Callable[[Key], bool]) -> Differences:
        """What is different among these things, which is told from now on; `now` holds all of them that there are."""
        digests = {key: _digest(thing) for key, thing in now.items()}
        changed = {key: thing for key, thing in now.items() if self._told.get(key) != digests[key]}
        gone = tuple(key for key in self._told if among(key) and key not in now)
        for key in gone:
            del self._told[key]
        self._told |= digests
        return Differences(changed, gone)


def _digest(thing: BaseModel) -> int:
    return hash(thing.model_dump_json())
