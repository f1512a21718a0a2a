"""Text as it may be kept and shown: no control characters, no half characters, and bounded."""

from __future__ import annotations

import re

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def clean(text: str, limit: int | None = None) -> str:
    """`text` without what a database refuses or a screen garbles (PostgreSQL takes no NUL, UTF-8 no lone surrogate)."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    kept = _UNWANTED.sub("", whole).strip()
    return kept if limit is None else kept[:limit]


def has_controls(text: str) -> bool:
    """Whether there are control characters in it, other than tabs and ends of lines: nobody types them."""
    return bool(_CONTROLS.search(text))


def one_line(text: str, limit: int = 255) -> str:
    """`text` on one line and cut at the limit, for subjects, names and file names.

    Without the marks that turn the direction of what follows: a name reads as it is.
    """
    return " ".join(_DIRECTIONS.sub("", clean(text)).split())[:limit]


def shortened(text: str, limit: int) -> str:
    """`text`, or as many of its first words as the limit allows, and an ellipsis."""
    if len(text) <= limit:
        return text
    whole = text[: limit - 1]
    return f"{whole.rpartition(' ')[0].rstrip() or whole}…"


def without_blank_runs(text: str) -> str:
    """`text` with at most one empty line in a row."""
    return _BLANK_LINES.sub("\n\n", text)
