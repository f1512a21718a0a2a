"""Numbers as Twilio writes them, and as we keep them."""

from __future__ import annotations

import pytest

from canaux.twilio.numbers import read_number, same_medium


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+33639980101", "+33639980101"),
        ("whatsapp:+33639980101", "+33639980101"),
        ("+266696687", None),
        ("anonymous", None),
        ("LaPoste", None),
        ("38303", None),
        ("", None),
    ],
)
def test_numbers(written: str, kept: str | None) -> None:
    assert read_number(written) == kept


def test_answers_leave_by_the_medium_that_was_used() -> None:
    assert same_medium("+33639980101", "whatsapp:+33199003500") == "whatsapp:+33639980101"
    assert same_medium("+33639980101", "+33199003500") == "+33639980101"
