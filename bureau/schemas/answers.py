"""The answers of the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from bureau.access.principal import Role
from bureau.access.tokens import LogInKind
from bureau.schemas.fields import Answer
from competences.channels import Channel
from competences.sheets.sheet import Section
from competences.skills import Requirement, pool_skills
from routeur.contact.messages import AttachmentView, MessageView
from routeur.contact.ways_out import ByHand
from routeur.contact.words import (
    Activity,
    ContactState,
    Delivery,
    Direction,
    FollowUpReason,
    FollowUpState,
    Outcome,
    SetAside,
)
from routeur.reading.statistics import By
from routeur.topics.corrections import CandidateState


class Session(Answer):
    """The person who is logged in, and the `csrf` that their browser must send back as `X-CSRF-Token`."""

    login: str
    role: Role
    csrf: str


class Token(Answer):
    """A bearer token, good for twelve hours."""

    token: str


class LogInEntry(Answer):
    """One place where a person is logged in."""

    id: str
    kind: LogInKind
    client: str | None = Field(
        description="The browser and its system, or the program's name, as it says itself.",
        examples=["Firefox, Windows"],
    )
    since: AwareDatetime
    last_seen: AwareDatetime = Field(description="When it was last used, to a minute; a browser that listens uses it.")
    current: bool = Field(description="Whether it is the one that asks.")


class LogIns(Answer):
    """Where a person is logged in."""

    items: list[LogInEntry]
    next: None = None


class Usager(Answer):
    """The person who asks, and how to reach them: what they have proved or, failing that, what was given."""

    id: str
    name: str | None
    phone: str | None
    email: str | None
    verified: list[Literal["phone", "email"]] = Field(
        description="Which of the two the person has proved to be theirs; the other was only typed."
    )


class Given(Answer):
    """What was typed with the contact, by the person or for them; it reaches them, and nothing proves it."""

    name: str | None
    phone: str | None
    email: str | None


class Answered(Answer):
    """A contact that another one answers."""

    id: str
    reference: str


class Linked(Answer):
    """A contact of the same person about the same matter, by another way."""

    id: str
    reference: str
    channel: Channel
    state: ContactState
    subject: str | None
    arrived_at: AwareDatetime


class WayOut(Answer):
    """One way in which an answer can reach the usager. A letter can always be written; it stands in no list."""

    by: Channel | ByHand = Field(description="A channel that carries it; `telephone`: somebody calls, and says so.")
    address: str | None = Field(description="Where it goes; null in a chat, on the line and at the counter.")
    sure: bool = Field(
        description="An answer leaves this way unless another is named. False: it must be named (`by`) and, if it has "
        "an address that can be written to, confirmed with the person by naming that too (`address`)."
    )


class Contact(Answer):
    """One demand of one usager on one channel."""

    id: str
    reference: str = Field(description="Short enough to be said on the phone.")
    channel: Channel
    state: ContactState
    outcome: Outcome | None
    topic: str | None
    language: str
    subject: str | None
    usager: Usager
    given: Given
    arrived_at: AwareDatetime
    accepted_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    agent: str | None = Field(description="Who holds it, or to whom it is offered.")
    linked_to: str | None = Field(
        description="The contact in whose place this one waits, and with which it is offered, taken and given back."
    )
    linked: list[Linked] = Field(
        description="The contacts that wait in the place of this one: who takes it takes them too, as far as they have "
        "room, and `load` counts each."
    )
    reply_to: str | None = Field(description="The address or number that an answer goes to; null where there is none.")
    reply_until: AwareDatetime | None = Field(
        description="Until when its medium takes an answer (WhatsApp: 24 hours after the usager's last message); null "
        "where it always does. After that, call them or write another way."
    )
    wrap_up_until: AwareDatetime | None = Field(
        description="When its wrap-up ends by itself; null where it is not in wrap-up."
    )
    opted_out: bool = Field(
        description="The usager has said STOP to the number that they wrote to: nothing can be sent from it."
    )
    answers: Answered | None = Field(
        description="The contact that it answers, if the writer takes no part in that one."
    )
    ways_out: list[WayOut] = Field(
        description="The ways to the person, those that an answer takes by itself first; where none is `sure`, nothing "
        "leaves unless a way is named."
    )
    revision: int


class ContactPage(Answer):
    """Contacts, a page at a time."""

    items: list[Contact]
    next: str | None


class Attachment(Answer):
    """A file that goes with a message."""

    id: str
    name: str
    content_type: str = Field(description="What its sender says that it is.")
    size: int = Field(description="In bytes; 0 where the provider keeps the file.")
    href: str = Field(description="Where it can be downloaded.")

    @model_validator(mode="before")
    @classmethod
    def _with_href(cls, view: object) -> object:
        if not isinstance(view, AttachmentView):
            return view
        return {**asdict(view), "href": f"/api/v1/contacts/{view.contact_id}/attachments/{view.id}"}


class NamedAddress(Answer):
    """Who wrote a message: the address, and the name that they give themselves."""

    name: str | None
    address: str = Field(description="An e-mail address or a phone number.")


class Message(Answer):
    """One thing said inside a contact."""

    id: str
    position: int
    direction: Direction
    author: str | None = Field(description="The agent who wrote it.")
    sender: NamedAddress | None = Field(
        serialization_alias="from", description="Who wrote it from outside; null where the channel tells no address."
    )
    to: list[str] = Field(description="The addresses it was written to.")
    cc: list[str] = Field(description="The addresses that received a copy.")
    authentication: str | None = Field(
        description="What a trusted mail server found of the sender's address; null where nobody looked.",
        examples=["dkim=pass spf=pass"],
    )
    text: str
    at: AwareDatetime
    attachments: list[Attachment]
    delivery: Literal["pending", "queued", "sent", "delayed", "delivered", "read", "failed"] | None = Field(
        description="How far it has come to those it was written to; null where no network tells."
    )
    delivery_at: AwareDatetime | None = Field(
        description="When it had come that far, or when we were told; null while it is pending, and where nobody tells."
    )
    set_aside: SetAside | None = Field(
        description="How far its review is, where no person wrote it, as far as could be told; null for all others."
    )
    original: str | None = Field(description="Where the message can be downloaded as it came; null if it was not kept.")

    @model_validator(mode="before")
    @classmethod
    def _from_view(cls, view: object) -> object:
        if not isinstance(view, MessageView):
            return view
        path = f"/api/v1/contacts/{view.contact_id}/messages/{view.id}/original"
        return {
            **{
                name: getattr(view, name)
                for name in ("id", "position", "direction", "author", "text", "at", "set_aside")
            },
            "attachments": view.attachments,
            "delivery": view.delivery.name.lower() if view.delivery is not None else None,
            "delivery_at": view.delivery_at if view.delivery is not Delivery.PENDING else None,
            "sender": view.envelope.sender,
            "to": view.envelope.sent_to,
            "cc": view.envelope.copied_to,
            "authentication": view.envelope.authentication,
            "original": path if view.has_original else None,
        }


class MessagePage(Answer):
    """Messages of a contact in the order of their positions, a page at a time."""

    items: list[Message]
    next: int | None = Field(description="The position to give as `after` for the next page; null on the last.")


class SetAsideMessage(Answer):
    """A message that nobody was asked to read, without what it says. `position` finds it in its contact."""

    id: str
    position: int
    at: AwareDatetime
    set_aside: SetAside


class SetAsideItem(Answer):
    """A message that nobody was asked to read, and the contact that it is in: its words are read there."""

    message: SetAsideMessage
    contact: Contact


class SetAsidePage(Answer):
    """What was set aside, a page at a time."""

    items: list[SetAsideItem]
    next: str | None


class TimelineEntry(Answer):
    """Something that happened to a contact, with its reason."""

    id: int
    at: AwareDatetime
    kind: str
    agent: str | None
    detail: dict[str, Any]


class Timeline(Answer):
    """Everything that happened to a contact, oldest first."""

    items: list[TimelineEntry]
    next: None = None


class Reading(Answer):
    """Somebody has opened a contact."""

    login: str
    at: AwareDatetime


class Readings(Answer):
    """Who has opened a contact, oldest first."""

    items: list[Reading]
    next: None = None


class LegalRegime(Answer):
    """The meaning that the law gives to a silence of `months` months on a request about a topic."""

    silence_means: Literal["acceptance", "rejection"]
    months: int


class AwaitedPieces(Answer):
    """What is missing from a request, since when it is asked for, and the last day for it to come."""

    pieces: list[str]
    asked_on: date
    until: date


class Legal(Answer):
    """The dates that the law sets for a request; a question has none."""

    received_on: date
    acknowledge_by: date
    silence_means: Literal["acceptance", "rejection"] | None = Field(
        description="What our silence means; null where it has no effect, or the topic is not known yet."
    )
    silence_on: date | None = Field(
        description="From the end of which day on; null also while the period does not run because pieces are missing."
    )
    awaited: AwaitedPieces | None = Field(description="What is missing from it; null where nothing is awaited.")


class FollowUp(Answer):
    """What the back office owes for a contact that could not be served: an answer by a service until a date."""

    reference: str
    reason: FollowUpReason
    topic: str | None
    service: str
    created_at: AwareDatetime
    due_at: AwareDatetime
    overdue: bool
    legal: Legal | None = Field(description="Null for a question.")
    state: FollowUpState
    taken_by: str | None = Field(description="Who owns it; once it is answered, who answered.")
    answered_at: AwareDatetime | None
    answered_by: Channel | ByHand | None = Field(
        description="The way that the answer took; null where it is not answered, or nobody wrote it down."
    )
    ways_out: list[WayOut] = Field(
        description="The ways to the person, those that the answer takes by itself first; where none is `sure`, "
        "nothing leaves unless a way is named: call them, and say so (`telephone`)."
    )
    unanswered_since: AwareDatetime | None = Field(
        description="Since when something that its usager wrote after they were promised an answer waits for one; null "
        "where nothing does."
    )
    snoozed_until: AwareDatetime | None = Field(description="When its owner wants to be reminded of it.")
    contact: str = Field(description="The contact's id.")


class FollowUpPage(Answer):
    """Follow-ups, a page at a time."""

    items: list[FollowUp]
    next: str | None


class Requeued(Answer):
    """What became of the follow-ups of a moment, by their references, first arrived first."""

    queued: list[str] = Field(description="Back in the queue, with their arrival times.")
    left: list[str] = Field(
        description="Still follow-ups: those of callers, who must be called back, and what nobody on shift serves."
    )
    next: str | None = Field(
        description="The `cursor` with which the same call goes on with the others of that moment; null where none are."
    )


class TopicGuess(Answer):
    """A topic that the contact's words may be about."""

    topic: str
    confidence: float = Field(description="The share of such guesses that are right, from 0 to 1.")


