"""French letters break no line before their double punctuation, and have the apostrophe of print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.clean_text import shortened
from canaux.typography import NO_BREAK_SPACE, as_printed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Référence : ABC", "Référence\u00a0: ABC"),
        ("Qui ? Moi ! Ici ; là", "Qui\u00a0? Moi\u00a0! Ici\u00a0; là"),
        ("« Mairie »", "«\u00a0Mairie\u00a0»"),
        ("https://a.example/?b : 10:30", "https://a.example/?b\u00a0: 10:30"),
        ("fin :\nsuite", "fin\u00a0:\nsuite"),
        (":", ":"),
        ("L'été d'Élise, qu'on dit 'beau'", "L’été d’Élise, qu’on dit 'beau'"),
    ],
)
def test_what_is_written_is_printed(written: str, printed: str) -> None:
    assert as_printed(written) == printed
    assert as_printed(printed) == printed


@given(st.text("ab :;?!«»\n"))
def test_only_spaces_change(text: str) -> None:
    assert as_printed(text).replace(NO_BREAK_SPACE, " ") == text


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
