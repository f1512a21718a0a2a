"""What is to be said about a sheet, to its author: faults, and remarks that do not fail the check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from competences.plan.errors import NEAR
from competences.translation import N_, translator

REMARK = N_("Remark: {remark}")


@dataclass(frozen=True)
class SheetFinding:
    """`message` is a msgid, `values` fills its braces; `field` is the front matter's, `near` what was perhaps meant."""

    file: str
    line: int
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    near: str | None = None
    field: str = ""
    fails: bool = True

    def in_language(self, language: str) -> str:
        """One line for a terminal."""
        words = translator("competences", language).gettext
        said = words(self.message).format(**self.values)
        if self.near is not None:
            said += " " + words(NEAR).format(near=self.near)
        if self.field:
            said = f"{self.field}: {said}"
        if not self.fails:
            said = words(REMARK).format(remark=said)
        return f"{self.file}:{self.line}: {said}"


def in_order(findings: Iterable[SheetFinding]) -> list[SheetFinding]:
    """File by file, from the top of each to its end."""
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.field, finding.message))
