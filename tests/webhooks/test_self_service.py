"""What can be done online is offered in the first answer, the place kept; who has their answer says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from canaux.email.outgoing.letters import acknowledgement
from canaux.messaging.answers import answer_to
from routeur.contact.words import ContactState, Outcome
from tests.contacts import a_letter
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_chat import ALL, Visitor
from tests.webhooks.test_messaging import AT_NIGHT, answered, text

CARD = "carte-identite"
LINK = "https://demarches.petit-bourg.example/carte-identite"
STAYS = "Your message stays recorded meanwhile."
EXPECTED = {
    "url": LINK,
    "label": "Carte d'identité",
    "text": "Carte d'identité : vous pouvez le faire en ligne, sans attendre. Votre message reste enregistré.",
}


def begun(street: Street, **more: Any) -> dict[str, Any]:
    response = street.client.post(ALL, json={"text": "Bonjour", **more})
    assert response.status_code == 201
    return dict(response.json or {})


def about(street: Street, contact: str, topic: str) -> None:
    street.hall.desk.set_topic("anne", contact, topic, anyone=True)


def settle(street: Street, visitor: Visitor) -> int:
    return street.client.post(f"{ALL}/{visitor.id}/settled", headers=visitor.headers).status_code


def offers(visitor: Visitor) -> list[Any]:
    return [data for kind, _, data in visitor.events() if kind == "self_service"]


def test_a_chat_s_first_answer_carries_the_link_and_the_place_is_kept(street: Street) -> None:
    street.hall.available("bruno")
    answer = begun(street, topic=CARD)
    assert answer["self_service"] == EXPECTED
    assert street.hall.offered_to(answer["id"]) == "bruno"
    assert begun(street, topic="objets-trouves")["self_service"] is None
    assert begun(street)["self_service"] is None
    assert begun(street, topic=CARD, language="en")["self_service"]["label"] == "Identity card"


def test_the_stream_says_it_too_once_and_again_to_a_page_that_comes_back(street: Street) -> None:
    street.hall.available("bruno")
    visitor = Visitor(street, topic=CARD)
    assert [kind for kind, _, _ in visitor.events()] == ["message", "waiting", "self_service"]
    assert [kind for kind, _, _ in visitor.events(last="1")] == ["waiting", "self_service"]
    assert offers(visitor) == [EXPECTED]


def test_a_topic_that_becomes_known_later_brings_its_link(street: Street) -> None:
    street.hall.available("anne", "bruno")
    visitor = Visitor(street)
    assert offers(visitor) == []
    about(street, visitor.id, CARD)
    assert offers(visitor) == [EXPECTED]
    about(street, visitor.id, "objets-trouves")
    assert offers(visitor) == []


def test_when_the_town_hall_is_closed_it_helps_most(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    visitor = Visitor(street, topic=CARD)
    assert [kind for kind, _, _ in visitor.events()] == ["message", "follow_up", "self_service"]
    assert settle(street, visitor) == 204
    closed, data = visitor.events()[-1][0], visitor.events()[-1][2]
    assert (closed, data["outcome"]) == ("closed", "self_served")


def test_settled_twice_is_settled_once(street: Street) -> None:
    street.hall.available("anne")
    visitor = Visitor(street)
    assert [settle(street, visitor), settle(street, visitor)] == [204, 204]
    contact = street.only_contact()
    assert (contact.state, contact.outcome) == (ContactState.CLOSED, Outcome.SELF_SERVED)


def test_settled_while_an_agent_has_it_changes_nothing(street: Street) -> None:
    street.hall.available("anne")
    visitor = Visitor(street)
    street.hall.serve(visitor.id)
    assert settle(street, visitor) == 204
    assert street.only_contact().state == ContactState.ACTIVE


def test_only_its_visitor_settles_a_conversation(street: Street) -> None:
    street.hall.available("anne")
    mine, other = Visitor(street), Visitor(street)
    path = f"{ALL}/{mine.id}/settled"
    assert street.client.post(path).status_code == 401
    assert street.client.post(path, headers=other.headers).status_code == 403


def test_a_text_s_acknowledgement_carries_the_link_and_the_word(street: Street) -> None:
    street.hall.available("bruno")
    first = answered(text(street, "Bonjour"))
    about(street, street.only_contact().id, CARD)
    again = answered(text(street, "Bonjour"))  # told twice by Twilio: what is known now is said
    assert LINK not in first
    assert f"{EXPECTED['text']} {LINK}\nSi cela répond à votre question, envoyez-nous le mot RÉGLÉ." in again


def test_a_later_text_that_says_what_it_is_about_is_answered_with_the_link_once(street: Street) -> None:
    street.hall.available("bruno")
    receipt = street.hall.text("Ma carte d'identité", topic=CARD)
    plan = street.plan()
    later = replace(receipt, position=2)
    assert answer_to(plan, later, None) is None
    assert LINK in (answer_to(plan, replace(later, topic_found=True), None) or "")


@pytest.mark.parametrize(
    "word", ["RÉGLÉ", "regle", " Réglée ! 👍", "Solved.", "« réglé »", "RE´GLE´", "ok réglé, merci beaucoup"]
)
def test_the_word_alone_settles_and_is_kept(street: Street, word: str) -> None:
    street.hall.available("anne")
    text(street)
    contact = street.only_contact()
    for _ in range(2):
        said = answered(text(street, word, "SM2"))
        assert said == f"Petit-Bourg : Merci. Votre message {contact.reference} est clos."
    contact = street.only_contact()
    assert (contact.state, contact.outcome) == (ContactState.CLOSED, Outcome.SELF_SERVED)
    assert [message.text for message in street.messages()] == ["Bonjour", word.strip()]
    assert street.hall.index.contacts() == set()


@pytest.mark.parametrize(
    "words", ["C'est réglé", "pas réglé", "Réglé, mais une question", "OK", "Merci", "Réglé ?", "réglé 50 €"]
)
def test_among_other_words_it_is_a_message(street: Street, words: str) -> None:
    street.hall.available("anne")
    text(street)
    assert answered(text(street, words, "SM2")) == ""
    assert street.only_contact().state == ContactState.WAITING


def test_beside_a_picture_it_is_a_message(street: Street) -> None:
    street.hall.available("anne")
    text(street)
    picture = {"NumMedia": "1", "MediaUrl0": "https://example.org/1", "MediaContentType0": "image/jpeg"}
    assert answered(text(street, "Réglé", "SM2", **picture)) == ""
    assert street.only_contact().state == ContactState.WAITING


def test_with_nothing_to_settle_it_is_a_text_like_any_other(street: Street) -> None:
    street.hall.available("anne")
    for _ in range(2):
        assert "Nous avons bien reçu votre message" in answered(text(street, "RÉGLÉ"))
    assert street.only_contact().state == ContactState.WAITING
    assert answered(text(street, "RÉGLÉ", "SM2")).startswith("Petit-Bourg : Merci.")
    assert "Nous avons bien reçu" in answered(text(street, "RÉGLÉ", "SM3"))
    assert len(street.contacts()) == 2


def test_the_word_says_nothing_of_what_it_is_about(street: Street) -> None:
    heard: list[str] = []
    street.hall.recognise = heard.append
    street.hall.available("anne")
    text(street, "RÉGLÉ")
    assert heard == []
    text(street, "Bonjour", "SM2")
    heard.clear()
    text(street, "RÉGLÉ", "SM3")
    assert heard == []
    assert street.only_contact().outcome == Outcome.SELF_SERVED


def test_of_two_it_settles_the_latest_and_says_which(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    text(street, "Bonjour")
    street.hall.reception.ask_follow_up(street.only_contact().id)
    street.hall.clock.set(datetime(2026, 3, 5, 9, tzinfo=UTC))
    street.hall.available("anne")
    text(street, "Autre chose", "SM2")
    older, latest = street.contacts()
    assert latest.reference in answered(text(street, "réglé", "SM3"))
    assert older.reference in answered(text(street, "réglé", "SM4"))
    assert [one.outcome for one in street.contacts()] == [Outcome.SELF_SERVED] * 2


def test_an_agent_who_has_the_conversation_reads_the_word(street: Street) -> None:
    street.hall.available("anne")
    text(street)
    contact = street.only_contact().id
    street.hall.serve(contact)
    assert answered(text(street, "RÉGLÉ", "SM2")) == ""
    assert street.hall.state(contact) is ContactState.ACTIVE


def test_the_word_closes_the_promise_of_the_night(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    text(street)
    street.hall.reception.ask_follow_up(street.only_contact().id)
    reference = street.only_contact().reference
    street.hall.clock.set(datetime(2026, 3, 5, 9, tzinfo=UTC))
    assert "Merci" in answered(text(street, "réglé", "SM2"))
    assert street.hall.views.follow_ups.by_reference(reference).state == "closed"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", f"{EXPECTED['text']} {LINK}"),
        ("en", f"Identity card: you can do this online, without waiting. {STAYS} {LINK}"),
    ],
)
def test_a_letter_s_acknowledgement_carries_the_link(street: Street, language: str, words: str) -> None:
    contact = a_letter(topic=CARD, language=language)
    assert words in acknowledgement(street.hall.plans.current(), contact, None)
