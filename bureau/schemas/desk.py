"""What a desk shows, whole and as it changes: the snapshot, and the events of its stream."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, RootModel

from bureau.schemas.answers import Contact, FollowUp, Me, Message, Offer, Topic, Usager
from bureau.schemas.fields import Answer
from competences.channels import Channel
from routeur.contact.words import Activity, Direction

MESSAGES_SHOWN = 50

NUMBER = (
    "The place in the stream up to which this is true. To be sent back as `Last-Event-ID`, or as `?after=`; "
    "it means nothing else."
)


class Labelled(Answer):
    """A word of the plan in force, and what people call it."""

    key: str
    label: str


class Opening(Answer):
    """Whether the town hall is open at this moment, and until when it stays so."""

    is_open: bool
    until: AwareDatetime | None = Field(description="When it closes, or opens; null where no opening is foreseen.")


class ChannelRules(Answer):
    """How the plan treats the contacts of a channel."""

    capacity: int = Field(description="How many of them an agent holds at a time.")
    exclusive: bool = Field(description="Whoever holds one is offered nothing else.")
    interruptible: bool = Field(description="Whoever holds some may be offered an exclusive one besides.")
    target_seconds: int
    target_in_opening_hours: bool = Field(description="Whether the target counts opening hours only.")
    max_wait_seconds: int
    max_wait_in_opening_hours: bool


class Town(Answer):
    """What the plan in force says to everybody, in the reader's language."""

    plan_version: int
    opening: Opening
    channels: dict[Channel, ChannelRules]
    services: list[Labelled]
    topics: list[Topic]
    skills: list[Labelled] = Field(description="Languages among them, as `lang:en`.")


class Colleague(Answer):
    """Somebody else on the staff: whether a contact could be handed to them now."""

    login: str
    name: str
    skills: dict[str, int]
    activity: Activity
    since: AwareDatetime | None
    load: dict[Channel, int] = Field(description="How many contacts they hold, by channel.")
    room: list[Channel] = Field(description="The channels of which they could be offered a contact at this moment.")


class HeldContact(Contact):
    """A contact that I hold, without its messages."""

    draft: str | None = Field(description="What I have begun to write in it, and not sent.")
    usager_present: bool | None = Field(description="Whether the visitor's page is open; null but for chats.")
    read_by_usager: int = Field(description="The position up to which the usager has read it, where their page tells.")


class DeskContact(HeldContact):
    """A contact that I hold, with its newest messages in the order of their positions."""

    messages: list[Message] = Field(
        description=f"The newest {MESSAGES_SHOWN}; older ones are at `/contacts/<id>/messages`. As new ones come, the "
        "oldest of them may be dropped."
    )


class LastMessage(Answer):
    """The newest message of a contact."""

    position: int
    direction: Direction
    author: str | None
    text: str
    at: AwareDatetime


class OwnedFollowUp(FollowUp):
    """A follow-up that I have taken, and that is not closed yet, with whom it is owed to and what was said last."""

    channel: Channel
    subject: str | None
    usager: Usager
    draft: str | None = Field(description="What I have begun to write, and not sent.")
    last_message: LastMessage | None


class Desk(Answer):
    """All that my desk shows, at one moment. Lists are in no order but that of the messages."""

    number: str = Field(description=NUMBER, examples=["1795469310696-0"])
    me: Me
    offers: list[Offer]
    contacts: list[DeskContact]
    follow_ups: list[OwnedFollowUp]
    colleagues: list[Colleague] = Field(description="Everybody on the staff but me.")
    town: Town


class Because(StrEnum):
    """Why something left my desk."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    FOLLOWED_UP = "followed_up"
    RETURNED = "returned"
    OTHER = "other"


class Told(Answer):
    """What all events have. Events of one `number` belong together; the SSE `id` stands on the last of them."""

    number: str = Field(description=NUMBER)
    at: AwareDatetime


class ResetTold(Told):
    """Forget what you know: this is the whole desk. The first event, and whenever events may have been missed."""

    kind: Literal["reset"] = "reset"
    desk: Desk


class MeTold(Told):
    """I do, hold or am offered something else than before."""

    kind: Literal["me"] = "me"
    me: Me


class OfferTold(Told):
    """A contact is offered to me, or an offer has changed: it takes the place of that of the same contact."""

    kind: Literal["offered"] = "offered"
    offer: Offer


class OfferEnded(Told):
    """This contact is offered to me no longer."""

    kind: Literal["offer_ended"] = "offer_ended"
    contact_id: str
    because: Because


class ContactTold(Told):
    """I hold this contact, newly or changed: it takes the place of that of the same id, whose messages stay.

    The messages of one that is new follow, each as a `message`.
    """

    kind: Literal["contact"] = "contact"
    contact: HeldContact


class ContactLeft(Told):
    """I hold this contact no longer: it and its messages leave the desk."""

    kind: Literal["contact_left"] = "contact_left"
    contact_id: str
    because: Because


class MessageTold(Told):
    """A message in a contact that I hold, new or changed: it takes the place of that of the same position."""

    kind: Literal["message"] = "message"
    contact_id: str
    message: Message


class FollowUpTold(Told):
    """A follow-up is mine, newly or changed: it takes the place of that of the same contact."""

    kind: Literal["follow_up"] = "follow_up"
    follow_up: OwnedFollowUp


class FollowUpLeft(Told):
    """The follow-up of this contact is mine no longer, or done."""

    kind: Literal["follow_up_left"] = "follow_up_left"
    contact_id: str
    because: Because


class ColleagueTold(Told):
    """A colleague is new or does something else: they take the place of the one with the same login."""

    kind: Literal["colleague"] = "colleague"
    colleague: Colleague


class ColleagueLeft(Told):
    """Somebody is on the staff no longer."""

    kind: Literal["colleague_left"] = "colleague_left"
    login: str


class TypingTold(Told):
    """The usager of a contact that I hold is typing. It changes nothing on the desk, and is over by itself."""

    kind: Literal["typing"] = "typing"
    contact_id: str
    until: AwareDatetime


class TownTold(Told):
    """The town hall opens or closes, or another plan is in force."""

    kind: Literal["town"] = "town"
    town: Town


AnyDeskEvent = (
    ResetTold
    | MeTold
    | OfferTold
    | OfferEnded
    | ContactTold
    | ContactLeft
    | MessageTold
    | FollowUpTold
    | FollowUpLeft
    | ColleagueTold
    | ColleagueLeft
    | TownTold
    | TypingTold
)


class DeskEvent(RootModel[Annotated[AnyDeskEvent, Field(discriminator="kind")]]):
    """The `data` of one event of my stream; `kind` is its SSE `event` too."""
