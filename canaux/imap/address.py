"""Where a mailbox is: IMAP_URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class MailboxAddress:
    """Where a mailbox is, and who opens it."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str
    password: str = field(repr=False)
    folder: str

    @classmethod
    def parse(cls, url: str) -> MailboxAddress:
        """From `imaps://user:password@host/INBOX` or `imap://user:password@host:143/INBOX?starttls=1`.

        A `@` or `/` in the user or the password is written %40 or %2F. Raises ValueError.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not (parts.hostname and parts.username and parts.password):
            raise ValueError("an IMAP address has a host, a user and a password")
        tls = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if tls else 143),
            tls=tls,
            starttls=not tls and parse_qs(parts.query).get("starttls", ["0"])[-1] not in ("0", ""),
            user=unquote(parts.username),
            password=unquote(parts.password),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )
