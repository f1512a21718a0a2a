"""Our references in subjects: `[réf. ABC-123-456]`."""

from __future__ import annotations

import re
from unicodedata import normalize

from routeur.contact.identifiers import REFERENCE_SHAPE, clean_reference
from routeur.contact.row import ContactRow

_MARK = "[réf. {reference}]"
_MARKED = re.compile(rf"\[\s*r[ée]f\.?\s*(?P<reference>{REFERENCE_SHAPE})\s*\]", re.IGNORECASE)


def mark(contact: ContactRow) -> str:
    """The mark with our reference that our letters have in their subjects."""
    return _MARK.format(reference=contact.reference)


def reference_in(subject: str) -> str | None:
    """The last reference in this subject, whether we gave it or not."""
    found = [clean_reference(one["reference"]) for one in _MARKED.finditer(normalize("NFC", subject))]
    return found[-1] if found else None
