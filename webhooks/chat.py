"""`/webhooks/chat/conversations`: the visitor's side of the chat."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TypeVar

from flask import Response, abort, jsonify
from limits import RateLimitItem, parse

from canaux.chat.conversations import Conversations
from canaux.chat.requests import NewConversation, NewMessage, ReadUpTo, read_json
from canaux.chat.stream import self_service_json
from canaux.chat.tokens import TICKET_SECONDS, Visitor, VisitorTokens
from canaux.chat.verification import CodeRequest, CodeSaid
from canaux.code_ways import NoWay
from canaux.enquiries.enquiries import TooMany
from canaux.stream_places import NoPlace, StreamPlaces
from canaux.throttle import Throttle, subscriber
from routeur.contact.messages import OriginalMessage
from routeur.errors import AlreadySaid, NotFound
from webhooks.skeleton import Arriving, Incoming, Route, Webhook, in_words, no_content

Facts = TypeVar("Facts")

BEGUN_PER_ADDRESS = parse("20/minute")
"""Conversations; a library or a mobile network may stand behind one address."""

CODES_PER_CONVERSATION = parse("3/hour")
"""Codes of one visitor; `canaux.code_ways` bounds those of all."""

DONE_PER_CONVERSATION = parse("60/minute")
"""Messages of one visitor, who types them, and all else that they do; each one waits for the record's only writer."""

STREAMS_PER_CONVERSATION = 8
"""Open pages of one visitor."""

STREAM_AGAIN_SECONDS = 30


@dataclass(frozen=True)
class Door:
    """Who may come in, and how often. Without a `throttle` as often as they like."""

    tokens: VisitorTokens
    throttle: Throttle | None

    def visitor(self, arriving: Arriving) -> Visitor:
        """The visitor whose conversation it is: 401 without a token, 403 with another's."""
        given = arriving.request.authorization
        if given is None or given.type != "bearer" or not given.token:
            abort(401)
        visitor = self.tokens.visitor(given.token)
        if visitor is None or visitor.contact_id != arriving.path["contact_id"]:
            abort(403)
        return visitor

    def listener(self, arriving: Arriving) -> None:
        """Let the visitor listen, by their token or by a ticket in the address: an EventSource can send no header."""
        ticket = arriving.request.args.get("ticket")
        if ticket is None:
            self.visitor(arriving)
        elif self.tokens.listens_to(ticket) != arriving.path["contact_id"]:
            abort(403)

    def bound(self, limit: RateLimitItem, who: str) -> None:
        """429 for too many: each conversation takes a place in the queue, and an agent's time."""
        wait_seconds = self.throttle.seconds_to_wait(limit, who) if self.throttle is not None else 0
        if wait_seconds:
            abort(_too_many(wait_seconds))


def _check_json(arriving: Arriving) -> None:
    if not arriving.request.is_json:
        abort(in_words("the body must be JSON, sent as application/json", 415))


def _posted(incoming: Incoming) -> OriginalMessage:
    return OriginalMessage("application/json", incoming.body)


def _another_text() -> Response:
    return in_words("another text came with this client_id: send this one with its own", 409)


def _too_many(wait_seconds: int) -> Response:
    refusal = in_words("too many at once, try again later", 429)
    refusal.headers["Retry-After"] = str(wait_seconds)
    return refusal


@dataclass(frozen=True)
class Beginning:
    """What a visitor wrote first, as it was posted, and from where."""

    conversation: NewConversation
    original: OriginalMessage
    subscriber: str


@dataclass(frozen=True)
class Said:
    """What a visitor wrote, as it was posted, and from where."""

    visitor: Visitor
    message: NewMessage
    original: OriginalMessage
    subscriber: str


