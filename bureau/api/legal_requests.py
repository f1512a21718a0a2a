"""A contact as a request in the sense of the law: whether it is one, and what is missing from it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from bureau.access.permissions import Permissions
from bureau.access.principal import EVERYONE, STAFF, Principal
from bureau.http.operation import Operation
from bureau.schemas.answers import ContactRequest, Legal, LegalRegime
from bureau.schemas.requests import Completion, PiecesRequest, RequestSetting
from canaux.legal_words import silence_in_words
from canaux.messaging.failures import why_no_text
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.followups.legal_requests import Requests
from routeur.reading.readers import Readers
from routeur.reading.views import Views

TAG = "contacts"
OTHERS = frozenset({HTTPStatus.FORBIDDEN})
MOVED_ON = frozenset({HTTPStatus.CONFLICT})


class RequestsApi:
    """Everything under `/contacts/<contact_id>/request`."""

    def __init__(
        self,
        requests: Requests,
        views: Views,
        permissions: Permissions,
        readers: Readers,
        plans: Callable[[], Plan],
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._views = views
        self._permissions = permissions
        self._readers = readers
        self._plans = plans
        self._clock = clock

    def operations(self) -> list[Operation]:
        path, answer = "/contacts/<contact_id>/request", ContactRequest
        pieces, completion, refused = f"{path}/missing-pieces", f"{path}/completion", MOVED_ON | OTHERS
        return [
            Operation("GET", path, self.get_request, TAG, EVERYONE, answer, refusals=OTHERS),
            Operation("PUT", path, self.set_request, TAG, STAFF, answer, body=RequestSetting, refusals=refused),
            Operation("PUT", pieces, self.ask_for_pieces, TAG, STAFF, answer, body=PiecesRequest, refusals=refused),
            Operation("PUT", completion, self.complete_request, TAG, STAFF, answer, body=Completion, refusals=refused),
        ]

    def get_request(self, who: Principal, contact_id: str) -> ContactRequest:
        """Whether a contact is a request, and the dates that the law sets for it."""
        self._permissions.check_may_read(who, contact_id)
        answer = self._answer(contact_id)
        self._readers.note(who.login, contact_id)
        return answer

    def set_request(self, who: Principal, contact_id: str, body: RequestSetting) -> ContactRequest:
        """Say that a contact is a request, or that it is none after all.

        For the agent who has it, those who may answer its follow-up, and supervisors. The legal clock runs from the
        day of reception, and the usager is told what silence means, on their channel and at the e-mail address that
        they gave. What was told before is taken back where it is none. The same twice is told once. One whose period
        is over is refused (409) unless `even_if_decided` confirms it.
        """
        self._permissions.check_may_read(who, contact_id)
        self._requests.set_request(
            who.login, contact_id, body.is_request, anyone=who.oversees, even_if_decided=body.even_if_decided
        )
        return self._answer(contact_id)

    def ask_for_pieces(self, who: Principal, contact_id: str, body: PiecesRequest) -> ContactRequest:
        """Tell the usager of a request which pieces are missing, and until when they may come (CRPA L114-5).

        The period of acceptance begins when they have come, that of rejection stands still meanwhile. They take the
        place of those that are awaited already; the same ones twice are asked for once.
        """
        self._permissions.check_may_read(who, contact_id)
        self._requests.ask_for_pieces(who.login, contact_id, body.pieces, body.until, anyone=who.oversees)
        return self._answer(contact_id)

    def complete_request(self, who: Principal, contact_id: str, body: Completion) -> ContactRequest:
        """Say that all missing pieces have come; the usager is told, with the new date."""
        self._permissions.check_may_read(who, contact_id)
        self._requests.complete(who.login, contact_id, body.received_on, anyone=who.oversees)
        return self._answer(contact_id)

    def _answer(self, contact_id: str) -> ContactRequest:
        view = self._views.contacts.full(contact_id)
        legal, proposed = view.legal, view.legal_proposed
        return ContactRequest(
            is_request=legal is not None,
            legal=Legal.model_validate(legal) if legal is not None else None,
            legal_proposed=LegalRegime.model_validate(proposed) if proposed is not None else None,
            words=silence_in_words(self._plans(), legal, view.contact.language) if legal is not None else None,
            no_text=why_no_text(view.contact.opted_out, view.contact.reply_until, self._clock()),
        )
