"""What is still owed: the follow-ups by whose date somebody waits for an answer."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from routeur.contact.row import IN_INDEX
from routeur.contact.words import UNANSWERED, FollowUpState, Outcome
from routeur.record.tables import Contact, FollowUp


def still_owed() -> ColumnElement[bool]:
    """Whether its usager still waits for the answer: it is unanswered, or back in the queue or with an agent.

    Of one that went back more than once, the latest counts. That of a caller waits in what it was merged into.
    """
    holder, merged, later = aliased(Contact), aliased(Contact), aliased(FollowUp)
    waiting = (holder.state.in_([state.value for state in IN_INDEX]), holder.promised_at.is_not(None))
    promises = union_all(
        select(holder.id, holder.promised_at).where(*waiting),
        select(merged.id, holder.promised_at)
        .join(holder, holder.id == merged.linked_to)
        .where(merged.outcome == Outcome.MERGED.value, *waiting),
    )
    return or_(
        FollowUp.state.in_([state.value for state in UNANSWERED]),
        and_(
            FollowUp.state == FollowUpState.QUEUED.value,
            tuple_(FollowUp.contact_id, FollowUp.due_at).in_(promises),
            ~exists().where(later.contact_id == FollowUp.contact_id, later.created_at > FollowUp.created_at),
        ),
    )
