"""The skills that an agent has, and the requirement of a contact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SKILL_NAME = re.compile(r"[a-z][a-z0-9-]*(?::[a-z][a-z0-9-]*)?")
LOGIN = re.compile(r"[a-z][a-z0-9._-]*")
LANGUAGE_SKILL_PREFIX = "lang:"

Skills = Mapping[str, int]
"""The skills of one agent: name -> level, from 1 (beginner) to 5 (expert)."""


def language_skill(language: str) -> str:
    """The skill that stands for speaking a language (ISO 639-1 code)."""
    return f"{LANGUAGE_SKILL_PREFIX}{language}"


@dataclass(frozen=True, order=True)
class Requirement:
    """The skills, each with its minimum level, that a contact needs at this moment.

    `agent` names one agent instead (for example the one who knows this usager); `levels` is then empty.
    The text form is canonical: equal requirements have equal texts, without spaces.
    """

    levels: tuple[tuple[str, int], ...] = ()
    agent: str | None = None

    @classmethod
    def of(cls, levels: Skills) -> Requirement:
        """The requirement of these skills."""
        return cls(levels=tuple(sorted(levels.items())))

    @classmethod
    def for_agent(cls, login: str) -> Requirement:
        """The requirement of one agent by login."""
        return cls(agent=login)

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Read the text form back. Raises ValueError on anything else."""
        if text.startswith("@"):
            return cls.for_agent(text[1:])
        if text == "*":
            return cls()
        pairs = (part.split(">=") for part in text.split("+"))
        return cls.of({skill: int(level) for skill, level in pairs})

    def __str__(self) -> str:
        if self.agent is not None:
            return f"@{self.agent}"
        return "+".join(f"{skill}>={level}" for skill, level in self.levels) or "*"

    def satisfied_by(self, skills: Skills) -> bool:
        """Whether an agent with these skills can serve; False for a requirement that names an agent."""
        return self.agent is None and all(skills.get(skill, 0) >= level for skill, level in self.levels)

    def is_widened_by(self, other: Requirement) -> bool:
        """Whether everyone who satisfies this also satisfies `other`."""
        if self.agent is not None:
            return True
        return other.satisfied_by(dict(self.levels))


def pool_of(skills: Skills) -> str:
    """The canonical name of the pool of agents who have exactly these skills."""
    return "+".join(f"{skill}={level}" for skill, level in sorted(skills.items())) or "-"


def pool_skills(pool: str) -> dict[str, int]:
    """The skills of a pool, read back from its canonical name."""
    if pool == "-":
        return {}
    return {skill: int(level) for skill, level in (part.split("=") for part in pool.split("+"))}
