"""Ids and references for new contacts, usagers and messages."""

from __future__ import annotations

import secrets
from uuid import uuid4

REFERENCE_LETTERS = "ACDEFHJKLMNPRTUVXY"
"""Letters that are not confused with another letter or a digit when read aloud in French."""

REFERENCE_SHAPE = rf"[{REFERENCE_LETTERS}]{{3}}[\s.–—-]{{0,3}}\d{{3}}[\s.–—-]{{0,3}}\d{{3}}"
"""A reference as people write it, for patterns that ignore case."""


def new_id() -> str:
    """A new id: 32 hexadecimal digits."""
    return uuid4().hex


def new_reference() -> str:
    """A reference to say on the phone, as `ABC-123-456`; random, so that one cannot be guessed from another."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(3))
    return f"{letters}-{secrets.randbelow(1000):03}-{secrets.randbelow(1000):03}"


def clean_reference(text: str) -> str:
    """The written form `ABC-123-456` of a reference that a person typed or dictated."""
    kept = "".join(character for character in text.upper() if character.isalnum())
    return f"{kept[:3]}-{kept[3:6]}-{kept[6:]}"
