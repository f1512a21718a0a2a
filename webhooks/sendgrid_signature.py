"""SendGrid's signature: ECDSA over the time stamp and the body as it came."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from routeur.clock import Clock
from webhooks.skeleton import Arriving, Incoming

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
OLDEST_AGE = timedelta(days=3, hours=1)  # SendGrid tries again for three days; what is recorded twice is one message


class SendGridSignature:
    """Checks requests against the public key that SendGrid shows (base64, DER). Raises ValueError for another text."""

    def __init__(self, public_key: str, clock: Clock) -> None:
        key = load_der_public_key(base64.b64decode(public_key))
        if not isinstance(key, EllipticCurvePublicKey):
            raise ValueError("not the public key of an elliptic curve")
        self._key = key
        self._clock = clock

    def admits(self, arriving: Arriving) -> bool:
        headers = arriving.request.headers
        return bool(headers.get(SIGNATURE_HEADER)) and self._is_recent(headers.get(TIMESTAMP_HEADER, ""))

    def accepts(self, incoming: Incoming) -> bool:
        if not self.admits(incoming):
            return False
        headers = incoming.request.headers
        try:
            signature = base64.b64decode(headers[SIGNATURE_HEADER], validate=True)
            self._key.verify(signature, headers[TIMESTAMP_HEADER].encode() + incoming.body, ECDSA(SHA256()))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def _is_recent(self, stamp: str) -> bool:
        if not stamp.isdecimal() or len(stamp) > 12:
            return False
        age = self._clock().timestamp() - int(stamp)
        return abs(age) <= OLDEST_AGE.total_seconds()
