"""The language of a letter, from its words: the commonest of French and of English, which share next to none."""

from __future__ import annotations

import re

from competences.translation import DEFAULT_LANGUAGE

_LONGEST_READ_CHARACTERS = 5_000
_FEWEST_WORDS = 3
_CLEARLY = 2  # one language has this many times the other's words
_WORD = re.compile(r"[a-zà-ÿœ]+")
_FRENCH = """
    bonjour bonsoir madame monsieur merci cordialement je j l qu n nous vous il elle ils elles mon ma mes notre nos
    votre vos le la les un une des du de au aux et ou où est sont suis avons avez ai pour par avec sans dans sur chez
    que qui quoi quel quelle quels quelles comment quand pourquoi combien ne pas plus ce cette ces se ça être avoir
    fait faire puis peux pouvez voudrais souhaite demande mairie
"""
_ENGLISH = """
    hello hi dear sir madam thanks thank regards sincerely i you we they he she it my your our their the an this that
    these those is are was were am be been have has had do does did can could would should will and or but of to for
    from with without at by in how what when where why which who not any some please about if there need want like
"""
_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}


def letter_language(text: str, declared: str = "") -> str:
    """The language in which its writer is answered: `fr` or `en`; French where that is not certain.

    `declared` is the header `Content-Language`. It often names the mail program's language, and only counts where more
    words are English than French.
    """
    words = _WORD.findall(text[:_LONGEST_READ_CHARACTERS].lower())
    found = {language: sum(word in common for word in words) for language, common in _WORDS.items()}
    french, english = found["fr"], found["en"]
    if english >= _FEWEST_WORDS and english > _CLEARLY * french:
        return "en"
    declared_english = declared.strip().lower().startswith("en")
    return "en" if declared_english and english > french else DEFAULT_LANGUAGE
