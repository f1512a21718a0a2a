"""Names for new things."""

from __future__ import annotations

import secrets
from uuid import uuid4

REFERENCE_LETTERS = "ACDEFHJKLMNPRTUVXY"
"""Letters that cannot be taken for another letter or a digit when read aloud in French."""


def new_id() -> str:
    return uuid4().hex


def new_reference() -> str:
    """A reference that can be said on the phone and not guessed from another: three letters, six digits."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(3))
    return f"{letters}-{secrets.randbelow(1000):03}-{secrets.randbelow(1000):03}"


def clean_reference(text: str) -> str:
    """A reference as typed or dictated by a person, in its written form."""
    kept = "".join(character for character in text.upper() if character.isalnum())
    return f"{kept[:3]}-{kept[3:6]}-{kept[6:]}"
