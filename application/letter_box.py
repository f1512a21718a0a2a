"""The town hall's letter box: hands a raw message to the e-mail webhook, for a mail server's pipe and the mailbox.

Over HTTP, not into the record: the mail server's user has no access to that, and a letter is bounded, read and received
in one place whichever way it came. Only the standard library is loaded: the pipe is started for every letter.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from application.operator_words import _
from application.this_machine import is_this_machine
from canaux.email.limits import LARGEST_LETTER_BYTES

WEBHOOK = "/webhooks/email/mime"
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 90.0
"""Longer than the webhook takes at worst: 20 s until it reads, 30 s to read, then the record."""

OF_THIS_LETTER = frozenset({400, 413, 500})
"""Statuses that another letter need not get too."""


class NotTaken(Exception):
    """The letter was not taken, and must be brought again. The message is one line for the operator."""


class LetterTooLarge(NotTaken):
    """The letter is larger than any that is taken: bringing it again does not help."""


class NothingTaken(NotTaken):
    """No letter is taken now: the town hall is away, or the settings are wrong."""


class LetterBox:
    """The e-mail webhook of the web server at `address` (such as https://guichet.example.org), opened by its token."""

    def __init__(self, address: str, token: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._address = address.rstrip("/")
        self._token = token
        self._answer_seconds = answer_seconds

    def hand_in(self, letter: bytes) -> None:
        """Returns once the letter is committed in the record. Raises NotTaken."""
        if len(letter) > LARGEST_LETTER_BYTES:
            words = _("The message is larger than {limit} MiB: the town hall does not take it.")
            raise LetterTooLarge(words.format(limit=LARGEST_LETTER_BYTES // (1024 * 1024)))
        try:
            status = self._post(letter)
        except (OSError, HTTPException) as error:
            words = _("{address} does not answer: {reason}")
            raise NothingTaken(words.format(address=self._address, reason=_said_by(error))) from error
        if 200 <= status < 300:
            return
        if status in (401, 403):
            words = _("{address} refuses the token: is it EMAIL_WEBHOOK_TOKEN?")
            raise NothingTaken(words.format(address=self._address))
        words = _("{address} does not take the message: status {status}").format(address=self._address, status=status)
        raise NotTaken(words) if status in OF_THIS_LETTER else NothingTaken(words)

    def _post(self, letter: bytes) -> int:
        parts = urlsplit(self._address)
        of_scheme = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = of_scheme(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
            connection.sock.settimeout(self._answer_seconds)
            headers = {"Authorization": f"Bearer {self._token}".encode(), "Content-Type": b"message/rfc822"}
            with suppress(BrokenPipeError, ConnectionResetError):  # refused by its headers: the answer may be there
                connection.request("POST", parts.path + WEBHOOK, letter, headers)
            return connection.getresponse().status
        finally:
            connection.close()


def town_hall_address(value: str) -> str:
    """An address typed by an operator. Raises ArgumentTypeError if the token would go to it in the clear."""
    try:
        parts = urlsplit(value)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise ArgumentTypeError(_("an address that starts with http:// or https:// is expected"))
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise ArgumentTypeError(_("the token would be sent in the clear: use https://"))
    return value


def _said_by(error: OSError | HTTPException) -> str:
    return str(error) or type(error).__name__