class TopicRecognition(Answer):
    """What the contact's words were taken to be about."""

    topic: str | None = Field(description="The topic that it was routed by; null where that was not sure enough.")
    guesses: list[TopicGuess] = Field(description="The best guesses, the surest first.")
    words: list[str] = Field(description="The words that decided for the first guess, the strongest first.")


class Explanation(Answer):
    """Why the contact is where it is: who could serve it and what they are doing, or why this agent was chosen."""

    model_config = ConfigDict(extra="allow")

    state: ContactState
    at: AwareDatetime
    ahead: int | None = Field(default=None, description="How many stand before it in its class.")
    recognition: TopicRecognition | None = None
    waiting: dict[str, Any] | None = None
    offer: dict[str, Any] | None = None
    last_offer: dict[str, Any] | None = None


class SuggestedSheet(Answer):
    """A procedure sheet that the agent may need."""

    topic: str
    title: str


class FullContact(Contact):
    """A contact with all that was said and all that happened."""

    messages: list[Message]
    timeline: list[TimelineEntry]
    explanation: Explanation
    follow_up: FollowUp | None
    correspondents: list[str] = Field(
        description="The addresses that the usager or an agent wrote to besides: those that an answer may copy."
    )
    suggested_sheets: list[SuggestedSheet] = Field(
        description="The sheet of its topic, then those of what it may be about; three at most."
    )
    legal: Legal | None = Field(description="Null for a question.")
    legal_proposed: LegalRegime | None = Field(
        description="What its topic proposes, should somebody say that it is a request; it promises nothing by itself."
    )


