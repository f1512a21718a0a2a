"""Whether each entry of the phone menu leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from competences.channels import CHANNELS
from competences.plan.draft import Draft
from competences.plan.errors import Finding, Location
from competences.plan.menu import MenuEntry
from competences.plan.rules_names import unknown
from competences.translation import DEFAULT_LANGUAGE, N_
from competences.words import plain


def menu_findings(draft: Draft) -> Iterator[Finding]:
    if draft.menu is None:
        return
    waits = [rules.max_wait_seconds for channel, rules in draft.channels.items() if CHANNELS[channel].holds_line]
    if waits and draft.menu.patience_seconds >= min(waits):
        yield Finding(
            ("menu", "patience_seconds"),
            N_("Callers wait {most} s at most: they would never leave the menu."),
            {"most": min(waits)},
        )
    if not any(entry.action == "general" for entry in draft.menu.entries.values()):
        yield Finding(
            ("menu", "entries"), N_("No entry leads to a person: write one with `action: general` (usually the key 0).")
        )
    yield from _level(draft, ("menu", "entries"), draft.menu.entries)


def _level(draft: Draft, at: Location, entries: Mapping[str, MenuEntry]) -> Iterator[Finding]:
    said: dict[str, str] = {}
    for digit, entry in entries.items():
        here = (*at, digit)
        yield from _entry(draft, here, entry)
        for index, words in enumerate(entry.words):
            other = said.setdefault(plain(words), digit)
            if other != digit:
                yield Finding(
                    (*here, "words", index),
                    N_("`{words}` is already said for the key {digit}: the caller could mean either."),
                    {"words": words, "digit": other},
                )


def _entry(draft: Draft, here: Location, entry: MenuEntry) -> Iterator[Finding]:
    if entry.targets != 1:
        yield Finding(
            here, N_("An entry leads to exactly one thing: write one of `topic`, `entries`, `action` or `language`.")
        )
    topics = draft.declared.get("topics", frozenset())
    if entry.topic is not None and entry.topic not in topics:
        yield unknown((*here, "topic"), N_("The topic `{name}` is not declared under `topics`."), entry.topic, topics)
    languages = draft.declared.get("languages", frozenset()) | {DEFAULT_LANGUAGE}
    if entry.language is not None and entry.language not in languages:
        yield unknown(
            (*here, "language"),
            N_("The language `{name}` is not declared under `languages`."),
            entry.language,
            languages,
        )
    if entry.entries is not None:
        if not entry.entries:
            yield Finding((*here, "entries"), N_("This sub-menu is empty."))
        yield from _level(draft, (*here, "entries"), entry.entries)
