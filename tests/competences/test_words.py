"""The form in which texts are compared."""

from __future__ import annotations

from competences.words import plain, unaccented


def test_plain_text_has_no_case_accents_or_punctuation() -> None:
    assert plain("  L'ŒUVRE d'Éloïse, ça !") == "l oeuvre d eloise ca"


def test_text_without_accents_keeps_every_other_character() -> None:
    assert unaccented("Réglé ? 50 € привет") == "regle ? 50 € привет"
