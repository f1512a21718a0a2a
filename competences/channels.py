"""The five ways a person reaches the town hall."""

from enum import StrEnum


class Channel(StrEnum):
    VOICE = "voice"
    WALKIN = "walkin"
    CHAT = "chat"
    MESSAGING = "messaging"
    EMAIL = "email"


LIVE_CHANNELS = frozenset({Channel.VOICE, Channel.WALKIN, Channel.CHAT, Channel.MESSAGING})
