"""The round from the mailbox to the letter box: no letter is lost, and none holds up those behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import structlog

from application.letter_box import LetterTooLarge, NothingTaken, NotTaken
from application.operator_words import _
from canaux.email.limits import LARGEST_LETTER_BYTES
from canaux.imap.mailbox import ImapMailbox, MailboxAway

FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3600.0

FAILURES_IN_A_ROW = 3
"""The number of letters refused one after the other from which on the fault is ours, not theirs."""

LetterKey: TypeAlias = tuple[int, int]
"""The mailbox's UIDVALIDITY, and the letter's UID."""

log = structlog.get_logger(__name__)


class Taker(Protocol):
    """Where letters are brought."""

    def hand_in(self, letter: bytes) -> None:
        """Returns once the letter is committed. Raises NotTaken."""


@dataclass(frozen=True)
class Postponed:
    """A letter that failed: when it is tried again, and after which pause."""

    until: float
    pause_seconds: float


class MailRound:
    """Takes letters from a mailbox, and remembers which are tried again only later. `now` counts seconds.

    A time-out or a proxy's 502 does not tell whether the town hall is away or fails at this letter. Such a letter is in
    doubt: the visit ends, and the next begins with the others. If one of those is taken, the fault is the letter's.
    """

    def __init__(self, letter_box: Taker, now: Callable[[], float]) -> None:
        self._letter_box = letter_box
        self._now = now
        self._postponed: dict[LetterKey, Postponed] = {}
        self._in_doubt: list[LetterKey] = []  # in the order in which they failed

    def take_all(self, mailbox: ImapMailbox) -> None:
        """Take every letter that is due, and mark it once it is in the record. Raises NothingTaken, MailboxAway."""
        due = [(mailbox.uid_validity, uid) for uid in mailbox.due()]
        self._postponed = {key: self._postponed[key] for key in due if key in self._postponed}
        self._in_doubt = [key for key in self._in_doubt if key in due]
        in_a_row, answers = 0, False
        for key in [*(key for key in due if key not in self._in_doubt), *self._in_doubt]:
            if key in self._postponed and self._postponed[key].until > self._now():
                continue
            try:
                self._take(mailbox, key[1])
                in_a_row, answers = 0, True
            except MailboxAway as error:  # perhaps because of this letter: the next visit begins with the others
                self._postpone(key, error)
                raise
            except NotTaken as error:
                if isinstance(error, NothingTaken) and not answers and key not in self._postponed:
                    self._in_doubt = [*(other for other in self._in_doubt if other != key), key]
                    raise
                self._postpone(key, error)
                in_a_row += 1
                if in_a_row == FAILURES_IN_A_ROW:
                    raise NothingTaken(str(error)) from error

    def _take(self, mailbox: ImapMailbox, uid: int) -> None:
        size = mailbox.size_bytes(uid)
        if size is not None and size > LARGEST_LETTER_BYTES:
            _leave_out(mailbox, uid, size)
            return
        letter = mailbox.letter(uid)
        if letter is None:
            return  # somebody has taken it away
        try:
            self._letter_box.hand_in(letter)
        except LetterTooLarge:
            _leave_out(mailbox, uid, len(letter))
        else:
            mailbox.mark_taken(uid)

    def _postpone(self, key: LetterKey, error: Exception) -> None:
        self._in_doubt = [other for other in self._in_doubt if other != key]
        former = self._postponed.get(key)
        pause = min(former.pause_seconds * 2, LONGEST_PAUSE_SECONDS) if former else FIRST_PAUSE_SECONDS
        self._postponed[key] = Postponed(self._now() + pause, pause)
        log.warning("letter_postponed", uid=key[1], reason=str(error), again_in=pause)


def _leave_out(mailbox: ImapMailbox, uid: int, size: int) -> None:
    mailbox.mark_left_out(uid)
    log.warning("letter_left_out", uid=uid, size=size, hint=_("It is too large: it stays in the mailbox, flagged."))
