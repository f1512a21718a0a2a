"""Our references in subjects: `[réf. ABC-123-456]`."""

from __future__ import annotations

import re
from unicodedata import normalize

from routeur.contact.row import ContactRow

_MARK = "[réf. {reference}]"
_MARKED = re.compile(r"\[\s*r[ée]f\.?\s*(?P<reference>[A-Z]{3}-\d{3}-\d{3})\s*\]", re.IGNORECASE)


def mark(contact: ContactRow) -> str:
    """What the subjects of our letters bear."""
    return _MARK.format(reference=contact.reference)


def reference_in(subject: str) -> str | None:
    """The last reference that this subject bears, whether it is one of ours or not."""
    found = [one["reference"].upper() for one in _MARKED.finditer(normalize("NFC", subject))]
    return found[-1] if found else None
