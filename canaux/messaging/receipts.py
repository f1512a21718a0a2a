"""What a network says of the texts that left."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from canaux.messaging.failures import NotDelivered
from routeur.contact.opt_outs import OptOuts
from routeur.contact.receipts import Receipts
from routeur.contact.words import Delivery
from routeur.reception.reception import Reception

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TextReceipt:
    """How far a text has come; `why` it did not arrive, where it failed.

    `contact_id` and `message_id` say what it is about, where the network was asked to say them again. `to` and `sender`
    are the number that it was written to, and ours as the network writes it.
    """

    id: str
    progress: Delivery
    why: NotDelivered | None = None
    contact_id: str | None = None
    message_id: str | None = None
    to: str | None = None
    sender: str | None = None


class TextReceipts:
    """Receives receipts, in any order and any number of times."""

    def __init__(self, receipts: Receipts, reception: Reception, opt_outs: OptOuts) -> None:
        self._receipts = receipts
        self._reception = reception
        self._opt_outs = opt_outs

    def receive(self, receipt: TextReceipt) -> None:
        """Write the receipt down; a text that did not arrive makes its contact a follow-up, with the reason."""
        noted = self._receipts.subject(receipt.id)
        contact_id, message_id = noted or (receipt.contact_id, receipt.message_id)
        if contact_id is None:
            log.info("receipt_of_another_s_text")
            return
        if receipt.why is NotDelivered.OPTED_OUT and receipt.to and receipt.sender:
            left_at = self._receipts.told_at(receipt.id)
            self._opt_outs.note_refusal(receipt.to, receipt.sender, f"refused:{receipt.id}", left_at)
        # The contact first: if the process dies before the last line, nothing has been hidden.
        if receipt.why is not None:
            self._reception.delivery_failed(contact_id, receipt.why.words, letter=f"text:{message_id or receipt.id}")
        if self._receipts.note(receipt.id, contact_id, message_id, receipt.progress):
            self._reception.delivery_told(contact_id)
