"""French typography: the spaces at which a line must not break."""

from __future__ import annotations

import re

NO_BREAK_SPACE = "\u00a0"

_BEFORE = re.compile(r"(?<=\S) (?=[:;?!»](?:\s|$))")
_AFTER = re.compile(r"« ")


def french_spaces(text: str) -> str:
    """The text with no-break spaces before `:`, `;`, `?`, `!` and inside `« »`, where it has spaces."""
    return _AFTER.sub(f"«{NO_BREAK_SPACE}", _BEFORE.sub(NO_BREAK_SPACE, text))
