"""The form in which texts are compared."""

from __future__ import annotations

import re
import unicodedata


def plain(text: str) -> str:
    """The words of a text without case, accents and punctuation, separated by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", letters))
