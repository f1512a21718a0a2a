"""`POST /webhooks/messaging`: SMS and WhatsApp messages, from Twilio."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from canaux.messaging.conversation import TextConversation
from canaux.messaging.reading import TextMessage
from canaux.twilio.forms import read_text_message
from canaux.twilio.twiml import text_answer
from webhooks.skeleton import Incoming, Route
from webhooks.twilio_common import TwilioAuth, TwilioWebhook, posted, twiml_response


class TwilioText(TwilioWebhook[TextMessage]):
    """A message. After a fault of ours Twilio's fallback URL, where one is set, delivers it again."""

    def __init__(self, auth: TwilioAuth, conversation: TextConversation) -> None:
        super().__init__(auth)
        self._conversation = conversation

    def read(self, incoming: Incoming) -> TextMessage:
        return replace(read_text_message(incoming.form), original=posted(incoming))

    def receive(self, facts: TextMessage) -> Response:
        return twiml_response(text_answer(self._conversation.receive(facts)))


def messaging_routes(*, auth: TwilioAuth, conversation: TextConversation) -> list[Route]:
    return [Route("POST", "/webhooks/messaging", TwilioText(auth, conversation))]
