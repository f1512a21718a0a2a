"""The form in which texts are compared."""

from __future__ import annotations

import re
import unicodedata


def plain(text: str) -> str:
    """The words of a text without case, accents and punctuation, separated by one space."""
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text)))


def unaccented(text: str) -> str:
    """A text without case and accents; the characters of every other script are kept, so that nothing goes unseen."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
