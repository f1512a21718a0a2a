"""Phone numbers have one written form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.phone_numbers import e164


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+33639980101", "+33639980101"),
        ("06 39 98 01 01", "+33639980101"),
        ("0033639980001", "+33639980001"),
        ("+442079460000", "+442079460000"),
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
