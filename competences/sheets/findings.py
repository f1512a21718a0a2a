"""Findings about a sheet, for its author: faults, and remarks that do not fail the check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from competences.plan.errors import NEAR
from competences.translation import N_, translator

REMARK = N_("Remark: {remark}")


@dataclass(frozen=True)
class SheetFinding:
    """One finding. `message` is a msgid, `values` fills its braces; `field` is the field of the sheet that it concerns;
    `near` is the name that was perhaps meant; a remark does not make the check fail (`fails`).
    """

    file: str
    line: int
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    near: str | None = None
    field: str = ""
    fails: bool = True

    def in_language(self, language: str) -> str:
        """The finding as one line for a terminal."""
        words = translator("competences", language).gettext
        text = words(self.message).format(**self.values)
        if self.near is not None:
            text += " " + words(NEAR).format(near=self.near)
        if self.field:
            text = f"{self.field}: {text}"
        if not self.fails:
            text = words(REMARK).format(remark=text)
        return f"{self.file}:{self.line}: {text}"


def in_order(findings: Iterable[SheetFinding]) -> list[SheetFinding]:
    """The findings file by file, from the top of each to its end."""
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.field, finding.message))
