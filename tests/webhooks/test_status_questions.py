"""A question about a demand, by chat or by text, is answered without a person, and says nothing to others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from canaux.enquiries.enquiries import PER_ASKER_AND_REFERENCE, PER_REFERENCE
from routeur.contact.words import Activity, ContactState, Outcome
from tests.smtp_server import Mailbox
from tests.webhooks.mounted_street import CALLER, Street
from tests.webhooks.test_chat import ALL, Visitor
from tests.webhooks.test_chat_verification import Proving, code_sent
from tests.webhooks.test_messaging import AT_NIGHT, answered, text

NEXT_MORNING = datetime(2026, 3, 5, 9, tzinfo=UTC)
UNKNOWN = "XXX-000-000"
STATE = "Votre message est enregistré sous la référence"
REFUSED = "Nous ne pouvons rien dire de cette référence ici."
LEA = "lea@example.org"


@pytest.fixture
def promised(street: Street) -> str:
    """The reference of a promise that somebody was given by text, days ago."""
    street.hall.clock.set(AT_NIGHT)
    text(street, "Bonjour", sid="SM0")
    street.hall.reception.ask_follow_up(street.only_contact().id)
    street.hall.clock.set(NEXT_MORNING)
    street.hall.available("anne")
    return next(str(one.reference) for one in street.contacts() if one.channel == "messaging")


@pytest.fixture
def lea_s(street: Street) -> str:
    """The reference of a promise that Léa was given in a chat."""
    street.hall.clock.set(AT_NIGHT)
    visitor = Visitor(street, email=LEA)
    street.hall.clock.set(NEXT_MORNING)
    street.hall.available("anne")
    return street.hall.reception.standing(visitor.id).contact.reference


def said_to(visitor: Visitor) -> list[str]:
    return [data["text"] for kind, _, data in visitor.events() if kind == "message" and data["from"] == "automatic"]


def newest(street: Street) -> str:
    return str(street.contacts()[-1].id)


def test_the_number_that_it_was_made_from_is_told_without_an_agent(street: Street, promised: str) -> None:
    told = answered(text(street, f"où en est ma demande {promised} ?"))
    assert told.startswith(f"Petit-Bourg : {STATE} {promised}")
    assert "Accueil" in told
    assert "au plus tard le" in told
    assert "avons bien reçu" not in told
    standing = street.hall.reception.standing(newest(street))
    assert (standing.contact.state, standing.contact.outcome) == (ContactState.CLOSED, Outcome.SELF_SERVED)
    assert street.hall.index.contacts() == set()
    assert answered(text(street, f"où en est ma demande {promised} ?")) == told  # Twilio says it twice
    assert len(street.contacts()) == 2


def test_more_than_the_question_waits_for_an_agent_and_the_answer_comes_along(street: Street, promised: str) -> None:
    told = answered(text(street, f"{promised} : je déménage, voici ma nouvelle adresse"))
    assert STATE in told
    assert "Nous avons bien reçu votre message" in told
    assert street.hall.offered_to(newest(street)) == "anne"


def test_a_conversation_that_waits_stays_as_it_is(street: Street, promised: str) -> None:
    text(street, "Quels sont vos horaires ?", sid="SM2")
    waiting = newest(street)
    assert STATE in answered(text(street, promised, sid="SM3"))
    assert newest(street) == waiting
    assert street.hall.offered_to(waiting) == "anne"


def test_an_agent_who_has_the_conversation_answers_it_alone(street: Street, promised: str) -> None:
    text(street, "Quels sont vos horaires ?", sid="SM2")
    street.hall.serve(newest(street))
    assert answered(text(street, promised, sid="SM3")) == ""


def test_another_number_is_told_what_an_unknown_reference_is_told(street: Street, promised: str) -> None:
    street.hall.desk.set_activity("anne", Activity.OFFLINE)  # both wait
    wrong = text(street, f"{promised} ?", sid="SM2", sender="+33639980102")
    unknown = text(street, f"{UNKNOWN} ?", sid="SM3", sender="+33639980103")
    assert REFUSED in answered(wrong)
    mine, theirs = (one.reference for one in street.contacts()[-2:])
    assert {one.state for one in street.contacts()[-2:]} == {"waiting"}
    assert answered(wrong).replace(mine, "") == answered(unknown).replace(theirs, "")
    assert dict(wrong.headers) == dict(unknown.headers)


def test_an_address_that_was_only_typed_with_a_demand_and_is_typed_again_opens_nothing(
    street: Street, lea_s: str
) -> None:
    visitor = Visitor(street, text=f"Où en est ma demande {lea_s} ?", email="Lea@Example.org")
    visitor.say(f"{lea_s} {LEA}", "a")
    assert [one.startswith(REFUSED) for one in said_to(visitor)] == [True, True]


def test_in_a_chat_whose_visitor_has_said_the_code_sent_to_that_address(
    street: Street, mailbox: Mailbox, lea_s: str
) -> None:
    visitor = Proving(street, email=LEA)
    visitor.ask(LEA)
    assert visitor.confirm(code_sent(street, mailbox)).status_code == 204
    visitor.say(f"Où en est ma demande {lea_s} ?", "a")
    (told,) = said_to(visitor)
    assert told.startswith(f"{STATE} {lea_s}")


def test_in_a_chat_begun_with_the_address_that_a_letter_came_from(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    letter = street.hall.mail("Ma carte").standing.contact
    written = letter.reference
    street.hall.reception.ask_follow_up(letter.id)
    street.hall.clock.set(NEXT_MORNING)
    street.hall.available("anne")
    visitor = Visitor(street, text=f"Où en est ma demande {written} ?", email="Lea@Example.org")
    (told,) = said_to(visitor)
    assert told.startswith(f"{STATE} {written}")
    kind, _, data = visitor.events()[-1]
    assert (kind, data["outcome"]) == ("closed", "self_served")
    assert visitor.say("Et puis autre chose", "a").status_code == 201
    assert street.hall.state(visitor.id) is ContactState.WAITING


def test_later_in_a_chat_and_the_place_is_kept(street: Street, promised: str) -> None:
    visitor = Visitor(street)
    assert visitor.say(f"{promised} 0639980101 ?", "a").status_code == 201
    assert visitor.say(f"{promised} 0639980101 ?", "a").status_code == 200
    assert len(said_to(visitor)) == 1
    assert street.hall.offered_to(visitor.id) == "anne"


def test_the_number_that_it_was_made_from_may_be_written_beside_it(street: Street, promised: str) -> None:
    visitor = Visitor(street)
    visitor.say(f"{promised}, mon numéro est le 0639980101", "b")
    assert [one.startswith(STATE) for one in said_to(visitor)] == [True]
    assert CALLER == "+33639980101"


def test_the_chat_s_own_reference_needs_no_other_proof(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    visitor = Visitor(street)
    reference = street.only_contact().reference
    visitor.say(f"{reference} ?", "a")
    (told,) = said_to(visitor)
    assert told.startswith(STATE)


def test_who_proves_nothing_is_told_the_same_whether_it_exists_or_not(street: Street, lea_s: str) -> None:
    told = []
    for reference in (lea_s, UNKNOWN):
        for email in (None, "max@example.org"):
            visitor = Visitor(street, text=f"{reference} ?", **({"email": email} if email else {}))
            told += said_to(visitor)
            assert street.hall.state(visitor.id) is ContactState.WAITING
    assert len(told) == 4
    assert {one[: len(REFUSED)] for one in told} == {REFUSED}
    assert len(set(told)) == 1


def test_guesses_run_out_and_then_the_right_one_is_refused_like_the_others(street: Street, promised: str) -> None:
    visitor = Visitor(street)
    for number in range(PER_ASKER_AND_REFERENCE.amount):
        visitor.say(f"{promised} max{number}@example.org", f"n{number}")
    visitor.say(f"{promised} 0639980101", "right")
    assert set(said_to(visitor)) == {said_to(visitor)[0]}
    other = {"REMOTE_ADDR": "192.0.2.9"}
    response = street.client.post(ALL, json={"text": f"{promised} 0639980101 ?"}, environ_overrides=other)
    assert street.hall.reception.standing((response.json or {})["id"]).contact.outcome is Outcome.SELF_SERVED


def test_one_reference_cannot_be_tried_from_many_numbers(street: Street, promised: str) -> None:
    enquiries = street.enquiries("tried")
    for number in range(PER_REFERENCE.amount):
        asked = enquiries.answer(f"{promised} ?", [f"+3363998{number:04}"], str(number), "fr")
        assert asked is not None
        assert not asked.whole
    refused = enquiries.answer(f"{promised} ?", [CALLER], "one more", "fr")
    assert refused is not None
    assert refused.text.startswith(REFUSED)


def test_right_answers_do_not_use_up_the_guesses(street: Street, promised: str) -> None:
    enquiries = street.enquiries("often")
    for _ in range(3 * PER_ASKER_AND_REFERENCE.amount):
        asked = enquiries.answer(f"{promised} ?", [CALLER], CALLER, "fr")
        assert asked is not None
        assert asked.whole
