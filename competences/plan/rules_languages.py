"""Whether what a plan says in its languages can be said, and on the phone chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from competences.plan.draft import Draft
from competences.plan.errors import Finding
from competences.plan.menu import MenuEntry
from competences.plan.phrases import PHRASES, places
from competences.plan.rules_names import unknown
from competences.translation import CATALOGUED, N_


def language_findings(draft: Draft) -> Iterator[Finding]:
    chosen = frozenset(_chosen(draft.menu.entries)) if draft.menu is not None else frozenset()
    for code, language in draft.languages.items():
        for name, text in language.words.items():
            yield from _phrase(code, name, text)
        if language.spoken is not None and draft.menu is not None and code not in chosen:
            message = N_(
                "Nobody can choose this language on the phone: write an entry with `language: {code}` in the menu, or "
                "leave out `spoken`."
            )
            yield Finding(("languages", code, "spoken"), message, {"code": code})
        if language.spoken is None and code in chosen - set(CATALOGUED):
            message = N_("The phone menu offers this language: write as `spoken` how to read it aloud, such as es-ES.")
            yield Finding(("languages", code), message)


def _phrase(code: str, name: str, text: str) -> Iterator[Finding]:
    at = ("languages", code, "words", name)
    if name not in PHRASES:
        yield unknown(at, N_("No phrase of ours is called `{name}`."), name, PHRASES)
        return
    wanted = places(PHRASES[name])
    try:
        found = places(text)
    except ValueError:
        found = None
    if found != wanted:
        message = (
            N_("What is filled in must stand in this phrase, in braces, and nothing else in braces: {places}.")
            if wanted
            else N_("Nothing is filled in here: braces have no place in this phrase.")
        )
        values = {"places": ", ".join(f"{{{place}}}" for place in sorted(wanted))} if wanted else {}
        yield Finding(at, message, values)


def _chosen(entries: Mapping[str, MenuEntry]) -> Iterator[str]:
    for entry in entries.values():
        if entry.language is not None:
            yield entry.language
        yield from _chosen(entry.entries or {})
