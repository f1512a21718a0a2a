"""Why a text did not arrive, and what an agent can do instead, in words."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from competences.translation import DEFAULT_LANGUAGE, N_, translator
from routeur.ports.news import DeliveryError


class NotDelivered(Enum):
    """Why a text did not arrive; the value says it to the agent, with another way."""

    WINDOW_CLOSED = N_(
        "WhatsApp did not take this message: it allows an answer only within 24 hours of the person's last message. "
        "Call them, or write to them by SMS, e-mail or letter."
    )
    OPTED_OUT = N_(
        "This message did not leave: the person has asked, by STOP, that this number write to them no more. "
        "Call them, or write to them by e-mail or letter."
    )
    UNREACHABLE = N_(
        "This message did not arrive: the telephone is off, out of range, or does not take it. "
        "Call the person, or write to them by e-mail or letter."
    )
    NO_SUCH_NUMBER = N_(
        "This message did not arrive: the number does not exist, or no longer. "
        "Look for another number of the person, or write to them by e-mail or letter."
    )
    NO_TEXTS = N_(
        "This message did not arrive: that number takes no texts (a fixed line, perhaps). "
        "Call the person, or write to them by e-mail or letter."
    )
    NOT_ON_MEDIUM = N_(
        "This message did not arrive: the person is not, or no longer, to be reached on WhatsApp. "
        "Call them, or write to them by SMS, e-mail or letter."
    )
    FILTERED = N_(
        "This message did not arrive: the network took it for an unwanted one. "
        "Call the person, or write to them by e-mail or letter."
    )
    NOT_ALLOWED = N_(
        "This message did not leave: our contract does not cover the country of that number. "
        "Call the person, or write to them by e-mail or letter."
    )
    OTHER = N_(
        "This message did not arrive, and the network does not say why. "
        "Call the person, or write to them by e-mail or letter."
    )

    @property
    def words(self) -> str:
        """As an agent is told it: notes in a contact are in the town hall's own language."""
        return translator("canaux", DEFAULT_LANGUAGE).gettext(self.value)


class TextRefused(DeliveryError):
    """A text that cannot be delivered however often it is tried, and why."""

    def __init__(self, why: NotDelivered) -> None:
        super().__init__(why.words, retryable=False)
        self.why = why


def why_no_text(opted_out: bool, reply_until: datetime | None, now: datetime) -> str | None:
    """Why no text leaves for a contact now, as an agent is told it; None where one does.

    `opted_out`: its usager has said STOP. `reply_until`: until when its medium takes an answer, if not always.
    """
    if opted_out:
        return NotDelivered.OPTED_OUT.words
    return NotDelivered.WINDOW_CLOSED.words if reply_until is not None and now > reply_until else None
