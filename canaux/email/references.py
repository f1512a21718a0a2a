"""Our references in subjects: `[réf. ABC-123-456]`."""

from __future__ import annotations

import re

from routeur.contact.identifiers import REFERENCE_SHAPE, clean_reference
from routeur.contact.row import ContactRow

_MARK = "[réf. {reference}]"
_REFERENCE = re.compile(rf"(?<![A-Z0-9]){REFERENCE_SHAPE}(?![0-9-])", re.IGNORECASE)
_A_MARK = re.compile(rf"\s*\[\s*r.{{0,3}}f\s*[.:]{{0,2}}\s*{REFERENCE_SHAPE}\s*\]", re.IGNORECASE)
_HYPHENS = re.compile(r"[\u2010-\u2013\u2212]")


def mark(contact: ContactRow) -> str:
    """The mark with our reference that our letters have in their subjects."""
    return _MARK.format(reference=contact.reference)


def without_marks(subject: str) -> str:
    """The subject without any mark of ours: an answer has its own contact's alone."""
    return _A_MARK.sub("", subject).strip()


def reference_in(subject: str) -> str | None:
    """The last word in this subject that looks like a reference, whether we gave it or not.

    Our mark around it may be gone: servers spoil its accent, and people type the reference alone.
    """
    found: list[str] = _REFERENCE.findall(_HYPHENS.sub("-", subject))
    return clean_reference(found[-1]) if found else None
