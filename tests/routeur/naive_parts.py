"""The naive router's contacts and agents: what is known of each, in plain fields. Times are milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from competences.channels import CHANNELS, Channel
from competences.skills import Requirement, pool_of
from routeur.contact.words import Activity

LETTERS = {channel: traits.letter for channel, traits in CHANNELS.items()}
CHANNEL_BY_LETTER = {letter: channel for channel, letter in LETTERS.items()}
Rung = tuple[int, Requirement]

ON_SHIFT = frozenset({Activity.AVAILABLE, Activity.BUSY, Activity.BREAK})


@dataclass
class NaiveContact:
    id: str
    channel: Channel
    requirement: Requirement
    rungs: list[Rung]
    queued_at: int
    max_wait_at: int
    revision: int
    patient_until: int = 0
    place: str = "waiting"
    agent: str | None = None
    expires_at: int | None = None
    avoid: tuple[str, int] | None = None
    report_at: int | None = None
    lead: str | None = None
    followers: list[str] = field(default_factory=list)

    @property
    def class_text(self) -> str:
        return LETTERS[self.channel] + str(self.requirement)

    def avoids(self, login: str, now: int) -> bool:
        return self.avoid is not None and self.avoid[0] == login and now < self.avoid[1]

    def deadline(self) -> int | None:
        if self.place == "waiting":
            times = [self.max_wait_at]
            if self.rungs:
                times.append(self.rungs[0][0])
            if self.avoid is not None:
                times.append(self.avoid[1])
            return min(times)
        return {
            "offered": self.expires_at,
            "lapsed": self.report_at,
            "active": None,
            "linked": self.max_wait_at,
        }[self.place]


@dataclass
class NaiveAgent:
    login: str
    skills: dict[str, int]
    activity: Activity
    revision: int
    touched_at: int
    idle_since: int
    load: dict[Channel, int] = field(default_factory=lambda: dict.fromkeys(Channel, 0))
    pending: str | None = None
    missed: int = 0

    @property
    def pool(self) -> str:
        return pool_of(self.skills)

    @property
    def on_shift(self) -> bool:
        return self.activity in ON_SHIFT

    def could_serve(self, requirement: Requirement) -> bool:
        return requirement.agent == self.login or requirement.satisfied_by(self.skills)
