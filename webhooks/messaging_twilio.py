"""`POST /webhooks/messaging`: SMS and WhatsApp messages, from Twilio. `.../status`: how far those that left are."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from canaux.messaging.conversation import TextConversation
from canaux.messaging.reading import TextMessage
from canaux.messaging.receipts import TextReceipt, TextReceipts
from canaux.twilio.forms import read_text_message, read_text_receipt
from canaux.twilio.twiml import text_answer
from canaux.twilio.urls import TextUrls
from webhooks.skeleton import Incoming, Route, no_content
from webhooks.twilio_common import TwilioAuth, TwilioWebhook, posted, twiml_response


class TwilioText(TwilioWebhook[TextMessage]):
    """A message. After a fault of ours Twilio's fallback URL, where one is set, delivers it again."""

    def __init__(self, auth: TwilioAuth, conversation: TextConversation, urls: TextUrls) -> None:
        super().__init__(auth)
        self._conversation = conversation
        self._urls = urls

    def read(self, incoming: Incoming) -> TextMessage:
        return replace(read_text_message(incoming.form), original=posted(incoming))

    def receive(self, facts: TextMessage) -> Response:
        answer = self._conversation.receive(facts)
        if answer is None:
            return twiml_response(text_answer(None))
        told_at = self._urls.status(answer.about) if answer.about is not None else None
        return twiml_response(text_answer(answer.words, told_at))


class TwilioTextStatus(TwilioWebhook[TextReceipt | None]):
    """How far a text has come. Twilio says each status once, in any order."""

    def __init__(self, auth: TwilioAuth, receipts: TextReceipts) -> None:
        super().__init__(auth)
        self._receipts = receipts

    def read(self, incoming: Incoming) -> TextReceipt | None:
        return read_text_receipt(incoming.form, incoming.query.get("contact"), incoming.query.get("message"))

    def receive(self, facts: TextReceipt | None) -> Response:
        if facts is not None:
            self._receipts.receive(facts)
        return no_content()


def messaging_routes(
    *, auth: TwilioAuth, conversation: TextConversation, receipts: TextReceipts, urls: TextUrls
) -> list[Route]:
    return [
        Route("POST", "/webhooks/messaging", TwilioText(auth, conversation, urls)),
        Route("POST", "/webhooks/messaging/status", TwilioTextStatus(auth, receipts)),
    ]
