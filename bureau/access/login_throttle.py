"""Limits the attempts to log in."""

from __future__ import annotations

from limits import parse
from limits.storage import Storage

from canaux.throttle import Throttle, subscriber

PER_LOGIN = parse("10/minute")
"""The limit of wrong passwords in a row, for one login from one address."""

PER_ADDRESS = parse("120/minute")
"""The limit for one address and all logins: a whole town hall may stand behind it."""

PER_ACCOUNT = parse("100/hour")
"""The limit of wrong passwords for one login from all addresses together."""


class LogInThrottle:
    """Counts attempts to log in."""

    def __init__(self, storage: Storage) -> None:
        self._throttle = Throttle("log-in", storage)

    def seconds_to_wait(self, login: str, address: str) -> int:
        """Counts one attempt; returns 0 if it may go on, else the seconds until the next one."""
        who = subscriber(address)
        return max(
            self._throttle.seconds_left(PER_ACCOUNT, login),
            self._throttle.seconds_to_wait(PER_LOGIN, login, who),
            self._throttle.seconds_to_wait(PER_ADDRESS, who),
        )

    def failed(self, login: str) -> None:
        """Counts a wrong password."""
        self._throttle.seconds_to_wait(PER_ACCOUNT, login)

    def forget(self, login: str, address: str) -> None:
        """Forgets the wrong passwords of a login from an address where it has now succeeded; the account's stay."""
        self._throttle.forget(PER_LOGIN, login, subscriber(address))
