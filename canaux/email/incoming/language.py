"""The language of a letter, from its words and from what it declares."""

from __future__ import annotations

from competences.recognition.language import CLEARLY, COMMON_WORDS, FEWEST_WORDS, words_of
from competences.translation import DEFAULT_LANGUAGE


def letter_language(text: str, declared: str = "") -> str:
    """The language in which its writer is answered: `fr` or `en`; French where that is not certain.

    `declared` is the header `Content-Language`. It often names the mail program's language, and only counts where more
    words are English than French.
    """
    words = words_of(text)
    found = {language: sum(word in common for word in words) for language, common in COMMON_WORDS.items()}
    french, english = found["fr"], found["en"]
    if english >= FEWEST_WORDS and english > CLEARLY * french:
        return "en"
    declared_english = declared.strip().lower().startswith("en")
    return "en" if declared_english and english > french else DEFAULT_LANGUAGE
