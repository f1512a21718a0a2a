"""A call, from the greeting to the goodbye."""

from __future__ import annotations

from datetime import UTC, datetime

from canaux.provider_interfaces import AgentCall
from canaux.wording import day_in_words
from competences.channels import Channel
from competences.recognition.model import TopicModel
from competences.recognition.recognition import Recognition
from routeur.contact.words import ContactState, FollowUpReason, Outcome
from tests.twilio_stand_in import Refusal
from tests.twiml_check import check_twiml, said, verb
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, PUBLIC_URL, Street

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)


def test_a_caller_is_greeted_and_hears_the_menu(street: Street) -> None:
    street.hall.available("anne")
    heard = street.call().dial()
    assert said(heard).startswith("Bonjour. Vous êtes bien à la mairie de Petit-Bourg. Carte d'identité : tapez 1.")
    gather = verb(heard, "Gather")
    assert gather.attrib["language"] == "fr-FR"
    assert gather.attrib["input"] == "dtmf speech"
    assert gather.attrib["actionOnEmptyResult"] == "true"
    contact = street.only_contact()
    assert (contact.channel, contact.provider_ref, contact.state) == ("voice", "CA1", "waiting")
    assert (contact.address, contact.service_address) == (CALLER, OUR_NUMBER)


def test_the_same_call_told_twice_is_one_contact(street: Street) -> None:
    street.call().dial()
    street.call().dial()
    assert len(street.contacts()) == 1


def test_a_key_leads_to_a_topic_and_the_caller_waits(street: Street) -> None:
    street.hall.available("bruno")
    phone = street.call()
    heard = phone.press(phone.dial(), "1")
    assert "Restez en ligne" in said(heard)
    contact = street.only_contact()
    assert contact.topic == "carte-identite"
    assert street.hall.offered_to(contact.id) == "bruno"
    assert "Vous gardez votre place" in said(phone.stay(heard))


def test_what_is_said_leads_to_a_topic_too(street: Street) -> None:
    street.hall.available("chloe")
    phone = street.call()
    phone.speak(phone.dial(), "Bonjour, c'est pour un permis de construire.")
    assert street.only_contact().topic == "permis-construire"


def test_a_whole_sentence_is_understood(street: Street, topic_model: TopicModel) -> None:
    street.hall.recognise = topic_model.recognise
    street.hall.available("bruno", "chloe")
    phone = street.call()
    sentence = "euh alors voilà on m'a volé mes papiers et donc ma carte nationale d'identité il faut la refaire"
    heard = phone.speak(phone.dial(), sentence)
    assert "Restez en ligne" in said(heard)
    contact = street.only_contact()
    assert contact.topic == "carte-identite"
    assert street.hall.offered_to(contact.id) == "bruno"
    assert [message.text for message in street.hall.views.contacts.full(contact.id).messages] == [sentence]


def test_who_asks_to_be_contacted_is_and_what_about_is_kept(street: Street) -> None:
    street.hall.recognise = lambda text: Recognition("carte-identite", (), ())
    street.hall.available("bruno")
    phone = street.call()
    phone.speak(phone.dial(), "on m'a volé mes papiers je voudrais être recontacté")
    contact = street.only_contact()
    assert contact.state == ContactState.FOLLOW_UP
    assert contact.topic == "carte-identite"


def test_who_names_a_language_and_a_demand_hears_that_language(street: Street) -> None:
    street.hall.recognise = lambda text: Recognition("carte-identite", (), ())
    street.hall.available("bruno")
    phone = street.call()
    heard = phone.speak(phone.dial(), "do you speak english I lost my papers")
    assert "Please stay on the line" in said(heard)
    assert street.only_contact().topic == "carte-identite"


def test_a_wrong_key_asks_again_and_twice_leads_to_whoever_is_free(street: Street) -> None:
    street.hall.available("david")
    phone = street.call()
    again = phone.press(phone.dial(), "7")
    assert said(again).startswith("Pardon, je n'ai pas compris.")
    heard = phone.press(again, "7")
    assert "Restez en ligne" in said(heard)
    contact = street.only_contact()
    assert contact.topic is None
    assert street.hall.offered_to(contact.id) == "david"


def test_silence_counts_as_a_wrong_key(street: Street) -> None:
    street.hall.available("david")
    phone = street.call()
    heard = phone.stay_silent(phone.stay_silent(phone.dial()))
    assert "Restez en ligne" in said(heard)


