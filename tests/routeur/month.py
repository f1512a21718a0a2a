"""A month of a small town hall's life, at random: its days and its nights, on every channel."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from competences.channels import Channel
from routeur.contact.row import HELD, WAITS
from routeur.contact.words import UNANSWERED, Activity, AddressKind, ContactState, Outcome
from routeur.errors import Conflict, NotAllowed
from routeur.ports.inbound import Inbound
from routeur.record.tables import Contact, FollowUp
from tests.routeur.hall import Hall

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 3, 9, tzinfo=PARIS)
"""The clocks change in this month, on the 29th; the 6th of April is a holiday."""
DAYS = 30
EVENTS_A_DAY = 14
AGENTS = ("anne", "bruno", "chloe", "david")
TOPICS = ("carte-identite", "objets-trouves", "permis-construire")
PEOPLE = 4


class Month:
    """What happens in it; every event has an instant of its own."""

    def __init__(self, hall: Hall, seed: int) -> None:
        self.hall = hall
        self.chance = random.Random(seed)
        self.number = 0
        self.calls: set[str] = set()
        for person in range(PEOPLE):
            hall.know((AddressKind.PHONE, _phone(person)), (AddressKind.EMAIL, _mail(person)))

    def live(self, days: int = DAYS) -> None:
        for day in range(days):
            instants = sorted(self._instant(START + timedelta(days=day)) for _ in range(EVENTS_A_DAY))
            for instant in instants:
                self._pass_time_until(instant)
                self._something_happens()
            self._pass_time_until(START + timedelta(days=day + 1))

    def _instant(self, day: datetime) -> datetime:
        """Half of them in one busy hour, the others at any time."""
        hours = self.chance.uniform(9, 10) if self.chance.random() < 0.5 else self.chance.uniform(0, 24)
        local = datetime.combine(day.date(), time(), PARIS) + timedelta(hours=hours)
        return local.astimezone(UTC)

    def _pass_time_until(self, instant: datetime) -> None:
        """Step by step, so that what lapses meanwhile lapses when it is due."""
        while (left := (instant - self.hall.clock()).total_seconds()) > 0.01:
            self.hall.step(min(left, self.chance.uniform(1200, 10_800)))

    def _something_happens(self) -> None:
        doings: list[Callable[[], object]] = [*[self._arrive] * 6, *[self._serve] * 5, *[self._go_on] * 5]
        doings += [self._come_and_go] * 2 + [self._leave] * 2 + [self._write_again] * 2 + [self._keep_promise]
        if self.chance.random() < 0.5:
            self.hall.available(*AGENTS)
        for doing in self.chance.choices(doings, k=3):
            self.hall.clock.advance(self.chance.uniform(0.1, 15))
            with suppress(Conflict, NotAllowed):
                doing()
            self.hall.dispatcher.step()

    def _arrive(self) -> None:
        self.number += 1
        person = self.chance.randrange(PEOPLE)
        channel, kind, address = self.chance.choice(
            [
                (Channel.VOICE, AddressKind.PHONE, _phone(person)),
                (Channel.MESSAGING, AddressKind.PHONE, _phone(person)),
                (Channel.CHAT, AddressKind.CHAT, f"chat-{self.number}"),
                (Channel.EMAIL, AddressKind.EMAIL, _mail(person)),
                (Channel.WALKIN, AddressKind.TICKET, f"T{self.number}"),
            ]
        )
        if kind in (AddressKind.CHAT, AddressKind.TICKET):
            self.hall.know((AddressKind.PHONE, _phone(person)), (kind, address))
        by_reference = channel in (Channel.VOICE, Channel.CHAT, Channel.WALKIN)
        inbound = Inbound(
            channel,
            kind,
            address,
            "Bonjour" if channel is not Channel.VOICE else "",
            None if channel is Channel.VOICE else f"<{self.number}@example.org>",
            provider_ref=f"ref-{self.number}" if by_reference else None,
            topic=self.chance.choice(TOPICS),
        )
        self.hall.reception.receive(inbound)

    def _serve(self) -> None:
        for login, agent in self.hall.index.agent_snapshots(AGENTS).items():
            if agent.offer is not None:
                self.hall.desk.accept(login, agent.offer)
                return

    def _go_on(self) -> None:
        row = self._some(Contact.state.in_(HELD), Contact.linked_to.is_(None))
        if row is None:
            return
        desk = self.hall.desk
        ways: list[Callable[[], object]] = [lambda: desk.finish(row.agent, row.id, Outcome.ANSWERED)] * 4
        ways += [
            lambda: desk.finish(row.agent, row.id, Outcome.SPAM),
            lambda: desk.transfer(row.agent, row.id, topic=self.chance.choice(TOPICS)),
            lambda: desk.follow_up(row.agent, row.id),
            lambda: self.hall.reception.usager_left(row.id),
            lambda: self._telephone_rings_unanswered(row),
        ]
        self.chance.choice(ways)()

    def _telephone_rings_unanswered(self, row: Any) -> None:
        attempts = self.hall.story(row.id).count("accepted")
        if row.channel == Channel.VOICE and row.state == ContactState.ACTIVE:
            self.hall.desk.phone_not_answered(row.id, attempts)

    def _come_and_go(self) -> None:
        activity = self.chance.choice([*[Activity.AVAILABLE] * 6, Activity.BREAK, Activity.OFFLINE])
        self.hall.desk.set_activity(self.chance.choice(AGENTS), activity)

    def _leave(self) -> None:
        row = self._some(Contact.state.in_([*WAITS, ContactState.FOLLOW_UP.value]))
        if row is None:
            return
        reception = self.hall.reception
        ways: list[Callable[[str], object]] = [reception.usager_left, reception.ask_follow_up, reception.settle]
        self.chance.choice(ways)(row.id)

    def _write_again(self) -> None:
        """Somebody whose conversation is over has more to say."""
        row = self._some(
            Contact.state == ContactState.CLOSED.value, Contact.channel.in_([Channel.CHAT.value, Channel.EMAIL.value])
        )
        if row is None:
            return
        self.number += 1
        self.hall.reception.receive(
            Inbound(
                Channel(row.channel),
                AddressKind(row.address_kind),
                row.address,
                "Encore une chose",
                f"<{self.number}@example.org>",
                provider_ref=row.provider_ref,
                contact_hint=row.id,
            )
        )

    def _keep_promise(self) -> None:
        with self.hall.record.read() as connection:
            references = connection.scalars(
                select(Contact.reference)
                .join(FollowUp, FollowUp.contact_id == Contact.id)
                .where(FollowUp.state.in_([state.value for state in UNANSWERED]), Contact.state == "follow_up")
                .order_by(FollowUp.created_at, FollowUp.contact_id)
            ).all()
        if references:
            way = self.chance.choice([self._answer, self._close, self._serve_now])
            way(self.chance.choice(references))

    def _answer(self, reference: str) -> None:
        self.hall.follow_ups.answer("anne", reference, "Voici.", anyone=True)

    def _close(self, reference: str) -> None:
        self.hall.follow_ups.close("anne", reference, anyone=True)

    def _serve_now(self, reference: str) -> None:
        self.hall.recall.serve_now("anne", reference, anyone=True)

    def _some(self, *which: Any) -> Any:
        """One of these contacts, or None."""
        with self.hall.record.read() as connection:
            query = select(*Contact.__table__.c).where(*which).order_by(Contact.arrived_at, Contact.id)
            rows = list(connection.execute(query).all())
        return self.chance.choice(rows) if rows else None


def _phone(person: int) -> str:
    return f"+3363998010{person}"


def _mail(person: int) -> str:
    return f"{person}@example.org"
