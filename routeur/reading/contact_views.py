"""A contact in a list: its row, its usager, and where the index has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from routeur.clock import Clock
from routeur.contact import opt_outs
from routeur.contact.identity import Given, ReachedAddress
from routeur.contact.row import ContactRow, Ladder
from routeur.contact.ways_out import FirstWay, WayOut, may_be_gone, ways_out
from routeur.contact.words import AddressKind, ContactState
from routeur.index import ContactSnapshot
from routeur.ports.signals import Signals
from routeur.record.tables import Address, Contact, Usager


@dataclass(frozen=True)
class UsagerView:
    """The usager, and how to reach them; `verified` says which of `phone` and `email` they have proved to be theirs."""

    id: str
    name: str | None
    phone: str | None
    email: str | None
    verified: Sequence[str] = ()

    @property
    def proved(self) -> Sequence[ReachedAddress]:
        """Those of the two that they have proved."""
        known = ((AddressKind.EMAIL, self.email), (AddressKind.PHONE, self.phone))
        return [ReachedAddress(kind, address) for kind, address in known if address and kind.value in self.verified]


@dataclass(frozen=True)
class AnsweredView:
    """A contact that another one answers."""

    id: str
    reference: str


@dataclass(frozen=True)
class LinkedView:
    """A contact that waits, or is served, together with the one that it is shown with."""

    id: str
    reference: str
    channel: str
    state: str
    subject: str | None
    arrived_at: datetime


@dataclass(frozen=True)
class ContactView:
    """A contact in a list; `state` is `offered` while the index proposes it to `agent`.

    `linked_to` is the contact in whose place this one waits and with which it is served; `linked` are those that wait
    in its own, first arrived first.
    `requirement` is whom it waits for at this moment, in the index's words; None once an agent has it. `ladder` is its
    own ladder, where that is not its topic's.
    """

    id: str
    reference: str
    channel: str
    state: str
    outcome: str | None
    topic: str | None
    language: str
    subject: str | None
    usager: UsagerView
    given: Given
    arrived_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    queued_at: datetime
    waiting_since: datetime
    requirement: str | None
    ladder: Ladder | None
    agent: str | None
    linked_to: str | None
    linked: Sequence[LinkedView]
    revision: int
    reply_to: str | None
    reply_until: datetime | None
    wrap_up_until: datetime | None
    opted_out: bool
    answers: AnsweredView | None
    ways_out: Sequence[WayOut]


def contact_view(
    row: ContactRow,
    usager: UsagerView,
    snapshot: ContactSnapshot | None,
    answered: Mapping[str, AnsweredView],
    linked: Sequence[LinkedView],
    ways: Sequence[WayOut],
    *,
    opted_out: bool,
) -> ContactView:
    """The view of a contact; `snapshot` says where the index has it, None if the index does not hold it.

    `answered` holds, by id, the contacts that those shown answer; `opted_out`: its usager wants no answer from the
    number that they wrote to; `linked` are those that wait in its place or are served with it; `ways` those to its
    usager.
    """
    state, agent = row.state, row.agent
    if row.waits and snapshot is not None and snapshot.state == ContactState.OFFERED:
        state, agent = ContactState.OFFERED, snapshot.agent
    return ContactView(
        id=row.id,
        reference=row.reference,
        channel=row.channel.value,
        state=state.value,
        outcome=row.outcome.value if row.outcome is not None else None,
        topic=row.topic,
        language=row.language,
        subject=row.subject,
        usager=_reached(usager, row),
        given=Given(row.given_name, row.given_email, row.given_phone),
        arrived_at=row.arrived_at,
        accepted_at=row.accepted_at,
        closed_at=row.closed_at,
        queued_at=row.queued_at,
        waiting_since=row.waiting_since,
        requirement=str(snapshot.requirement) if row.waits and snapshot is not None else None,
        ladder=row.ladder,
        agent=agent,
        linked_to=row.linked_to,
        linked=linked,
        revision=row.revision,
        reply_to=row.answer_address if row.reachable else None,
        reply_until=row.reply_until,
        wrap_up_until=row.wrap_up_until if row.state is ContactState.WRAP_UP else None,
        opted_out=opted_out,
        answers=answered.get(row.answers) if row.answers is not None else None,
        ways_out=ways,
    )


def answered_by(connection: Connection, rows: Collection[ContactRow]) -> Mapping[str, AnsweredView]:
    """The contacts, by id, that these contacts answer."""
    ids = {row.answers for row in rows if row.answers is not None}
    if not ids:
        return {}
    found = connection.execute(select(Contact.id, Contact.reference).where(Contact.id.in_(ids)))
    return {row.id: AnsweredView(row.id, row.reference) for row in found}


def _reached(usager: UsagerView, row: ContactRow) -> UsagerView:
    """The usager with what was given with this contact, where nothing is proved."""
    return replace(
        usager,
        name=usager.name or row.given_name,
        phone=usager.phone or row.given_phone,
        email=usager.email or row.given_email,
    )


def usagers_of(connection: Connection, rows: Collection[ContactRow]) -> Mapping[str, UsagerView]:
    """The usagers of these contacts by id, each with the proved phone number and e-mail address that come first."""
    ids = {row.usager_id for row in rows}
    if not ids:
        return {}
    named: dict[str, str | None] = {}
    reach: dict[tuple[str, str], str] = {}
    query = (
        select(Usager.id, Usager.name, Address.kind, Address.value)
        .outerjoin(Address, Address.usager_id == Usager.id)
        .where(Usager.id.in_(ids))
    )
    for row in connection.execute(query):
        named[row.id] = row.name
        reach.setdefault((row.id, row.kind), row.value)
    views = {}
    for usager_id, name in named.items():
        proved = {kind: reach.get((usager_id, kind)) for kind in ("phone", "email")}
        verified = tuple(kind for kind, address in proved.items() if address is not None)
        views[usager_id] = UsagerView(usager_id, name, proved["phone"], proved["email"], verified)
    return views


@dataclass(frozen=True)
class FactsBeside:
    """The facts that the record has beside the rows of some contacts, and that are shown with them, as of `now`."""

    usagers: Mapping[str, UsagerView]
    answered: Mapping[str, AnsweredView]
    opted_out: Collection[str]
    linked: Mapping[str, Sequence[LinkedView]]
    present: Collection[str]
    first_way: FirstWay
    now: datetime

    def view(self, row: ContactRow, snapshot: ContactSnapshot | None) -> ContactView:
        """The view of one of these contacts; `snapshot` says where the index has it."""
        usager, opted_out, linked = self.usagers[row.usager_id], row.id in self.opted_out, self.linked.get(row.id, ())
        return contact_view(row, usager, snapshot, self.answered, linked, self.ways_out(row), opted_out=opted_out)

    def ways_out(self, row: ContactRow) -> Sequence[WayOut]:
        """The ways in which an answer can reach the usager of one of these contacts."""
        proved = self.usagers[row.usager_id].proved
        opted_out, present = row.id in self.opted_out, row.id in self.present
        return ways_out(row, proved, self.first_way, self.now, opted_out=opted_out, present=present)


class BesideReader:
    """Reads the facts beside contacts. `first_way` says where one may write to whom who has not written there."""

    def __init__(self, first_way: FirstWay, signals: Signals, clock: Clock) -> None:
        self._first_way = first_way
        self._signals = signals
        self._clock = clock

    def facts(
        self, connection: Connection, rows: Sequence[ContactRow], companions: Iterable[ContactRow] = ()
    ) -> FactsBeside:
        """The facts beside these contacts, read over an open connection; `companions` are linked to them."""
        now = self._clock()
        signals = self._signals.of([row.id for row in rows if may_be_gone(row)], now)
        return FactsBeside(
            usagers_of(connection, rows),
            answered_by(connection, rows),
            opt_outs.opted_out_contacts(connection, rows),
            _by_lead(companions),
            {contact_id for contact_id, one in signals.items() if one.usager_present},
            self._first_way,
            now,
        )


def _by_lead(companions: Iterable[ContactRow]) -> Mapping[str, Sequence[LinkedView]]:
    linked: dict[str, list[LinkedView]] = defaultdict(list)
    for row in sorted(companions, key=lambda one: (one.arrived_at, one.id)):
        if row.linked_to is not None:
            view = LinkedView(row.id, row.reference, row.channel.value, row.state.value, row.subject, row.arrived_at)
            linked[row.linked_to].append(view)
    return linked
