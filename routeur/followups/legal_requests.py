"""Requests and their clock: somebody says that a contact is one, that pieces are missing, that they have come.

Nothing here follows from a topic alone: the topic proposes what silence means, a person says that it is a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from competences.legal_clock import LegalRequest, legal_request, proposed_regime
from routeur.contact import contacts, journal, legal_requests
from routeur.contact.identifiers import new_id
from routeur.contact.row import ContactRow
from routeur.contact.words import ContactState
from routeur.errors import AlreadyDecided, Conflict, DateOutOfRange, NotAllowed, NotARequest, PeriodOver
from routeur.followups.latest import check_not_another_s
from routeur.followups.making import standing_of
from routeur.foundation import Foundation
from routeur.ports.news import LegalMatter, LegalNotice

LONGEST_WAIT_FOR_PIECES = timedelta(days=366)


class Requests:
    """The actions on a contact that is a request, or turns out to be one; `login` is who acts.

    They are for the agent who has the contact; once it is a follow-up, for everybody whom no colleague has forestalled
    by taking it; with `anyone`, for a supervisor. What was done already is not done again, nor told again.

    All raise NotFound for an unknown contact, NotAllowed for what is in other hands, and Conflict for a closed contact.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation

    def set_request(
        self, login: str, contact_id: str, is_request: bool, *, anyone: bool = False, even_if_decided: bool = False
    ) -> None:
        """Say whether the contact is a request; its clock then runs from the day on which it was received.

        The usager is told what silence means, or that what they were told of it does not hold. Raises PeriodOver for
        one of which silence would have decided already, unless `even_if_decided` confirms it; and AlreadyDecided for a
        request of which silence has decided: it cannot be unsaid, but where it was called one only after that.
        """
        now = self._foundation.clock()
        today = self._today(now)
        with self._foundation.record.write() as connection:
            row = _in_hand(connection, login, contact_id, anyone)
            before = legal_requests.request_of(row)
            if is_request == (before is not None):
                return
            if before is not None and before.cannot_be_unsaid(today):
                raise AlreadyDecided(contact_id)
            request = replace(self._received(row), declared_on=today) if is_request else None
            decided_on = request.silence_on if request is not None else None
            if decided_on is not None and decided_on < today and not even_if_decided:
                raise PeriodOver(decided_on)
            row = legal_requests.keep(connection, row, request)
            journal.write(connection, now, "request_set", row.id, login, is_request=is_request, **_dates(request))
            if before is not None and (before.regime is not None or before.missing):
                _tell(self._foundation, connection, row, LegalMatter.WITHDRAWN, now)
            elif request is not None and request.regime is not None:
                _tell(self._foundation, connection, row, LegalMatter.REQUEST, now)
        self._foundation.announcer.tell("request_set", now, contact_id, row.agent)

    def ask_for_pieces(
        self, login: str, contact_id: str, pieces: Sequence[str], until: date, *, anyone: bool = False
    ) -> None:
        """Tell the usager which pieces are missing, and by the end of which day they must come (CRPA L114-5).

        They take the place of those that are awaited already. Raises NotARequest, AlreadyDecided, and DateOutOfRange
        for a day that is not to come, or not within a year.
        """
        now = self._foundation.clock()
        today = self._today(now)
        if not today < until <= today + LONGEST_WAIT_FOR_PIECES:
            raise DateOutOfRange(today + timedelta(days=1), today + LONGEST_WAIT_FOR_PIECES)
        with self._foundation.record.write() as connection:
            row, before = self._request(connection, login, contact_id, anyone)
            awaited = before.awaited
            if awaited is not None and (awaited.pieces, awaited.until) == (tuple(pieces), until):
                return
            if before.decided_before(today):
                raise AlreadyDecided(contact_id)
            request = before.lacking(pieces, today, until)
            row = legal_requests.keep(connection, row, request)
            detail = {"pieces": list(pieces), "until": until.isoformat(), **_dates(request)}
            journal.write(connection, now, "pieces_missing", row.id, login, **detail)
            _tell(self._foundation, connection, row, LegalMatter.INCOMPLETE, now)
        self._foundation.announcer.tell("request_set", now, contact_id, row.agent)

    def complete(self, login: str, contact_id: str, received_on: date | None, *, anyone: bool = False) -> None:
        """Say that everything that was missing came on a day, by default today; the clock goes on, or begins.

        Raises NotARequest, and DateOutOfRange for a day before it was asked for, or to come.
        """
        now = self._foundation.clock()
        day = received_on or self._today(now)
        with self._foundation.record.write() as connection:
            row, before = self._request(connection, login, contact_id, anyone)
            awaited = before.awaited
            if awaited is None:
                return
            if not awaited.asked_on <= day <= self._today(now):
                raise DateOutOfRange(awaited.asked_on, self._today(now))
            request = before.completed(day)
            row = legal_requests.keep(connection, row, request)
            detail = {"pieces_received_on": day.isoformat(), **_dates(request)}
            journal.write(connection, now, "request_complete", row.id, login, **detail)
            _tell(self._foundation, connection, row, LegalMatter.COMPLETE, now)
        self._foundation.announcer.tell("request_set", now, contact_id, row.agent)

    def _received(self, row: ContactRow) -> LegalRequest:
        in_force = self._foundation.in_force
        return legal_request(in_force.plan, in_force.calendar, row.topic, row.received_at)

    def _today(self, now: datetime) -> date:
        return self._foundation.in_force.calendar.local_date(now)

    def _request(
        self, connection: Connection, login: str, contact_id: str, anyone: bool
    ) -> tuple[ContactRow, LegalRequest]:
        row = _in_hand(connection, login, contact_id, anyone)
        request = legal_requests.request_of(row)
        if request is None:
            raise NotARequest(contact_id)
        return row, request


