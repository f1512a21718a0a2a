"""Phone numbers: read as they are written in France, kept in their one form (E.164), and written for readers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from competences.translation import DEFAULT_LANGUAGE

REGION = "FR"
"""Where a number is dialled that does not begin with its country's code."""


FRENCH_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF")
"""Mainland France and what lies overseas, by ISO 3166 code: each with a calling code of its own, or shared."""

_TAKE_TEXTS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UNKNOWN})
"""Unknown are the numbers of fiction among others, and those given out since the tables were made."""


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


def calling_codes(regions: Iterable[str]) -> frozenset[int]:
    """The calling codes of these regions (ISO 3166 codes such as FR). Raises ValueError for one that has none."""
    codes = {region: phonenumbers.country_code_for_region(region) for region in regions}
    unknown = [region for region, code in codes.items() if not code]
    if unknown:
        raise ValueError(", ".join(unknown))
    return frozenset(codes.values())


def calling_code(number: str) -> int | None:
    """The calling code of a number in E.164 form."""
    return phonenumbers.parse(number).country_code


def takes_texts(number: str) -> bool:
    """Whether a number in E.164 form may be a mobile one: neither a fixed line nor a number that costs extra."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in _TAKE_TEXTS


def written_for(number: str, language: str) -> str:
    """An E.164 number for a reader: `03 86 00 00 00` in French, `+33 3 86 00 00 00` in any other language."""
    formats = phonenumbers.PhoneNumberFormat
    form = formats.NATIONAL if language == DEFAULT_LANGUAGE else formats.INTERNATIONAL
    return str(phonenumbers.format_number(phonenumbers.parse(number), form))