class Begin(Webhook[Beginning]):
    """Anybody may begin a conversation; they get the token by which they go on."""

    def __init__(self, door: Door, conversations: Conversations) -> None:
        self._door = door
        self._conversations = conversations

    def admit(self, arriving: Arriving) -> None:
        """Nobody is known yet, but JSON is no other page's to send: browsers ask us first."""
        _check_json(arriving)

    def read(self, incoming: Incoming) -> Beginning:
        conversation = read_json(NewConversation, incoming.body)
        self._conversations.check(conversation)
        return Beginning(conversation, _posted(incoming), subscriber(incoming.request.remote_addr))

    def receive(self, facts: Beginning) -> Response:
        self._door.bound(BEGUN_PER_ADDRESS, facts.subscriber)
        try:
            begun = self._conversations.begin(facts.conversation, facts.original, facts.subscriber)
        except AlreadySaid:
            return _another_text()
        token = self._door.tokens.issue(begun.contact_id, facts.conversation.email)
        response = jsonify(id=begun.contact_id, token=token, self_service=self_service_json(begun.self_service))
        response.status_code = 201
        return response


class OfVisitor(Webhook[Facts]):
    """What the visitor of a conversation alone may do; 404 where the conversation is gone."""

    def __init__(self, door: Door, conversations: Conversations) -> None:
        self._door = door
        self._conversations = conversations

    def admit(self, arriving: Arriving) -> None:
        self._door.visitor(arriving)

    def receive(self, facts: Facts) -> Response:
        try:
            return self.go_on(facts)
        except NotFound:
            abort(404)

    @abstractmethod
    def go_on(self, facts: Facts) -> Response:
        """Do it, and answer. Raises NotFound."""


class DoneByVisitor(OfVisitor[Facts]):
    """A webhook by which a visitor acts, not only reads: bounded per conversation and minute."""

    def admit(self, arriving: Arriving) -> None:
        super().admit(arriving)
        self._door.bound(DONE_PER_CONVERSATION, arriving.path["contact_id"])


class Say(DoneByVisitor[Said]):
    """The visitor writes."""

    def admit(self, arriving: Arriving) -> None:
        super().admit(arriving)
        _check_json(arriving)

    def read(self, incoming: Incoming) -> Said:
        message = read_json(NewMessage, incoming.body)
        who = subscriber(incoming.request.remote_addr)
        return Said(self._door.visitor(incoming), message, _posted(incoming), who)

    def go_on(self, facts: Said) -> Response:
        try:
            receipt = self._conversations.say(facts.visitor, facts.message, facts.original, facts.subscriber)
        except AlreadySaid:
            return _another_text()
        response = jsonify(id=receipt.message_id, position=receipt.position)
        response.status_code = 200 if receipt.duplicate else 201
        return response


@dataclass(frozen=True)
class Listening:
    """A conversation, the last event that its visitor's page has seen, and from where it listens."""

    contact_id: str
    position: int
    subscriber: str


class Listen(OfVisitor[Listening]):
    """The visitor's page listens to what happens after the last event that it has seen."""

    def __init__(self, door: Door, conversations: Conversations, places: StreamPlaces) -> None:
        super().__init__(door, conversations)
        self._places = places

    def admit(self, arriving: Arriving) -> None:
        self._door.listener(arriving)

    def read(self, incoming: Incoming) -> Listening:
        request = incoming.request
        last = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
        position = int(last) if last.isdecimal() and len(last) < 10 else 0
        return Listening(incoming.path["contact_id"], position, subscriber(request.remote_addr))

    def go_on(self, facts: Listening) -> Response:
        try:
            placed = self._places.keep(
                facts.contact_id,
                STREAMS_PER_CONVERSATION,
                facts.subscriber,
                lambda: self._conversations.events(facts.contact_id, facts.position),
            )
        except NoPlace:
            return _too_many(STREAM_AGAIN_SECONDS)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(placed, content_type="text/event-stream; charset=utf-8", headers=headers)


class GetTicket(DoneByVisitor[str]):
    """The visitor's page asks for a ticket, with which an EventSource may listen: `.../events?ticket=...&after=...`."""

    def read(self, incoming: Incoming) -> str:
        return incoming.path["contact_id"]

    def go_on(self, facts: str) -> Response:
        response = jsonify(ticket=self._door.tokens.ticket(facts), good_for_seconds=TICKET_SECONDS)
        response.status_code = 201
        return response


