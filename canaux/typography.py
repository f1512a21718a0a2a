"""French typography, for letters: the spaces at which a line must not break, and the apostrophe.

The catalogues have the straight apostrophe, which a text message carries at no more cost.
"""

from __future__ import annotations

import re

NO_BREAK_SPACE = "\u00a0"

_BEFORE = re.compile(r"(?<=\S) (?=[:;?!»](?:\s|$))")
_AFTER = re.compile(r"« ")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def as_printed(text: str) -> str:
    """The text with no-break spaces before `:`, `;`, `?`, `!` and inside `« »`, where it has spaces, and with `’`."""
    return _APOSTROPHE.sub("’", _AFTER.sub(f"«{NO_BREAK_SPACE}", _BEFORE.sub(NO_BREAK_SPACE, text)))
