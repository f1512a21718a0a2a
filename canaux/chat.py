"""The chat: what a visitor's page sends, who they are, and what their page is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar
from uuid import uuid4

from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from canaux.errors import MalformedMessage
from canaux.online import SelfService, self_service
from canaux.text import clean, one_line
from canaux.wording import KNOWN_LANGUAGES, promise
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.plan.types import EMAIL
from routeur.contact.words import AddressKind, ContactState, Direction
from routeur.ports.inbound import Inbound, Standing

Model = TypeVar("Model", bound=BaseModel)

LONGEST_TEXT = 4000
TOKEN_SECONDS = 30 * 24 * 3600


def _said(value: str) -> str:
    text = clean(value)
    if not text:
        raise ValueError("nothing is said")
    return text


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value):
        raise ValueError("not an e-mail address")
    return value.lower()


def _language(value: str) -> str:
    if value not in KNOWN_LANGUAGES:
        raise ValueError("not a language of ours")
    return value


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_said)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class NewConversation(BaseModel):
    """`POST /webhooks/chat/conversations`."""

    text: Text
    topic: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")] | None = None
    name: Annotated[str, StringConstraints(max_length=200), AfterValidator(one_line)] | None = None
    email: Annotated[str, StringConstraints(max_length=320), AfterValidator(_email)] | None = None
    language: Annotated[str, AfterValidator(_language)] = "fr"

    def inbound(self) -> Inbound:
        visitor = uuid4().hex
        return Inbound(
            Channel.CHAT,
            AddressKind.CHAT,
            visitor,
            text=self.text,
            provider_id=f"{visitor}:first",
            provider_ref=visitor,
            name=self.name or None,
            email=self.email,
            topic=self.topic,
            language=self.language,
        )


class NewMessage(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/messages`."""

    text: Text
    client_id: ClientId

    def inbound(self, standing: Standing) -> Inbound:
        """The same client id twice in one conversation is one message."""
        return Inbound(
            Channel.CHAT,
            AddressKind.CHAT,
            standing.contact.address,
            text=self.text,
            provider_id=f"{standing.contact.provider_ref}:{self.client_id}",
            provider_ref=standing.contact.provider_ref,
            language=standing.contact.language,
        )


def read_json(model: type[Model], body: bytes) -> Model:
    """Raises MalformedMessage, with what is wrong and where."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = ((".".join(map(str, fault["loc"])) or "body", fault["msg"]) for fault in error.errors())
        raise MalformedMessage("; ".join(f"{where}: {what}" for where, what in faults)) from error


@dataclass(frozen=True)
class Visitor:
    """Who began a conversation, with the e-mail address that they gave then."""

    contact_id: str
    email: str | None = None


class VisitorTokens:
    """Who may read and write a conversation: whoever began it."""

    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="chat-visitor")

    def issue(self, contact_id: str, email: str | None = None) -> str:
        return str(self._serializer.dumps([contact_id, email] if email else contact_id))

    def visitor(self, token: str) -> Visitor | None:
        """Whose token this is."""
        try:
            found = self._serializer.loads(token, max_age=TOKEN_SECONDS)
        except BadSignature:
            return None
        return Visitor(found) if isinstance(found, str) else Visitor(*found)


class SaidMessage(Protocol):
    """The part of routeur.contact.messages.MessageView that a visitor is shown."""

    @property
    def id(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def direction(self) -> str: ...
    @property
    def author(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Conversations(Protocol):
    """The part of routeur.reception.reception.Reception that tells how a conversation goes."""

    def standing(self, contact_id: str) -> Standing: ...
    def messages_after(self, contact_id: str, position: int) -> Sequence[SaidMessage]: ...


_STATES = {
    ContactState.WAITING: "waiting",
    ContactState.OFFERED: "waiting",
    ContactState.ACTIVE: "accepted",
    ContactState.WRAP_UP: "closed",
    ContactState.FOLLOW_UP: "follow_up",
    ContactState.CLOSED: "closed",
}


def conversation_events(
    conversations: Conversations,
    wakes: Iterator[object | None],
    plans: Callable[[], Plan],
    contact_id: str,
    position: int,
) -> Iterator[str]:
    """Server-sent events: every message after `position` and every change of state, until it is closed.

    A message's event id is its position, so that `Last-Event-ID` resumes without loss. The record is read again
    at each wake (an event of this contact, or None as a heartbeat): what an event says does not matter, that
    something happened does. `self_service` says what can be done online about what the conversation is about now;
    null where that is nothing any more. Like the state it is said again to whoever comes back.
    """
    told: Standing | None = None
    offered: SelfService | None = None
    for wake in _once_before(wakes):
        for message in conversations.messages_after(contact_id, position):
            position = message.position
            if message.direction != Direction.NOTE:
                yield _event("message", _message(message), message.position)
        standing = conversations.standing(contact_id)
        if (
            told is None
            or _STATES[told.contact.state] != _STATES[standing.contact.state]
            or told.follow_up != standing.follow_up
        ):
            yield _event(_STATES[standing.contact.state], _state(standing, plans))
        elif wake is None:
            yield ": still here\n\n"
        told = standing
        if _STATES[standing.contact.state] == "closed":
            return
        online = self_service(plans(), standing.contact.topic, standing.contact.language)
        if online != offered:
            yield _event("self_service", self_service_json(online))
            offered = online


def _once_before(wakes: Iterator[object | None]) -> Iterator[object | None]:
    yield None
    yield from wakes


def _message(message: SaidMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "position": message.position,
        "from": _speaker(message),
        "text": message.text,
        "at": message.at.isoformat(),
    }


def _speaker(message: SaidMessage) -> str:
    if message.direction == Direction.INBOUND:
        return "visitor"
    return "agent" if message.author is not None else "automatic"


def _state(standing: Standing, plans: Callable[[], Plan]) -> dict[str, Any]:
    data: dict[str, Any] = {"state": _STATES[standing.contact.state], "reference": standing.contact.reference}
    if standing.contact.outcome is not None:
        data["outcome"] = standing.contact.outcome.value
    follow_up = standing.follow_up
    if follow_up is not None and standing.contact.state is ContactState.FOLLOW_UP:
        data["due_at"] = follow_up.due_at.isoformat()
        data["text"] = promise(plans(), follow_up, standing.contact.language)
    return data


def self_service_json(online: SelfService | None) -> dict[str, str] | None:
    return asdict(online) if online is not None else None


def _event(kind: str, data: dict[str, Any] | None, event_id: int | None = None) -> str:
    lines = [f"event: {kind}", f"data: {json.dumps(data, ensure_ascii=False)}"]
    if event_id is not None:
        lines.insert(0, f"id: {event_id}")
    return "\n".join(lines) + "\n\n"
