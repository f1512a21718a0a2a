"""The words for a fault in one value. (`rules` has its own words, for values that do not fit together.)"""

from __future__ import annotations

from pydantic_core import ErrorDetails

from competences.plan.errors import Finding
from competences.translation import N_

WORDS = {
    "missing": N_("`{name}` is missing here."),
    "extra_forbidden": N_("`{name}` is not a known name here: check its spelling and its indentation."),
    "string_type": N_("A text is expected here."),
    "string_too_short": N_("This text is empty."),
    "string_pattern_mismatch": N_("This text is empty."),
    "int_type": N_("A whole number is expected here."),
    "float_type": N_("A number is expected here."),
    "float_parsing": N_("A number is expected here."),
    "finite_number": N_("A number is expected here."),
    "bool_type": N_("`true` or `false` is expected here."),
    "greater_than_equal": N_("This number is too small: at least {ge}."),
    "less_than_equal": N_("This number is too large: at most {le}."),
    "greater_than": N_("This number is too small: more than {gt}."),
    "literal_error": N_("This value is not one of those allowed: {expected}."),
    "enum": N_("This value is not one of those allowed: {expected}."),
    "dict_type": N_("Lines of the form `name: value` are expected here, indented under the name."),
    "model_type": N_("Lines of the form `name: value` are expected here, indented under the name."),
    "model_attributes_type": N_("Lines of the form `name: value` are expected here, indented under the name."),
    "tuple_type": N_("A list is expected here: `[first, second]`, or one line per element beginning with `-`."),
    "too_short": N_("This list is empty."),
    "url_parsing": N_("This is not a web address: it begins with `https://`."),
    "url_scheme": N_("This is not a web address: it begins with `https://`."),
    "url_type": N_("This is not a web address: it begins with `https://`."),
    "url_too_long": N_("This web address is too long."),
    "plan_key": N_(
        "`{value}` cannot be a name: small letters without accents, digits and hyphens, starting with a letter."
    ),
    "plan_skill_name": N_(
        "`{value}` cannot be a skill's name: small letters without accents, digits and hyphens, starting with a letter."
    ),
    "plan_reserved_skill": N_(
        "`menu` cannot be a skill: the name is reserved for callers who are still in the phone menu."
    ),
    "plan_language": N_("`{value}` is not a language code: two small letters, such as `en`."),
    "plan_locale": N_("`{value}` is not a language as a telephone network calls it: write it as es-ES."),
    "plan_login": N_(
        "`{value}` cannot be a log-in: small letters without accents, digits, dots and hyphens, starting with a letter."
    ),
    "plan_phone": N_("`{value}` is not a phone number: write it as +33 1 99 00 12 34."),
    "plan_email": N_("`{value}` is not an e-mail address."),
    "plan_correspondent": N_(
        "`{value}` is neither an e-mail address nor a domain: write `etude@notaires.example` or `@notaires.example`."
    ),
    "plan_timezone": N_("`{value}` is not a time zone: write for instance Europe/Paris."),
    "plan_label": N_("The French text (`fr`) is missing."),
    "plan_digit": N_("`{value}` is not a key of the phone: one digit from 0 to 9, or `*`."),
    "plan_slot": N_("`{value}` is not a slot of opening: write it as 8:30-12:00."),
    "plan_date": N_("`{value}` is not a date: write it as 2026-05-15."),
    "plan_country": N_("This country is not known: write FR for France."),
    "plan_subdivision": N_(
        "This part of the country is not known: 57 or 6AE for Alsace-Moselle, 971 to 976 overseas, or leave it out."
    ),
    "plan_week": N_("Days are missing: {days}. Write `[]` for a day on which the town hall is closed."),
}
MOST_SHOWN_CHARACTERS = 60
OTHERWISE = N_("This value is not what is expected here.")


def finding(details: ErrorDetails) -> Finding:
    """The finding for one of pydantic's errors."""
    location = tuple(part for part in details["loc"] if part != "[key]")
    values = {"name": location[-1] if location else "", "value": _short(details.get("input")), **details.get("ctx", {})}
    if "expected" in values:
        # Pydantic enumerates in English.
        values["expected"] = str(values["expected"]).replace(" or ", ", ").replace("'", "")
    return Finding(location, WORDS.get(details["type"], OTHERWISE), values)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= MOST_SHOWN_CHARACTERS else text[:MOST_SHOWN_CHARACTERS] + "..."
