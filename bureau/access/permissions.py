"""Who may see which contact.

Supervisors, administrators and other systems see all. An agent sees the shared contacts (the queue, the back
office's), those that are or were their own, and every other contact of an usager whom they serve at this moment.
"""

from __future__ import annotations

from bureau.access.principal import Principal
from routeur.contact.row import WAITS
from routeur.contact.words import ContactState
from routeur.errors import NotAllowed, NotFound
from routeur.reading.contact_views import ContactView
from routeur.reading.views import Views

SHARED = frozenset({*WAITS, ContactState.FOLLOW_UP})

MOST_CONTACTS_READ = 200
"""The number of an usager's newest contacts that are read to see whether an agent may see one of them."""


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
        if not (self.shows(who, contact) or self._serves(who, contact) or self._followed_up(who, contact)):
            raise NotAllowed(contact_id)

    def check_may_read_usager(self, who: Principal, usager_id: str) -> None:
        """Check that a person may read an usager's contacts."""
        contacts = self._views.contacts.page(usager=usager_id, limit=MOST_CONTACTS_READ).items
        if not contacts:
            raise NotFound(usager_id)
        if not any(self.shows(who, contact) for contact in contacts):
            raise NotAllowed(usager_id)

    def _serves(self, who: Principal, contact: ContactView) -> bool:
        return any(mine.usager.id == contact.usager.id for mine in self._views.contacts.held_by(who.login))

    def _followed_up(self, who: Principal, contact: ContactView) -> bool:
        try:
            return self._views.follow_ups.by_reference(contact.reference).taken_by == who.login
        except NotFound:
            return False
