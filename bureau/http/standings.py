"""How the contact or follow-up that a refused request is about stands at this moment, and what that forbids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bureau.http.problems import PresentStanding
from competences.translation import N_
from routeur.contact.words import ContactState, FollowUpState
from routeur.errors import NotFound
from routeur.reading.views import Views

CONTACT: Final[Mapping[str, str]] = {
    ContactState.WAITING: N_("The contact waits in the queue, where this cannot be done: nothing was changed."),
    ContactState.OFFERED: N_("The contact is offered to {holder} at this moment: nothing was changed."),
    ContactState.ACTIVE: N_("{holder} has the contact: nothing was changed."),
    ContactState.WRAP_UP: N_("{holder} is finishing the contact: nothing was changed."),
    ContactState.FOLLOW_UP: N_("The contact is with the back office: nothing was changed. Take its follow-up instead."),
    ContactState.CLOSED: N_("The contact is closed: nothing was changed."),
}
FOLLOW_UP: Final[Mapping[str, str]] = {
    FollowUpState.OPEN: N_("Nobody has taken this follow-up: nothing was changed. Take it first."),
    FollowUpState.TAKEN: N_("{holder} has taken this follow-up: nothing was changed. Take it over first."),
    FollowUpState.ANSWERED: N_("This follow-up is answered: nothing was changed."),
    FollowUpState.CLOSED: N_("This follow-up is closed: nothing was changed."),
}


class Standings:
    """Looks things up by the parameters of a request's path."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def of(self, path: Mapping[str, str]) -> PresentStanding | None:
        """How it stands; None where the path names nothing that has a standing."""
        try:
            if "contact_id" in path:
                contact = self._views.contacts.summary(path["contact_id"])
                return PresentStanding(contact.state, contact.agent, CONTACT.get(contact.state))
            if "reference" in path:
                follow_up = self._views.follow_ups.by_reference(path["reference"])
                return PresentStanding(follow_up.state, follow_up.taken_by, FOLLOW_UP.get(follow_up.state))
        except NotFound:
            return None
        return None

    def name(self, login: str | None) -> str:
        """The name of somebody on the staff, to be read."""
        if login is None:
            return ""
        try:
            return self._views.agents.one(login).name
        except NotFound:
            return login
