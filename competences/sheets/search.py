"""Finds sheets while somebody types: a few words, French or English, the last perhaps half typed, well or badly spelt.

Every word asked for counts by how rare it is among the sheets (Spärck Jones, "A statistical interpretation of term
specificity", Journal of Documentation 28(1), 1972) and by where it stands: in a title or keyword, most in a short one;
in a paper to bring; in the text. A word that is in no sheet stands for the words that are spelt nearly like it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.sheets.passages import Passage, passages, snippet
from competences.sheets.sheet import Section, Sheet
from competences.sheets.terms import terms
from competences.translation import DEFAULT_LANGUAGE

TITLE, KEYWORD, DOCUMENT, TEXT = 10.0, 8.0, 3.0, 1.0
"""The worth of a word, by where it stands."""
LEAST_LIKENESS = 0.72
"""The least likeness, from 0 to 1, between a misspelt word and the word that was meant."""
SHORTEST_MISSPELT_LETTERS = 4
SHORTEST_FULL_LETTERS = 3
"""Shorter words only join others (de, du, la, of)."""
UNFINISHED = 0.9
"""The worth of an unfinished word: the least that its beginning counts for; its factor if it is misspelt."""
LEAST_SHARE = 0.1
"""A sheet is found if its score is at least this share of the best one's."""

Matches = Mapping[str, float]
"""The words of the index that a word asked for stands for, each with its likeness, up to 1."""


@dataclass(frozen=True)
class Hit:
    """A sheet that was found, and the passage that shows why, as plain text."""

    topic: str
    snippet: str


class SheetIndex:
    """An index in memory of filled sheets."""

    def __init__(self, plan: Plan, sheets: Mapping[str, Sheet]) -> None:
        self._plan = plan
        self._passages = {
            language: {topic: list(_shown(sheet, language)) for topic, sheet in sheets.items()}
            for language in {section.language for section in Section}
        }
        self._worth: dict[str, dict[str, float]] = {}
        for topic, sheet in sheets.items():
            for word, worth in _worth(plan, sheet).items():
                self._worth.setdefault(word, {})[topic] = worth
        self._words = list(self._worth)
        self._rarity = {word: math.log((len(sheets) + 1) / len(topics)) for word, topics in self._worth.items()}

    def search(self, query: str, language: str) -> Sequence[Hit]:
        """The sheets found, the best first; every sheet, by its label, if nothing is asked."""
        asked = terms(query)
        matches = [self._matches(word, last=number == len(asked) - 1) for number, word in enumerate(asked)]
        matches += [{joined: 1.0} for joined in map("".join, pairwise(asked)) if joined in self._worth]
        scores = self._scores(matches) if asked else dict.fromkeys(self._passages[DEFAULT_LANGUAGE], 0.0)
        enough = LEAST_SHARE * max(scores.values(), default=0.0)
        found = [topic for topic, score in scores.items() if score >= enough]
        worth = {word: alike * self._rarity[word] for match in matches for word, alike in match.items()}
        shown = self._passages.get(language, self._passages[DEFAULT_LANGUAGE])
        labels = {topic: terms(wording(self._plan.topics[topic].label, language)) for topic in found}
        in_order = sorted(found, key=lambda topic: (-scores[topic], labels[topic]))
        return [Hit(topic, snippet(shown[topic], worth)) for topic in in_order]

    def _matches(self, word: str, *, last: bool) -> Matches:
        """The word itself and, if it is the `last`, those that begin with it; else the words spelt nearly like it."""
        longer = [known for known in self._words if last and known.startswith(word)]
        begun = {known: UNFINISHED + (1 - UNFINISHED) * len(word) / len(known) for known in longer}
        if word in self._worth:
            begun[word] = 1.0
        if begun or len(word) < SHORTEST_MISSPELT_LETTERS:
            return begun
        near = self._near(word, self._words)
        if last:
            beginnings = [known[: len(word)] for known in self._words]
            for known, alike in self._near(word, beginnings).items():
                near[known] = max(UNFINISHED * alike, near.get(known, 0.0))
        return near

    def _near(self, word: str, written: Sequence[str]) -> dict[str, float]:
        """The words of the index that are `written` nearly like this one, each with its likeness."""
        alike = process.extract(
            word, written, scorer=OSA.normalized_similarity, score_cutoff=LEAST_LIKENESS, limit=None
        )
        return {self._words[index]: score * score for _, score, index in alike}

    def _scores(self, matches: Sequence[Matches]) -> dict[str, float]:
        """The score of each sheet; a sheet that lacks some of the words asked for has less."""
        scores: dict[str, float] = {}
        covered: dict[str, float] = {}
        total = 0.0
        for match in matches:
            best: dict[str, float] = {}
            for word, alike in match.items():
                for topic, worth in self._worth[word].items():
                    best[topic] = max(alike * worth * self._rarity[word], best.get(topic, 0.0))
            rarity = max((self._rarity[word] for word in match), default=0.0)
            total += rarity
            for topic, score in best.items():
                scores[topic] = scores.get(topic, 0.0) + score
                covered[topic] = covered.get(topic, 0.0) + rarity
        return {topic: score * covered[topic] / total for topic, score in scores.items()}


def _worth(plan: Plan, sheet: Sheet) -> Mapping[str, float]:
    """The worth of every word of a sheet, over all its places; a word of a short title or keyword is worth more."""
    places: Sequence[tuple[float, Iterable[str]]] = (
        (TITLE, (sheet.title, *plan.topics[sheet.topic].label.values())),
        (KEYWORD, sheet.keywords),
        (DOCUMENT, sheet.documents),
        (TEXT, (sheet.cost, sheet.delay, *(source.says for source in sheet.legal), *sheet.sections.values())),
    )
    worth: dict[str, float] = {}
    for most, texts in places:
        best: dict[str, float] = {}
        for text in texts:
            words = terms(text)
            length = max(1, _length(words)) if most >= KEYWORD else 1
            best |= {word: max(most * (1 + 1 / length) / 2, best.get(word, 0.0)) for word in words}
        for word, most_here in best.items():
            worth[word] = worth.get(word, 0.0) + most_here
    return worth


def _length(words: Iterable[str]) -> int:
    """The number of full words among these."""
    return sum(len(word) >= SHORTEST_FULL_LETTERS for word in words)


def _shown(sheet: Sheet, language: str) -> Iterator[Passage]:
    """The passages in one language that a search may show."""
    texts = [text for section, text in sheet.sections.items() if section.language == language]
    if language == DEFAULT_LANGUAGE:
        texts += sheet.documents
    for text in texts:
        yield from passages(text)
