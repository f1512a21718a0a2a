"""Phone numbers have one written form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.phone_numbers import FRENCH_REGIONS, calling_code, calling_codes, e164, takes_texts


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


@pytest.mark.parametrize(
    ("number", "takes"),
    [
        ("+33639980101", True),
        ("+33756781234", True),
        ("+590690001234", True),
        ("+262692123456", True),
        ("+33142764040", False),
        ("+33899123456", False),
        ("+33800123456", False),
    ],
)
def test_texts_go_to_what_may_be_a_mobile_phone(number: str, takes: bool) -> None:
    assert takes_texts(number) is takes


def test_france_and_what_lies_overseas_share_nine_calling_codes() -> None:
    assert calling_codes(FRENCH_REGIONS) == {33, 262, 508, 590, 594, 596, 681, 687, 689}
    assert calling_code("+590690001234") == 590
    with pytest.raises(ValueError, match="XX"):
        calling_codes(["FR", "XX"])
