"""A small town hall on real servers, for tests of the router's services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import insert, select

from competences.channels import Channel
from competences.recognition.recognition import Recognition
from routeur.contact.identifiers import new_id
from routeur.contact.identity import Given
from routeur.contact.words import Activity, AddressKind, ContactState
from routeur.followups.status import Statuses
from routeur.foundation import Foundation
from routeur.index import Index
from routeur.plans import Plans
from routeur.ports.announcer import Announcer
from routeur.ports.inbound import Inbound, Receipt
from routeur.ports.news import ChannelAdapter, DeliveryError, Effect, FollowUpsDue, News, ReplyWritten
from routeur.ports.publisher import Publisher
from routeur.ports.signals import Signals
from routeur.record.engine import open_record
from routeur.record.migrate import upgrade
from routeur.record.tables import Address, OutboxEntry, Usager
from routeur.router import build_router
from routeur.topics.corrections import Corrections
from routeur.topics.understanding import Recognise
from tests.clock import ManualClock

COMMON_WORDS = frozenset(["bonjour", "je", "pour", "la", "cantine", "un", "une", "mon", "ma", "le", "les"])
PLAN = Path(__file__).parents[1] / "data" / "small_plan.yaml"


@dataclass
class Postman:
    """A channel whose effects say what happened; `broken` makes its deliveries fail."""

    channel: Channel
    delivered: list[Effect] = field(default_factory=list)
    broken: DeliveryError | None = None

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        kind = type(news).__name__
        if isinstance(news, FollowUpsDue):  # only letters remind
            told = {"to": news.address, "of": [[one.reference, one.reminder.value] for one in news.follow_ups]}
            return [Effect(self.channel, kind, news.id, told)] if self.channel is Channel.EMAIL else []
        attempt = getattr(news, "attempt", "")
        name = getattr(news, "message_id", "") or getattr(news, "id", "")
        key = f"{self.channel}:{kind}:{news.contact.id}:{attempt}:{name}"
        carried = news.message_id if isinstance(news, ReplyWritten) and self.channel is Channel.EMAIL else None
        return [Effect(self.channel, kind, key, {"to": news.contact.address}, news.contact.id, message_id=carried)]

    def writes_from(self, kind: AddressKind, address: str) -> str | None:
        """Letters alone are written first here."""
        written = self.channel is Channel.EMAIL and kind is AddressKind.EMAIL
        return "mairie@petit-bourg.example" if written else None

    def perform(self, effect: Effect) -> None:
        if self.broken is not None:
            raise self.broken
        self.delivered.append(effect)


def nothing_recognised(text: str) -> Recognition | None:
    """The recognition of a town hall that has no model yet."""
    return None


class Hall:
    """A small town hall: wired, open since this morning, nobody logged in."""

    def __init__(self, record_url: str, redis: Redis, clock: ManualClock, plan: str | None = None) -> None:
        self.clock = clock
        self.redis = redis
        self.record = open_record(record_url)
        upgrade(self.record)
        self.plans = Plans(self.record)
        self.plans.publish(plan or PLAN.read_text("utf-8"), None, clock())
        self.index = Index(redis)
        self.postmen = {channel: Postman(channel) for channel in Channel}
        announcer = Announcer(redis, self.index.events)
        self.foundation = Foundation(
            self.record, self.index, self.plans, clock, announcer, Publisher(self.postmen), Signals(redis, announcer)
        )
        self.recognise: Recognise = nothing_recognised
        self.corrections = Corrections(self.record, self.plans, clock, lambda: COMMON_WORDS)
        router = build_router(self.foundation, lambda text: self.recognise(text), self.corrections)
        self.reception = router.reception
        self.desk = router.desk
        self.follow_ups = router.follow_ups
        self.recall = router.recall
        self.requests = router.requests
        self.views = router.views
        self.statuses = Statuses(self.record, lambda: self.plans.current().plan, clock)
        self.outbox = router.outbox
        self.dispatcher = router.make_dispatcher(redis, self.perform, "test")
        self.repair = router.repair
        self.closures = router.closures
        self.repair.rebuild()

    def perform(self, entry_id: int, _channel: Channel | None = None) -> None:
        """Carry out an effect at once, as if a worker had nothing else to do."""
        self.outbox.perform(entry_id)

    def close(self) -> None:
        self.record.close()

    def adapt(self, adapter: ChannelAdapter) -> None:
        """Let a real channel carry what leaves, in the place of its postman."""
        adapters: dict[Channel, Any] = self.postmen  # read at each use
        adapters[adapter.channel] = adapter

    def step(self, seconds: float = 0) -> None:
        """Let time pass, and the dispatcher see it; everybody's desk stays open meanwhile."""
        self.clock.advance(seconds)
        for login, agent in self.index.agent_snapshots(self.index.agents()).items():
            if agent.activity is not Activity.OFFLINE:
                self.index.touch(login, self.clock())
        for _ in range(3):
            self.dispatcher.step()

    def available(self, *logins: str) -> None:
        for login in logins:
            self.desk.set_activity(login, Activity.AVAILABLE)

    def call(self, sid: str = "CA1", number: str = "+33639980001", topic: str | None = "carte-identite") -> str:
        """Let somebody call who has chosen a topic in the menu; returns the contact."""
        contact = self.reception.receive(
            Inbound(Channel.VOICE, AddressKind.PHONE, number, provider_ref=sid)
        ).standing.contact.id
        if topic is not None:
            self.reception.route(contact, topic=topic)
        return contact

    def text(self, text: str, sid: str = "SM1", number: str = "+33639980001", topic: str | None = None) -> Receipt:
        return self.reception.receive(
            Inbound(Channel.MESSAGING, AddressKind.PHONE, number, text=text, provider_id=sid, topic=topic)
        )

    def mail(
        self,
        text: str,
        message_id: str = "<1@example.org>",
        sender: str = "lea@example.org",
        topic: str | None = None,
        in_reply_to: Sequence[str] = (),
    ) -> Receipt:
        return self.reception.receive(
            Inbound(
                Channel.EMAIL,
                AddressKind.EMAIL,
                sender,
                text=text,
                provider_id=message_id,
                topic=topic,
                in_reply_to=in_reply_to,
            )
        )

    def chat(
        self, text: str = "Bonjour", ref: str = "chat-1", topic: str | None = None, email: str | None = None
    ) -> str:
        return self.reception.receive(
            Inbound(
                Channel.CHAT,
                AddressKind.CHAT,
                ref,
                text=text,
                provider_ref=ref,
                provider_id=f"{ref}:1",
                topic=topic,
                given=Given(email=email),
            )
        ).standing.contact.id

    def know(self, *addresses: tuple[AddressKind, str]) -> None:
        """Have one person prove all these addresses; those that are proved already stay theirs."""
        with self.record.write() as connection:
            owned = {
                address: connection.scalar(
                    select(Address.usager_id).where(Address.kind == address[0].value, Address.value == address[1])
                )
                for address in addresses
            }
            usager = next((owner for owner in owned.values() if owner is not None), None)
            if usager is None:
                usager = new_id()
                connection.execute(insert(Usager).values(id=usager, created_at=self.clock()))
            for (kind, value), owner in owned.items():
                if owner is None:
                    connection.execute(insert(Address).values(kind=kind.value, value=value, usager_id=usager))

    def state(self, contact_id: str) -> ContactState:
        return self.reception.standing(contact_id).contact.state

    def offered_to(self, contact_id: str) -> str | None:
        snapshot = self.index.snapshot(contact_id)
        return snapshot.agent if snapshot is not None and snapshot.state == "offered" else None

    def waits_with(self, contact_id: str) -> str | None:
        """The contact in whose place this one waits in the index, if it does."""
        snapshot = self.index.snapshot(contact_id)
        return snapshot.lead if snapshot is not None else None

    def serve(self, contact_id: str) -> str:
        """Let the agent to whom the contact is offered accept it; returns their login."""
        login = self.offered_to(contact_id)
        assert login is not None
        self.desk.accept(login, contact_id)
        return login

    def told(self, contact_id: str) -> list[str]:
        """The kinds of news that left for the contact's channel, in order."""
        with self.record.read() as connection:
            return list(
                connection.scalars(
                    select(OutboxEntry.kind).where(OutboxEntry.contact_id == contact_id).order_by(OutboxEntry.id)
                )
            )

    def story(self, contact_id: str) -> list[str]:
        return [entry.kind for entry in self.views.contacts.timeline(contact_id)]
