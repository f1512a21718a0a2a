"""How somebody learns the status of a request that has only an unproved address of theirs: by a code sent there."""

from __future__ import annotations

from canaux.code_ways import CodeWays
from canaux.enquiries.enquiries import Enquiries
from routeur.followups.status import FollowUpStatus
from routeur.reception.verification import Verifications


class StatusProofs:
    """Sends codes, and tells a status for them. Nothing here says whether a request or an address is known."""

    def __init__(self, verifications: Verifications, codes: CodeWays, enquiries: Enquiries) -> None:
        self._verifications = verifications
        self._codes = codes
        self._enquiries = enquiries

    def ask(self, reference: str, address: str, who: str) -> None:
        """Send a code to the address, if the request has it. Raises NoWay and TooMany, whether or not it has."""
        way = self._codes.way_to(address)
        self._codes.count(way, who)
        self._verifications.ask_for_reference(reference, way.channel, way.kind, way.address)

    def find(self, reference: str, address: str, code: str, who: str) -> FollowUpStatus | None:
        """The status, if this is the code. Raises NoWay and TooMany, whether or not it is."""
        way = self._codes.way_to(address)
        self._enquiries.count(reference, who)
        if not self._verifications.confirm_for_reference(reference, way.kind, way.address, code):
            return None
        return self._enquiries.tell(reference, [address], (), who)
