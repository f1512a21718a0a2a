"""What a channel is: one table, asked instead of writing `if channel is ...`.

A new channel is a member of `Channel` and a row of `CHANNELS` (docs/architecture.md, "Adding a channel").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final


class Channel(StrEnum):
    """A way in which a person reaches the town hall."""

    VOICE = "voice"
    WALKIN = "walkin"
    CHAT = "chat"
    MESSAGING = "messaging"
    EMAIL = "email"


class ConversationKey(Enum):
    """How a later message finds the contact that it goes on with."""

    PROVIDER_REFERENCE = "provider reference"
    """By the provider's name for the conversation: a CallSid, a chat's id."""
    THREAD = "thread"
    """By the messages that it says it answers: their Message-IDs."""
    ADDRESS = "address"
    """By its sender's address: it goes on with that address's open contact."""


@dataclass(frozen=True, slots=True)
class DefaultRules:
    """How contacts of a channel are treated where the plan does not name the channel (see `ChannelRules`)."""

    target_seconds: int
    max_wait_seconds: int
    capacity: int = 1
    exclusive: bool = False
    interruptible: bool = False


@dataclass(frozen=True, slots=True)
class ChannelTraits:
    """One row of the table."""

    letter: str
    """The channel's name in the index: one small letter, different in each row."""
    live: bool
    """Whether the usager waits at the other end; the service level counts these channels' contacts."""
    written: bool
    """Whether messages are text, which can be read again and answered later."""
    waits_overnight: bool
    """Whether a contact keeps its place while the town hall is closed, or nobody who could serve it has come: its
    usager has gone on with their day. Its ladder, its target and its maximum wait count in opening hours."""
    in_person: bool
    """Whether the conversation goes on without the agent's desk: on a phone line, or across a counter."""
    holds_line: bool
    """Whether the usager hears us while they wait: a menu asks what the contact is about."""
    told_in_answer: bool
    """The answer to an inbound, or the stream that goes on from it, says where its contact stands; elsewhere a message
    of its own does."""
    carries_files: bool
    """Whether an agent's answer can take files along."""
    conversation: ConversationKey
    default_rules: DefaultRules


CHANNELS: Final[Mapping[Channel, ChannelTraits]] = {
    Channel.VOICE: ChannelTraits(
        letter="v",
        live=True,
        written=False,
        waits_overnight=False,
        in_person=True,
        holds_line=True,
        told_in_answer=True,
        carries_files=False,
        conversation=ConversationKey.PROVIDER_REFERENCE,
        default_rules=DefaultRules(target_seconds=180, max_wait_seconds=900, exclusive=True),
    ),
    Channel.WALKIN: ChannelTraits(
        letter="w",
        live=True,
        written=False,
        waits_overnight=False,
        in_person=True,
        holds_line=False,
        told_in_answer=True,
        carries_files=False,
        conversation=ConversationKey.PROVIDER_REFERENCE,
        default_rules=DefaultRules(target_seconds=900, max_wait_seconds=2700, exclusive=True),
    ),
    Channel.CHAT: ChannelTraits(
        letter="c",
        live=True,
        written=True,
        waits_overnight=False,
        in_person=False,
        holds_line=False,
        told_in_answer=True,
        carries_files=False,
        conversation=ConversationKey.PROVIDER_REFERENCE,
        default_rules=DefaultRules(target_seconds=60, max_wait_seconds=600, capacity=3),
    ),
    Channel.MESSAGING: ChannelTraits(
        letter="m",
        live=True,
        written=True,
        waits_overnight=True,
        in_person=False,
        holds_line=False,
        told_in_answer=True,
        carries_files=False,
        conversation=ConversationKey.ADDRESS,
        default_rules=DefaultRules(target_seconds=900, max_wait_seconds=3600, capacity=5, interruptible=True),
    ),
    Channel.EMAIL: ChannelTraits(
        letter="e",
        live=False,
        written=True,
        waits_overnight=True,
        in_person=False,
        holds_line=False,
        told_in_answer=False,
        carries_files=True,
        conversation=ConversationKey.THREAD,
        default_rules=DefaultRules(
            target_seconds=14_400,
            max_wait_seconds=28_800,
            capacity=5,
            interruptible=True,
        ),
    ),
}
"""In order of precedence: of two linked contacts, the one whose channel comes first holds the place."""

PRECEDENCE: Final[Mapping[Channel, int]] = {channel: rank for rank, channel in enumerate(CHANNELS)}


def channels_where(test: Callable[[ChannelTraits], bool]) -> frozenset[Channel]:
    """The channels whose row passes the test: `channels_where(lambda traits: traits.live)`."""
    return frozenset(channel for channel, traits in CHANNELS.items() if test(traits))
