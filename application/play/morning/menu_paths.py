"""The keys that lead to a place in the phone menu of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from competences.plan.menu import Menu, MenuEntry, menu_entries

KEYS = "0123456789*#"


def paths_to_topics(menu: Menu) -> dict[str, str]:
    """The keys to press for each topic that has a place in the menu."""
    paths: dict[str, str] = {}
    for keys, entry in _walk(menu.entries, ""):
        if entry.topic is not None:
            paths.setdefault(entry.topic, keys)
    return paths


def key_of(menu: Menu, *, action: str | None = None, language: str | None = None) -> str | None:
    """The key of the first menu that leads to this action or language."""
    for digit, entry in menu.entries.items():
        if (action is not None and entry.action == action) or (language is not None and entry.language == language):
            return digit
    return None


def wrong_key(menu: Menu, path: str = "") -> str:
    """A key that means nothing at this place of the menu."""
    everywhere = {digit for digit, entry in menu.entries.items() if entry.everywhere}
    return next(key for key in KEYS if key not in everywhere | set(menu_entries(menu, path)))


def _walk(entries: Mapping[str, MenuEntry], before: str) -> Iterator[tuple[str, MenuEntry]]:
    for digit, entry in entries.items():
        yield before + digit, entry
        yield from _walk(entry.entries or {}, before + digit)
