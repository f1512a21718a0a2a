"""The tables of the record, as typed models; statements over them are SQLAlchemy Core."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A time-zone aware instant; SQLite, which stores no zone, reads back in UTC like PostgreSQL."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the record takes time-zone aware instants only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigKey = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON, str: String}


class Usager(Base):
    """A person who asks."""

    __tablename__ = "usager"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str | None]
    created_at: Mapped[datetime]


class Address(Base):
    """An address that a usager has proved: an E.164 phone number, an e-mail address, a chat token's id or a ticket."""

    __tablename__ = "address"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(320), primary_key=True)
    usager_id: Mapped[str] = mapped_column(ForeignKey("usager.id"), index=True)


class Contact(Base):
    """One demand of one usager on one channel, from arrival to closing.

    `revision` grows by one with every change of `state`, `agent` or ladder; the index carries it so that a
    repair never undoes a change that is still under way. `queued_at` is the place in the queue, normally the
    arrival time; an earlier one is a head start (the day of reception and the figures of waits look at it too).
    `waiting_since` is the beginning of the present wait, from which rungs and the maximum wait count.
    `ladder` replaces the topic's: {"menu": true}, {"preferred": login}, {"agent": login} or {"skills": {...}}.
    `linked_to` is the contact that this one waits and is served with: that one has the place in the queue.
    `provider_ref` is what the channel calls the conversation: a CallSid, a chat id, an e-mail's first Message-ID.
    `reply_to` is where answers go, if elsewhere than to `address`. `answers` is the contact that this one answers,
    where somebody wrote who has no part in that one.
    `address` is what the channel has proved; `given_name`, `given_email` and `given_phone` are what was typed with it.
    `request` is null for a question, else what the clock of the law counts from (`contact/legal_requests.py`).
    `reply_until` is the instant until which its medium takes an answer, null where it always does.
    `confirmed` names those of `email` and `phone` that somebody on the staff has confirmed with the person: they may be
    written to, which proves nothing. Null where none was.
    `acknowledge` is false where no machine may answer it: a list wrote, or enough was answered there for a day.
    `wrap_up_until` is when its wrap-up ends by itself; it says nothing once that is over.
    `promised_at` is, of one that is back in the queue from a follow-up, the date that its usager was told.

    `wait_began` to `handovers` tell of its present wait, or its last (`contact/waits.py`): from when the fifteen
    minutes count, when it ended and how (`wait_end`: a `WaitEnd`), after how many seconds of them, and which agent took
    it first; since when an agent has it, how long agents had it before, and how often it was passed on. All are null
    where nobody waited (we wrote first); the last two also where they were not counted yet.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("channel", "provider_ref"),
        Index("ix_contact_open", "state", "channel"),
        Index("ix_contact_usager", "usager_id", "topic"),
        Index("ix_contact_arrived", "arrived_at"),
        Index("ix_contact_wait_began", "wait_began"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    channel: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(12))
    topic: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8), default="fr")
    subject: Mapped[str | None]
    usager_id: Mapped[str] = mapped_column(ForeignKey("usager.id"))
    address_kind: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(320))
    provider_ref: Mapped[str | None] = mapped_column(String(255))
    service_address: Mapped[str | None] = mapped_column(String(320))
    arrived_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    waiting_since: Mapped[datetime]
    ladder: Mapped[dict[str, Any] | None]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    agent: Mapped[str | None] = mapped_column(String(64), index=True)
    linked_to: Mapped[str | None] = mapped_column(String(32), index=True)
    revision: Mapped[int]
    changed_at: Mapped[datetime]
    message_count: Mapped[int] = mapped_column(default=0)
    reply_to: Mapped[str | None] = mapped_column(String(320))
    answers: Mapped[str | None] = mapped_column(String(32))
    given_name: Mapped[str | None]
    given_email: Mapped[str | None] = mapped_column(String(320))
    given_phone: Mapped[str | None] = mapped_column(String(320))
    request: Mapped[dict[str, Any] | None]
    reply_until: Mapped[datetime | None]
    confirmed: Mapped[list[str] | None]
    acknowledge: Mapped[bool] = mapped_column(server_default=true())
    promised_at: Mapped[datetime | None]
    wait_began: Mapped[datetime | None]
    wait_counted_from: Mapped[datetime | None]
    wait_ended: Mapped[datetime | None]
    wait_end: Mapped[str | None] = mapped_column(String(16))
    waited_seconds: Mapped[float | None]
    first_agent: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]
    handled_seconds: Mapped[float | None]
    handovers: Mapped[int | None]
    wrap_up_until: Mapped[datetime | None]


class EarlierWait(Base):
    """A wait of a contact before its present one, as `Contact` had it; `outcome` is how the contact ended that time."""

    __tablename__ = "earlier_wait"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    wait_began: Mapped[datetime] = mapped_column(index=True)
    wait_counted_from: Mapped[datetime]
    wait_ended: Mapped[datetime | None]
    wait_end: Mapped[str | None] = mapped_column(String(16))
    waited_seconds: Mapped[float | None]
    first_agent: Mapped[str | None] = mapped_column(String(64))
    handled_seconds: Mapped[float | None]
    handovers: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(12))


class Draft(Base):
    """What an agent has begun to write in a contact and has not sent."""

    __tablename__ = "draft"

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class Verification(Base):
    """A code that was sent to the address given with a contact; the outbox holds it too, so that it is no secret here.

    The latest one alone is good, for a while and a few `tries`.
    """

    __tablename__ = "verification"

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(320))
    code: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime]
    tries: Mapped[int]


class StatusProof(Base):
    """A code by which somebody shows that a demand is theirs, to be told how it stands.

    `name` is a digest of the demand's reference and of the address that the code was asked for: a row is written for
    every pair, also where nothing was sent because that demand has no such address.
    """

    __tablename__ = "status_code"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime]
    tries: Mapped[int]


class OptOut(Base):
    """A person's word that a number of ours shall write to them no more (`out`), or may again; their last word counts.

    `event_id` is the provider's id of the message that said it.
    """

    __tablename__ = "opt_out"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(String(255), unique=True)
    address: Mapped[str] = mapped_column(String(320), index=True)
    service_address: Mapped[str] = mapped_column(String(320))
    out: Mapped[bool]
    at: Mapped[datetime]


class Message(Base):
    """One thing said inside a contact; `position` counts from 1 within the contact, without gaps.

    `from_name` and `from_address` say who wrote, in the channel's words; `author` which agent. `sent_to` and
    `copied_to` are the addresses of those who received it. `authentication` is what a trusted server says of the
    sender's address. `digest` is that of sender and content, where the provider's id may be another message's too.
    `set_aside` says how far the review is of what no person wrote, as far as could be told; null for all others.
    `original` is the message as it came, byte for byte, compressed with zlib: a letter, a provider's form, a page's
    JSON. In this row, keeping it takes no statement more; last in it, nobody else reads past it.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("contact_id", "position"),
        UniqueConstraint("channel", "provider_id"),
        Index(
            "ix_message_set_aside",
            "at",
            sqlite_where=text("set_aside IS NOT NULL"),
            postgresql_where=text("set_aside IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"))
    position: Mapped[int]
    channel: Mapped[str] = mapped_column(String(12))
    direction: Mapped[str] = mapped_column(String(4))
    author: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    provider_id: Mapped[str | None] = mapped_column(String(255))
    from_name: Mapped[str | None]
    from_address: Mapped[str | None] = mapped_column(String(320))
    sent_to: Mapped[list[str] | None]
    copied_to: Mapped[list[str] | None]
    authentication: Mapped[str | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    set_aside: Mapped[str | None] = mapped_column(String(8))
    original_type: Mapped[str | None] = mapped_column(String(255))
    original: Mapped[bytes | None] = mapped_column(LargeBinary)


class Receipt(Base):
    """How far something that left for a contact's usager has come (`progress`: a `Delivery`).

    `at` is when it came there, or when we were told, null where neither is known; `provider_id` is the network's name
    for it; `message_id` the message that it carries, or carries a part of.
    """

    __tablename__ = "receipt"

    provider_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    contact_id: Mapped[str] = mapped_column(String(32), index=True)
    message_id: Mapped[str | None] = mapped_column(String(32))
    progress: Mapped[int]
    at: Mapped[datetime | None]


class Attachment(Base):
    """A file that goes with a message: `content` if we keep its bytes, `url` if the provider does; `size` in bytes."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(127))
    size: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    url: Mapped[str | None]


class JournalEntry(Base):
    """Something that happened, with its reason; only the retention rules ever change an entry."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    contact_id: Mapped[str | None] = mapped_column(String(32), index=True)
    agent: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]]
    event_id: Mapped[str | None] = mapped_column(String(64), unique=True)


