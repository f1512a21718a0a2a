"""Whether a request shows the secret that we share with its sender."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from webhooks.skeleton import Arriving, Incoming


@dataclass(frozen=True)
class TokenAuth:
    """The token as a bearer token, or as the password of HTTP Basic (the user may be anybody)."""

    token: str

    def accepts(self, incoming: Incoming) -> bool:
        return self.admits(incoming)

    def admits(self, arriving: Arriving) -> bool:
        given = arriving.request.authorization
        if given is None or not self.token:
            return False
        secret = given.token if given.type == "bearer" else given.password
        return hmac.compare_digest((secret or "").encode(), self.token.encode())
