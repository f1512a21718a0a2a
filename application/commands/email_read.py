"""`routeur email read`: takes one letter from a mail server's pipe to the town hall.

The exit status tells the mail server (sysexits.h) what becomes of the letter: 0, it is in the record; 75, the server
keeps it and tries again; 65, it goes back to its sender, because it is too large for any other try.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from application.demo import FILE
from application.letter_box import LetterBox, LetterTooLarge, NotTaken
from application.operator_words import _
from canaux.email.limits import LARGEST_LETTER_BYTES

TAKEN = os.EX_OK
BACK_TO_THE_SENDER = os.EX_DATAERR
TRY_AGAIN = os.EX_TEMPFAIL
LONGEST_SECONDS = 240
"""For everything, reading the letter included: less than a mail server waits (Postfix: 1,000 s)."""


def read(source: BinaryIO, address: str | None, token_file: Path | None, seconds: float = LONGEST_SECONDS) -> int:
    """Take the letter on `source` to the town hall at `address`; returns the exit status.

    Without `address` it is the web server of this machine. The token is in `token_file`, else in EMAIL_WEBHOOK_TOKEN,
    else that of the demonstration in this folder.
    """
    try:
        with _within(seconds):
            letter_box = LetterBox(address or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}", _token(token_file))
            letter_box.hand_in(source.read(LARGEST_LETTER_BYTES + 1))
    except LetterTooLarge as error:
        return say(str(error), BACK_TO_THE_SENDER)
    except NotTaken as error:
        return say(str(error), TRY_AGAIN)
    return TAKEN


def say(reason: str, status: int) -> int:
    """Write the line that the mail server puts in its log; returns the status."""
    print(reason.replace("\n", " "), file=sys.stderr)
    return status


def _token(file: Path | None) -> str:
    """The token that opens the letter box. Raises NotTaken."""
    given = os.environ.get("EMAIL_WEBHOOK_TOKEN")
    if file is None and given:
        return given
    try:
        if file is not None:
            return file.read_text("utf-8").strip()
        return str(json.loads((Path("var") / FILE).read_text("utf-8"))["email_webhook_token"])
    except (OSError, ValueError) as error:
        if file is None:
            raise NotTaken(_("There is no token: name its file with --token-file.")) from error
        words = _("The file {path} cannot be read: {reason}")
        raise NotTaken(words.format(path=file, reason=error)) from error


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise NotTaken where the block lasts longer."""

    def too_late(_number: int, _frame: FrameType | None) -> None:
        raise NotTaken(_("The message was not taken within {seconds} s.").format(seconds=round(seconds)))

    former = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
