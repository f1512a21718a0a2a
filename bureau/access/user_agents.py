"""What a program calls itself, in a few words that its owner recognises; everything else that it says is left out."""

from __future__ import annotations

import re

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
"""A mark, and the browser that bears it; several bear the marks of those that follow, so the first one counts."""

SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

_PRODUCT = re.compile(r"[A-Za-z0-9._-]{1,40}")


def in_short(user_agent: str) -> str | None:
    """A browser and its system (`Firefox, Windows`), or a program's first word (`curl`); None where it says nothing."""
    browser = next((name for mark, name in BROWSERS if f"{mark}/" in user_agent), None)
    if browser is not None:
        system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
        return browser if system is None else f"{browser}, {system}"
    product = _PRODUCT.match(user_agent)
    return product[0] if product is not None else None
