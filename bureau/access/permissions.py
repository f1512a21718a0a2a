"""Who may see which contact.

Supervisors, administrators and other systems see all. An agent sees the shared contacts (the queue, the back
office's), those that are or were their own, and every other contact of an usager whom they serve at this moment: who
is in conversation with them, or has taken a follow-up of theirs that is not answered yet. What answers a contact
is also for the agent who has that one or took its follow-up: a piece that it lacked may have come so.
"""

from __future__ import annotations

from collections.abc import Collection

from bureau.access.principal import Principal
from routeur.contact.row import WAITS
from routeur.contact.words import ContactState, FollowUpState
from routeur.errors import NotAllowed, NotFound
from routeur.reading.contact_views import ContactView
from routeur.reading.views import Views

SHARED = frozenset({*WAITS, ContactState.FOLLOW_UP})

MOST_CONTACTS_READ = 200
"""The number of an usager's newest contacts that are read to see whether an agent answers one of them."""


class Permissions:
    """Checks what a principal may read; refuses by raising NotFound or NotAllowed."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def shows(self, who: Principal, contact: ContactView) -> bool:
        """Whether the contact may stand in a list for this person."""
        return who.reads_all or contact.state in SHARED or contact.agent == who.login

    def check_may_read(self, who: Principal, contact_id: str) -> None:
        """Check that a person may read a contact."""
        contact = self._views.contacts.summary(contact_id)
        if not (self._reads(who, contact) or self._has_what_it_answers(who, contact)):
            raise NotAllowed(contact_id)

    def check_may_read_usager(self, who: Principal, usager_id: str) -> None:
        """Check that a person may read all contacts of an usager. A contact that everybody may see opens no others."""
        contacts = self._views.contacts.page(usager=usager_id, limit=MOST_CONTACTS_READ).items
        if not contacts:
            raise NotFound(usager_id)
        if not (who.reads_all or self._serves(who, usager_id) or any(self._answers(who, one) for one in contacts)):
            raise NotAllowed(usager_id)

    def _reads(self, who: Principal, contact: ContactView) -> bool:
        theirs = self.shows(who, contact) or self._serves(who, contact.usager.id)
        return theirs or self._took(who, contact, frozenset(FollowUpState))

    def _has_what_it_answers(self, who: Principal, contact: ContactView) -> bool:
        if contact.answers is None:
            return False
        answered = self._views.contacts.summary(contact.answers.id)
        return answered.agent == who.login or self._took(who, answered, frozenset(FollowUpState))

    def _serves(self, who: Principal, usager_id: str) -> bool:
        return any(mine.usager.id == usager_id for mine in self._views.contacts.held_by(who.login))

    def _answers(self, who: Principal, contact: ContactView) -> bool:
        return contact.state == ContactState.FOLLOW_UP and self._took(who, contact, {FollowUpState.TAKEN})

    def _took(self, who: Principal, contact: ContactView, states: Collection[FollowUpState]) -> bool:
        try:
            follow_up = self._views.follow_ups.by_reference(contact.reference)
        except NotFound:
            return False
        return follow_up.taken_by == who.login and follow_up.state in states
