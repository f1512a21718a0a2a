"""`POST /webhooks/messaging`: SMS and WhatsApp messages, from Twilio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import structlog
from flask import Blueprint, Response, request

from canaux.enquiries import Enquiries
from canaux.errors import MalformedMessage
from canaux.messaging import answer, answer_to, read_text, thanks
from competences.plan.plan import Plan
from routeur.contact.words import Outcome
from routeur.ports.inbound import Inbound, Receipt, Standing
from webhooks.edge import FORM_BYTES, read_body, require, twiml, words
from webhooks.twilio_auth import TwilioAuth

log = structlog.get_logger(__name__)


class Receives(Protocol):
    """The part of routeur.reception.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...
    def settle(self, contact_id: str) -> Standing: ...


def messaging_blueprint(
    *, auth: TwilioAuth, reception: Receives, plans: Callable[[], Plan], enquiries: Enquiries
) -> Blueprint:
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
        ready = enquiries.answer(inbound.text, [inbound.address], inbound.address, inbound.language)
        receipt = reception.receive(replace(inbound, answer=ready))
        if inbound.settles and receipt.position != 1:  # a word that begins a conversation has nothing to settle
            standing = reception.settle(receipt.standing.contact.id)
            if standing.contact.outcome is Outcome.SELF_SERVED:
                return twiml(answer(thanks(plans(), standing)))
        return twiml(answer(answer_to(plans(), receipt, ready)))

    return blueprint
