"""Where every message of a person is: P3 as the record alone can tell it, read without the router's own queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from routeur.record.tables import Contact, FollowUp, JournalEntry, Message
from tests.routeur.hall import Hall

KEPT = ("open", "taken", "answered")


def misplaced(hall: Hall, staff: Collection[str] | None = None) -> list[str]:
    """What is wrong with the places of messages: empty while each that is unanswered belongs to one open thing.

    That thing waits in the queue, or with a contact that does; or an agent has it; or it is a follow-up with a due date
    that a service or somebody on the staff keeps. What somebody has closed or answered since it came is answered; but
    nobody gives up for its usager what was promised to them, or what is a request, and no timer says of what was
    written and never answered that it was.
    `staff`: by default the agents of the plan in force.
    """
    with hall.record.read() as connection:
        contacts = {row.id: row for row in connection.execute(select(*Contact.__table__.c))}
        said = connection.execute(
            select(Message.contact_id, Message.text, Message.at).where(
                Message.direction == "in", Message.set_aside.is_(None)
            )
        ).all()
        kept: dict[str, list[Any]] = defaultdict(list)
        for row in connection.execute(select(*FollowUp.__table__.c).where(FollowUp.state.in_(KEPT))):
            kept[row.contact_id].append(row)
        unanswered = _closed_unanswered(connection, contacts)
    known = hall.plans.plan().agents if staff is None else staff
    faults = [*_follow_ups_of_nothing(contacts, kept), *unanswered]
    for message in said:
        home, closed = _home(contacts, message.contact_id)
        fault = _fault(contacts, home, kept[home.id], known, message.at, closed)
        if fault is not None:
            faults.append(f"{message.text!r} in {home.channel} {home.reference} ({home.state}): {fault}")
    return faults


def _follow_ups_of_nothing(contacts: Mapping[str, Any], kept: Mapping[str, list[Any]]) -> Iterator[str]:
    for contact_id, follow_ups in kept.items():
        contact = contacts[contact_id]
        if contact.state != "follow_up":
            yield f"{contact.reference} is {contact.state} and yet a follow-up that is {follow_ups[0].state}"
        if len(follow_ups) > 1:
            yield f"{contact.reference} has two follow-ups"
    for contact in contacts.values():
        if contact.state == "follow_up" and not kept.get(contact.id):
            yield f"{contact.reference} is a follow-up that nobody keeps"


def _closed_unanswered(connection: Connection, contacts: Mapping[str, Any]) -> list[str]:
    """What was closed as answered though no agent said so, and its usager had the last written word."""
    by_itself = {
        entry.contact_id: entry.detail.get("reason")
        for entry in connection.execute(
            select(JournalEntry.contact_id, JournalEntry.detail)
            .where(JournalEntry.kind == "finished")
            .order_by(JournalEntry.id)
        )
    }
    last: dict[str, str] = {}
    for message in connection.execute(
        select(Message.contact_id, Message.direction, Message.author)
        .where(Message.channel.in_(["email", "chat", "messaging"]), Message.set_aside.is_(None))
        .order_by(Message.contact_id, Message.position)
    ):
        if message.direction == "in" or message.direction == "out" and message.author is not None:
            last[message.contact_id] = message.direction
    return [
        f"{contact.reference} was closed as answered ({by_itself[contact.id]}), and nobody has answered"
        for contact in contacts.values()
        if contact.state == "closed" and contact.outcome == "answered"
        if by_itself.get(contact.id) is not None and last.get(contact.id) == "in"
    ]


def _home(contacts: Mapping[str, Any], contact_id: str) -> tuple[Any, list[Any]]:
    """The contact that looks after what was said in this one, and when those on the way to it were closed."""
    home = contacts[contact_id]
    closed = [home.closed_at] if home.closed_at is not None else []
    own = home
    while home.outcome == "merged" and home.linked_to is not None:
        home = contacts[home.linked_to]
        if home.state != "closed":
            return home, []
        closed.append(home.closed_at)
    return own, closed


def _fault(
    contacts: Mapping[str, Any], home: Any, follow_ups: list[Any], staff: Collection[str], at: Any, closed: list[Any]
) -> str | None:
    match home.state:
        case "closed" if home.outcome == "abandoned" and (home.promised_at or home.request):
            return "its usager left, and what they were promised or asked by right was given up"
        case "closed":
            return None if max(closed) >= at else "it came after the closing, and nobody has it"
        case "waiting":
            lead = contacts[home.linked_to] if home.linked_to is not None else home
            return None if lead.state in ("waiting", "active", "wrap_up") else f"it waits with one that is {lead.state}"
        case "active" | "wrap_up":
            return None if home.agent is not None else "it is with nobody"
        case _ if not follow_ups:
            return "nobody keeps it"
    (follow_up,) = follow_ups
    if follow_up.state == "answered":
        return None if follow_up.answered_at >= at else "it came after the answer, and counts as answered"
    if follow_up.state == "taken" and follow_up.taken_by not in staff:
        return "its owner is no longer there"
    return None
