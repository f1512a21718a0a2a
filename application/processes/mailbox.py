"""The mailbox's process: brings what comes into an IMAP mailbox to the town hall, while either may be away."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import NoReturn

import structlog

from application.letter_box import LetterBox, NothingTaken
from application.mail_round import MailRound
from application.operator_words import _
from application.settings import Settings, SettingsError
from application.wiring.mailbox_sign import MailboxSign
from application.wiring.redis_clients import text_client
from canaux.imap.address import MailboxAddress
from canaux.imap.mailbox import LogInRefused, MailboxAway, open_mailbox
from routeur.index import Index

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
REFUSED_PAUSE_SECONDS = 900.0
"""The wait after a refused log-in: a mail server shuts out those who try too often."""

log = structlog.get_logger(__name__)


def keep_mailbox(settings: Settings, address: str | None) -> NoReturn:
    """Bring letters to the town hall at `address` (by default the web server of this machine) until told to stop."""
    if settings.imap_url is None:
        raise SettingsError(_("IMAP_URL names no mailbox."))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    redis, clock = text_client(settings.redis_address), settings.clock()
    sign = MailboxSign(redis, Index(redis))
    letter_box = LetterBox(address or settings.local_url, settings.email_token)
    mailbox = MailboxAddress.parse(settings.imap_url.get_secret_value())
    visits = Visits(mailbox, MailRound(letter_box, time.monotonic), lambda: sign.leave(clock()))
    while True:
        time.sleep(visits.visit())


class Visits:
    """Visits to a mailbox, each as long as it goes well. `note_read` is told each time that it was read through."""

    def __init__(self, address: MailboxAddress, mail_round: MailRound, note_read: Callable[[], None]) -> None:
        self._address = address
        self._mail_round = mail_round
        self._note_read = note_read
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._refusal_told = False

    def visit(self) -> float:
        """Stay until something goes wrong; returns how many seconds to wait before the next visit."""
        try:
            with open_mailbox(self._address) as mailbox:
                self._refusal_told = False
                while True:
                    self._mail_round.take_all(mailbox)
                    self._pause_seconds = FIRST_PAUSE_SECONDS
                    self._note_read()
                    mailbox.wait()
        except LogInRefused as error:
            if not self._refusal_told:
                log.error("mailbox_log_in_refused", reason=str(error), hint=_("See user and password in IMAP_URL."))
            self._refusal_told = True
            return REFUSED_PAUSE_SECONDS
        except (MailboxAway, NothingTaken) as error:
            pause, self._pause_seconds = self._pause_seconds, min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
            log.warning("mailbox_visit_ended", reason=str(error), again_in=pause)
            return pause
