"""Numbers as Twilio writes them, and as we keep them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.phone import e164, same_medium


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+33639980101", "+33639980101"),
        ("06 39 98 01 01", "+33639980101"),
        ("whatsapp:+33639980101", "+33639980101"),
        ("+442079460000", "+442079460000"),
        ("+266696687", None),
        ("anonymous", None),
        ("LaPoste", None),
        ("38303", None),
        ("", None),
    ],
)
def test_numbers(written: str, kept: str | None) -> None:
    assert e164(written) == kept


@given(st.text())
def test_any_text_is_a_number_or_none(written: str) -> None:
    kept = e164(written)
    assert kept is None or (kept.startswith("+") and e164(kept) == kept)


def test_answers_leave_by_the_medium_that_was_used() -> None:
    assert same_medium("+33639980101", "whatsapp:+33199003500") == "whatsapp:+33639980101"
    assert same_medium("+33639980101", "+33199003500") == "+33639980101"
