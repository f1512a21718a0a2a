"""One folder of an IMAP server: what is to be taken there, and what has been.

That is marked on the server, so that nothing is kept here. Nothing is ever deleted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from canaux.imap.address import MailboxAddress

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 60.0
LOOK_SECONDS = 60.0
"""Between two looks at a mailbox that says nothing. Far less than the 29 min of RFC 2177: a router on the way forgets a
silent connection sooner, and what comes while we begin to listen is not told."""

DEALT_WITH = "Guichet"
"""The keyword (RFC 3501, section 2.3.2) of letters that were taken or left out, on servers that keep any."""

BEGINNING = "GuichetDebut"
"""The keyword of the newest letter that somebody had read before we first came, else of the first that we took: what is
older and read is not ours."""

TELLING_CODES = frozenset(
    {
        "ALERT",
        "AUTHENTICATIONFAILED",
        "AUTHORIZATIONFAILED",
        "CANNOT",
        "CLIENTBUG",
        "CONTACTADMIN",
        "CORRUPTION",
        "EXPIRED",
        "EXPUNGEISSUED",
        "INUSE",
        "LIMIT",
        "NONEXISTENT",
        "NOPERM",
        "OVERQUOTA",
        "PRIVACYREQUIRED",
        "SERVERBUG",
        "TRYCREATE",
        "UNAVAILABLE",
    }
)
"""The response codes (RFC 3501, section 7.1; RFC 5530, section 3) that say why, and cannot name anybody."""

_CODE = re.compile(r"\[([A-Z]+)\]")

READ, FOR_A_PERSON = "\\Seen", "\\Flagged"


class MailboxAway(Exception):
    """The mailbox cannot be read now. The message says why, and names nobody."""


class LogInRefused(MailboxAway):
    """The server does not know this user with this password."""


@contextmanager
def open_mailbox(address: MailboxAddress) -> Iterator[ImapMailbox]:
    """The mailbox, until the end of the block. Raises MailboxAway."""
    with _away("connect"):
        client = IMAPClient(
            address.host, address.port, ssl=address.tls, timeout=SocketTimeout(CONNECT_SECONDS, ANSWER_SECONDS)
        )
    try:
        with _away("log in"):
            if address.starttls:
                client.starttls()
            _log_in(client, address)
        with _away("select the folder"):
            mailbox = ImapMailbox(client, client.select_folder(address.folder))
        yield mailbox
    finally:
        # Without a farewell: the server may be away, and a process that stops has no time to wait for its answer.
        with suppress(OSError):
            client.shutdown()


@contextmanager
def _away(doing: str) -> Iterator[None]:
    try:
        yield
    except (IMAPClientError, OSError) as error:
        raise MailboxAway(_told(doing, error)) from error


def _told(doing: str, error: Exception) -> str:
    """What went wrong, in our words: the server's often hold the user's address, and may hold a piece of a letter."""
    if isinstance(error, OSError):
        return f"{doing}: {error.strerror or type(error).__name__}"
    codes = [code for code in _CODE.findall(str(error)) if code in TELLING_CODES]
    what = "the connection broke" if isinstance(error, IMAPClientAbortError) else "the server refused"
    return " ".join([f"{doing}: {what}", *(f"[{code}]" for code in codes)])


def _log_in(client: IMAPClient, address: MailboxAddress) -> None:
    # LOGIN (RFC 3501) knows ASCII alone; PLAIN (RFC 4616) takes any password.
    log_in = client.plain_login if client.has_capability("AUTH=PLAIN") else client.login
    try:
        log_in(address.user, address.password)
    except LoginError as error:
        broke = error.__context__ if isinstance(error.__context__, IMAPClientAbortError) else None
        passing = broke is not None or "[UNAVAILABLE]" in str(error)  # RFC 5530
        raise (MailboxAway if passing else LogInRefused)(_told("log in", broke or error)) from error


class ImapMailbox:
    """One folder, open. Letters go by their UID. Each method raises MailboxAway."""

    def __init__(self, client: IMAPClient, selected: Mapping[bytes, Any]) -> None:
        self._client = client
        self.uid_validity: int = selected.get(b"UIDVALIDITY", 0)
        """Another than before: the server has numbered its letters anew (RFC 3501, section 2.3.1.1)."""
        self._keeps_keywords = b"\\*" in selected.get(b"PERMANENTFLAGS", ())
        self._beginning = self._newest_read_before_us() if self._keeps_keywords else 0

    def due(self) -> Sequence[int]:
        """The letters to be taken, oldest first: what nobody has read and, where keywords are kept, all that came since
        the beginning: a letter that somebody opens in a mail program before we do is taken all the same."""
        with _away("look for letters"):
            self._client.noop()
            if not self._keeps_keywords:
                return sorted(self._client.search(["UNSEEN", "UNFLAGGED"]))
            unread = self._client.search(["UNSEEN", "UNKEYWORD", DEALT_WITH])
            since = self._client.search(["UID", f"{self._beginning + 1}:*", "UNKEYWORD", DEALT_WITH])
        # `n:*` names the last letter even if its UID is below n (RFC 3501, section 9).
        return sorted({*unread, *(uid for uid in since if uid > self._beginning)})

    def size_bytes(self, uid: int) -> int | None:
        """None if the letter is not there any more."""
        size: int | None = self._fetched(uid, "RFC822.SIZE").get(b"RFC822.SIZE")
        return size

    def letter(self, uid: int) -> bytes | None:
        """The raw message, which stays unread by this; None if it is not there any more."""
        raw: bytes | None = self._fetched(uid, "BODY.PEEK[]").get(b"BODY[]")
        return raw

    def mark_taken(self, uid: int) -> None:
        """The letter shows as read."""
        self._mark(uid, READ)

    def mark_left_out(self, uid: int) -> None:
        """The letter shows as one that a person must look at."""
        self._mark(uid, FOR_A_PERSON)

    def wait(self, seconds: float = LOOK_SECONDS) -> None:
        """Return when something happens in the mailbox, or after `seconds`."""
        with _away("wait"):
            if not self._client.has_capability("IDLE"):
                time.sleep(seconds)
                return
            self._client.idle()
            self._client.idle_check(timeout=seconds)
            self._client.idle_done()

    def _fetched(self, uid: int, item: str) -> Mapping[bytes, Any]:
        with _away("fetch"):
            found: Mapping[bytes, Any] = self._client.fetch([uid], [item]).get(uid, {})
        return found

    def _mark(self, uid: int, flag: str) -> None:
        with _away("mark"):
            self._client.add_flags([uid], [flag], silent=True)
            if self._keeps_keywords:
                self._add_keyword(uid, DEALT_WITH)
            if self._keeps_keywords and not self._beginning:
                self._add_keyword(uid, BEGINNING)
                self._beginning = uid

    def _add_keyword(self, uid: int, keyword: str) -> None:
        """Or find that the server does not keep it, whatever it promised."""
        flags = self._client.add_flags([uid], [keyword]).get(uid, (keyword.encode(),))
        self._keeps_keywords = keyword.lower().encode() in (flag.lower() for flag in flags)

    def _newest_read_before_us(self) -> int:
        marked: list[int] = self._client.search(["KEYWORD", BEGINNING])
        if marked:
            return max(marked)
        newest = max(self._client.search(["SEEN"]), default=0)
        if newest:
            self._add_keyword(newest, BEGINNING)
        return newest
