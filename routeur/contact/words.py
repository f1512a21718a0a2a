"""The words for a contact's life (see docs/vocabulary.md)."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ContactState(StrEnum):
    """What is going on with a contact."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a closed contact ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SELF_SERVED = "self_served"
    FOLLOWED_UP = "followed_up"
    MERGED = "merged"
    SPAM = "spam"
    FAILED = "failed"


class WaitEnd(StrEnum):
    """How a wait ended (see `routeur/contact/waits.py`): served, promised an answer later, or gone."""

    ACCEPTED = "accepted"
    """An agent took the contact."""
    TOGETHER = "together"
    """An agent took it with another contact of its usager, whose wait counts for both."""
    ANSWERED = "answered"
    SELF_SERVED = "self_served"
    ASKED = "asked"
    """Its usager asked for a follow-up."""
    CLOSED = "closed"
    """It came while the town hall was closed, and became a follow-up for that."""
    FOLLOWED_UP = "followed_up"
    """It became a follow-up for any other reason."""
    ABANDONED = "abandoned"
    MERGED = "merged"
    SPAM = "spam"
    FAILED = "failed"


class FollowUpReason(StrEnum):
    """Why a contact became a follow-up."""

    CLOSED = "closed"
    NOBODY_SKILLED = "nobody-skilled"
    MAX_WAIT = "max-wait"
    USAGER_ASKED = "usager-asked"
    AGENT_ASKED = "agent-asked"
    DELIVERY_FAILED = "delivery-failed"
    USAGER_LEFT = "usager-left"
    """Its usager left before they had what they were owed: a promise, a decision, an answer to their last word."""


FOR_LACK_OF_SOMEBODY = frozenset({FollowUpReason.CLOSED, FollowUpReason.NOBODY_SKILLED, FollowUpReason.MAX_WAIT})
"""The reasons of the follow-ups that somebody would have served at once, had they been there."""

SERVED_WHILE_WRITING = FOR_LACK_OF_SOMEBODY | {FollowUpReason.USAGER_LEFT}
"""The reasons of the follow-ups that are served at once where their usager comes back and writes."""


class FollowUpState(StrEnum):
    """How far the back office is with a follow-up. Of one that is `queued`, the contact went back to the queue."""

    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"
    QUEUED = "queued"


UNANSWERED = frozenset({FollowUpState.OPEN, FollowUpState.TAKEN})
"""The states of a follow-up whose usager still waits for the answer."""


class Reminder(StrEnum):
    """What a letter names a follow-up for: it was handed to another service, it is due soon, or its date has passed."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    HANDED_OVER = "handed_over"


class Activity(StrEnum):
    """What an agent is doing. Only `available` receives offers."""

    AVAILABLE = "available"
    BUSY = "busy"
    BREAK = "break"
    AWAY = "away"
    OFFLINE = "offline"


ON_SHIFT = frozenset({Activity.AVAILABLE, Activity.BUSY, Activity.BREAK})
"""The activities of agents for whom a contact may wait: they will be available again soon."""


class Absence(StrEnum):
    """Why the router took an agent off the queue. They did not mean to leave, and are expected back."""

    MISSED_OFFERS = "missed_offers"
    DESK_GONE = "desk_gone"


class Direction(StrEnum):
    """Who said a message: the usager, the town hall, or an agent in a note that the usager does not see."""

    INBOUND = "in"
    OUTBOUND = "out"
    NOTE = "note"


class Delivery(IntEnum):
    """How far something that left has come, in the order in which it gets there. A failure is the last word."""

    PENDING = 1
    QUEUED = 2
    SENT = 3
    DELAYED = 4
    DELIVERED = 5
    READ = 6
    FAILED = 7


class SetAside(StrEnum):
    """How far the review is of a message that was set aside because no person wrote it, as far as could be told."""

    OPEN = "open"
    REVIEWED = "reviewed"
    QUEUED = "queued"


class AddressKind(StrEnum):
    """What an address is: an E.164 number, an e-mail address, a chat token's id, a paper ticket."""

    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    TICKET = "ticket"


REACHED = frozenset({AddressKind.PHONE, AddressKind.EMAIL})
"""The kinds of address to which something can be sent."""