class ContactRequest(Answer):
    """Whether a contact is a request in the sense of the law, and what follows."""

    is_request: bool
    legal: Legal | None
    legal_proposed: LegalRegime | None
    words: str | None = Field(
        description="What the usager is told of it, in their language: to be said where no message can reach them."
    )
    no_text: str | None = Field(
        description="Why no text reaches them now, with what to do instead; null where one does, or none is written."
    )


class ExampleCandidate(Answer):
    """A message of an usager, without personal data, and the topic that an agent gave it."""

    id: str
    text: str
    topic: str
    topic_before: str | None = Field(description="What it was taken to be about; null where that was open.")
    state: CandidateState
    created_at: AwareDatetime
    corrected_by: str
    reviewed_by: str | None


class ExampleCandidates(Answer):
    """Examples to review, the oldest first."""

    items: list[ExampleCandidate]
    next: None = None


class Needs(Answer):
    """The skills, with minimum levels, that a contact needs of its agent; or the one `agent` whom it waits for."""

    skills: dict[str, int]
    agent: str | None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, requirement: object) -> object:
        if not isinstance(requirement, str):
            return requirement
        parsed = Requirement.parse(requirement)
        return {"skills": dict(parsed.levels), "agent": parsed.agent}


class PoolConsidered(Answer):
    """The agents with exactly these skills, one of whom was idle. The least versatile come first."""

    skills: dict[str, int]
    versatility: float | None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, considered: object) -> object:
        if not isinstance(considered, dict) or "pool" not in considered:
            return considered
        pool = considered["pool"]
        skills = pool_skills(pool) if "=" in pool or pool == "-" else {}
        return {"skills": skills, "versatility": considered["versatility"]}


