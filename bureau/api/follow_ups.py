"""Follow-ups: finding them, and what their owner does with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from bureau.access.permissions import Permissions
from bureau.access.principal import EVERYONE, OVERSIGHT, STAFF, Principal
from bureau.api.answers_from_views import follow_up_page
from bureau.api.kept_pages import kept_page
from bureau.http.cursors import decoded, encoded
from bureau.http.operation import Operation
from bureau.schemas.answers import FollowUp, FollowUpPage, Requeued
from bureau.schemas.requests import (
    FollowUpAnswer,
    FollowUpClosing,
    FollowUpHandOver,
    FollowUpMoment,
    FollowUpQuery,
    FollowUpReopening,
    FollowUpSnooze,
    FollowUpTaking,
)
from routeur.contact.messages import OutgoingFile
from routeur.followups.keeping import FollowUps
from routeur.queue.recall import Moment, Recall
from routeur.reading.follow_ups import FollowUpView
from routeur.reading.paging import Page, cursor_after, read_cursor
from routeur.reading.views import Views

TAG = "follow-ups"
MOVED_ON = frozenset({HTTPStatus.CONFLICT})
OTHERS = frozenset({HTTPStatus.FORBIDDEN})
"""The refusal of a follow-up that is neither the agent's nor their service's."""


class FollowUpsApi:
    """Everything under `/follow-ups`, and `/recalls`."""

    def __init__(self, follow_ups: FollowUps, recall: Recall, views: Views, permissions: Permissions) -> None:
        self._follow_ups = follow_ups
        self._recall = recall
        self._views = views
        self._permissions = permissions

    def operations(self) -> list[Operation]:
        every, path, staff, one, moved = "/follow-ups", "/follow-ups/<reference>", STAFF, FollowUp, MOVED_ON | OTHERS
        answer, moment = FollowUpAnswer, FollowUpMoment
        return [
            Operation("GET", every, self.list_follow_ups, TAG, EVERYONE, FollowUpPage, query=FollowUpQuery),
            Operation("POST", "/recalls", self.serve_moment_now, TAG, OVERSIGHT, Requeued, body=moment),
            Operation("GET", path, self.get_follow_up, TAG, EVERYONE, one, refusals=OTHERS),
            Operation(
                "POST", f"{path}/take", self.take_follow_up, TAG, staff, one, body=FollowUpTaking, refusals=moved
            ),
            Operation("POST", f"{path}/release", self.release_follow_up, TAG, staff, one, refusals=moved),
            Operation(
                "POST",
                f"{path}/hand-over",
                self.hand_over_follow_up,
                TAG,
                staff,
                one,
                body=FollowUpHandOver,
                refusals=moved,
            ),
            Operation(
                "POST", f"{path}/snooze", self.snooze_follow_up, TAG, staff, one, body=FollowUpSnooze, refusals=moved
            ),
            Operation("POST", f"{path}/serve-now", self.serve_follow_up_now, TAG, staff, one, refusals=moved),
            Operation(
                "POST",
                f"{path}/answer",
                self.answer_follow_up,
                TAG,
                staff,
                one,
                body=answer,
                takes_files=True,
                refusals=moved,
            ),
            Operation(
                "POST", f"{path}/close", self.close_follow_up, TAG, staff, one, body=FollowUpClosing, refusals=moved
            ),
            Operation(
                "POST", f"{path}/reopen", self.reopen_follow_up, TAG, staff, one, body=FollowUpReopening, refusals=moved
            ),
        ]

    def list_follow_ups(self, who: Principal, query: FollowUpQuery) -> FollowUpPage:
        """Follow-ups, soonest due first. An agent sees their own and those of their service."""

        def read(cursor: str | None, limit: int) -> Page[FollowUpView]:
            return self._views.follow_ups.page(
                service=query.service,
                state=query.state,
                due_before=query.due_before,
                overdue=bool(query.overdue),
                owner=query.owner,
                written_again=bool(query.written_again),
                snoozed=query.snoozed,
                cursor=cursor,
                limit=limit,
            )

        shown = partial(self._permissions.shown_follow_ups, who)
        return follow_up_page(kept_page(read, shown, decoded(query.cursor), query.limit))

    def get_follow_up(self, who: Principal, reference: str) -> FollowUp:
        """One follow-up, by the reference that the usager was told."""
        self._permissions.check_may_read_follow_up(who, reference)
        return self._follow_up(reference)

    def take_follow_up(self, who: Principal, reference: str, body: FollowUpTaking) -> FollowUp:
        """Make it mine. What a colleague has taken is theirs (409); a supervisor may take it over."""
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.take(who.login, reference, over=body.over, anyone=who.oversees)
        return self._follow_up(reference)

    def release_follow_up(self, who: Principal, reference: str) -> FollowUp:
        """Give it back to its service, for anybody to take."""
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.release(who.login, reference, anyone=who.oversees)
        return self._follow_up(reference)

    def hand_over_follow_up(self, who: Principal, reference: str, body: FollowUpHandOver) -> FollowUp:
        """Hand it to a colleague, whose it is from now on, or to another service, for anybody there to take.

        The due date stays: it is what the usager was told.
        """
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.hand_over(
            who.login, reference, agent=body.agent, service=body.service, note=body.note, anyone=who.oversees
        )
        return self._follow_up(reference)

    def snooze_follow_up(self, who: Principal, reference: str, body: FollowUpSnooze) -> FollowUp:
        """Have its owner reminded of it at an instant, or wake it now.

        The due date stays, and so do its reminders. It wakes by itself when its usager writes.
        """
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.snooze(who.login, reference, body.until, anyone=who.oversees)
        return self._follow_up(reference)

    def serve_follow_up_now(self, who: Principal, reference: str) -> FollowUp:
        """Put it back in the queue with its arrival time, for somebody who is there; its owner is asked first.

        409 where nobody on shift could serve it, and for a caller, who is no longer on the line.
        """
        self._permissions.check_may_read_follow_up(who, reference)
        self._recall.serve_now(who.login, reference, anyone=who.oversees)
        return self._follow_up(reference)

    def serve_moment_now(self, who: Principal, body: FollowUpMoment) -> Requeued:
        """Put back in the queue all that one moment made follow-ups, such as a minute without anybody logged in.

        Only what nobody has taken; one call looks at 200, and `next` is where another goes on.
        """
        cursor = decoded(body.cursor)
        after = read_cursor(cursor) if cursor is not None else None
        recalled = self._recall.serve_all(who.login, Moment(body.reasons, body.start, body.end, body.service, after))
        following = encoded(cursor_after(*recalled.after)) if recalled.after is not None else None
        return Requeued(queued=list(recalled.queued), left=list(recalled.left), next=following)

    def answer_follow_up(
        self, who: Principal, reference: str, body: FollowUpAnswer, files: Sequence[OutgoingFile]
    ) -> FollowUp:
        """Write the answer to the usager, or say how they were told it.

        What a colleague has taken must be taken over first. It leaves by the first of the `ways_out` that is sure,
        unless `by` names another. Where none is, it is refused (409): call the person and say so (`telephone`), or
        confirm an address with them. With files it is a form, as for a message of a contact.
        """
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.answer(
            who.login, reference, body.text, files=files, by=body.by, address=body.address, anyone=who.oversees
        )
        return self._follow_up(reference)

    def close_follow_up(self, who: Principal, reference: str, body: FollowUpClosing) -> FollowUp:
        """Close it: nothing more is to be done. What a colleague has taken is theirs to close (409)."""
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.close(who.login, reference, body.note, anyone=who.oversees)
        return self._follow_up(reference)

    def reopen_follow_up(self, who: Principal, reference: str, body: FollowUpReopening) -> FollowUp:
        """Have an answered or closed one answered once more, by a new date, by the one who had it."""
        self._permissions.check_may_read_follow_up(who, reference)
        self._follow_ups.reopen(who.login, reference, body.note, anyone=who.oversees)
        return self._follow_up(reference)

    def _follow_up(self, reference: str) -> FollowUp:
        return FollowUp.model_validate(self._views.follow_ups.by_reference(reference))
