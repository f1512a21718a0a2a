"""A follow-up has one owner, from taking to closing, whatever others do at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routeur.contact.words import ContactState, FollowUpState, Outcome
from routeur.errors import Conflict, InstantOutOfRange, Invalid, NotFound, TakenByAnother
from tests.routeur.hall import Hall
from tests.routeur.places import misplaced
from tests.routeur.test_messages_find_their_place import WITHOUT_DAVID, events, follow_up
from tests.routeur.test_statements import statements


@pytest.fixture
def letter(hall: Hall) -> str:
    """A letter that is a follow-up."""
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.reception.ask_follow_up(letter)
    return letter


@pytest.fixture
def reference(hall: Hall, letter: str) -> str:
    """The reference of its follow-up, which bruno has taken."""
    reference = follow_up(hall, letter).reference
    hall.follow_ups.take("bruno", reference)
    return reference


ACTIONS: list[Callable[[Hall, str, str, bool], object]] = [
    lambda hall, login, reference, anyone: hall.follow_ups.take(login, reference, anyone=anyone, over=True),
    lambda hall, login, reference, anyone: hall.follow_ups.release(login, reference, anyone=anyone),
    lambda hall, login, reference, anyone: hall.follow_ups.hand_over(login, reference, agent="david", anyone=anyone),
    lambda hall, login, reference, anyone: hall.follow_ups.snooze(
        login, reference, hall.clock() + timedelta(days=1), anyone=anyone
    ),
    lambda hall, login, reference, anyone: hall.follow_ups.answer(login, reference, "C'est prêt.", anyone=anyone),
    lambda hall, login, reference, anyone: hall.follow_ups.close(login, reference, anyone=anyone),
    lambda hall, login, reference, anyone: hall.follow_ups.reopen(login, reference, anyone=anyone),
]


@pytest.mark.parametrize("action", ACTIONS)
def test_what_somebody_has_taken_nobody_else_touches_but_a_supervisor_may(
    hall: Hall, letter: str, reference: str, action: Callable[[Hall, str, str, bool], object]
) -> None:
    before = follow_up(hall, letter)
    with pytest.raises(TakenByAnother) as refused:
        action(hall, "chloe", reference, False)
    assert (refused.value.holder, refused.value.state) == ("bruno", "taken")
    assert follow_up(hall, letter) == before
    action(hall, "anne", reference, True)


def test_without_saying_so_a_supervisor_does_not_take_over(hall: Hall, letter: str, reference: str) -> None:
    with pytest.raises(TakenByAnother):
        hall.follow_ups.take("anne", reference, anyone=True)
    with events(hall) as told:
        hall.follow_ups.take("anne", reference, over=True, anyone=True)
    assert told == [("follow_up_taken", letter, "anne"), ("follow_up_taken", letter, "bruno")]
    assert hall.views.contacts.timeline(letter)[-1].detail == {"taken_from": "bruno"}


def test_what_is_released_anybody_of_its_service_may_take(hall: Hall, letter: str, reference: str) -> None:
    due_at = follow_up(hall, letter).due_at
    with events(hall) as told:
        hall.follow_ups.release("bruno", reference)
    hall.follow_ups.release("bruno", reference)
    assert told[-1] == ("follow_up_released", letter, "bruno")
    assert [one.reference for one in hall.views.follow_ups.page(state=FollowUpState.OPEN).items] == [reference]
    hall.follow_ups.take("chloe", reference)
    assert (follow_up(hall, letter).taken_by, follow_up(hall, letter).due_at) == ("chloe", due_at)


def test_a_colleague_to_whom_it_is_handed_owns_it_and_is_told(hall: Hall, letter: str, reference: str) -> None:
    due_at = follow_up(hall, letter).due_at
    with events(hall) as told:
        hall.follow_ups.hand_over("bruno", reference, agent="chloe", note="Vous connaissez le dossier.")
    assert told == [("follow_up_handed_over", letter, "chloe"), ("follow_up_handed_over", letter, "bruno")]
    shown = follow_up(hall, letter)
    assert (shown.state, shown.taken_by, shown.due_at) == ("taken", "chloe", due_at)
    entry = hall.views.contacts.timeline(letter)[-1]
    assert (entry.agent, entry.detail) == ("bruno", {"to": "chloe", "note": "Vous connaissez le dossier."})
    with pytest.raises(TakenByAnother):
        hall.follow_ups.answer("bruno", reference, "C'est prêt.")
    hall.follow_ups.answer("chloe", reference, "C'est prêt.")


def test_another_service_to_which_it_is_handed_finds_it_in_its_list(hall: Hall, letter: str, reference: str) -> None:
    due_at = follow_up(hall, letter).due_at
    hall.follow_ups.hand_over("bruno", reference, service="accueil")
    (shown,) = hall.views.follow_ups.page(service="accueil", state=FollowUpState.OPEN).items
    assert (shown.reference, shown.taken_by, shown.due_at) == (reference, None, due_at)
    hall.follow_ups.hand_over("david", reference, service="etat-civil")
    assert follow_up(hall, letter).service == "etat-civil"


@pytest.mark.parametrize(
    "to", [{}, {"agent": "nobody"}, {"service": "nothing"}, {"agent": "chloe", "service": "accueil"}]
)
def test_it_is_handed_to_one_that_the_plan_knows(hall: Hall, reference: str, to: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        hall.follow_ups.hand_over("bruno", reference, **to)


def test_a_closed_one_is_reopened_for_the_one_who_had_it_by_a_new_date(hall: Hall, letter: str, reference: str) -> None:
    first = follow_up(hall, letter)
    hall.follow_ups.answer("bruno", reference, "C'est prêt.")
    hall.follow_ups.close("bruno", reference)
    with pytest.raises(Conflict):
        hall.follow_ups.answer("bruno", reference, "Encore.")
    hall.clock.advance(days=7)
    with events(hall) as told:
        hall.follow_ups.reopen("david", reference, "La moitié manquait.")
    hall.follow_ups.reopen("bruno", reference)
    assert told == [("follow_up_reopened", letter, "bruno")]
    shown = follow_up(hall, letter)
    assert (shown.state, shown.taken_by, shown.due_at) == ("taken", "bruno", first.due_at + timedelta(days=7))
    standing = hall.reception.standing(letter).contact
    assert (standing.state, standing.outcome, standing.closed_at) == (ContactState.FOLLOW_UP, None, None)
    hall.follow_ups.answer("bruno", reference, "Voici l'autre moitié.")
    hall.follow_ups.close("bruno", reference)
    assert hall.reception.standing(letter).contact.outcome is Outcome.FOLLOWED_UP


def test_one_closed_without_an_owner_or_whose_owner_has_left_is_reopened_for_anybody(hall: Hall, letter: str) -> None:
    reference = follow_up(hall, letter).reference
    hall.follow_ups.close("anne", reference)
    hall.follow_ups.reopen("anne", reference)
    assert follow_up(hall, letter).state == FollowUpState.OPEN
    hall.follow_ups.answer("david", reference, "C'est prêt.")
    hall.plans.publish(WITHOUT_DAVID, None, hall.clock())
    hall.clock.advance(2)
    hall.follow_ups.reopen("anne", reference)
    assert follow_up(hall, letter).state == FollowUpState.OPEN


def test_what_has_gone_on_elsewhere_is_not_reopened(hall: Hall, letter: str, reference: str) -> None:
    hall.available("chloe")
    hall.recall.serve_now("bruno", reference)
    with pytest.raises(Conflict) as refused:
        hall.follow_ups.reopen("bruno", reference)
    assert refused.value.state == "waiting"
    hall.serve(letter)
    with pytest.raises(Conflict):
        hall.follow_ups.reopen("bruno", reference)
    assert misplaced(hall) == []


def test_one_that_was_served_from_the_queue_is_reopened_for_the_one_who_had_it(
    hall: Hall, letter: str, reference: str
) -> None:
    hall.available("chloe")
    hall.recall.serve_now("bruno", reference)
    hall.serve(letter)
    hall.desk.finish("chloe", letter, Outcome.ANSWERED)
    hall.follow_ups.reopen("bruno", reference)
    assert (follow_up(hall, letter).state, follow_up(hall, letter).taken_by) == (FollowUpState.TAKEN, "bruno")
    assert hall.state(letter) is ContactState.FOLLOW_UP
    assert misplaced(hall) == []


def test_a_snoozed_one_is_out_of_sight_until_its_instant_and_its_owner_is_told_then(
    hall: Hall, letter: str, reference: str
) -> None:
    until = hall.clock() + timedelta(hours=30)
    hall.follow_ups.snooze("bruno", reference, until)
    assert follow_up(hall, letter).snoozed_until == until
    assert hall.views.follow_ups.page(snoozed=False).items == []
    assert [one.reference for one in hall.views.follow_ups.page(snoozed=True).items] == [reference]
    hall.step(29 * 3600)
    assert follow_up(hall, letter).snoozed_until == until
    with events(hall) as told:
        hall.step(3600)
    assert ("follow_up_woke", letter, "bruno") in told
    assert follow_up(hall, letter).snoozed_until is None
    assert hall.story(letter).count("follow_up_woke") == 1


def test_a_snooze_ends_by_hand_and_with_whoever_had_it(hall: Hall, letter: str, reference: str) -> None:
    hall.follow_ups.snooze("bruno", reference, hall.clock() + timedelta(days=2))
    hall.follow_ups.snooze("bruno", reference, None)
    assert follow_up(hall, letter).snoozed_until is None
    hall.follow_ups.snooze("bruno", reference, hall.clock() + timedelta(days=2))
    hall.follow_ups.hand_over("bruno", reference, agent="chloe")
    assert follow_up(hall, letter).snoozed_until is None


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_nobody_is_reminded_in_the_past_or_in_years(hall: Hall, reference: str, days: int) -> None:
    with pytest.raises(InstantOutOfRange):
        hall.follow_ups.snooze("bruno", reference, hall.clock() + timedelta(days=days))


def test_only_what_somebody_has_taken_is_snoozed(hall: Hall, letter: str) -> None:
    with pytest.raises(Conflict):
        hall.follow_ups.snooze("bruno", follow_up(hall, letter).reference, datetime(2026, 3, 9, tzinfo=UTC))


def test_what_somebody_had_who_has_left_the_staff_is_anybody_s_again(hall: Hall, letter: str) -> None:
    reference = follow_up(hall, letter).reference
    hall.follow_ups.take("david", reference)
    hall.plans.publish(WITHOUT_DAVID, None, hall.clock())
    hall.step(4)
    assert (follow_up(hall, letter).state, follow_up(hall, letter).taken_by) == ("open", None)
    assert hall.views.contacts.timeline(letter)[-1].detail == {"released_from": "david"}


def test_no_reference_no_follow_up(hall: Hall) -> None:
    for act in (hall.follow_ups.release, hall.follow_ups.reopen):
        with pytest.raises(NotFound):
            act("bruno", "ACD-000-000")


def test_of_many_who_take_one_at_once_one_has_it(hall: Hall, letter: str) -> None:
    reference = follow_up(hall, letter).reference

    def take(login: str) -> bool:
        try:
            hall.follow_ups.take(login, reference)
        except Conflict:
            return False
        return True

    logins = ["anne", "bruno", "chloe", "david"]
    with ThreadPoolExecutor(len(logins)) as pool:
        taken = list(pool.map(take, logins))
    (owner,) = [login for login, mine in zip(logins, taken, strict=True) if mine]
    assert follow_up(hall, letter).taken_by == owner


def test_what_an_agent_owes_stands_on_their_desk_before_what_they_answered(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routeur.reading.follow_ups.MOST_OWNED", 3)
    kept = []
    for number in range(4):
        contact = hall.mail("Bonjour", f"<a{number}@example.org>", f"{number}@example.org").standing.contact
        hall.reception.ask_follow_up(contact.id)
        hall.follow_ups.take("bruno", contact.reference)
        hall.clock.advance(days=1)
        kept.append(contact.reference)
    for answered in kept[:2]:
        hall.follow_ups.answer("bruno", answered, "C'est prêt.")
        hall.clock.advance(60)
    assert [one.reference for one in hall.views.follow_ups.owned_by("bruno")] == [kept[2], kept[3], kept[1]]


def test_what_was_answered_two_weeks_ago_is_closed_unless_pieces_are_awaited(hall: Hall) -> None:
    contacts = []
    for number in range(2):
        contact = hall.mail("Permis", f"<a{number}@example.org>", f"{number}@example.org").standing.contact
        hall.reception.ask_follow_up(contact.id)
        contacts.append(contact)
    done, request = contacts
    hall.requests.set_request("bruno", request.id, True)
    until = hall.clock().date() + timedelta(days=60)
    hall.requests.ask_for_pieces("bruno", request.id, ["Un plan"], until)
    for contact in contacts:
        hall.follow_ups.answer("bruno", contact.reference, "Voici.")
    hall.clock.advance(days=13)
    hall.step()
    assert follow_up(hall, done.id).state == FollowUpState.ANSWERED
    hall.clock.advance(days=1)
    hall.step(4)
    assert follow_up(hall, done.id).state == FollowUpState.CLOSED
    assert hall.state(done.id) is ContactState.CLOSED
    assert follow_up(hall, request.id).state == FollowUpState.ANSWERED
    hall.mail("Merci, mais", "<again@example.org>", "0@example.org", in_reply_to=["<a0@example.org>"])
    assert hall.state(done.id) is not ContactState.CLOSED


def test_what_passes_in_one_contact_reads_no_other_follow_up_of_the_desk(hall: Hall, letter: str) -> None:
    other = hall.mail("Bonjour", "<a@example.org>", "tom@example.org").standing.contact
    hall.reception.ask_follow_up(other.id)
    for reference in (other.reference, follow_up(hall, letter).reference):
        hall.follow_ups.take("bruno", reference)
    hall.desk.save_draft("bruno", letter, "Nous regardons")
    desks = hall.views.desks
    shown = desks.in_hand("bruno", {letter})
    assert [one.contact.id for one in shown.follow_ups] == [letter]
    assert shown.drafts == {letter: "Nous regardons"}
    with statements(hall) as sent:
        assert desks.own("bruno", set()).follow_ups == ()
    assert not [one for one in sent if "follow_up" in one]