class ClassConsidered(Answer):
    """The foremost of a channel's contacts with one need, and how urgent it was; `requirement` null: nobody waited."""

    channel: Channel
    requirement: Needs | None
    urgency: float


class OfferReason(Answer):
    """Why a contact was offered to this agent: the contact found them (`arrival`), they found it (`freed`), or it names
    them (`preferred`)."""

    why: Literal["arrival", "freed", "preferred"]
    requirement: Needs
    at: AwareDatetime | None
    pools: list[PoolConsidered] = Field(default=[], description="On arrival: whom it could have been offered to.")
    classes: list[ClassConsidered] = Field(default=[], description="When freed: what waited, the most urgent first.")


class Offer(Answer):
    """A contact proposed to one agent, until `expires_at`."""

    contact: Contact
    expires_at: AwareDatetime
    why: OfferReason


class Offers(Answer):
    """What is proposed to the agent now."""

    items: list[Offer]
    next: None = None


class Agent(Answer):
    """Somebody on the staff, and what they are doing."""

    login: str
    name: str
    activity: Activity
    reason: str | None = Field(description="Why the router changed it, where it did.")
    since: AwareDatetime | None
    skills: dict[str, int]
    load: dict[Channel, int] = Field(description="How many contacts they hold, by channel.")
    room: list[Channel] = Field(description="The channels of which they could be offered a contact at this moment.")
    offer: str | None = Field(description="The contact that is offered to them.")


class Agents(Answer):
    """The staff."""

    items: list[Agent]
    next: None = None


class Me(Agent):
    """The agent who asks."""

    role: Role


class Topic(Answer):
    """A topic of the plan in force, for pickers."""

    key: str
    label: str
    service: str


class Topics(Answer):
    """The topics of the plan in force, in the reader's language."""

    items: list[Topic]
    next: None = None


class SheetHit(Answer):
    """A procedure sheet that was found."""

    topic: str
    title: str
    service: str
    snippet: str = Field(description="What it says of what was asked, or how it begins; plain text.")
    reviewed_on: date
    online: str | None = Field(description="Where the procedure can be done online.")


class SheetHits(Answer):
    """The procedure sheets that were found, the best first."""

    items: list[SheetHit]
    next: None = None


class LegalSource(Answer):
    """A text of law, and what follows from it."""

    source: str
    says: str


