"""`/webhooks/chat/conversations`: the visitor's side of the chat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from flask import Blueprint, Response, abort, jsonify, request
from limits import RateLimitItem, parse

from canaux.chat import (
    NewConversation,
    NewMessage,
    SaidMessage,
    Visitor,
    VisitorTokens,
    conversation_events,
    read_json,
    self_service_json,
)
from canaux.enquiries import Enquiries
from canaux.errors import MalformedMessage
from canaux.online import self_service
from canaux.throttle import Throttle, subscriber
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.errors import NotFound
from routeur.ports.inbound import Inbound, Receipt, Standing
from webhooks.edge import FORM_BYTES, read_body, words

BEGUN_PER_ADDRESS = parse("20/minute")
"""Conversations; a library or a mobile network may stand behind one address."""

SAID_PER_CONVERSATION = parse("60/minute")
"""Messages of one visitor, who types them."""


class ChatReception(Protocol):
    """The part of routeur.reception.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...
    def standing(self, contact_id: str) -> Standing: ...
    def settle(self, contact_id: str) -> Standing: ...
    def usager_left(self, contact_id: str) -> Standing: ...
    def messages_after(self, contact_id: str, position: int) -> Sequence[SaidMessage]: ...


class Wakes(Protocol):
    """The part of routeur.events.EventHub that wakes a stream."""

    def subscribe(self, *, contact: str) -> Iterator[object | None]: ...


def chat_blueprint(
    *,
    tokens: VisitorTokens,
    reception: ChatReception,
    hub: Wakes,
    plans: Callable[[], Plan],
    throttle: Throttle | None,
    enquiries: Enquiries,
) -> Blueprint:
    """The routes of the chat. A conversation's id is its contact's. Without a `throttle` nobody is too many."""
    blueprint = Blueprint("webhooks_chat", __name__, url_prefix="/webhooks/chat/conversations")

    def known(contact_id: str) -> tuple[Standing, Visitor]:
        """The conversation, for its visitor alone: 401 without a token, 403 with another's."""
        given = request.authorization
        if given is None or given.type != "bearer" or not given.token:
            abort(401)
        visitor = tokens.visitor(given.token)
        if visitor is None or visitor.contact_id != contact_id:
            abort(403)
        try:
            standing = reception.standing(contact_id)
        except NotFound:
            abort(404)
        return (standing, visitor) if standing.contact.channel is Channel.CHAT else abort(404)

    def with_answer(inbound: Inbound, email: str | None) -> Inbound:
        """The message, with what its visitor asks about a demand that they prove to be theirs."""
        proofs = [inbound.address, *([email] if email else [])]
        ready = enquiries.answer(inbound.text, proofs, subscriber(request.remote_addr), inbound.language)
        return replace(inbound, answer=ready)

    def bounded(limit: RateLimitItem, who: str) -> None:
        """429 for whoever asks too often: each conversation takes a place in the queue, and an agent's time."""
        wait = throttle.seconds_to_wait(limit, who) if throttle is not None else 0
        if wait:
            refusal = words("too many at once, try again later", 429)
            refusal.headers["Retry-After"] = str(wait)
            abort(refusal)

    @blueprint.errorhandler(MalformedMessage)
    def malformed(error: MalformedMessage) -> Response:
        return words(str(error), 400)

    @blueprint.post("")
    def begin() -> tuple[Response, int]:
        conversation = read_json(NewConversation, read_body(request, FORM_BYTES))
        bounded(BEGUN_PER_ADDRESS, subscriber(request.remote_addr))
        standing = reception.receive(with_answer(conversation.inbound(), conversation.email)).standing
        online = self_service(plans(), standing.contact.topic, standing.contact.language)
        token = tokens.issue(standing.contact.id, conversation.email)
        return jsonify(id=standing.contact.id, token=token, self_service=self_service_json(online)), 201

    @blueprint.post("/<contact_id>/messages")
    def say(contact_id: str) -> tuple[Response, int]:
        body = read_body(request, FORM_BYTES)
        standing, visitor = known(contact_id)
        bounded(SAID_PER_CONVERSATION, contact_id)
        message = read_json(NewMessage, body).inbound(standing)
        receipt = reception.receive(with_answer(message, visitor.email))
        return jsonify(id=receipt.message_id, position=receipt.position), 200 if receipt.duplicate else 201

    @blueprint.get("/<contact_id>/events")
    def events(contact_id: str) -> Response:
        known(contact_id)
        last = request.headers.get("Last-Event-ID", "0")
        position = int(last) if last.isdecimal() and len(last) < 10 else 0
        stream = conversation_events(reception, hub.subscribe(contact=contact_id), plans, contact_id, position)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(stream, content_type="text/event-stream; charset=utf-8", headers=headers)

    @blueprint.post("/<contact_id>/settled")
    def settled(contact_id: str) -> Response:
        known(contact_id)
        reception.settle(contact_id)
        return Response(status=204)

    @blueprint.delete("/<contact_id>")
    def leave(contact_id: str) -> Response:
        known(contact_id)
        reception.usager_left(contact_id)
        return Response(status=204)

    return blueprint
