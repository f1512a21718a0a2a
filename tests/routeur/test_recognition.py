"""A contact is routed by its words if they are clear; if not, a person decides. Nobody picks a topic from a list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from competences.channels import Channel
from competences.recognition.examples import Example
from competences.recognition.model import TopicModel
from competences.recognition.recognition import Guess, Recognition
from routeur.contact.words import Activity, AddressKind, Outcome
from routeur.errors import Conflict, Invalid, NotFound
from routeur.ports.inbound import Inbound
from routeur.reception.topic import TopicSetting
from routeur.retention import purge
from routeur.topics.corrections import (
    CandidateState,
    accepted_examples,
    learn_accepted,
    learned_examples,
    learned_until,
)
from routeur.topics.understanding import understand
from tests.routeur.hall import Hall

LOST_CARD = "Bonjour, j'ai perdu ma carte d'identité, comment la refaire ?"
LOST_KEYS = "bonjour avez vous trouvé mes clés, perdues au marché samedi"


@pytest.fixture
def hall(hall: Hall, topic_model: TopicModel) -> Hall:
    """The small town hall with a model that recognises topics."""
    hall.recognise = topic_model.recognise
    return hall


def topic(hall: Hall, contact: str) -> str | None:
    return hall.views.contacts.full(contact).contact.topic


def test_words_reach_the_agent_who_knows(hall: Hall) -> None:
    hall.available("anne", "bruno")
    contact = hall.text(LOST_CARD).standing.contact.id
    assert topic(hall, contact) == "carte-identite"
    assert hall.offered_to(contact) == "bruno"


def test_what_is_not_clear_is_left_open_to_a_generalist(hall: Hall) -> None:
    hall.available("anne", "chloe")
    contact = hall.text("Bonjour, j'ai une question").standing.contact.id
    assert topic(hall, contact) is None
    assert hall.offered_to(contact) == "anne"


def test_a_topic_that_the_plan_does_not_have_is_none(hall: Hall) -> None:
    contact = hall.text("Bonjour, je voudrais inscrire mon fils à la cantine").standing.contact.id
    assert topic(hall, contact) is None


def test_whoever_named_the_topic_is_believed(hall: Hall) -> None:
    contact = hall.text(LOST_CARD, topic="objets-trouves").standing.contact.id
    assert topic(hall, contact) == "objets-trouves"
    assert "recognition" not in hall.views.contacts.explanation(contact)


def test_the_subject_of_an_e_mail_is_read_too(hall: Hall) -> None:
    letter = Inbound(
        Channel.EMAIL,
        AddressKind.EMAIL,
        "lea@example.org",
        text="Pouvez-vous m'aider ?",
        subject="Permis de construire",
    )
    assert hall.reception.receive(letter).standing.contact.topic == "permis-construire"


def test_the_explanation_says_how_sure_and_which_words_decided(hall: Hall) -> None:
    recognition = hall.views.contacts.explanation(hall.text(LOST_CARD).standing.contact.id)["recognition"]
    assert recognition["topic"] == "carte-identite"
    assert recognition["guesses"][0]["topic"] == "carte-identite"
    assert recognition["guesses"][0]["confidence"] > 0.5
    assert "carte" in recognition["words"]


def test_a_second_line_says_what_the_first_did_not_and_the_place_is_kept(hall: Hall) -> None:
    hall.desk.set_activity("bruno", Activity.BUSY)
    contact = hall.text("bonjour", sid="SM1").standing.contact.id
    arrived = hall.reception.standing(contact).contact.arrived_at
    hall.step(30)
    receipt = hall.text("j'ai perdu ma carte d'identité", sid="SM2")
    assert receipt.standing.contact.topic == "carte-identite"
    snapshot = hall.index.snapshot(contact)
    assert snapshot is not None
    assert snapshot.queued_at == arrived
    assert str(snapshot.requirement) == "accueil>=1+etat-civil>=2"
    assert hall.views.contacts.explanation(contact)["recognition"]["topic"] == "carte-identite"


def test_a_line_more_does_not_change_a_topic_that_is_known(hall: Hall) -> None:
    contact = hall.text(LOST_CARD, sid="SM1").standing.contact.id
    hall.text("et je cherche aussi mes clés perdues", sid="SM2")
    assert topic(hall, contact) == "carte-identite"


def test_what_an_agent_has_is_not_taken_from_them(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("bonjour", sid="SM1").standing.contact.id
    hall.serve(contact)
    hall.text(LOST_CARD, sid="SM2")
    assert topic(hall, contact) is None
    assert hall.state(contact) == "active"


def test_what_comes_back_to_an_agent_who_left_it_open_is_theirs_first(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.mail("bonjour, une question", "<1@example.org>").standing.contact.id
    hall.serve(contact)
    hall.desk.finish("anne", contact, Outcome.ANSWERED)
    hall.available("bruno")
    hall.mail(LOST_CARD, "<2@example.org>", in_reply_to=["<1@example.org>"])
    assert topic(hall, contact) is None
    assert hall.offered_to(contact) == "anne"


def test_a_caller_s_sentence_is_kept_and_routes_the_call(hall: Hall) -> None:
    hall.available("anne", "bruno")
    call = hall.call(topic=None)
    standing = hall.reception.hear(call, LOST_CARD, "CA1:said:1")
    hall.reception.hear(call, LOST_CARD, "CA1:said:1")
    assert standing.contact.topic == "carte-identite"
    assert hall.offered_to(call) == "bruno"
    assert [message.text for message in hall.views.contacts.full(call).messages] == [LOST_CARD]


def test_what_a_caller_says_unclearly_leaves_them_in_the_menu(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic=None)
    assert hall.reception.hear(call, "euh allô", "CA1:said:1").contact.topic is None
    assert hall.offered_to(call) is None


def test_a_corrected_contact_is_routed_anew_at_once_at_its_place(hall: Hall) -> None:
    hall.available("anne", "chloe")
    contact = hall.text(LOST_KEYS).standing.contact.id
    arrived = hall.reception.standing(contact).contact.arrived_at
    hall.step(10)
    hall.desk.set_topic("anne", contact, "permis-construire")
    assert hall.offered_to(contact) == "chloe"
    snapshot = hall.index.snapshot(contact)
    assert snapshot is not None
    assert snapshot.queued_at == arrived


def test_a_correction_is_kept_as_an_example_that_names_nobody(hall: Hall) -> None:
    words = (
        "Bonjour, je m'appelle Zoé Vautrin, 06 39 98 00 01, et ma demande est pour la cantine\nCordialement\nZ. Vautrin"
    )
    contact = hall.text(words).standing.contact.id
    hall.desk.set_topic("anne", contact, "objets-trouves")
    (candidate,) = hall.corrections.candidates()
    assert candidate.topic == "objets-trouves"
    assert candidate.topic_before is None
    assert candidate.corrected_by == "anne"
    for personal in ("Zoé", "Vautrin", "06 39"):
        assert personal not in candidate.text
    assert "pour la cantine" in candidate.text


def test_the_last_correction_of_a_contact_counts(hall: Hall) -> None:
    contact = hall.text("bonjour une question").standing.contact.id
    hall.desk.set_topic("anne", contact, "objets-trouves")
    hall.desk.set_topic("anne", contact, "permis-construire")
    hall.desk.set_topic("anne", contact, "permis-construire")
    (candidate,) = hall.corrections.candidates()
    assert (candidate.topic_before, candidate.topic) == (None, "permis-construire")


def test_a_transfer_to_a_topic_is_a_correction_too(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("bonjour une question").standing.contact.id
    hall.serve(contact)
    hall.desk.transfer("anne", contact, topic="permis-construire")
    assert [candidate.topic for candidate in hall.corrections.candidates()] == ["permis-construire"]


def test_a_contact_without_words_teaches_nothing(hall: Hall) -> None:
    call = hall.call(topic=None)
    hall.desk.set_topic("anne", call, "permis-construire")
    assert hall.corrections.candidates() == []


def corrected(hall: Hall, sid: str = "SM1") -> str:
    """A correction to review; returns the candidate's id."""
    contact = hall.text(f"bonjour, une question {sid}", sid=sid, number=f"+3363998{sid[2:]:0>4}").standing.contact.id
    hall.desk.set_topic("anne", contact, "permis-construire")
    return hall.corrections.candidates()[-1].id


