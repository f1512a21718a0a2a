"""The phone menu: what each digit, or what the caller says, leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from competences.plan.types import Key, Label, Language, Part, Seconds, Text
from competences.words import plain

T = TypeVar("T")

SPOKEN_DIGITS = {
    "zero": "0", "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8",
    "neuf": "9", "une": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "seven": "7", "eight": "8",
    "nine": "9", "etoile": "*", "star": "*",
}  # fmt: skip
"""The words by which speech recognition may report a digit."""


def _digit(value: str) -> str:
    if not re.fullmatch("[0-9*]", value):
        raise PydanticCustomError("plan_digit", "not a digit")
    return value


Digit = Annotated[str, AfterValidator(_digit)]


class MenuEntry(Part):
    """One line of the menu. Exactly one of topic, entries, action and language says where it leads.

    A caller who chooses a language hears the first menu in it.
    """

    label: Label
    words: tuple[Text, ...] = ()
    topic: Key | None = None
    entries: dict[Digit, MenuEntry] | None = None
    action: Literal["general", "follow-up"] | None = None
    language: Language | None = None

    @property
    def targets(self) -> int:
        """The number of things that it leads to; 1 in a sound plan."""
        return sum(target is not None for target in (self.topic, self.entries, self.action, self.language))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages among which it lets choose, if it leads to nothing else."""
        if self.language is not None:
            return (self.language,)
        named = [entry.language for entry in (self.entries or {}).values()]
        return tuple(language for language in named if language is not None) if all(named) else ()

    @property
    def everywhere(self) -> bool:
        """Whether it can be chosen from the sub-menus too (the first menu's way to a person, or to languages)."""
        return self.action is not None or bool(self.languages)


class Menu(Part):
    """The phone menu. A caller who has not chosen after `patience_seconds` is put through as a general question."""

    patience_seconds: Seconds = Field(default=90)
    entries: dict[Digit, MenuEntry]


class ChoiceKind(StrEnum):
    """Where a choice in the menu leads."""

    TOPIC = "topic"
    SUBMENU = "submenu"
    GENERAL = "general"
    LANGUAGE = "language"
    FOLLOW_UP = "follow-up"
    NOT_UNDERSTOOD = "not-understood"


@dataclass(frozen=True)
class MenuChoice:
    """The caller's choice. `path` is where the caller now stands in the menu: the digits of its sub-menus."""

    kind: ChoiceKind
    path: str = ""
    topic: str | None = None
    language: str | None = None


def menu_entries(menu: Menu, path: str = "") -> Mapping[str, MenuEntry]:
    """The entries to read out at this place. A path that is no longer in the plan leads to the first menu."""
    entries = menu.entries
    for digit in path:
        entry = entries.get(digit)
        if entry is None or entry.entries is None:
            return menu.entries
        entries = entry.entries
    return entries


def choose(
    menu: Menu,
    path: str = "",
    *,
    digits: str | None = None,
    speech: str | None = None,
    keywords: Mapping[str, tuple[str, ...]] | None = None,
) -> MenuChoice:
    """The choice that a pressed key, else the caller's speech, means at this place in the menu.

    Speech is first looked for among the entries that were read out, then in the whole menu, then among the
    topics' own `keywords` (topic -> phrases). Of several phrases in the speech the longest counts.
    """
    here = menu_entries(menu, path)
    if here is menu.entries:
        path = ""
    reachable = _reachable(menu, here, path)
    if digits:
        return _pressed(reachable, path, digits)
    heard = plain(speech or "")
    digit = SPOKEN_DIGITS.get(heard, heard)
    if digit in reachable:
        return _pressed(reachable, path, digit)
    for choice in (_spoken(reachable.values(), heard, path), _spoken(_deep(menu.entries, ""), heard, path)):
        if choice is not None:
            return choice
    topic = _longest(((phrase, topic) for topic, phrases in (keywords or {}).items() for phrase in phrases), heard)
    return MenuChoice(ChoiceKind.TOPIC, path, topic=topic) if topic else MenuChoice(ChoiceKind.NOT_UNDERSTOOD, path)


Place = tuple[str, str, MenuEntry]
"""An entry, with the path of the menu in which it stands, and its digit there."""


def _reachable(menu: Menu, here: Mapping[str, MenuEntry], path: str) -> dict[str, Place]:
    """What each digit means here. What the first menu offers besides topics holds, unless `here` uses its digit."""
    first = {digit: ("", digit, entry) for digit, entry in menu.entries.items() if entry.everywhere}
    return first | {digit: (path, digit, entry) for digit, entry in here.items()}


def _pressed(places: Mapping[str, Place], path: str, digit: str) -> MenuChoice:
    place = places.get(digit)
    return _choice(place, path) if place is not None else MenuChoice(ChoiceKind.NOT_UNDERSTOOD, path)


def _choice(place: Place, path: str) -> MenuChoice:
    """Where an entry leads a caller who stands at `path`."""
    stands_in, digit, entry = place
    if entry.topic is not None:
        return MenuChoice(ChoiceKind.TOPIC, stands_in, topic=entry.topic)
    if entry.entries is not None:
        return MenuChoice(ChoiceKind.SUBMENU, stands_in + digit)
    if entry.language is not None:
        return MenuChoice(ChoiceKind.LANGUAGE, path, language=entry.language)
    return MenuChoice(ChoiceKind.FOLLOW_UP if entry.action == "follow-up" else ChoiceKind.GENERAL, path)


def _deep(entries: Mapping[str, MenuEntry], path: str) -> Iterator[Place]:
    for digit, entry in entries.items():
        yield path, digit, entry
        yield from _deep(entry.entries or {}, path + digit)


def _spoken(places: Iterable[Place], heard: str, path: str) -> MenuChoice | None:
    place = _longest(((phrase, place) for place in places for phrase in place[2].words), heard)
    return _choice(place, path) if place else None


def _longest(phrases: Iterable[tuple[str, T]], heard: str) -> T | None:
    """The meaning of the longest phrase in the speech; of equally long ones, of the first."""
    spoken = [(words, meant) for phrase, meant in phrases if (words := plain(phrase)) and f" {words} " in f" {heard} "]
    return max(spoken, key=lambda pair: len(pair[0]), default=(None, None))[1]
