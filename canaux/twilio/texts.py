"""Text messages, by Twilio."""

from __future__ import annotations

from canaux.twilio.numbers import same_medium
from canaux.twilio.rest import TwilioAccount, delivery_errors

_MESSAGING_SERVICE = "MG"
"""How the id of a messaging service begins: a sender that chooses among several numbers of ours."""


class TwilioTexts:
    """SMS and WhatsApp behind Twilio's REST API."""

    def __init__(self, account: TwilioAccount) -> None:
        self._client = account.client

    def send_text(self, *, to: str, sender: str, body: str) -> None:
        ours = {"messaging_service_sid": sender} if sender.startswith(_MESSAGING_SERVICE) else {"from_": sender}
        with delivery_errors():
            self._client.messages.create(to=same_medium(to, sender), body=body, **ours)
