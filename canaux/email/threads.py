"""Our own Message-IDs: each carries the id of its contact, so that an answer finds its way back, and a proof."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

_OURS = re.compile(
    r"<(?P<proof>[0-9a-f]{24})(?P<effect>[0-9a-f]{8})\.(?P<contact>[A-Za-z0-9-]{1,32})@(?P<host>[^<>@\s]+)>"
)
_PURPOSE = b"message-id"


@dataclass(frozen=True)
class SentLetter:
    """A letter of ours that somebody names, and the contact that it was sent in."""

    message_id: str
    contact: str


class OurMessageIds:
    """Makes the Message-IDs of what we send from `host`, and knows them again.

    Anybody may write an id that looks like ours: one is believed only if it bears the proof that `secret` makes.
    """

    def __init__(self, host: str, secret: str) -> None:
        self.host = host
        self._key = hmac.digest(secret.encode(), _PURPOSE, sha256)

    def make(self, contact_id: str, effect_key: str) -> str:
        """The Message-ID of what an effect sends: the same when it is tried again, and unique to it."""
        effect = sha256(effect_key.encode()).hexdigest()[:8]
        return f"<{self._proof(effect, contact_id)}{effect}.{contact_id}@{self.host}>"

    def first_of(self, message_ids: Iterable[str]) -> SentLetter | None:
        """The first of these Message-IDs that we made."""
        for message_id in message_ids:
            ours = _OURS.fullmatch(message_id)
            if ours is None or ours["host"].lower() != self.host.lower():
                continue
            if hmac.compare_digest(ours["proof"], self._proof(ours["effect"], ours["contact"])):
                return SentLetter(message_id, ours["contact"])
        return None

    def _proof(self, effect: str, contact_id: str) -> str:
        return hmac.digest(self._key, f"{effect}.{contact_id}".encode(), sha256).hex()[:24]


def nearest_first(in_reply_to: Iterable[str], references: Iterable[str]) -> tuple[str, ...]:
    """The Message-IDs that an e-mail answers: In-Reply-To, then References from newest to oldest, each once."""
    return tuple(dict.fromkeys([*in_reply_to, *reversed(list(references))]))
