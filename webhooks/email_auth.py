"""Whether a request is our mail server's, or SendGrid's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask import Request

from webhooks.edge import same_secret


class EmailAuth(Protocol):
    """One way to recognise who hands in e-mail."""

    def accepts(self, request: Request, body: bytes) -> bool: ...


@dataclass(frozen=True)
class TokenAuth:
    """EMAIL_WEBHOOK_TOKEN as a bearer token, or as the password of HTTP Basic (whatever the user)."""

    token: str

    def accepts(self, request: Request, body: bytes) -> bool:
        given = request.authorization
        if given is None:
            return False
        secret = given.token if given.type == "bearer" else given.password
        return same_secret(secret or "", self.token)
