"""French texts break no line before their double punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.clean_text import shortened
from canaux.typography import NO_BREAK_SPACE, french_spaces


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Référence : ABC", "Référence\u00a0: ABC"),
        ("Qui ? Moi ! Ici ; là", "Qui\u00a0? Moi\u00a0! Ici\u00a0; là"),
        ("« Mairie »", "«\u00a0Mairie\u00a0»"),
        ("https://a.example/?b : 10:30", "https://a.example/?b\u00a0: 10:30"),
        ("fin :\nsuite", "fin\u00a0:\nsuite"),
        (":", ":"),
    ],
)
def test_spaces(written: str, printed: str) -> None:
    assert french_spaces(written) == printed
    assert french_spaces(printed) == printed


@given(st.text("ab :;?!«»\n"))
def test_only_spaces_change(text: str) -> None:
    assert french_spaces(text).replace(NO_BREAK_SPACE, " ") == text


@given(st.text(max_size=60), st.integers(min_value=2, max_value=40))
def test_what_is_cut_is_cut_between_words(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit
    if short != text:
        kept = short.removesuffix("…")
        assert text.startswith(kept)
        assert (
            text[len(kept) :].startswith(" ")
            or " " not in text[: limit - 1].strip()
            or text[: limit - 1].startswith(" ")
        )
