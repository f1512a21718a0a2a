"""The text below a sheet's fields: a title and sections, each at its heading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from competences.sheets.findings import SheetFinding
from competences.sheets.sheet import HEADINGS, Section
from competences.translation import N_

TITLE = re.compile(r"# +(\S.*)")
HEADING = re.compile(r"## +(\S.*)")
SECTION_OF = {heading: section for section, heading in HEADINGS.items()}


@dataclass(frozen=True)
class Body:
    """What stands below the fields. `texts` are Markdown; `lines` (from 1) are each section's, heading included."""

    title: str
    texts: Mapping[Section, str]
    lines: Mapping[Section, range]
    findings: Sequence[SheetFinding]


EMPTY_BODY = Body("", {}, {}, ())


def read_body(file: str, lines: Sequence[str], start: int) -> Body:
    """Reads the lines of a file from index `start` on."""
    findings: list[SheetFinding] = []
    title = ""
    ranges: dict[Section, range] = {}
    first = start
    headings = [index for index in range(start, len(lines)) if HEADING.fullmatch(lines[index].rstrip())]
    for index in range(start, headings[0] if headings else len(lines)):
        line = lines[index].strip()
        match = TITLE.fullmatch(line)
        if match and not title:
            title, first = match[1], index
        elif line:
            findings.append(SheetFinding(file, index + 1, N_("This text stands before the first section.")))
    if not title:
        findings.append(SheetFinding(file, start + 1, N_("The title is missing: a line that begins with `# `.")))
    for index, end in pairwise([*headings, len(lines)]):
        heading = lines[index].rstrip()[3:].strip()
        section = SECTION_OF.get(heading)
        if section is None:
            near = get_close_matches(heading, SECTION_OF, n=1)
            message = N_("`{heading}` is not a section of a sheet.")
            values = {"heading": heading}
            findings.append(SheetFinding(file, index + 1, message, values, near=near[0] if near else None))
        elif section in ranges:
            message = N_("The section `{heading}` is there twice: keep one.")
            findings.append(SheetFinding(file, index + 1, message, {"heading": heading}))
        else:
            ranges[section] = range(index + 1, end + 1)
    texts = {section: "\n".join(lines[at.start : at.stop - 1]).strip() for section, at in ranges.items()}
    for section in Section:
        if section not in texts:
            message = N_("The section `## {heading}` is missing.")
            findings.append(SheetFinding(file, first + 1, message, {"heading": section.heading}))
        elif not texts[section]:
            findings.append(SheetFinding(file, ranges[section].start, N_("This section is empty.")))
    return Body(title, texts, ranges, findings)
