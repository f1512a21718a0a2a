"""The sentences of a filled sheet as plain text, of which a search shows the one that answers best."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from competences.sheets.terms import terms

LONGEST = 180
"""So many characters are read at a glance."""
BEFORE = 60
"""A longer sentence is shown from so many characters before the first word that was asked for."""
OPENING = 3
CUT = "…"

ITEM = re.compile(r"\n(?=\s*(?:[-*]|\d+\.)\s)|\n\s*\n")
MARK = re.compile(r"^\s*(?:[-*]|\d+\.)\s+|(?<!\w)[*_`]+(?=\S)|(?<=\S)[*_`]+(?!\w)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ«\"])")
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Passage:
    """One sentence, and the terms in it."""

    text: str
    terms: frozenset[str]


def passages(markdown: str) -> Iterator[Passage]:
    """The sentences of a text, item by item, without marks."""
    for item in ITEM.split(markdown):
        text = " ".join(MARK.sub("", LINK.sub(r"\1", item)).split())
        yield from (Passage(sentence, frozenset(terms(sentence))) for sentence in END.split(text) if sentence)


def snippet(found: Sequence[Passage], worth: Mapping[str, float]) -> str:
    """The passage with the most of what was asked for (`worth` by term); where none has anything, the first words."""

    def answers(passage: Passage) -> float:
        return sum(worth.get(one, 0.0) for one in passage.terms)

    best = max(found, key=answers)
    text = best.text if answers(best) else " ".join(passage.text for passage in found[:OPENING])
    return _shortened(text, lambda word: any(one in worth for one in terms(word)))


def _shortened(text: str, asked: Callable[[str], bool]) -> str:
    if len(text) <= LONGEST:
        return text
    first = next((match.start() for match in WORD.finditer(text) if asked(match[0])), 0)
    start = 0 if first < LONGEST - BEFORE else text.rfind(" ", 0, first - BEFORE) + 1
    end = len(text) if len(text) - start <= LONGEST else text.rfind(" ", start, start + LONGEST)
    end = end if end > start else start + LONGEST
    return (CUT if start else "") + text[start:end] + (CUT if end < len(text) else "")
