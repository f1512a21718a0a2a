"""What goes into the index and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from competences.channels import CHANNELS, Channel
from competences.skills import Requirement

LETTERS: Final = {channel: traits.letter for channel, traits in CHANNELS.items()}
"""Each channel's name in the index, in the order in which the index counts channels."""
CHANNEL_BY_LETTER: Final = {letter: channel for channel, letter in LETTERS.items()}


@dataclass(frozen=True)
class RungAt:
    """The requirement of a contact from `at` on."""

    at: datetime
    requirement: Requirement


@dataclass(frozen=True)
class Entry:
    """A contact to put in the queue.

    The first of its `rungs` holds at once, whatever its `at`, and each until the next one's time has come.
    Until `patient_until` (never, if None) it waits although nobody on shift could serve it.
    """

    contact: str
    channel: Channel
    rungs: Sequence[RungAt]
    queued_at: datetime
    max_wait_at: datetime
    revision: int
    edition: int = 0
    patient_until: datetime | None = None


@dataclass(frozen=True)
class Offered:
    """An offer was made to this agent."""

    agent: str


@dataclass(frozen=True)
class Taken:
    """An acceptance: the contact's new revision, and those of the contacts linked to it that the agent had room for."""

    revision: int
    companions: frozenset[str]


@dataclass(frozen=True)
class Declined:
    """An agent gave back what they were offered. `ended_their_rung`: it stood on a rung that named them."""

    ended_their_rung: bool


@dataclass(frozen=True)
class Lapsed:
    """A contact that reached its maximum wait; reported every five seconds until it leaves the index."""

    contact: str


@dataclass(frozen=True)
class AgentLost:
    """An agent whose lease ran out."""

    login: str


class Unserved(Exception):
    """Nobody on shift could serve any rung of the contact, and it may not wait for them; nothing was queued."""


class IndexLost(Exception):
    """The index is empty (Redis lost its memory); it must be rebuilt from the record."""


def class_of(channel: Channel, requirement: Requirement) -> str:
    """The name of the class of contacts with this channel and requirement."""
    return LETTERS[channel] + str(requirement)
