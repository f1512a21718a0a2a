"""The messages that recognition is measured on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from competences.recognition.examples import Example, read_examples

ROOT = Path(__file__).parents[1]
OUR_OWN = ROOT / "competences" / "examples"
CALIBRATION = ROOT / "competences" / "calibration.csv"
SECOND_AUTHOR = ROOT / "bench" / "data" / "second-author.csv"
"""Written by somebody who had not read ours."""


def second_author() -> Sequence[Example]:
    """Nothing where the file is missing."""
    return read_examples(SECOND_AUTHOR.read_text("utf-8")) if SECOND_AUTHOR.exists() else ()


def texts_where(column: str, value: str) -> frozenset[str]:
    """The texts of the messages, ours and the second author's, that have this value (`language` is `en`, say)."""
    found: set[str] = set()
    for path in (*sorted(OUR_OWN.glob("*.csv")), SECOND_AUTHOR):
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                found.update(row["text"].strip() for row in csv.DictReader(file) if row.get(column) == value)
    return frozenset(found)
