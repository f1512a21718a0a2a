"""Phone numbers in their one written form: E.164, read as they are written in France."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

REGION = "FR"
"""Where a number is dialled that does not begin with its country's code."""


@lru_cache(maxsize=1024)
def e164(written: str) -> str | None:
    """The number in E.164 form; None for what cannot be dialled (a short code, an alphanumeric sender).

    The numbers reserved for fiction are possible without being valid: nobody can be given one.
    """
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
