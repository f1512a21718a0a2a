"""Where a code may be sent that shows an address to be somebody's, and how often; for the chat and `/suivi` alike.

A code by text costs money, and numbers exist whose owners are paid for each one: only numbers of some countries get
one, and a bounded number in all (`canaux/messaging/code_budget.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from limits import parse

from canaux.enquiries.enquiries import TooMany
from canaux.throttle import Throttle
from competences.channels import Channel
from competences.phone_numbers import calling_code, takes_texts
from competences.translation import N_
from routeur.contact.words import AddressKind

CODES_PER_ADDRESS = parse("5/hour")
"""Codes to one address or number, from all askers together: nobody is flooded, and no code can be guessed."""

CODES_PER_ASKER = parse("20/hour")
"""A library or a mobile network may stand behind one Internet address."""


class NoWay(Exception):  # noqa: N818 - a refusal that is told, not a fault
    """No code is sent there; `refusal` tells the person why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


class Refusal(Enum):
    """Why no code is sent to an address; the value is a text of the catalogue."""

    NO_ADDRESS = N_("This is neither an e-mail address nor a phone number.")
    NO_TEXTS = N_("We send no codes by text. Give an e-mail address, or call us.")
    FOREIGN = N_("We send no codes to numbers of this country. Give an e-mail address, or call us.")
    FIXED_LINE = N_("This number takes no texts. Give a mobile number or an e-mail address, or call us.")


@dataclass(frozen=True)
class Way:
    """How a code reaches an address."""

    channel: Channel
    kind: AddressKind
    address: str


class CodeWays:
    """Finds the way of a code, and counts codes for each asker and address.

    `calling_codes` are those of the countries that get texts; none where we have no number to send from.

    Without a `throttle` anybody may ask as often as they like.
    """

    def __init__(self, throttle: Throttle | None, calling_codes: Collection[int]) -> None:
        self._throttle = throttle
        self._calling_codes = calling_codes

    def way_to(self, address: str) -> Way:
        """The way to an address in its written form: an e-mail address, or an E.164 number. Raises NoWay."""
        if "@" in address:
            return Way(Channel.EMAIL, AddressKind.EMAIL, address)
        if not address.startswith("+"):
            raise NoWay(Refusal.NO_ADDRESS)
        if not self._calling_codes:
            raise NoWay(Refusal.NO_TEXTS)
        if calling_code(address) not in self._calling_codes:
            raise NoWay(Refusal.FOREIGN)
        if not takes_texts(address):
            raise NoWay(Refusal.FIXED_LINE)
        return Way(Channel.MESSAGING, AddressKind.PHONE, address)

    def count(self, way: Way, who: str) -> None:
        """Count one more code, for this asker. Raises TooMany."""
        if self._throttle is None:
            return
        for limit, counted in (CODES_PER_ASKER, f"code-for:{who}"), (CODES_PER_ADDRESS, f"code:{way.address}"):
            seconds = self._throttle.seconds_to_wait(limit, counted)
            if seconds:
                raise TooMany(seconds)
