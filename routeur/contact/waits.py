"""A wait: from the moment at which somebody asks until they are served, promised an answer, or gone.

It is part of its contact's row (`Contact.wait_began` and what follows). Its first outcome is written once, in the
change of the contact that brings it about; what happens to the contact afterwards is no part of it. A closed contact
that is opened again waits anew: `EarlierWait` keeps the waits before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from competences.calendar import Calendar
from competences.channels import CHANNELS
from routeur.contact.row import HELD, WAITS, Changes, ContactRow
from routeur.contact.words import ContactState, FollowUpReason, WaitEnd

PROMISE_SECONDS: Final = 900

PROMISED: Final = frozenset({WaitEnd.ASKED, WaitEnd.CLOSED, WaitEnd.FOLLOWED_UP})
"""The ends of a wait by which its usager was promised an answer later."""

_COUNTED: Final = frozenset({WaitEnd.ACCEPTED, WaitEnd.FOLLOWED_UP})
"""The ends of a wait that count for the demand of a person who is served again, or after all."""

_NOT_TAKEN: Final = Changes(wait_ended=None, wait_end=None, waited_seconds=None, first_agent=None)


def beginning(at: datetime, counted_from: datetime) -> Changes:
    """The columns of a wait that begins at this instant; its fifteen minutes begin at `counted_from`."""
    return Changes(
        **_NOT_TAKEN, wait_began=at, wait_counted_from=counted_from, taken_at=None, handled_seconds=0.0, handovers=0
    )


def following(
    row: ContactRow, changes: Changes, now: datetime, end: WaitEnd | None, counted_from: datetime | None
) -> Changes:
    """What a change of a contact means for its wait.

    `end` says how its wait ends, if it does and the new state or outcome does not say it. With `counted_from`, its
    usager has asked again, and a new wait begins with its place in the queue.
    """
    state = changes.get("state", row.state)
    if counted_from is not None:
        return beginning(changes.get("queued_at", now), counted_from)
    columns = Changes()
    if state is ContactState.ACTIVE and not row.held:
        columns["taken_at"] = now
    elif row.held and state not in HELD:
        columns |= _left_desk(row, changes, state, now)
    if row.wait_began is not None and row.wait_ended is None and state not in WAITS:
        columns |= _ended(row, end or _end(changes, state), now)
        if state is ContactState.ACTIVE:
            columns["first_agent"] = changes.get("agent")
    return columns


def by_hours(row: ContactRow, calendar: Calendar) -> ContactRow:
    """The contact with its wait counted by the hours that now hold: a closure may have been made since it came."""
    if row.wait_began is None or row.wait_ended is not None or row.wait_began == row.wait_counted_from:
        return row
    return replace(row, wait_counted_from=calendar.next_opening(row.wait_began))


def end_by_follow_up(row: ContactRow, reason: FollowUpReason, calendar: Calendar) -> WaitEnd:
    """How a wait ends with this follow-up: it was closed when the wait began, its usager asked or left, or none of it.

    `calendar` is that of what is asked for.
    """
    if reason is FollowUpReason.USAGER_ASKED:
        return WaitEnd.ASKED
    if reason is FollowUpReason.USAGER_LEFT:
        return WaitEnd.ABANDONED
    came_while_closed = row.wait_began is not None and not calendar.is_open(row.wait_began)
    return WaitEnd.CLOSED if reason is FollowUpReason.CLOSED and came_while_closed else WaitEnd.FOLLOWED_UP


def counted_among(together: Sequence[ContactRow]) -> ContactRow | None:
    """Of contacts that an agent takes together, the one whose wait is that of their usager's one demand.

    None where the demand was counted before. What ended the wait of a letter was never counted for who now waits on a
    live channel.
    """
    if any(CHANNELS[row.channel].live and row.wait_end in _COUNTED for row in together):
        return None
    return first_asked(row for row in together if row.wait_ended is None)


def first_asked(rows: Iterable[ContactRow]) -> ContactRow | None:
    """The first of them that was asked, on a live channel if any was; None where there are none."""
    in_order = sorted(rows, key=lambda row: (not CHANNELS[row.channel].live, row.wait_began or row.arrived_at, row.id))
    return in_order[0] if in_order else None


def ended_today(row: ContactRow, calendar: Calendar, now: datetime) -> bool:
    """Whether the wait ended today: how it ended may still be told better. The figures of the days before stay."""
    return row.wait_ended is not None and calendar.local_date(row.wait_ended) == calendar.local_date(now)


def settles_promise_in_time(row: ContactRow, calendar: Calendar, now: datetime) -> bool:
    """Whether an usager who was promised an answer, and has it now, asked no longer ago than the promise allows."""
    if row.wait_began is None or row.wait_end not in PROMISED or not ended_today(row, calendar, now):
        return False
    return (now - row.wait_began).total_seconds() <= PROMISE_SECONDS


def _left_desk(row: ContactRow, changes: Changes, state: ContactState, now: datetime) -> Changes:
    columns = Changes(taken_at=None)
    if "accepted_at" in changes:  # their telephone was not answered: nobody had it this time
        return columns | _NOT_TAKEN if row.wait_ended == row.taken_at else columns
    if row.taken_at is not None and row.handled_seconds is not None:
        columns["handled_seconds"] = row.handled_seconds + (now - row.taken_at).total_seconds()
    if state is ContactState.FOLLOW_UP and row.handovers is not None:
        columns["handovers"] = row.handovers + 1
    return columns


def _end(changes: Changes, state: ContactState) -> WaitEnd:
    if state is ContactState.ACTIVE:
        return WaitEnd.ACCEPTED
    outcome = changes.get("outcome")
    return WaitEnd(outcome.value) if outcome is not None else WaitEnd.FOLLOWED_UP


def _ended(row: ContactRow, end: WaitEnd, now: datetime) -> Changes:
    waited = (now - row.wait_counted_from).total_seconds() if row.wait_counted_from is not None else 0.0
    ended = Changes(wait_ended=now, wait_end=end, waited_seconds=max(0.0, waited))
    return ended | Changes(wait_counted_from=row.wait_counted_from)
