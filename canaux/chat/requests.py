"""What a visitor's page sends, as JSON."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, TypeVar
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from canaux.clean_text import clean, has_controls, one_line
from canaux.malformed import MalformedMessage
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.plan.types import EMAIL
from competences.recognition.language import recognised_language
from competences.translation import DEFAULT_LANGUAGE
from routeur.contact.identity import Given
from routeur.contact.messages import OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound, Standing

Model = TypeVar("Model", bound=BaseModel)

LONGEST_TEXT_CHARACTERS = 4000


def _said(value: str) -> str:
    if has_controls(value):
        raise ValueError("control characters are not taken")
    text = clean(value)
    if not text:
        raise ValueError("nothing is said")
    return text


def _name(value: str) -> str:
    if has_controls(value):
        raise ValueError("control characters are not taken")
    return one_line(value)


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value):
        raise ValueError("not an e-mail address")
    return value.lower()


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT_CHARACTERS), AfterValidator(_said)]
EmailAddress = Annotated[str, StringConstraints(max_length=320), AfterValidator(_email)]
BeginningId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{22,64}$")]
"""A name that nobody can guess, such as a random UUID: who repeats it gets the conversation again, with its token."""

ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class NewConversation(BaseModel):
    """`POST /webhooks/chat/conversations`; the same `client_id` twice is one conversation."""

    text: Text
    client_id: BeginningId | None = None
    topic: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")] | None = None
    name: Annotated[str, StringConstraints(max_length=200), AfterValidator(_name)] | None = None
    email: EmailAddress | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None

    def check(self, plan: Plan) -> None:
        """Check that the language that it asks for is one of the plan's. Raises MalformedMessage."""
        if self.language is not None and self.language not in plan.spoken_languages:
            raise MalformedMessage(f"language: not one of the plan's ({', '.join(plan.spoken_languages)})")

    def inbound(self, plan: Plan, original: OriginalMessage) -> Inbound:
        """The message as an inbound; `original` is the JSON that the page posted.

        Where no language is asked for it is that of the words, as far as they tell.
        """
        visitor = uuid4().hex if self.client_id is None else sha256(self.client_id.encode()).hexdigest()[:32]
        return Inbound(
            Channel.CHAT,
            AddressKind.CHAT,
            visitor,
            text=self.text,
            provider_id=f"{visitor}:first",
            provider_ref=visitor,
            given=Given(self.name or None, self.email),
            topic=self.topic,
            language=self.language or recognised_language(plan, self.text, DEFAULT_LANGUAGE),
            original=original,
        )


class NewMessage(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/messages`."""

    text: Text
    client_id: ClientId

    def inbound(self, standing: Standing, original: OriginalMessage) -> Inbound:
        """The message as an inbound; the same client id twice in one conversation is one message.

        `original` is the JSON that the page posted.
        """
        return Inbound(
            Channel.CHAT,
            AddressKind.CHAT,
            standing.contact.address,
            text=self.text,
            provider_id=f"{standing.contact.provider_ref}:{self.client_id}",
            provider_ref=standing.contact.provider_ref,
            language=standing.contact.language,
            original=original,
        )


class ReadUpTo(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/read`: the position of the last message that the visitor has seen."""

    position: Annotated[int, Field(ge=1, le=10**9)]


def read_json(model: type[Model], body: bytes) -> Model:
    """Read a body as this model. Raises MalformedMessage, with what is wrong and where."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = ((".".join(map(str, fault["loc"])) or "body", fault["msg"]) for fault in error.errors())
        raise MalformedMessage("; ".join(f"{where}: {what}" for where, what in faults)) from error