def test_nothing_is_learned_that_nobody_looked_at(hall: Hall) -> None:
    corrected(hall)
    assert accepted_examples(hall.record) == []
    assert learned_examples(hall.record) == []


def test_what_is_accepted_can_be_learned_as_its_reviewer_wrote_it(hall: Hall) -> None:
    candidate = corrected(hall)
    hall.corrections.accept(candidate, "anne", text="où bâtir un abri", topic="permis-construire")
    expected = [Example("où bâtir un abri", "permis-construire")]
    assert accepted_examples(hall.record) == expected
    learn_accepted(hall.record, expected, hall.clock())
    assert accepted_examples(hall.record) == []
    assert learned_examples(hall.record) == expected
    assert learned_until(hall.record) == hall.clock()


def test_what_is_refused_teaches_nothing_and_its_words_are_forgotten(hall: Hall) -> None:
    hall.corrections.refuse(corrected(hall), "anne")
    assert accepted_examples(hall.record) == []
    (refused,) = hall.corrections.candidates(CandidateState.REFUSED)
    assert refused.text == ""


def test_an_example_is_reviewed_once(hall: Hall) -> None:
    candidate = corrected(hall)
    hall.corrections.refuse(candidate, "anne")
    with pytest.raises(Conflict):
        hall.corrections.accept(candidate, "anne")
    with pytest.raises(NotFound):
        hall.corrections.refuse("nothing", "anne")


