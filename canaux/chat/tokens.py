"""Who may read and write a conversation: the visitor who began it, by the token that they were given then."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

TOKEN_SECONDS = 30 * 24 * 3600

TICKET_SECONDS = 600
"""How long a ticket opens streams: addresses, in which it stands, are written down in many places."""


@dataclass(frozen=True)
class Visitor:
    """The visitor who began a conversation, with the e-mail address that they gave then."""

    contact_id: str
    email: str | None = None


class VisitorTokens:
    """Signs and reads tokens."""

    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="chat-visitor")
        self._tickets = URLSafeTimedSerializer(secret_key, salt="chat-stream")

    def issue(self, contact_id: str, email: str | None = None) -> str:
        return str(self._serializer.dumps([contact_id, email] if email else contact_id))

    def visitor(self, token: str) -> Visitor | None:
        """The visitor whose token this is; None for a token that we did not give, or no longer accept."""
        try:
            found = self._serializer.loads(token, max_age=TOKEN_SECONDS)
        except BadSignature:
            return None
        return Visitor(found) if isinstance(found, str) else Visitor(*found)

    def ticket(self, contact_id: str) -> str:
        """What opens the conversation's stream, and nothing else, for ten minutes."""
        return str(self._tickets.dumps(contact_id))

    def listens_to(self, ticket: str) -> str | None:
        """The conversation whose stream this ticket opens; None for one that we did not give, or no longer accept."""
        try:
            return str(self._tickets.loads(ticket, max_age=TICKET_SECONDS))
        except BadSignature:
            return None
