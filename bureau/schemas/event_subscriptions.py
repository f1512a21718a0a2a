"""What the API takes and answers about the listeners of events, and the events themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints
from pydantic_core import PydanticCustomError

from bureau.schemas.fields import Answer, Cursor, Instant, Key, Request, ShortText
from canaux.event_webhooks.targets import LONGEST_URL_CHARACTERS
from competences.channels import Channel
from routeur.contact.words import Activity, ContactState, FollowUpReason, FollowUpState, Outcome
from routeur.subscriptions.deliveries import Progress
from routeur.subscriptions.published import KINDS
from routeur.subscriptions.subscriptions import Stopped


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError("unknown", "not known here")
    return kind


EventKind = Annotated[
    str, AfterValidator(_known_kind), Field(json_schema_extra={"enum": list(KINDS)}, examples=["contact.arrived"])
]
ListenerAddress = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_URL_CHARACTERS),
    Field(examples=["https://example.org/events"]),
]
MOST_FILTERS = 100


class EventSubscriptionRequest(Request):
    """Where events go, and which. An empty filter lets everything through; with a filter of channels, topics or
    services, events that are about no such contact are left out."""

    name: ShortText
    url: ListenerAddress
    kinds: Annotated[list[EventKind], Field(max_length=MOST_FILTERS)] = []
    channels: Annotated[list[Channel], Field(max_length=MOST_FILTERS)] = []
    topics: Annotated[list[Key], Field(max_length=MOST_FILTERS)] = []
    services: Annotated[list[Key], Field(max_length=MOST_FILTERS)] = []
    stopped: bool = Field(default=False, description="Nothing is told for now, and nothing is lost.")


class EventSubscriptionEntry(Answer):
    """A listener, and whether it is told anything."""

    id: str
    name: str
    url: str
    kinds: list[str]
    channels: list[Channel]
    topics: list[str]
    services: list[str]
    created_at: AwareDatetime
    created_by: str
    stopped: Stopped | None = Field(description="Why it is told nothing for now; null where it is told.")
    stopped_at: AwareDatetime | None
    former_secret_until: AwareDatetime | None = Field(description="Until when the secret before signs too.")


class EventSubscriptions(Answer):
    """Every listener, the oldest first."""

    items: list[EventSubscriptionEntry]


class EventSubscriptionWithSecret(EventSubscriptionEntry):
    """A listener with its new secret, which is shown this once."""

    secret: str = Field(description="What the listener checks signatures with.", examples=["whsec_..."])


class DeliveryQuery(Request):
    """Which deliveries."""

    state: Progress | None = None
    cursor: Cursor | None = None
    limit: int = Field(default=50, ge=1, le=200)


class EventDeliveryEntry(Answer):
    """One event for one listener, and how far it has come."""

    id: str = Field(description="The `webhook-id`, the same at every attempt.")
    kind: str
    at: AwareDatetime
    state: Progress
    attempts: int
    answer: str | None = Field(description="The HTTP status of the last answer, or why there was none.")
    done_at: AwareDatetime | None
    next_attempt_at: AwareDatetime | None
    body: str = Field(description="What is sent, as JSON.")


class EventDeliveryPage(Answer):
    """Deliveries, newest first."""

    items: list[EventDeliveryEntry]
    next: str | None


class ReplayRequest(Request):
    """From when on everything is told once more."""

    since: Instant


class Replayed(Answer):
    """How many events are told once more."""

    count: int


class EventContact(Answer):
    """The contact that an event is about, as it was when the event was written down. No word of its usager."""

    id: str
    reference: str
    channel: Channel
    topic: str | None
    state: ContactState
    outcome: Outcome | None
    arrived_at: AwareDatetime
    revision: int = Field(description="Grows with every change of its place: events may come out of order.")


class EventFollowUp(Answer):
    """The contact's newest follow-up."""

    reason: FollowUpReason
    service: str
    state: FollowUpState
    due_at: AwareDatetime


class EventData(Answer):
    """What happened, to what, and by whom."""

    agent: str | None
    contact: EventContact | None = None
    follow_up: EventFollowUp | None = None
    activity: Activity | None = None


class PublishedEvent(Answer):
    """What a listener is sent, with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`."""

    type: Literal[KINDS]  # type: ignore[valid-type]
    timestamp: AwareDatetime
    data: EventData
