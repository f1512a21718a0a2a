"""Log-ins: a browser's session and an API's bearer token are the same thing, kept as a digest of its token only."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from bureau.access.principal import Role
from routeur.clock import Clock
from routeur.contact.identifiers import new_id
from routeur.record.engine import Record
from routeur.record.tables import AccessToken, Account

LIFETIME = timedelta(hours=12)

IDLE = timedelta(minutes=30)
"""How long a browser's log-in may go unused (OWASP ASVS 4.0.3, 3.3.2). An open desk listens, and so is used."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly the record knows when a log-in was last used: a request writes it down no more often."""


class LogInKind(StrEnum):
    """What the token was given to: a browser keeps it in a cookie, a program as a bearer token."""

    BROWSER = "browser"
    PROGRAM = "program"


@dataclass(frozen=True)
class LogInSeen:
    """One log-in as its owner sees it. `client` is a browser and its system, or a program's name, as far as it said.

    `last_seen` is exact to a minute. `current` tells the log-in that the question came by.
    """

    id: str
    kind: LogInKind
    client: str | None
    since: datetime
    last_seen: datetime
    current: bool


@dataclass(frozen=True)
class Ended:
    """How many log-ins have ended, and whether their account has none left."""

    count: int
    none_left: bool


def digest(token: str) -> str:
    """The form in which the record keeps a token: enough to recognise it, useless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessTokens:
    """Hands tokens out, recognises them, lists and ends log-ins."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def issue(self, login: str, kind: LogInKind, client: str | None = None) -> str:
        """A new token of this account, good for twelve hours. The log-ins that are over are forgotten."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        over = delete(AccessToken).where(AccessToken.login == login, ~_good(now))
        values = {
            "digest": digest(token),
            "id": new_id(),
            "login": login,
            "kind": kind.value,
            "client": client,
            "created_at": now,
            "last_seen_at": now,
            "expires_at": now + LIFETIME,
        }
        with self._record.write() as connection:
            connection.execute(over)
            connection.execute(insert(AccessToken).values(**values))
        return token

    def owner(self, token: str) -> tuple[str, Role] | None:
        """The login and present role that a valid token stands for; None for any other token. It counts as used."""
        now = self._clock()
        query = (
            select(Account.login, Account.role, AccessToken.last_seen_at)
            .join(AccessToken, AccessToken.login == Account.login)
            .where(AccessToken.digest == digest(token), _good(now))
        )
        with self._record.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.last_seen_at <= now - SEEN_EVERY:
            self._seen(token, now)
        return row.login, Role(row.role)

    def of(self, login: str, token: str) -> list[LogInSeen]:
        """The log-ins of this account, the latest used first; `token` is that of the one that asks."""
        query = (
            select(
                AccessToken.id,
                AccessToken.kind,
                AccessToken.client,
                AccessToken.created_at,
                AccessToken.last_seen_at,
                (AccessToken.digest == digest(token)).label("current"),
            )
            .where(AccessToken.login == login, _good(self._clock()))
            .order_by(AccessToken.last_seen_at.desc(), AccessToken.id)
        )
        with self._record.read() as connection:
            rows = connection.execute(query).all()
        return [
            LogInSeen(row.id, LogInKind(row.kind), row.client, row.created_at, row.last_seen_at, bool(row.current))
            for row in rows
        ]

    def end(self, token: str, login: str) -> Ended:
        """End the log-in of this token."""
        return self._end(login, AccessToken.digest == digest(token))

    def end_one(self, log_in_id: str, login: str) -> Ended:
        """End one log-in of this account."""
        return self._end(login, AccessToken.id == log_in_id)

    def end_others(self, token: str, login: str) -> Ended:
        """End every log-in of this account but that of the token."""
        return self._end(login, AccessToken.digest != digest(token))

    def end_all(self, login: str) -> Ended:
        """End every log-in of this account."""
        return self._end(login)

    def _end(self, login: str, *which: ColumnElement[bool]) -> Ended:
        live = select(func.count()).where(AccessToken.login == login, _good(self._clock()))
        with self._record.write() as connection:
            ended = connection.execute(delete(AccessToken).where(AccessToken.login == login, *which))
            return Ended(ended.rowcount, none_left=connection.execute(live).scalar_one() == 0)

    def _seen(self, token: str, now: datetime) -> None:
        """Write down that the log-in is used. A record that takes nothing at present keeps nobody out."""
        seen = update(AccessToken).where(AccessToken.digest == digest(token)).values(last_seen_at=now)
        with suppress(OperationalError, TimeoutError), self._record.write() as connection:
            connection.execute(seen)


def _good(now: datetime) -> ColumnElement[bool]:
    """Whether a log-in still opens the door at this moment."""
    used = or_(AccessToken.kind != LogInKind.BROWSER.value, AccessToken.last_seen_at > now - IDLE)
    return and_(AccessToken.expires_at > now, used)
