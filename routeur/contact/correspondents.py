"""Who takes part in a contact's correspondence besides its usager: those whom the usager or an agent named in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from routeur.contact.messages import MessageView
from routeur.contact.row import ContactRow
from routeur.contact.words import Direction


def correspondents(contact: ContactRow, messages: Sequence[MessageView], ours: Collection[str]) -> list[str]:
    """The addresses in To and Cc of what its usager and agents wrote, each once, without the usager's and `ours`.

    Those whom somebody else names do not count: nobody lets others in but the usager and the town hall.
    """
    left_out = {contact.address, contact.reply_to, contact.service_address, *ours}
    named = (
        address
        for message in messages
        if message.direction == Direction.OUTBOUND or _wrote(contact, message)
        for address in (*message.envelope.sent_to, *message.envelope.copied_to)
    )
    return [address for address in dict.fromkeys(named) if address not in left_out]


def _wrote(contact: ContactRow, message: MessageView) -> bool:
    return message.envelope.sender is not None and message.envelope.sender.address == contact.written_from
