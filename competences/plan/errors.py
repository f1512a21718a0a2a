"""The faults of a plan, in words for the person who edits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from competences.translation import N_, translator


@dataclass(frozen=True)
class PlanError:
    """One thing to correct: where it is (`topics.cantine.steps[1].skills.accueil`), and what is wrong."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class PlanErrors(Exception):  # noqa: N818 - it is several errors
    """The plan cannot be put in force. `errors` holds every reason."""

    def __init__(self, errors: Sequence[PlanError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


Location = tuple[str | int, ...]

NEAR = N_("Did you mean `{near}`?")


@dataclass(frozen=True)
class Finding:
    """A fault before it is put into a language.

    `message` is a msgid, `values` fills its braces; `near` is the name that was perhaps meant.
    """

    location: Location
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    near: str | None = None

    def in_language(self, language: str, lines: Mapping[Location, int]) -> PlanError:
        """The finding in words, with the path and the line where it stands."""
        words = translator("competences", language).gettext
        message = words(self.message).format(**self.values)
        if self.near is not None:
            message += " " + words(NEAR).format(near=self.near)
        return PlanError(dotted(self.location), message, nearest_line(self.location, lines))


def dotted(location: Location) -> str:
    """The path of a location as people write it."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest_line(location: Location, lines: Mapping[Location, int]) -> int | None:
    """The line of a location; if nothing stands there, the line of the part that should hold it."""
    for length in range(len(location), -1, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return None


def in_order(errors: Iterable[PlanError]) -> list[PlanError]:
    """The errors from the top of the file to its end, each once."""
    return sorted(set(errors), key=lambda error: (error.line or 0, error.path, error.message))
