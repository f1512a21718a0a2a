"""The CSRF token: a signature over the session's own token, so that it needs no storage and dies with it."""

from __future__ import annotations

import hashlib

from itsdangerous import Signer

from bureau.access.tokens import digest

HEADER = "X-CSRF-Token"


class CsrfTokens:
    """Makes and checks the token that a browser sends in `X-CSRF-Token` with every request that changes something."""

    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(secret_key, salt="bureau.csrf", digest_method=hashlib.sha256)

    def token_for(self, session_token: str) -> str:
        """The CSRF token of a session."""
        return self._signer.get_signature(digest(session_token)).decode()

    def matches(self, session_token: str, csrf_token: str) -> bool:
        """Whether the token belongs to the session; compared in constant time."""
        return self._signer.verify_signature(digest(session_token), csrf_token)
