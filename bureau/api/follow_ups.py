"""Follow-ups: finding, taking, answering and closing them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from bureau.access.principal import EVERYONE, STAFF, Principal
from bureau.api.answers_from_views import follow_up_page
from bureau.http.cursors import decoded
from bureau.http.operation import Operation
from bureau.schemas.answers import FollowUp, FollowUpPage
from bureau.schemas.requests import FollowUpAnswer, FollowUpClosing, FollowUpQuery, FollowUpTaking
from routeur.contact.messages import OutgoingFile
from routeur.followups.keeping import FollowUps
from routeur.reading.views import Views

TAG = "follow-ups"
MOVED_ON = frozenset({HTTPStatus.CONFLICT})


class FollowUpsApi:
    """Everything under `/follow-ups`."""

    def __init__(self, follow_ups: FollowUps, views: Views) -> None:
        self._follow_ups = follow_ups
        self._views = views

    def operations(self) -> list[Operation]:
        every, path = "/follow-ups", "/follow-ups/<reference>"
        moved = MOVED_ON
        answer, closing = FollowUpAnswer, FollowUpClosing
        return [
            Operation("GET", every, self.list_follow_ups, TAG, EVERYONE, FollowUpPage, query=FollowUpQuery),
            Operation("GET", path, self.get_follow_up, TAG, EVERYONE, FollowUp),
            Operation(
                "POST", f"{path}/take", self.take_follow_up, TAG, STAFF, FollowUp, body=FollowUpTaking, refusals=moved
            ),
            Operation(
                "POST",
                f"{path}/answer",
                self.answer_follow_up,
                TAG,
                STAFF,
                FollowUp,
                body=answer,
                takes_files=True,
                refusals=moved,
            ),
            Operation(
                "POST", f"{path}/close", self.close_follow_up, TAG, STAFF, FollowUp, body=closing, refusals=moved
            ),
        ]

    def list_follow_ups(self, who: Principal, query: FollowUpQuery) -> FollowUpPage:
        """Follow-ups, soonest due first."""
        return follow_up_page(
            self._views.follow_ups.page(
                service=query.service,
                state=query.state,
                due_before=query.due_before,
                overdue=bool(query.overdue),
                cursor=decoded(query.cursor),
                limit=query.limit,
            )
        )

    def get_follow_up(self, who: Principal, reference: str) -> FollowUp:
        """One follow-up, by the reference that the usager was told."""
        return self._follow_up(reference)

    def take_follow_up(self, who: Principal, reference: str, body: FollowUpTaking) -> FollowUp:
        """Make it mine. What a colleague has taken is refused (409), unless it is taken over."""
        self._follow_ups.take(who.login, reference, over=body.over)
        return self._follow_up(reference)

    def answer_follow_up(
        self, who: Principal, reference: str, body: FollowUpAnswer, files: Sequence[OutgoingFile]
    ) -> FollowUp:
        """Write the answer to the usager, or say how they were told it.

        What a colleague has taken must be taken over first. It leaves by the first of the `ways_out` that is sure,
        unless `by` names another. Where none is, it is refused (409): call the person and say so (`telephone`), or
        confirm an address with them. With files it is a form, as for a message of a contact.
        """
        self._follow_ups.answer(
            who.login, reference, body.text, files=files, by=body.by, address=body.address, anyone=who.oversees
        )
        return self._follow_up(reference)

    def close_follow_up(self, who: Principal, reference: str, body: FollowUpClosing) -> FollowUp:
        """Close it: nothing more is to be done. What a colleague has taken must be taken over first."""
        self._follow_ups.close(who.login, reference, body.note, anyone=who.oversees)
        return self._follow_up(reference)

    def _follow_up(self, reference: str) -> FollowUp:
        return FollowUp.model_validate(self._views.follow_ups.by_reference(reference))
