"""Signatures by which a listener knows that an event comes from us (Standard Webhooks 1.0, symmetric signatures)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256

PREFIX = "whsec_"
_PURPOSE = b"event-webhooks"


class ListenerSecrets:
    """The secret of each subscription, drawn from `secret` (SECRET_KEY), so that the record holds none.

    A changed `secret` changes them all.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, sha256)

    def secret(self, subscription_id: str, number: int) -> str:
        """The secret of this number, as a listener's library takes it: `whsec_` and 32 bytes in base64."""
        return PREFIX + b64encode(hmac.digest(self._key, f"{subscription_id}.{number}".encode(), sha256)).decode()


def signature(event_id: str, timestamp_seconds: int, body: str, secrets: Sequence[str]) -> str:
    """The header `webhook-signature`: one signature for each secret, with spaces between them."""
    signed = f"{event_id}.{timestamp_seconds}.{body}".encode()
    keys = [b64decode(secret.removeprefix(PREFIX)) for secret in secrets]
    return " ".join("v1," + b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
