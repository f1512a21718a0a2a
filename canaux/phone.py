"""Phone numbers as Twilio writes them, and as the record keeps them (E.164)."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

WHATSAPP = "whatsapp:"
REGION = "FR"

# What Twilio puts in `From` for a caller who hides their number (the digits spell RESTRICTED, BLOCKED ...).
_HIDDEN = frozenset({"+7378742833", "+2562533", "+266696687", "+86282452253", "+8656696"})


@lru_cache(maxsize=1024)
def e164(number: str) -> str | None:
    """The number in E.164 form; None for what is none (a hidden caller, a short code, an alphanumeric sender)."""
    bare = number.strip().removeprefix(WHATSAPP)
    if bare in _HIDDEN:
        return None
    try:
        parsed = phonenumbers.parse(bare, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def same_medium(address: str, service_address: str) -> str:
    """`address` as it must be written so that the answer leaves by the medium that `service_address` was reached on."""
    return WHATSAPP + address if service_address.startswith(WHATSAPP) else address
