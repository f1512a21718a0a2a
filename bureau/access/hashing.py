"""Hashes passwords, a few at a time: each takes a third of a second of the machine and 64 MB."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MOST_AT_ONCE = 2
PATIENCE_SECONDS = 8.0
"""How long a password waits for a free thread before its owner is asked to come back."""

Elsewhere = Callable[[Callable[[], str | bool]], str | bool]
"""Where the work is done: a caller who must not be held up hands it to a thread."""


class TooManyPasswords(Exception):
    """Too many passwords are being checked; no thread became free in time for this one."""


class Hashing:
    """Checks and makes hashes. Raises TooManyPasswords where no thread is free in time."""

    def __init__(
        self,
        hasher: PasswordHasher,
        *,
        elsewhere: Elsewhere = lambda work: work(),
        most_at_once: int = MOST_AT_ONCE,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._hasher = hasher
        self._elsewhere = elsewhere
        self._turns = threading.BoundedSemaphore(most_at_once)
        self._patience_seconds = patience_seconds

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether the password is the one that was hashed."""
        with self._turn():
            return bool(self._elsewhere(lambda: self._verify(password_hash, password)))

    def hash(self, password: str) -> str:
        """The form in which a password is kept."""
        with self._turn():
            return str(self._elsewhere(lambda: self._hasher.hash(password)))

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience_seconds):
            raise TooManyPasswords
        try:
            yield
        finally:
            self._turns.release()