class FollowUp(Base):
    """A follow-up: what the back office owes the usager of a contact. Its reference is the contact's.

    `answered_by` is the way that the answer took: a channel, `telephone` or `letter`; null where nobody wrote it down.
    `taken_by` owns it; of an answered one, it is who answered. `unanswered_since` is when its usager first wrote again
    since, null where nothing waits for an answer but what they first asked. `snoozed_until` is when its owner wants to
    be reminded of it. `reminded` is the last `Reminder` that was sent of its present due date.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("ix_follow_up_due", "state", "due_at"),
        Index("ix_follow_up_taken_by", "taken_by", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str | None] = mapped_column(String(64))
    service: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(12))
    unanswered_since: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    reminded: Mapped[str | None] = mapped_column(String(8))


class AgentPresence(Base):
    """What each agent is doing, as last recorded."""

    __tablename__ = "agent_presence"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    activity: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(32))
    since: Mapped[datetime]
    revision: Mapped[int]


class Account(Base):
    """Who may log in, and with what role; `password_hash` is null until the password is set."""

    __tablename__ = "account"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(12))
    password_hash: Mapped[str | None]


class AccessToken(Base):
    """A log-in: a browser's session or a bearer token of the API, whose token is kept as a SHA-256 digest only.

    `id` names it to its owner. `kind` is `browser` or `program`, `client` what that calls itself, in short.
    """

    __tablename__ = "access_token"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    login: Mapped[str] = mapped_column(ForeignKey("account.login"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    client: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class PlanVersion(Base):
    """One version of the routing plan; the newest is in force."""

    __tablename__ = "plan_version"

    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Closure(Base):
    """The town hall, or a part of it, closed on the spot from one instant until another.

    It is not part of the plan, which says how the town hall works and may be imported again at any moment. A closure
    that was undone holds until it was. Rows are kept: they say when the town hall was closed, and by whom.
    """

    __tablename__ = "closure"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    service: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str | None] = mapped_column(String(12))
    site: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[datetime | None]


class ExampleCandidate(Base):
    """What a contact's usager wrote, without personal data, and the topic that an agent said it was about."""

    __tablename__ = "example_candidate"
    __table_args__ = (Index("ix_example_candidate_state", "state", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(String(64))
    topic_before: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    corrected_by: Mapped[str] = mapped_column(String(64))
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None]
    learned_at: Mapped[datetime | None]


class OutboxEntry(Base):
    """One effect on the outside world, written in the commit of the fact that causes it; `key` makes it happen once.

    `message_id` is the recorded message that it carries, `provider_id` the name that reports on its delivery give it;
    both null where there is none.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "next_attempt_at"),
        Index("ix_outbox_contact", "contact_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    channel: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(32))
    contact_id: Mapped[str | None] = mapped_column(String(32))
    message_id: Mapped[str | None] = mapped_column(String(32))
    provider_id: Mapped[str | None] = mapped_column(String(255))
    payload: Mapped[dict[str, Any]]
    if_failed: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]


class EventSubscription(Base):
    """Another system that is told what happens: where, and of which events; an empty filter lets all through.

    `position` is the id of the journal's entry up to which everything is written down for it. `secret_number` counts
    the secrets that sign, from 1; the one before is good until `former_until`. `stopped` says why it is told nothing.
    """

    __tablename__ = "event_subscription"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(2000))
    kinds: Mapped[list[str]]
    channels: Mapped[list[str]]
    topics: Mapped[list[str]]
    services: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    secret_number: Mapped[int]
    former_until: Mapped[datetime | None]
    stopped: Mapped[str | None] = mapped_column(String(8))
    stopped_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(BigInteger)


class EventDelivery(Base):
    """One event for one subscription, with how far it has come. `body` is what is sent; it names nobody but agents.

    `at` is when it happened, `answer` the HTTP status of the last answer or why there was none.
    """

    __tablename__ = "event_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "entry_id"),
        Index("ix_event_delivery_due", "state", "next_attempt_at"),
        Index("ix_event_delivery_log", "subscription_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(ForeignKey("event_subscription.id"))
    entry_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(200))