def follow_topic(
    foundation: Foundation, connection: Connection, row: ContactRow, login: str | None, now: datetime
) -> None:
    """Give a request the regime of the topic that somebody has just set, and tell its usager where that is another.

    What silence has decided stays so, and a topic alone does not make it decide on a day that is past: somebody unsays
    the request, and says it again. Within the caller's transaction, which has changed `row` last.
    """
    before, in_force = legal_requests.request_of(row), foundation.in_force
    regime = proposed_regime(in_force.plan, row.topic)
    if before is None or regime == before.regime:
        return
    request = replace(before, regime=regime)
    today = in_force.calendar.local_date(now)
    if before.decided_before(today) or request.decided_before(today):
        return
    row = legal_requests.keep(connection, row, request)
    journal.write(connection, now, "legal_clock_changed", row.id, login, **_dates(request))
    matter = LegalMatter.REQUEST if before.regime is None else LegalMatter.CHANGED
    _tell(foundation, connection, row, matter, now)


def _tell(
    foundation: Foundation,
    connection: Connection,
    row: ContactRow,
    matter: LegalMatter,
    now: datetime,
) -> None:
    """Have every channel that reaches the usager tell them."""
    follow_up = standing_of(connection, row).follow_up
    service = follow_up.service if follow_up is not None else None
    notice = LegalNotice(row, new_id(), matter, service)
    foundation.publisher.publish_everywhere(connection, notice, now)


def _in_hand(connection: Connection, login: str, contact_id: str, anyone: bool) -> ContactRow:
    """The contact, locked, if this agent may say what it is."""
    row = contacts.lock(connection, contact_id)
    if row.state is ContactState.CLOSED:
        raise Conflict(contact_id)
    if row.state is ContactState.FOLLOW_UP:
        check_not_another_s(connection, contact_id, login, anyone)
    elif row.agent != login and not anyone:
        raise NotAllowed(contact_id)
    return row


def _dates(request: LegalRequest | None) -> dict[str, Any]:
    """The request's dates as the journal tells them."""
    if request is None:
        return {}
    silence_on = request.silence_on
    return {
        "received_on": request.received_on.isoformat(),
        "silence_means": request.silence_means,
        "silence_on": silence_on.isoformat() if silence_on is not None else None,
    }
