"""The language of a message, from its commonest words: only where one language clearly has the most of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from competences.plan.plan import Plan

LONGEST_READ_CHARACTERS = 5_000
FEWEST_WORDS = 3
CLEARLY = 2
"""One language has more than this many times another's words."""

_WORD = re.compile(r"[^\W\d_]+")
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
COMMON_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "fr": frozenset(_FRENCH.split()),
    "en": frozenset(_ENGLISH.split()),
}
"""Of our own languages, which share next to none. The plan has those of its others."""


def words_of(text: str) -> list[str]:
    """The words of a message, in small letters; of a long one, those of its beginning."""
    return _WORD.findall(text[:LONGEST_READ_CHARACTERS].lower())


def recognised_language(plan: Plan, text: str, otherwise: str) -> str:
    """The language of the plan in which a message is clearly written; `otherwise` where that is not certain.

    It has enough different words that are neither French nor English, and the most of all. A word that two languages
    share speaks for neither against the other: Spanish and Portuguese have many.
    """
    common: dict[str, Collection[str]] = {**COMMON_WORDS}
    for code, language in plan.languages.items():
        if language.common_words:
            common[code] = frozenset(word.lower() for word in language.common_words)
    words = words_of(text)
    for code in plan.languages:
        own = common.get(code, frozenset())
        ours = frozenset().union(*(known for name, known in COMMON_WORDS.items() if name != code))
        distinct = {word for word in words if word in own and word not in ours and len(word) > 1}
        rivals = [
            sum(word in other and word not in own for word in words) for name, other in common.items() if name != code
        ]
        if len(distinct) >= FEWEST_WORDS and sum(word in own for word in words) > CLEARLY * max(rivals):
            return code
    return otherwise
