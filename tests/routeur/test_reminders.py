"""Who owes an answer is reminded in opening hours: once before it is due, once when it is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from routeur.followups.reminders import Reminders
from routeur.record.tables import OutboxEntry
from tests.routeur.hall import PLAN, Hall
from tests.routeur.test_messages_find_their_place import events, follow_up

TUESDAY_CLOSING = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)
WEDNESDAY_OPENING = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def letters(hall: Hall) -> list[tuple[str, list[list[str]]]]:
    """Who was reminded of what, in order."""
    with hall.record.read() as connection:
        kept: Any = connection.scalars(
            select(OutboxEntry.payload).where(OutboxEntry.kind == "FollowUpsDue").order_by(OutboxEntry.id)
        )
        return [(payload["to"], payload["of"]) for payload in kept]


@pytest.fixture
def found(hall: Hall) -> str:
    """A question about lost property that is a follow-up, promised for Tuesday's closing."""
    contact = hall.mail("Mon parapluie ?", topic="objets-trouves").standing.contact.id
    hall.reception.ask_follow_up(contact)
    assert follow_up(hall, contact).due_at == TUESDAY_CLOSING
    return contact


def test_a_service_is_reminded_four_opening_hours_before_and_when_the_date_has_passed(hall: Hall, found: str) -> None:
    reference = follow_up(hall, found).reference
    for hours, minutes in [(5, 31), (4, 1)]:  # just before lunch there are 241 minutes left; over lunch nobody is there
        hall.clock.set(TUESDAY_CLOSING - timedelta(hours=hours, minutes=minutes))
        hall.step()
        assert letters(hall) == []
    hall.clock.set(TUESDAY_CLOSING - timedelta(hours=4))
    hall.step()
    hall.step(4)
    assert letters(hall) == [("accueil@petit-bourg.example", [[reference, "due_soon"]])]
    hall.clock.set(TUESDAY_CLOSING + timedelta(hours=1))
    hall.step()
    assert len(letters(hall)) == 1
    hall.clock.set(WEDNESDAY_OPENING)
    hall.step()
    hall.step(4)
    assert letters(hall)[1:] == [("accueil@petit-bourg.example", [[reference, "overdue"]])]
    assert hall.story(found).count("follow_up_reminder") == 2


def test_its_owner_is_reminded_too_by_letter_and_at_the_desk(hall: Hall, found: str) -> None:
    reference = follow_up(hall, found).reference
    hall.follow_ups.take("david", reference)
    hall.clock.set(WEDNESDAY_OPENING)
    with events(hall) as told:
        hall.step()
    assert ("follow_up_reminder", found, "david") in told
    told_to = [("accueil@petit-bourg.example", [[reference, "overdue"]])]
    assert letters(hall) == [*told_to, ("david@petit-bourg.example", [[reference, "overdue"]])]


def test_one_letter_names_all_that_are_due(hall: Hall, found: str) -> None:
    hall.clock.advance(60)
    other = hall.mail("Et mes clés ?", "<2@example.org>", "tom@example.org", topic="objets-trouves")
    hall.reception.ask_follow_up(other.standing.contact.id)
    hall.clock.set(WEDNESDAY_OPENING)
    hall.step()
    references = [follow_up(hall, found).reference, other.standing.contact.reference]
    ((to, named),) = letters(hall)
    assert to == "accueil@petit-bourg.example"
    assert sorted(named) == sorted([reference, "overdue"] for reference in references)


def test_what_is_answered_in_time_needs_no_reminder(hall: Hall, found: str) -> None:
    hall.follow_ups.answer("david", follow_up(hall, found).reference, "Il est là.")
    hall.clock.set(WEDNESDAY_OPENING)
    hall.step()
    assert letters(hall) == []


def test_a_new_date_is_a_new_reminder(hall: Hall, found: str) -> None:
    reference = follow_up(hall, found).reference
    hall.clock.set(WEDNESDAY_OPENING)
    hall.step()
    hall.follow_ups.answer("david", reference, "Il est là.")
    hall.follow_ups.close("david", reference)
    hall.follow_ups.reopen("david", reference)
    hall.step(4)
    assert len(letters(hall)) == 1
    hall.clock.set(follow_up(hall, found).due_at - timedelta(hours=1))
    hall.step()
    assert [named for _, named in letters(hall)[1:]] == [[[reference, "due_soon"]]] * 2


def test_a_snooze_does_not_silence_the_date_that_the_usager_was_told(hall: Hall, found: str) -> None:
    reference = follow_up(hall, found).reference
    hall.follow_ups.take("david", reference)
    hall.follow_ups.snooze("david", reference, hall.clock() + timedelta(days=30))
    hall.clock.set(WEDNESDAY_OPENING)
    hall.step()
    assert len(letters(hall)) == 2


def test_the_plan_says_how_long_before(hall: Hall) -> None:
    plan = PLAN.read_text("utf-8").replace("channels:", "due_soon_seconds: 3600\nchannels:", 1)
    hall.plans.publish(plan, None, hall.clock())
    hall.clock.advance(2)
    hall.reception.ask_follow_up(hall.mail("Mon parapluie ?", topic="objets-trouves").standing.contact.id)
    hall.clock.set(TUESDAY_CLOSING - timedelta(minutes=61))
    hall.step()
    assert letters(hall) == []
    hall.clock.set(TUESDAY_CLOSING - timedelta(minutes=60))
    hall.step()
    assert len(letters(hall)) == 1


def test_any_number_of_dispatchers_remind_once(hall: Hall, found: str) -> None:
    hall.clock.set(WEDNESDAY_OPENING)
    for reminders in (Reminders(hall.foundation), Reminders(hall.foundation)):
        reminders.remind()
        reminders.remind()
    assert len(letters(hall)) == 1


def test_a_service_to_which_one_is_handed_over_is_told_at_once_and_reminded(hall: Hall, found: str) -> None:
    reference = follow_up(hall, found).reference
    hall.clock.set(WEDNESDAY_OPENING)
    hall.step()
    hall.follow_ups.hand_over("anne", reference, service="urbanisme")
    told = [("urbanisme@petit-bourg.example", [[reference, "handed_over"]])]
    assert letters(hall)[1:] == told
    hall.step(4)
    hall.step(4)
    assert letters(hall)[1:] == [*told, ("urbanisme@petit-bourg.example", [[reference, "overdue"]])]
