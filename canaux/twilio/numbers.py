"""Phone numbers as Twilio writes them."""

from __future__ import annotations

from competences.phone_numbers import e164

WHATSAPP = "whatsapp:"

_HIDDEN = frozenset({"+7378742833", "+2562533", "+266696687", "+86282452253", "+8656696"})
"""What Twilio says of a caller who hides their number (the digits spell RESTRICTED, BLOCKED ...)."""


def read_number(written: str) -> str | None:
    """The number in E.164 form; None for a hidden caller and for what cannot be dialled."""
    bare = written.strip().removeprefix(WHATSAPP)
    return None if bare in _HIDDEN else e164(bare)


def same_medium(number: str, service_address: str) -> str:
    """The number as it must be written so that a message leaves by the medium of our `service_address`."""
    return WHATSAPP + number if service_address.startswith(WHATSAPP) else number
