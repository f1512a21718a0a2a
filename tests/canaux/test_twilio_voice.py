"""Our steps in TwiML, our turns in addresses, and Twilio's forms in our facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from canaux.malformed import MalformedMessage
from canaux.twilio.forms import read_call, read_conference_left, read_reply
from canaux.twilio.twiml import VoiceTwiml, text_answer
from canaux.twilio.urls import VoiceUrls, menu_turn, wait_turn
from canaux.voice.inbound import Call, CallState, ConferenceLeft, Reply
from canaux.voice.script import VoiceScript
from canaux.voice.steps import MenuTurn, WaitTurn
from tests.twiml_check import MESSAGING, check_twiml, said, verb

URLS = VoiceUrls("https://guichet.example.fr")


def query(url: str) -> dict[str, str]:
    """The query of an address, as a web server reads it."""
    return Request(EnvironBuilder(url).get_environ()).args.to_dict()


@given(st.from_regex(r"[0-9]{0,3}", fullmatch=True), st.sampled_from(["fr", "en", "de"]), st.integers(1, 9))
def test_a_menu_is_found_again_in_its_address(path: str, language: str, attempt: int) -> None:
    turn = MenuTurn(path, language, attempt)
    assert menu_turn(query(URLS.of(turn))) == turn


@given(st.integers(0, 500))
def test_a_turn_of_waiting_is_found_again_in_its_address(number: int) -> None:
    assert wait_turn(query(URLS.of(WaitTurn(number)))) == WaitTurn(number)


def test_an_address_that_somebody_changed_is_read_leniently() -> None:
    assert menu_turn({"attempt": "many"}) == MenuTurn("", None, 1)
    assert wait_turn({"turn": ""}) == WaitTurn(0)


def test_every_step_is_a_verb_that_exists() -> None:
    twiml = VoiceTwiml(URLS)
    script = VoiceScript()
    for whole in (script.waiting(), script.conversation("c1"), script.agent_joins("c1"), script.apology()):
        check_twiml(twiml.document(whole), public_url=URLS.public_url)
    heard = check_twiml(twiml.document(script.waiting()), public_url=URLS.public_url)
    assert verb(heard, "Pause").attrib == {"length": "8"}
    assert verb(heard, "Redirect").text == "https://guichet.example.fr/webhooks/voice/wait?turn=1"
    assert verb(heard, "Say").attrib == {"language": "fr-FR"}


def test_the_same_script_is_turned_once() -> None:
    twiml = VoiceTwiml(URLS)
    assert twiml.document(VoiceScript().apology()) is twiml.document(VoiceScript().apology())


def test_a_text_is_answered_or_not() -> None:
    assert said(check_twiml(text_answer("Bonjour"), MESSAGING)) == "Bonjour"
    assert said(check_twiml(text_answer(None), MESSAGING)) == ""


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ringing", CallState.UNDER_WAY),
        ("completed", CallState.ENDED),
        ("busy", CallState.NOT_ANSWERED),
        ("no-answer", CallState.NOT_ANSWERED),
        ("", CallState.UNDER_WAY),
    ],
)
def test_a_call_in_twilio_s_form(status: str, state: CallState) -> None:
    form = {"CallSid": "CA1", "From": "+266696687", "To": "01 99 00 35 00", "CallStatus": status}
    assert read_call(form) == Call("CA1", None, "+33199003500", state)


def test_a_form_without_a_call_is_malformed() -> None:
    with pytest.raises(MalformedMessage):
        read_call({"From": "+33639980101"})


def test_a_reply_is_keys_or_words_or_neither() -> None:
    assert read_reply({"Digits": "3"}) == Reply("3", "")
    assert read_reply({"SpeechResult": "la mairie", "Digits": ""}) == Reply(None, "la mairie")
    assert read_reply({}) == Reply(None, "")


def test_only_leaving_a_conference_is_news() -> None:
    left = {"CallSid": "CA1", "StatusCallbackEvent": "participant-leave", "ParticipantCallStatus": "completed"}
    assert read_conference_left(left, "c1") == ConferenceLeft("c1", "CA1", CallState.ENDED)
    assert read_conference_left({**left, "StatusCallbackEvent": "participant-join"}, "c1") is None
