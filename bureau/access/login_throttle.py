"""Limits the attempts to log in."""

from __future__ import annotations

from limits import parse
from limits.storage import Storage

from canaux.throttle import Throttle, subscriber

PER_LOGIN = parse("10/minute")
"""The limit of wrong passwords in a row, for one login from one address."""

PER_ADDRESS = parse("300/minute")
"""The limit for one address and all logins: a whole town hall may stand behind it."""


class LogInThrottle:
    """Counts attempts to log in."""

    def __init__(self, storage: Storage) -> None:
        self._throttle = Throttle("log-in", storage)

    def seconds_to_wait(self, login: str, address: str) -> int:
        """Counts one attempt; returns 0 if it may go on, else the seconds until the next one."""
        who = subscriber(address)
        return max(
            self._throttle.seconds_to_wait(PER_LOGIN, login, who),
            self._throttle.seconds_to_wait(PER_ADDRESS, who),
        )

    def forget(self, login: str, address: str) -> None:
        """Forgets the wrong passwords of a login that has now succeeded."""
        self._throttle.forget(PER_LOGIN, login, subscriber(address))