def test_an_example_is_of_a_topic_that_there_is(hall: Hall) -> None:
    with pytest.raises(Invalid):
        hall.corrections.accept(corrected(hall), "anne", topic="nothing")


def test_an_example_outlives_the_contact_that_it_came_from(hall: Hall) -> None:
    hall.available("chloe")
    candidate = corrected(hall)
    hall.corrections.accept(candidate, "anne")
    (contact,) = hall.views.contacts.page().items
    hall.serve(contact.id)
    hall.desk.finish("chloe", contact.id, Outcome.ANSWERED)
    purge(hall.record, hall.clock.advance(days=400) - timedelta(days=365))
    assert len(accepted_examples(hall.record)) == 1


def test_what_nobody_reviewed_is_forgotten_with_its_contact(hall: Hall) -> None:
    hall.available("chloe")
    corrected(hall)
    (contact,) = hall.views.contacts.page().items
    hall.serve(contact.id)
    hall.desk.finish("chloe", contact.id, Outcome.ANSWERED)
    purge(hall.record, hall.clock.advance(days=400) - timedelta(days=365))
    assert hall.corrections.candidates() == []


def test_the_words_that_decided_are_forgotten_with_their_message(hall: Hall) -> None:
    hall.available("bruno")
    contact = hall.text(LOST_CARD).standing.contact.id
    hall.serve(contact)
    hall.desk.finish("bruno", contact, Outcome.ANSWERED)
    purge(hall.record, hall.clock.advance(days=400) - timedelta(days=365))
    assert "recognition" not in hall.views.contacts.explanation(contact)


def test_each_message_of_a_contact_loses_its_author_s_name(hall: Hall) -> None:
    contact = hall.text("bonjour pour la cantine\nCordialement\nzoé vautrin", sid="SM1").standing.contact.id
    hall.text(f"pour la cantine {'le ' * 60}", sid="SM2")
    hall.desk.set_topic("anne", contact, "objets-trouves")
    (candidate,) = hall.corrections.candidates()
    assert candidate.text.startswith("bonjour pour la cantine\npour la cantine")


def test_the_words_are_those_of_a_guess_that_the_plan_has(hall: Hall) -> None:
    found = Recognition(None, (Guess("cantine", 0.5), Guess("carte-identite", 0.2)), ("repas",))
    understood = understand(lambda _: found, hall.plans.current().plan, "le repas")
    assert understood == Recognition(None, (Guess("carte-identite", 0.2),), ())


def test_a_second_line_that_nobody_could_serve_is_told_its_follow_up_on_its_own_channel(hall: Hall) -> None:
    hall.available("anne")
    hall.recognise = lambda text: Recognition("permis-construire", (), ()) if "abri" in text else None
    contact = hall.chat("bonjour")
    told = hall.told(contact)
    more = Inbound(
        Channel.CHAT, AddressKind.CHAT, "chat-1", "un abri de jardin", provider_id="chat-1:2", contact_hint=contact
    )
    assert hall.reception.receive(more).standing.follow_up is not None
    assert hall.told(contact) == [*told, "FollowedUp"]


@pytest.mark.parametrize("refusal", [Conflict("moved on"), Invalid("the plan lost it")])
def test_a_topic_that_cannot_be_set_any_more_refuses_no_message(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    contact = hall.text("bonjour", sid="SM1").standing.contact.id

    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(TopicSetting, "_set", refuse)
    receipt = hall.text(LOST_CARD, sid="SM2")
    assert receipt.standing.contact.topic is None
    assert [message.text for message in hall.views.contacts.full(contact).messages] == ["bonjour", LOST_CARD]
