"""Access tokens: a browser's session and an API's bearer token are the same thing, kept as a digest only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import Connection, delete, func, insert, select

from bureau.access.principal import Role
from routeur.clock import Clock
from routeur.record.engine import Record
from routeur.record.tables import AccessToken, Account

LIFETIME = timedelta(hours=12)


def digest(token: str) -> str:
    """The form in which the record keeps a token: enough to recognise it, useless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessTokens:
    """Hands tokens out, recognises them, takes them back."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def issue(self, login: str) -> str:
        """A new token of this account, good for twelve hours. Its expired ones are forgotten."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        expired = delete(AccessToken).where(AccessToken.login == login, AccessToken.expires_at <= now)
        values = {"digest": digest(token), "login": login, "created_at": now, "expires_at": now + LIFETIME}
        with self._record.write() as connection:
            connection.execute(expired)
            connection.execute(insert(AccessToken).values(**values))
        return token

    def owner(self, token: str) -> tuple[str, Role] | None:
        """The login and present role that a valid token stands for; None for any other token."""
        query = (
            select(Account.login, Account.role)
            .join(AccessToken, AccessToken.login == Account.login)
            .where(AccessToken.digest == digest(token), AccessToken.expires_at > self._clock())
        )
        with self._record.read() as connection:
            row = connection.execute(query).one_or_none()
        return (row.login, Role(row.role)) if row is not None else None

    def revoke(self, token: str, login: str) -> bool:
        """Ends this log-in; returns whether it was the last one of its account."""
        with self._record.write() as connection:
            connection.execute(delete(AccessToken).where(AccessToken.digest == digest(token)))
            return self._live(connection, login) == 0

    def _live(self, connection: Connection, login: str) -> int:
        live = select(func.count()).where(AccessToken.login == login, AccessToken.expires_at > self._clock())
        return int(connection.execute(live).scalar_one())
