"""`/webhooks/chat/conversations`: the visitor's side of the chat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from flask import Blueprint, Response, abort, jsonify, request
from limits import RateLimitItem, parse

from canaux.chat import NewConversation, NewMessage, SaidMessage, VisitorTokens, conversation_events, read_json
from canaux.errors import MalformedMessage
from canaux.throttle import Throttle, subscriber
from competences.channels import Channel
from competences.plan import Plan
from routeur.errors import NotFound
from routeur.inbound import Inbound, Receipt, Standing
from webhooks.edge import FORM_BYTES, read_body, words

BEGUN_PER_ADDRESS = parse("20/minute")
"""Conversations; a library or a mobile network may stand behind one address."""

SAID_PER_CONVERSATION = parse("60/minute")
"""Messages of one visitor, who types them."""


class ChatReception(Protocol):
    """The part of routeur.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...
    def standing(self, contact_id: str) -> Standing: ...
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
) -> Blueprint:
    """The routes of the chat. A conversation's id is its contact's. Without a `throttle` nobody is too many."""
    blueprint = Blueprint("webhooks_chat", __name__, url_prefix="/webhooks/chat/conversations")

    def known(contact_id: str) -> Standing:
        """The conversation, for its visitor alone: 401 without a token, 403 with another's."""
        given = request.authorization
        if given is None or given.type != "bearer" or not given.token:
            abort(401)
        if not tokens.opens(given.token, contact_id):
            abort(403)
        try:
            standing = reception.standing(contact_id)
        except NotFound:
            abort(404)
        return standing if standing.channel is Channel.CHAT else abort(404)

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
        standing = reception.receive(conversation.inbound()).standing
        return jsonify(id=standing.contact_id, token=tokens.issue(standing.contact_id)), 201

    @blueprint.post("/<contact_id>/messages")
    def say(contact_id: str) -> tuple[Response, int]:
        body = read_body(request, FORM_BYTES)
        standing = known(contact_id)
        bounded(SAID_PER_CONVERSATION, contact_id)
        receipt = reception.receive(read_json(NewMessage, body).inbound(standing))
        return jsonify(id=receipt.message_id, position=receipt.position), 200 if receipt.duplicate else 201

    @blueprint.get("/<contact_id>/events")
    def events(contact_id: str) -> Response:
        known(contact_id)
        last = request.headers.get("Last-Event-ID", "0")
        position = int(last) if last.isdecimal() and len(last) < 10 else 0
        stream = conversation_events(reception, hub.subscribe(contact=contact_id), plans, contact_id, position)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(stream, content_type="text/event-stream; charset=utf-8", headers=headers)

    @blueprint.delete("/<contact_id>")
    def leave(contact_id: str) -> Response:
        known(contact_id)
        reception.usager_left(contact_id)
        return Response(status=204)

    return blueprint
