"""The faults that pydantic finds in a request, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bureau.http.problems import Fault
from competences.translation import N_

MESSAGES = {
    "missing": N_("This is needed."),
    "extra_forbidden": N_("This is not known here."),
    "string_type": N_("This must be a text."),
    "string_unicode": N_("This is not a valid text."),
    "string_too_short": N_("At least {min_length} characters, please."),
    "string_too_long": N_("At most {max_length} characters, please."),
    "string_pattern_mismatch": N_("This is not written as it should be."),
    "enum": N_("This must be one of: {expected}."),
    "literal_error": N_("This must be one of: {expected}."),
    "int_type": N_("This must be a whole number."),
    "int_parsing": N_("This must be a whole number."),
    "int_from_float": N_("This must be a whole number."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than_equal": N_("This must be at most {le}."),
    "bool_type": N_("This must be true or false."),
    "bool_parsing": N_("This must be true or false."),
    "dict_type": N_("This must be an object."),
    "model_type": N_("This must be an object."),
    "model_attributes_type": N_("This must be an object."),
    "too_long": N_("At most {max_length} of these, please."),
    "too_short": N_("At least {min_length} of these, please."),
    "instant": N_("This must be a date and time with its offset, such as 2026-03-02T09:00:00+01:00."),
    "day": N_("This must be a day, such as 2026-03-16."),
    "date_parsing": N_("This must be a day, such as 2026-03-16."),
    "date_from_datetime_parsing": N_("This must be a day, such as 2026-03-16."),
    "one_target": N_("Name exactly one of: topic, skills, agent."),
    "address": N_("This is neither an e-mail address nor a phone number."),
    "one_heir": N_("Name exactly one of: agent, service."),
    "no_moment": N_("`to` must be later than `from`."),
    "phone": N_("This is not a phone number."),
}
OTHERWISE = N_("This is not valid.")

Part = Literal["body", "query"]

_EXPECTED = re.compile(r"<\w+\.\w+: '([^']*)'>|'([^']*)'")
"""A value as pydantic writes it: a member of an enumeration in Python's own way, or a text."""


def faults_of(error: ValidationError, part: Part, say: Callable[[str], str]) -> list[Fault]:
    """Every fault, each with its place."""
    return [_fault(detail, part, say) for detail in error.errors(include_url=False, include_input=False)]


def _fault(detail: ErrorDetails, part: Part, say: Callable[[str], str]) -> Fault:
    message = say(MESSAGES.get(detail["type"], OTHERWISE)).format(**_facts(detail))
    if part == "query":
        return Fault(parameter=".".join(str(step) for step in detail["loc"]), message=message)
    return Fault(pointer="#" + "".join(f"/{_escaped(step)}" for step in detail["loc"]), message=message)


def _facts(detail: ErrorDetails) -> dict[str, str]:
    """The limits that pydantic names, with the bare values that it expects."""
    ctx = detail.get("ctx", {})
    return {name: _EXPECTED.sub(r"\1\2", str(value)).replace(" or ", ", ") for name, value in ctx.items()}


def _escaped(step: int | str) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")
