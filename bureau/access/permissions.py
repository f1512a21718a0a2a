"""Who may see which contact.

Those who oversee see all. An agent sees what everybody shares (the queue, the back office's), what is or was
theirs, there too, and whatever else an usager asked whom they serve at this moment.
"""

from __future__ import annotations

from bureau.access.principal import Principal
from routeur.contact.words import ContactState
from routeur.errors import NotAllowed, NotFound
from routeur.reading.contacts import ContactView
from routeur.reading.views import Views

SHARED = frozenset({ContactState.WAITING, ContactState.OFFERED, ContactState.FOLLOW_UP})

ENOUGH = 200
"""So many of an usager's contacts are looked at to see whether an agent has to do with them."""


class Permissions:
    """Answers by raising NotFound or NotAllowed."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def shows(self, who: Principal, contact: ContactView) -> bool:
        """Whether the contact may stand in a list for this person."""
        return who.reads_all or contact.state in SHARED or contact.agent == who.login

    def check_may_read(self, who: Principal, contact_id: str) -> None:
        contact = self._views.contacts.summary(contact_id)
        if not (self.shows(who, contact) or self._serves(who, contact) or self._followed_up(who, contact)):
            raise NotAllowed(contact_id)

    def check_may_read_usager(self, who: Principal, usager_id: str) -> None:
        contacts = self._views.contacts.page(usager=usager_id, limit=ENOUGH).items
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