def test_english_is_spoken_to_who_asks_for_it(street: Street) -> None:
    street.hall.available("chloe")
    phone = street.call()
    menu = phone.press(phone.dial(), "9")
    assert "Identity card: press 1." in said(menu)
    assert verb(menu, "Gather").attrib["language"] == "en-GB"
    heard = phone.press(menu, "2")
    assert "Please stay on the line" in said(heard)
    assert street.only_contact().language == "en"


def test_who_asks_to_be_contacted_later_hears_the_reference_and_the_date(street: Street) -> None:
    street.hall.available("anne")
    phone = street.call()
    heard = phone.press(phone.dial(), "8")
    standing = street.hall.reception.by_provider_ref(Channel.VOICE, "CA1")
    assert standing.follow_up is not None
    assert standing.follow_up.reason is FollowUpReason.USAGER_ASKED
    assert ", ".join(standing.contact.reference[:3]) in said(heard)
    assert f"au plus tard le {day_in_words(standing.follow_up.due_at.date(), 'fr')}" in said(heard)
    assert "transcribe" not in verb(heard, "Record").attrib


def test_a_closed_town_hall_promises_at_once_and_takes_a_message(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    heard = street.call().dial()
    assert "La mairie est fermée" in said(heard)
    assert verb(heard, "Record").attrib["action"] == f"{PUBLIC_URL}/webhooks/voice/recording"
    assert street.only_contact().state == ContactState.FOLLOW_UP


def test_who_hides_their_number_is_promised_an_answer_only_if_they_leave_one(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    hidden = said(street.call("CA1", caller="+266696687").dial())
    assert "si vous nous laissez un numéro" in hidden
    assert "votre numéro de téléphone et votre question après le bip" in hidden
    assert "si vous nous laissez un numéro" not in said(street.call("CA2").dial())


def test_an_agent_who_accepts_is_rung_and_meets_the_caller_in_a_conference(street: Street) -> None:
    hall = street.hall
    hall.available("bruno")
    phone = street.call(sid="CA" + "0" * 32)
    heard = phone.press(phone.dial(), "1")
    contact = street.only_contact()
    hall.desk.accept("bruno", contact.id)
    hall.step()
    (ring,) = street.twilio.sent_to("Calls.json")
    assert (ring.form["To"], ring.form["From"]) == ("+33639980002", OUR_NUMBER)
    assert ring.form["StatusCallback"] == f"{PUBLIC_URL}/webhooks/voice/agent/{contact.id}/status?attempt=1"
    (move,) = street.twilio.sent_to(f"Calls/{phone.sid}.json")
    assert move.form["Url"] == f"{PUBLIC_URL}/webhooks/voice/wait"

    caller_side = verb(phone.ask(move.form["Url"]), "Conference")
    agent_side = verb(
        check_twiml(street.post(ring.form["Url"], CallSid="CA2").data, public_url=PUBLIC_URL), "Conference"
    )
    assert caller_side.text == agent_side.text == contact.id
    for side in (caller_side, agent_side):
        assert side.attrib["statusCallback"] == f"{PUBLIC_URL}/webhooks/voice/conference/{contact.id}"
        assert side.attrib["endConferenceOnExit"] == "true"
    assert "Restez en ligne" in said(heard)


def test_no_more_than_one_call_to_an_agent_for_one_acceptance(street: Street) -> None:
    hall = street.hall
    hall.available("bruno")
    phone = street.call(sid="CA" + "0" * 32)
    phone.press(phone.dial(), "1")
    hall.desk.accept("bruno", street.only_contact().id)
    hall.step()
    street.phone.ring(AgentCall("+33639980002", OUR_NUMBER, street.only_contact().id, 1, "leg", 20))
    assert len(street.twilio.sent_to("Calls.json")) == 1


def test_an_agent_whose_phone_is_busy_gives_the_caller_their_place_back(street: Street) -> None:
    hall = street.hall
    hall.available("bruno", "anne")
    phone = street.call(sid="CA" + "0" * 32)
    phone.press(phone.dial(), "1")
    contact = street.only_contact()
    hall.desk.accept("bruno", contact.id)
    hall.step()
    (ring,) = street.twilio.sent_to("Calls.json")
    assert street.post(ring.form["StatusCallback"], CallSid="CA2", CallStatus="busy").status_code == 204
    hall.step()
    assert len(street.twilio.sent_to(f"Calls/{phone.sid}.json")) == 2
    assert hall.state(contact.id) in (ContactState.WAITING, ContactState.OFFERED)
    assert "Restez en ligne" in said(phone.ask(street.urls.wait()))
    too_late = check_twiml(street.post(ring.form["Url"], CallSid="CA2").data)
    assert "ne vous attend plus" in said(too_late)


def test_an_agent_who_cannot_be_rung_gives_the_caller_their_place_back(street: Street) -> None:
    hall = street.hall
    hall.available("bruno", "anne")
    phone = street.call(sid="CA" + "0" * 32)
    phone.press(phone.dial(), "1")
    contact = street.only_contact()
    hall.desk.accept("bruno", contact.id)
    not_listed, not_a_number = Refusal(403), Refusal(400, 21217)
    street.twilio.refusals += [not_listed, not_a_number]
    hall.step()
    assert hall.state(contact.id) in (ContactState.WAITING, ContactState.OFFERED)
    assert "Restez en ligne" in said(phone.ask(street.urls.wait()))


def test_the_agent_s_leg_ending_well_changes_nothing(street: Street) -> None:
    hall = street.hall
    hall.available("bruno")
    phone = street.call(sid="CA" + "0" * 32)
    phone.press(phone.dial(), "1")
    contact = street.only_contact()
    hall.desk.accept("bruno", contact.id)
    hall.step()
    (ring,) = street.twilio.sent_to("Calls.json")
    street.post(ring.form["StatusCallback"], CallSid="CA2", CallStatus="completed")
    assert hall.state(contact.id) is ContactState.ACTIVE
    assert "Au revoir" in said(phone.ask(street.urls.after()))


def test_finishing_hangs_up(street: Street) -> None:
    hall = street.hall
    hall.available("bruno")
    phone = street.call(sid="CA" + "0" * 32)
    phone.press(phone.dial(), "1")
    contact = street.only_contact()
    hall.desk.accept("bruno", contact.id)
    hall.desk.finish("bruno", contact.id, Outcome.ANSWERED, None)
    hall.step()
    assert [one.form for one in street.twilio.sent_to(f"Calls/{phone.sid}.json")][-1] == {"Status": "completed"}
    verb(phone.ask(street.urls.wait()), "Hangup")


def test_a_wait_that_became_a_promise_is_told_at_once(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    busy, phone = street.call("CA" + "1" * 32), street.call("CA" + "0" * 32, "+33639980102")
    busy.press(busy.dial(), "3")
    hall.desk.accept("anne", street.only_contact().id)
    phone.press(phone.dial(), "3")
    hall.step(901)
    hall.step(5)
    moves = street.twilio.sent_to(f"Calls/{phone.sid}.json")
    assert [move.form["Url"] for move in moves] == [street.urls.wait()]
    heard = phone.ask(moves[0].form["Url"])
    assert "personne n'a pu vous répondre à temps" in said(heard)
    assert "Votre référence est" in said(heard)


def test_hanging_up_while_waiting_is_giving_up(street: Street) -> None:
    street.hall.available("bruno")
    phone = street.call()
    phone.press(phone.dial(), "1")
    assert phone.hang_up().status_code == 204
    assert phone.hang_up().status_code == 204
    contact = street.only_contact()
    assert (contact.state, contact.outcome) == ("closed", "abandoned")


def test_a_caller_who_leaves_the_conference_has_hung_up(street: Street) -> None:
    hall = street.hall
    hall.available("bruno")
    phone = street.call()
    phone.press(phone.dial(), "1")
    contact = street.only_contact()
    hall.desk.accept("bruno", contact.id)
    event = {"ConferenceSid": "CF1", "FriendlyName": contact.id, "StatusCallbackEvent": "participant-leave"}
    url = street.urls.conference(contact.id)
    phone.tell(url, **event, ParticipantCallStatus="in-progress")
    assert hall.state(contact.id) is ContactState.ACTIVE
    phone.tell(url, **event, ParticipantCallStatus="completed")
    assert hall.state(contact.id) is ContactState.WRAP_UP


def test_hidden_callers_are_not_one_person(street: Street) -> None:
    street.hall.available("anne")
    street.call("CA1", "+266696687").dial()
    street.call("CA2", "anonymous").dial()
    first, second = street.contacts()
    assert first.usager_id != second.usager_id


def test_a_call_we_never_heard_of_is_received_when_it_asks(street: Street) -> None:
    street.hall.available("anne")
    heard = street.call().ask(street.urls.wait(turn=3))
    assert "Restez en ligne" in said(heard)
    assert street.only_contact().provider_ref == "CA1"


def test_late_news_of_unknown_calls_is_passed_over(street: Street) -> None:
    phone = street.call("CA9")
    assert phone.hang_up().status_code == 204
    assert phone.tell(street.urls.conference("unknown"), StatusCallbackEvent="conference-end").status_code == 204
    assert phone.tell(street.urls.agent_status("unknown", attempt=1), CallStatus="busy").status_code == 204
    assert "Au revoir" in said(phone.ask(street.urls.agent("unknown", attempt=1, leg="x")))
