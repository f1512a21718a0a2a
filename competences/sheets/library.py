"""The sheets of a folder, each in a file of its own that bears its topic's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from competences.sheets.findings import SheetFinding
from competences.sheets.reading import Reading, read_sheet
from competences.sheets.sheet import Sheet
from competences.translation import N_

SUFFIX = ".md"


def shipped_folder() -> Traversable:
    """The sheets that the product comes with."""
    return files("competences").joinpath("fiches")


def read_folder(folder: Traversable) -> list[Reading]:
    """Every sheet of a folder, by file name. Raises OSError where the folder cannot be read."""
    found = sorted((file for file in folder.iterdir() if file.name.endswith(SUFFIX)), key=lambda file: file.name)
    return [_read(file) for file in found]


def sheets_of(readings: Iterable[Reading]) -> Mapping[str, Sheet]:
    """The sheets that are sound, by topic."""
    return {reading.sheet.topic: reading.sheet for reading in readings if reading.sheet is not None}


def _read(file: Traversable) -> Reading:
    name = str(file) if isinstance(file, Path) else file.name
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        message = N_("The file holds characters that are not allowed in a text file.")
        return Reading(name, "", findings=[SheetFinding(name, 1, message)])
    return read_sheet(name, text)
