"""Reads the text of one sheet: its fields, its sections, and every fault of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ConfigDict, ValidationError

from competences.plan.document import Document, read
from competences.plan.errors import Finding, Location, dotted, nearest_line
from competences.plan.fault_words import finding
from competences.plan.hours import Date
from competences.plan.types import Key, Part, Text
from competences.sheets.body import EMPTY_BODY, Body, read_body
from competences.sheets.findings import SheetFinding
from competences.sheets.sheet import FrontMatter, Section, Sheet
from competences.translation import N_

FENCE = "---"
NO_FIELDS = N_("A sheet begins with a line `---`, its fields, and another line `---`; then comes its text.")


class Draft(Part):
    """The fields that are sound, to be compared with the plan and with other sheets while others are faulty."""

    model_config = ConfigDict(extra="ignore")

    topic: Key | None = None
    service: Key | None = None
    keywords: tuple[Text, ...] = ()
    online: Text | None = None
    reviewed_on: Date | None = None
    next_review: Date | None = None
    to_confirm: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The content of a file. `sheet` is None while its form has a fault; `draft` holds the sound fields even then."""

    file: str
    text: str
    body: Body = EMPTY_BODY
    draft: Draft = Draft()
    sheet: Sheet | None = None
    findings: Sequence[SheetFinding] = ()
    lines: Mapping[Location, int] = field(default_factory=dict, repr=False)

    def line_of(self, *location: str | int) -> int:
        """The line of a field, from 1; of a missing one, the line where the fields begin."""
        return nearest_line(location, self.lines) or 1

    def section_at(self, line: int) -> Section | None:
        """The section that this line belongs to."""
        return next((section for section, lines in self.body.lines.items() if line in lines), None)


def read_sheet(file: str, text: str) -> Reading:
    """Reads one file. Never raises: every fault is a finding."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE or FENCE not in lines[1:]:
        return Reading(file, text, findings=[SheetFinding(file, 1, NO_FIELDS)])
    end = lines.index(FENCE, 1)
    body = read_body(file, lines, end + 1)
    # An empty line stands for the one above the fields, so that lines are counted from the top of the file.
    document = read("\n".join(["", *lines[1:end]]), NO_FIELDS)
    faults, draft = _fields(document)
    of_fields = [
        SheetFinding(
            file,
            nearest_line(fault.location, document.lines) or 1,
            fault.message,
            fault.values,
            fault.near,
            dotted(fault.location),
        )
        for fault in faults
    ]
    findings = [*of_fields, *body.findings]
    sheet = None if findings else Sheet(**document.data, title=body.title, sections=body.texts)
    return Reading(file, text, body, draft, sheet, findings, document.lines)


def _fields(document: Document) -> tuple[list[Finding], Draft]:
    """The faults of the fields, and the sound ones."""
    faults = list(document.findings)
    try:
        if document.data or not faults:
            FrontMatter.model_validate(document.data)
    except ValidationError as error:
        faults += [finding(details) for details in error.errors(include_url=False)]
    faulty = {fault.location[0] for fault in faults if fault.location}
    return faults, Draft.model_validate({name: value for name, value in document.data.items() if name not in faulty})