class SheetSection(Answer):
    """A part of a sheet."""

    section: Section
    heading: str
    language: str
    text: str = Field(description="Markdown.")


class Sheet(Answer):
    """What an agent says, asks and does for one topic."""

    topic: str
    title: str
    service: str
    keywords: list[str]
    online: str | None = Field(description="Where the procedure can be done online.")
    documents: list[str]
    cost: str
    delay: str
    legal: list[LegalSource]
    reviewed_on: date
    next_review: date
    overdue_review: bool
    to_confirm: list[str] = Field(description="What the service must confirm before the sheet is relied upon.")
    sections: list[SheetSection]


class Tally(Answer):
    """How many contacts were served within the time promised."""

    share: float | None = Field(description="Between 0 and 1; null where nothing counts yet.")
    within: int
    counted: int
    left_out: int
    while_closed: int = Field(
        description="Came while the town hall was closed and became a follow-up at once; not in the share."
    )


class SelfServed(Answer):
    """How many of the contacts in writing (chat, text, e-mail) about a topic found their answer online."""

    month: str = Field(description="In the commune's time zone.", examples=["2026-11"])
    topic: str
    self_served: int
    contacts: int
    share: float = Field(description="Between 0 and 1.")


class ServiceLevel(Tally):
    """The service level of the contacts on live channels that arrived in a period, and the share of self-service."""

    start: AwareDatetime = Field(serialization_alias="from")
    end: AwareDatetime = Field(serialization_alias="to")
    by_channel: dict[Channel, Tally]
    self_service: list[SelfServed] = Field(description="By month and topic, of the contacts that arrived in it.")


class ArrivalFigures(Answer):
    """Demands that began to wait in a period, by how their wait ended.

    Spam, and what was served or merged with another contact of its usager, is none.
    """

    arrivals: int = Field(description="The sum of what follows, up to `otherwise`, but for what is said to be `among`.")
    waiting: int
    accepted: int = Field(description="An agent took it.")
    self_served: int
    abandoned: int
    abandoned_at_once: int = Field(description="Among the abandoned: within 10 s.")
    followed_up: int = Field(description="Its usager was promised an answer.")
    followed_up_while_closed: int = Field(description="Among these: it came while the town hall was closed.")
    otherwise: int
    abandonment: float | None = Field(
        description="The abandoned among those that no longer wait, but for those abandoned at once; from 0 to 1."
    )
    finished: int = Field(description="Among the accepted: no agent has it any more.")
    solved_at_once: int = Field(description="Among the finished: answered by the agent who took it first.")
    solved_at_once_share: float | None = Field(description="The part of the finished, from 0 to 1.")
    handovers: int = Field(description="How often the accepted were passed on: to a topic, a colleague, a service.")


class Spread(Answer):
    """How long something took, in seconds; null where it did not happen."""

    count: int
    mean: float | None
    p50: int | None = Field(description="Half of them took no longer.")
    p95: int | None = Field(description="95 % of them took no longer.")


class FollowUpFigures(Answer):
    """The follow-ups that were made in a period."""

    made: int = Field(description="The sum of in_time, late, pending and back_in_queue.")
    because_closed: int
    in_time: int
    late: int
    pending: int
    overdue: int = Field(description="Among the pending: past the due date.")
    back_in_queue: int = Field(description="Their contact went back to the queue, to be served there.")
    in_time_share: float | None = Field(description="Of those whose answer came or is overdue, from 0 to 1.")


class StatisticsItem(Answer):
    """The figures of one channel, topic, service, agent, hour or day."""

    key: str | None = Field(description="Null for what has none: no topic, no agent.", examples=["voice"])
    label: str
    arrivals: ArrivalFigures
    wait: Spread = Field(description="Of those taken by an agent, until then, counted as the service level does.")
    handling: Spread = Field(description="Of those finished: how long agents had them, wrap-up included.")
    follow_ups: FollowUpFigures


class Statistics(Answer):
    """What the town hall did in a period."""

    start: AwareDatetime = Field(serialization_alias="from")
    end: AwareDatetime = Field(serialization_alias="to")
    by: By
    total: StatisticsItem
    items: list[StatisticsItem]
    next: None = None
