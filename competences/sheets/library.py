"""Reads the sheets of a folder of topics, in which each topic has a folder of its own name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from competences.sheets.findings import SheetFinding
from competences.sheets.reading import Reading, read_sheet
from competences.sheets.sheet import Sheet
from competences.translation import N_

SHEET_FILE = "fiche.md"


def shipped_folder() -> Traversable:
    """The folder of topics that the product comes with."""
    return files("competences").joinpath("topics")


def read_folder(folder: Traversable) -> list[Reading]:
    """Every sheet of a folder of topics, by topic. Raises OSError if the folder cannot be read."""
    topics = sorted(folder.iterdir(), key=lambda topic: topic.name)
    return [_read(topic, sheet) for topic in topics if (sheet := topic.joinpath(SHEET_FILE)).is_file()]


def sheets_of(readings: Iterable[Reading]) -> Mapping[str, Sheet]:
    """The sheets that are sound, by topic."""
    return {reading.sheet.topic: reading.sheet for reading in readings if reading.sheet is not None}


def _read(topic: Traversable, file: Traversable) -> Reading:
    name = str(file) if isinstance(file, Path) else f"{topic.name}/{file.name}"
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        message = N_("The file holds characters that are not allowed in a text file.")
        return Reading(name, "", findings=[SheetFinding(name, 1, message)])
    return read_sheet(name, text)
