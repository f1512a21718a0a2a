"""Tables as CSV files that a spreadsheet opens as they are meant: in the reader's language, and never as formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask import Response

from bureau.http.files import safe_name
from competences.translation import DEFAULT_LANGUAGE

CSV = "text/csv"

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV Injection)."""

Cell = str | int | float | None


def csv_file(name: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]], language: str) -> Response:
    """The table as a download. In French, fields are separated by semicolons, for commas begin decimals."""
    french = language == DEFAULT_LANGUAGE
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if french else ",", lineterminator="\r\n")
    for row in (heading, *rows):
        writer.writerow([_written(cell, french) for cell in row])
    # The mark at the beginning tells spreadsheets that the file is UTF-8.
    response = Response(text.getvalue().encode("utf-8-sig"), content_type=f"{CSV}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=safe_name(name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _written(cell: Cell, french: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(BEGINS_FORMULA) else cell
    written = str(round(cell, 3))
    return written.replace(".", ",") if french else written
