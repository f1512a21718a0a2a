"""The words for a contact's life (see docs/vocabulary.md)."""

from __future__ import annotations

from enum import StrEnum


class ContactState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"


class Outcome(StrEnum):
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SELF_SERVED = "self_served"
    FOLLOWED_UP = "followed_up"
    MERGED = "merged"
    SPAM = "spam"
    FAILED = "failed"


class FollowUpReason(StrEnum):
    CLOSED = "closed"
    NOBODY_SKILLED = "nobody-skilled"
    MAX_WAIT = "max-wait"
    USAGER_ASKED = "usager-asked"
    AGENT_ASKED = "agent-asked"
    DELIVERY_FAILED = "delivery-failed"


class FollowUpState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"


UNANSWERED = frozenset({FollowUpState.OPEN, FollowUpState.TAKEN})
"""The states of a follow-up whose usager still waits for the answer."""


class Activity(StrEnum):
    """What an agent is doing. Only `available` receives offers; `offline` and `away` are not on shift."""

    AVAILABLE = "available"
    BUSY = "busy"
    BREAK = "break"
    AWAY = "away"
    OFFLINE = "offline"


class Direction(StrEnum):
    INBOUND = "in"
    OUTBOUND = "out"
    NOTE = "note"


class AddressKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    TICKET = "ticket"
