"""The sheets that come with the product, and one of them with something changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

from competences.plan.plan import Plan
from competences.sheets.checking import check_sheets
from competences.sheets.findings import SheetFinding
from competences.sheets.library import read_folder, shipped_folder
from competences.sheets.reading import Reading, read_sheet
from tests.competences.documents import mairie

FOLDER = "topics"
FILE = "topics/cantine/fiche.md"
TODAY = date(2026, 11, 24)


@cache
def shipped() -> Sequence[Reading]:
    return read_folder(shipped_folder())


def cantine() -> str:
    """The text of a sheet that uses every feature."""
    return shipped_folder().joinpath("cantine", "fiche.md").read_text("utf-8")


def changed(old: str, new: str) -> str:
    text = cantine()
    assert old in text
    return text.replace(old, new)


def checked(text: str, plan: Plan | None = None, today: date = TODAY, file: str = FILE) -> list[SheetFinding]:
    """The findings of the check about this sheet, among all the others."""
    others = [reading for reading in shipped() if not reading.file.endswith("/cantine/fiche.md")]
    found = check_sheets([*others, read_sheet(file, text)], plan or mairie(), FOLDER, today)
    return [finding for finding in found if finding.file == file]
