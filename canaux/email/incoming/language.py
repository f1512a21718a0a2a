"""The language of a letter, from its words and from what it declares."""

from __future__ import annotations

from competences.recognition.language import CLEARLY, COMMON_WORDS, FEWEST_WORDS, words_of
from competences.translation import DEFAULT_LANGUAGE

MOST_SHORT_WORDS = 12
FEWEST_CLEAR_WORDS = 2
_SHORT_ENGLISH = """
    hello hi dear thanks thank please regards what when where how which the my your our is are do does can
    opening closing hours open closed appointment birth marriage certificate council town hall
"""
_CLEARLY_ENGLISH = frozenset(_SHORT_ENGLISH.split())
"""Words that say of a short letter that it is English, if no French one stands beside them; no neighbour's, either."""


def letter_language(own_words: str, declared: str = "") -> str:
    """The language in which its writer is answered: `fr` or `en`; French where that is not certain.

    `declared` is the header `Content-Language`. It often names the mail program's language, and only counts where more
    words are English than French.
    """
    words = words_of(own_words)
    found = {language: sum(word in common for word in words) for language, common in COMMON_WORDS.items()}
    french, english = found["fr"], found["en"]
    if english >= FEWEST_WORDS and english > CLEARLY * french:
        return "en"
    clear = len({word for word in words if word in _CLEARLY_ENGLISH})
    if not french and len(words) <= MOST_SHORT_WORDS and clear >= FEWEST_CLEAR_WORDS:
        return "en"
    declared_english = declared.strip().lower().startswith("en")
    return "en" if declared_english and english > french else DEFAULT_LANGUAGE
