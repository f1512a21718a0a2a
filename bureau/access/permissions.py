"""Who may see which contact.

Supervisors, administrators and other systems see all. An agent sees what waits and could be offered to them, the
follow-ups of their service (`reach.py` says which these are), and what they have, had, or took. Besides, they see every
other contact of an usager whom they serve at this moment: who is in conversation with them, or has taken a follow-up of
theirs that is not answered yet. What answers a contact is also for the agent who has that one or took its follow-up: a
piece that it lacked may have come so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bureau.access.principal import Principal
from bureau.access.reach import Reach
from routeur.contact.row import WAITS
from routeur.contact.words import ContactState, FollowUpState
from routeur.errors import NotAllowed, NotFound
from routeur.plans import PlanInForce
from routeur.reading.contact_views import ContactView
from routeur.reading.follow_ups import FollowUpPlace, FollowUpView
from routeur.reading.views import Views

UNHELD = frozenset({*WAITS, ContactState.FOLLOW_UP})
"""The states of the contacts that agents of the same skills share; any other is an agent's, or was."""

MOST_CONTACTS_READ = 200
"""The number of an usager's newest contacts that are read to see whether an agent answers one of them."""


class Permissions:
    """Checks what a principal may read; refuses by raising NotFound or NotAllowed."""

    def __init__(self, views: Views, plans: Callable[[], PlanInForce]) -> None:
        self._views = views
        self._plans = plans

    def shown(self, who: Principal, contacts: Sequence[ContactView]) -> list[ContactView]:
        """Those of these contacts that may stand in a list for this person."""
        if who.reads_all:
            return list(contacts)
        reach, places = self._reach(who), self._places(contacts)
        return [contact for contact in contacts if _concerns(who, contact, reach, places)]

    def shown_follow_ups(self, who: Principal, follow_ups: Sequence[FollowUpView]) -> list[FollowUpView]:
        """Those of these follow-ups that may stand in a list for this person."""
        if who.reads_all:
            return list(follow_ups)
        reach = self._reach(who)
        return [
            one for one in follow_ups if one.taken_by == who.login or reach.is_of_their_service(one.topic, one.service)
        ]

    def check_may_read(self, who: Principal, contact_id: str) -> None:
        """Check that a person may read a contact."""
        contact = self._views.contacts.summary(contact_id)
        if not (self._reads(who, contact) or self._has_what_it_answers(who, contact) or self._had(who, contact)):
            raise NotAllowed(contact_id)

    def check_may_read_follow_up(self, who: Principal, reference: str) -> None:
        """Check that a person may read a follow-up, which is also what lets them take it."""
        follow_up = self._views.follow_ups.by_reference(reference)
        if not self.shown_follow_ups(who, [follow_up]):
            self.check_may_read(who, follow_up.contact)

    def check_may_read_usager(self, who: Principal, usager_id: str) -> None:
        """Check that a person may read all contacts of an usager. A contact that waits opens no others."""
        contacts = self._views.contacts.page(usager=usager_id, limit=MOST_CONTACTS_READ).items
        if not contacts:
            raise NotFound(usager_id)
        if not (who.reads_all or self._serves(who, usager_id) or self._answers_one(who, contacts)):
            raise NotAllowed(usager_id)

    def _reads(self, who: Principal, contact: ContactView) -> bool:
        if who.reads_all:
            return True
        together = (
            [contact] if contact.linked_to is None else [contact, self._views.contacts.summary(contact.linked_to)]
        )
        return bool(self.shown(who, together)) or self._serves(who, contact.usager.id) or self._took(who, contact)

    def _has_what_it_answers(self, who: Principal, contact: ContactView) -> bool:
        if contact.answers is None:
            return False
        answered = self._views.contacts.summary(contact.answers.id)
        return answered.agent == who.login or self._took(who, answered)

    def _had(self, who: Principal, contact: ContactView) -> bool:
        entries = self._views.contacts.timeline(contact.id)
        return any(entry.kind == "accepted" and entry.agent == who.login for entry in entries)

    def _serves(self, who: Principal, usager_id: str) -> bool:
        return any(mine.usager.id == usager_id for mine in self._views.contacts.held_by(who.login))

    def _answers_one(self, who: Principal, contacts: Sequence[ContactView]) -> bool:
        places = self._places(contacts)
        return any(place.taken_by == who.login and place.state == FollowUpState.TAKEN for place in places.values())

    def _took(self, who: Principal, contact: ContactView) -> bool:
        place = self._views.follow_ups.places([contact.id]).get(contact.id)
        return place is not None and place.taken_by == who.login

    def _places(self, contacts: Sequence[ContactView]) -> Mapping[str, FollowUpPlace]:
        return self._views.follow_ups.places([one.id for one in contacts if one.state == ContactState.FOLLOW_UP])

    def _reach(self, who: Principal) -> Reach:
        return Reach(self._plans(), who.login)


def _concerns(who: Principal, contact: ContactView, reach: Reach, places: Mapping[str, FollowUpPlace]) -> bool:
    if contact.agent == who.login:
        return True
    if contact.state in WAITS:
        return reach.could_be_offered(contact)
    place = places.get(contact.id)
    if place is None:
        return False
    return place.taken_by == who.login or reach.is_of_their_service(contact.topic, place.service)
