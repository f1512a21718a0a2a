"""`/webhooks/voice`: what Twilio asks and tells us of calls."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from flask import Response

from canaux.malformed import MalformedMessage
from canaux.twilio.forms import (
    read_agent_call_ended,
    read_call,
    read_conference_left,
    read_recording_ready,
    read_reply,
    read_voice_message,
)
from canaux.twilio.twiml import VoiceTwiml
from canaux.twilio.urls import menu_turn, wait_turn
from canaux.voice.call_events import CallEvents
from canaux.voice.dialogue import Dialogue, answer_or_apologise
from canaux.voice.inbound import RecordingReady, Reply, VoiceMessage
from canaux.voice.steps import Script
from routeur.errors import NotFound
from webhooks.skeleton import Incoming, Route, no_content
from webhooks.twilio_common import TwilioAuth, TwilioWebhook, posted, twiml_response

Facts = TypeVar("Facts")


class HeardByAgent(TwilioWebhook[Callable[[], Script]]):
    """A question whose answer an agent hears on their phone; what it is depends on the form, and is composed last."""

    def __init__(self, auth: TwilioAuth, twiml: VoiceTwiml, compose: Callable[[Incoming], Script]) -> None:
        super().__init__(auth)
        self._twiml = twiml
        self._compose = compose

    def read(self, incoming: Incoming) -> Callable[[], Script]:
        return lambda: self._compose(incoming)

    def receive(self, facts: Callable[[], Script]) -> Response:
        return twiml_response(self._twiml.document(facts()))


class HeardByCaller(HeardByAgent):
    """A question whose answer a caller hears: they hear something whatever happens, also where it cannot be read."""

    def receive(self, facts: Callable[[], Script]) -> Response:
        return twiml_response(answer_or_apologise(facts, self._twiml.document))


class ToldByTwilio(TwilioWebhook[Facts]):
    """Something that Twilio tells us while nobody listens."""

    def __init__(self, auth: TwilioAuth, read: Callable[[Incoming], Facts], tell: Callable[[Facts], None]) -> None:
        super().__init__(auth)
        self._read = read
        self._tell = tell

    def read(self, incoming: Incoming) -> Facts:
        return self._read(incoming)

    def receive(self, facts: Facts) -> Response:
        with suppress(NotFound):  # late, or of a call that came while we were down
            self._tell(facts)
        return no_content()


def voice_routes(*, auth: TwilioAuth, twiml: VoiceTwiml, dialogue: Dialogue, events: CallEvents) -> list[Route]:
    """Every address of the phone."""

    def caller(path: str, compose: Callable[[Incoming], Script]) -> Route:
        return Route("POST", f"/webhooks/voice{path}", HeardByCaller(auth, twiml, compose))

    def agent(path: str, compose: Callable[[Incoming], Script]) -> Route:
        return Route("POST", f"/webhooks/voice{path}", HeardByAgent(auth, twiml, compose))

    def told(path: str, read: Callable[[Incoming], Facts], tell: Callable[[Facts], None]) -> Route:
        return Route("POST", f"/webhooks/voice{path}", ToldByTwilio(auth, read, tell))

    return [
        caller("", lambda asked: dialogue.incoming(read_call(asked.form))),
        caller(
            "/menu",
            lambda asked: dialogue.menu(read_call(asked.form), menu_turn(asked.query), _reply(asked)),
        ),
        caller("/wait", lambda asked: dialogue.wait(read_call(asked.form), wait_turn(asked.query))),
        caller("/after", lambda asked: dialogue.after(read_call(asked.form))),
        caller("/recording", lambda asked: dialogue.recorded(read_call(asked.form), _message(asked))),
        agent(
            "/agent/<contact_id>",
            lambda asked: dialogue.agent_picked_up(asked.path["contact_id"], asked.query.get("leg")),
        ),
        told("/status", lambda heard: read_call(heard.form), events.call_changed),
        told("/recording/status", _ready, events.recording_ready),
        told(
            "/conference/<contact_id>",
            lambda heard: read_conference_left(heard.form, heard.path["contact_id"]),
            events.conference_left,
        ),
        told(
            "/agent/<contact_id>/status",
            lambda heard: read_agent_call_ended(heard.form, heard.path["contact_id"], heard.query.get("attempt")),
            events.agent_call_ended,
        ),
    ]


def _reply(asked: Incoming) -> Reply:
    return replace(read_reply(asked.form), original=posted(asked))


def _ready(heard: Incoming) -> RecordingReady:
    ready = read_recording_ready(heard.form)
    return replace(ready, message=replace(ready.message, original=posted(heard)))


def _message(asked: Incoming) -> VoiceMessage | None:
    """The message that a caller left; None where the form holds none."""
    try:
        return replace(read_voice_message(asked.form), original=posted(asked))
    except MalformedMessage:
        return None
