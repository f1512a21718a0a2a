"""Text messages, by Twilio."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from twilio.base.exceptions import TwilioException

from canaux.messaging.failures import NotDelivered, TextRefused
from canaux.provider_interfaces import About
from canaux.twilio.failures import BY_CODE
from canaux.twilio.numbers import same_medium
from canaux.twilio.rest import TwilioAccount, delivery_errors, http_status
from canaux.twilio.urls import TextUrls

_MESSAGING_SERVICE = "MG"
"""How the id of a messaging service begins: a sender that chooses among several numbers of ours."""


class TwilioTexts:
    """SMS and WhatsApp behind Twilio's REST API; `urls` is where it tells us how far a text has come."""

    def __init__(self, account: TwilioAccount, urls: TextUrls) -> None:
        self._client = account.client
        self._urls = urls

    def send_text(self, *, to: str, sender: str, body: str, about: About | None = None) -> str:
        ours = {"messaging_service_sid": sender} if sender.startswith(_MESSAGING_SERVICE) else {"from_": sender}
        told: dict[str, Any] = {"status_callback": self._urls.status(about)} if about is not None else {}
        with delivery_errors():
            try:
                sent = self._client.messages.create(to=same_medium(to, sender), body=body, **ours, **told)
            except TwilioException as error:
                refused = http_status(error) == HTTPStatus.BAD_REQUEST
                unknown = NotDelivered.OTHER if refused else None
                why = BY_CODE.get(int(getattr(error, "code", None) or 0), unknown)
                if why is not None:
                    raise TextRefused(why) from error
                raise
        return str(sent.sid)
