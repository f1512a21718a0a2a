"""`POST /webhooks/messaging`: SMS and WhatsApp messages, from Twilio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog
from flask import Blueprint, Response, request

from canaux.errors import MalformedMessage
from canaux.messaging import acknowledgement, answer, read_text
from competences.plan import Plan
from routeur.inbound import Inbound, Receipt
from webhooks.edge import FORM_BYTES, read_body, require, twiml, words
from webhooks.twilio_auth import TwilioAuth

log = structlog.get_logger(__name__)


class Receives(Protocol):
    """The part of routeur.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...


def messaging_blueprint(*, auth: TwilioAuth, reception: Receives, plans: Callable[[], Plan]) -> Blueprint:
    """The routes of the messaging channel. A fault of ours is a 500, so that Twilio's console shows it and its
    fallback URL, where one is set, delivers the message again."""
    blueprint = Blueprint("webhooks_messaging", __name__)

    @blueprint.post("/webhooks/messaging")
    def incoming() -> Response:
        read_body(request, FORM_BYTES)
        require(auth.accepts(request))
        try:
            inbound = read_text(request.form)
        except MalformedMessage as error:
            return words(str(error), 400)
        if inbound is None:
            log.info("message_not_answered")
            return twiml(answer(None))
        receipt = reception.receive(inbound)
        # The first message's, also when Twilio says it twice: it cannot have heard the answer then.
        first = receipt.position == 1
        return twiml(answer(acknowledgement(plans(), receipt.standing) if first else None))

    return blueprint
