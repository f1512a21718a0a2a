"""Messages whose topic is known, on which recognition is measured."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from competences.recognition.examples import Example, read_examples

ROOT = Path(__file__).parents[1]
OUR_OWN = ROOT / "competences" / "topics"
CALIBRATION = ROOT / "competences" / "recognition" / "calibration.csv"
SECOND_AUTHOR = ROOT / "bench" / "data" / "second-author.csv"
"""Messages by an author who had not read ours."""


def second_author() -> Sequence[Example]:
    """The second author's messages; none if the file is missing."""
    return read_examples(SECOND_AUTHOR.read_text("utf-8")) if SECOND_AUTHOR.exists() else ()


def texts_where(column: str, value: str) -> frozenset[str]:
    """The texts of our own and the second author's messages with this value in a column, such as `language` `en`."""
    texts: set[str] = set()
    for path in (*sorted(OUR_OWN.glob("*/messages.csv")), SECOND_AUTHOR):
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                texts.update(row["text"].strip() for row in csv.DictReader(file) if row.get(column) == value)
    return frozenset(texts)