class Settle(DoneByVisitor[str]):
    """The visitor has their answer."""

    def read(self, incoming: Incoming) -> str:
        return incoming.path["contact_id"]

    def go_on(self, facts: str) -> Response:
        self._conversations.settle(facts)
        return no_content()


class Type(DoneByVisitor[str]):
    """The visitor is typing: to be said every three seconds or so."""

    def read(self, incoming: Incoming) -> str:
        return incoming.path["contact_id"]

    def go_on(self, facts: str) -> Response:
        self._conversations.typing(facts)
        return no_content()


class Read(DoneByVisitor[tuple[str, ReadUpTo]]):
    """The visitor has read up to a message."""

    def read(self, incoming: Incoming) -> tuple[str, ReadUpTo]:
        return incoming.path["contact_id"], read_json(ReadUpTo, incoming.body)

    def go_on(self, facts: tuple[str, ReadUpTo]) -> Response:
        contact_id, mark = facts
        self._conversations.read_up_to(contact_id, mark.position)
        return no_content()


@dataclass(frozen=True)
class CodeWanted:
    """The address to which the visitor of a conversation wants a code, and from where they ask."""

    contact_id: str
    address: str
    subscriber: str


class AskCode(DoneByVisitor[CodeWanted]):
    """The visitor asks for a code, to show that an address or a number is theirs; 422 where none is sent there."""

    def read(self, incoming: Incoming) -> CodeWanted:
        address = read_json(CodeRequest, incoming.body).address
        return CodeWanted(incoming.path["contact_id"], address, subscriber(incoming.request.remote_addr))

    def go_on(self, facts: CodeWanted) -> Response:
        try:
            way = self._conversations.way_of_code(facts.contact_id, facts.address)
            self._door.bound(CODES_PER_CONVERSATION, f"code:{facts.contact_id}")
            self._conversations.ask_code(facts.contact_id, way, facts.subscriber)
        except NoWay as refused:
            return in_words(refused.refusal.value, 422)
        except TooMany as many:
            return _too_many(many.seconds)
        return in_words("sent", 202)


class ConfirmCode(DoneByVisitor[tuple[str, CodeSaid]]):
    """The visitor says the code: 204, or 422 where it is not the right one, too old or tried too often."""

    def read(self, incoming: Incoming) -> tuple[str, CodeSaid]:
        return incoming.path["contact_id"], read_json(CodeSaid, incoming.body)

    def go_on(self, facts: tuple[str, CodeSaid]) -> Response:
        contact_id, said = facts
        if not self._conversations.confirm(contact_id, said.code):
            return in_words("not the code, or no longer", 422)
        return no_content()


class Leave(DoneByVisitor[str]):
    """The visitor goes away."""

    def read(self, incoming: Incoming) -> str:
        return incoming.path["contact_id"]

    def go_on(self, facts: str) -> Response:
        self._conversations.leave(facts)
        return no_content()


def chat_routes(
    *, tokens: VisitorTokens, throttle: Throttle | None, conversations: Conversations, places: StreamPlaces
) -> list[Route]:
    """Every address of the chat."""
    door = Door(tokens, throttle)
    every = "/webhooks/chat/conversations"
    this = f"{every}/<contact_id>"
    return [
        Route("POST", every, Begin(door, conversations)),
        Route("POST", f"{this}/messages", Say(door, conversations)),
        Route("GET", f"{this}/events", Listen(door, conversations, places)),
        Route("POST", f"{this}/stream-tickets", GetTicket(door, conversations)),
        Route("POST", f"{this}/typing", Type(door, conversations)),
        Route("POST", f"{this}/read", Read(door, conversations)),
        Route("POST", f"{this}/settled", Settle(door, conversations)),
        Route("POST", f"{this}/verification", AskCode(door, conversations)),
        Route("POST", f"{this}/verification/confirm", ConfirmCode(door, conversations)),
        Route("DELETE", this, Leave(door, conversations)),
    ]
