"""The sentences of a filled sheet as plain text; a search shows the one that answers best."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from competences.sheets.terms import terms

LONGEST_CHARACTERS = 180
"""The length that is read at a glance."""
BEFORE_CHARACTERS = 60
"""A longer sentence is shown from this far before the first word that was asked for."""
OPENING_PASSAGES = 3
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
    """The sentences of a text, item by item, without Markdown's marks."""
    for item in ITEM.split(markdown):
        text = " ".join(MARK.sub("", LINK.sub(r"\1", item)).split())
        yield from (Passage(sentence, frozenset(terms(sentence))) for sentence in END.split(text) if sentence)


def snippet(sheet: Sequence[Passage], worth: Mapping[str, float]) -> str:
    """The passage with most of the terms asked for (`worth` by term); the first passages if none has any of them."""

    def answers(passage: Passage) -> float:
        return sum(worth.get(term, 0.0) for term in passage.terms)

    best = max(sheet, key=answers)
    text = best.text if answers(best) else " ".join(passage.text for passage in sheet[:OPENING_PASSAGES])
    return _shortened(text, lambda word: any(term in worth for term in terms(word)))


def _shortened(text: str, asked: Callable[[str], bool]) -> str:
    if len(text) <= LONGEST_CHARACTERS:
        return text
    first = next((match.start() for match in WORD.finditer(text) if asked(match[0])), 0)
    start = 0 if first < LONGEST_CHARACTERS - BEFORE_CHARACTERS else text.rfind(" ", 0, first - BEFORE_CHARACTERS) + 1
    end = len(text) if len(text) - start <= LONGEST_CHARACTERS else text.rfind(" ", start, start + LONGEST_CHARACTERS)
    end = end if end > start else start + LONGEST_CHARACTERS
    return (CUT if start else "") + text[start:end] + (CUT if end < len(text) else "")
