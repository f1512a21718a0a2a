"""What a caller hears and does, as our own list of steps; a provider's module turns it into its language.

A script ends by asking us again, by a turn that bears our own name, or by hanging up.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MenuTurn:
    """The caller has heard the menu at `path` (the digits of its sub-menus), for the `attempt`-th time.

    `language` is the one that they asked for, as they named it; None for that of their contact.
    """

    path: str = ""
    language: str | None = None
    attempt: int = 1


@dataclass(frozen=True)
class WaitTurn:
    """The caller waits: turn `number` of the waiting loop, from 0."""

    number: int = 0


@dataclass(frozen=True)
class AfterConversation:
    """The conversation has ended with the caller still on the line."""


@dataclass(frozen=True)
class AfterRecording:
    """The caller has left a voice message."""


Turn = MenuTurn | WaitTurn | AfterConversation | AfterRecording
"""Where a call goes on: what we are asked next."""


@dataclass(frozen=True)
class Say:
    """Speak the words in one of our languages."""

    words: str
    language: str


@dataclass(frozen=True)
class Gather:
    """Speak, and hear one key or a few words, also silence; `expected` are words that help to recognise speech."""

    prompt: tuple[Say, ...]
    expected: tuple[str, ...]
    language: str
    silence_seconds: int
    then: MenuTurn


@dataclass(frozen=True)
class Pause:
    """Leave the caller with the silence of the line."""

    seconds: int


@dataclass(frozen=True)
class Continue:
    """Ask us at once what comes in this turn."""

    turn: Turn


@dataclass(frozen=True)
class Join:
    """Join the conference of a contact; it ends for both when either leaves. `then` None: so does the call."""

    contact_id: str
    then: AfterConversation | None


@dataclass(frozen=True)
class Record:
    """Beep, and record a voice message until the end key, silence, or its longest duration."""

    longest_seconds: int
    silence_seconds: int
    end_key: str
    then: AfterRecording


@dataclass(frozen=True)
class HangUp:
    """End the call."""


Step = Say | Gather | Pause | Continue | Join | Record | HangUp
Script = tuple[Step, ...]
