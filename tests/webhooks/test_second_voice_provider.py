"""A made-up second telephone network, JSON in and JSON out at one address, drives the same dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, Response, abort, jsonify

from canaux.malformed import MalformedMessage
from canaux.provider_interfaces import AgentCall, CallEnds, Recording
from canaux.voice.call_events import CallEvents
from canaux.voice.channel import VoiceChannel
from canaux.voice.dialogue import Dialogue, answer_or_apologise
from canaux.voice.inbound import AgentCallEnded, Call, CallState, Reply, VoiceMessage
from canaux.voice.steps import (
    AfterConversation,
    AfterRecording,
    Continue,
    Gather,
    HangUp,
    Join,
    MenuTurn,
    Record,
    Script,
    WaitTurn,
)
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.words import ContactState
from routeur.ports.news import DeliveryError
from tests.routeur.hall import Hall
from tests.webhooks.test_voice_faults import broken_record_of
from webhooks.skeleton import Arriving, Incoming, Route, Webhook, webhooks_blueprint

CALLER, OURS, KEY = "+33639980101", "+33199003500", "key of the second network"
TURNS = {turn.__name__: turn for turn in (MenuTurn, WaitTurn, AfterConversation, AfterRecording)}


# One file in canaux/


@dataclass
class SecondPhone:
    """Its API, which only writes down what it was asked."""

    rung: list[AgentCall] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def ring(self, call: AgentCall) -> None:
        self.rung.append(call)

    def move(self, call_id: str) -> None:
        self.moved.append(call_id)

    def hang_up(self, call_id: str) -> None:
        self.ended.append(call_id)

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        return ()

    def call_ends(self, call_id: str) -> CallEnds:
        raise DeliveryError("unknown call", retryable=False)


def in_json(script: Script) -> Response:
    """A script as a list of objects; each names its step."""
    return jsonify([{"step": type(step).__name__, **asdict(step), **_next(step)} for step in script])


def _next(step: Any) -> dict[str, Any]:
    turn = step.turn if isinstance(step, Continue) else getattr(step, "then", None)
    return {"next": {"turn": type(turn).__name__, **asdict(turn)}} if turn is not None else {}


def read_call(told: Any) -> Call:
    """Raises MalformedMessage."""
    if not isinstance(told, dict) or not isinstance(told.get("call"), str):
        raise MalformedMessage("no call")
    state = CallState.ENDED if told.get("over") else CallState.UNDER_WAY
    return Call(told["call"], told.get("caller"), told.get("called"), state)


# One file in webhooks/


class Asked(Webhook[Any]):
    """Everything that the second network asks and tells."""

    def __init__(self, dialogue: Dialogue, events: CallEvents) -> None:
        self._dialogue = dialogue
        self._events = events

    def admit(self, arriving: Arriving) -> None:
        if arriving.request.headers.get("X-Key") != KEY:
            abort(403)

    def read(self, incoming: Incoming) -> Any:
        told = incoming.request.get_json()
        if "agent" not in told:
            read_call(told)
        return told

    def receive(self, facts: Any) -> Response:
        if facts.get("over"):
            self._events.call_changed(read_call(facts))
            return jsonify([])
        if "agent" in facts and "failed" in facts:
            self._events.agent_call_ended(AgentCallEnded(facts["agent"], facts["attempt"], CallState.NOT_ANSWERED))
            return jsonify([])
        return answer_or_apologise(lambda: self._compose(facts), in_json)

    def _compose(self, facts: Any) -> Script:
        if "agent" in facts:
            return self._dialogue.agent_picked_up(facts["agent"], facts["leg"])
        call = read_call(facts)
        match _turn(facts.get("next")):
            case MenuTurn() as turn:
                return self._dialogue.menu(call, turn, Reply(facts.get("keys"), facts.get("words", "")))
            case WaitTurn() as turn:
                return self._dialogue.wait(call, turn)
            case AfterConversation():
                return self._dialogue.after(call)
            case AfterRecording():
                return self._dialogue.recorded(call, VoiceMessage(facts["file"], facts["url"], facts["seconds"]))
            case _:
                return self._dialogue.incoming(call)


def _turn(named: dict[str, Any] | None) -> Any:
    if named is None:
        return None
    return TURNS[named["turn"]](**{name: value for name, value in named.items() if name != "turn"})


class Line:
    """A call over the second network: does what it is told, and says so."""

    def __init__(self, hall: Hall) -> None:
        def plan() -> Plan:
            return hall.plans.current().plan

        self.hall = hall
        self.network = SecondPhone()
        hall.adapt(VoiceChannel(plans=plan, network=self.network))
        webhook = Asked(Dialogue(hall.reception, plan), CallEvents(hall.reception, hall.desk))
        app = Flask("second")
        app.register_blueprint(webhooks_blueprint([Route("POST", "/webhooks/second", webhook)]))
        self.client = app.test_client()

    def tell(self, key: str = KEY, **told: Any) -> Any:
        answer = self.client.post("/webhooks/second", json=told, headers={"X-Key": key})
        return answer.get_json() if answer.status_code == 200 else answer.status_code

    def ask(self, **more: Any) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = self.tell(call="call-1", caller=CALLER, called=OURS, **more)
        return heard

    def contact_id(self) -> str:
        return self.hall.reception.by_provider_ref(Channel.VOICE, "call-1").contact.id


@pytest.fixture
def line(hall: Hall) -> Line:
    return Line(hall)


def spoken(steps: list[dict[str, Any]]) -> str:
    """Everything that is said, in order."""
    said = [part for step in steps for part in step.get("prompt", [step]) if "words" in part]
    return " ".join(part["words"] for part in said)


def only(steps: list[dict[str, Any]], kind: type) -> dict[str, Any]:
    """The one step of this kind."""
    (found,) = [step for step in steps if step["step"] == kind.__name__]
    return found


def test_a_whole_call(line: Line) -> None:
    hall = line.hall
    hall.available("bruno")

    heard = line.ask()
    assert spoken(heard).startswith("Bonjour. Vous êtes bien à la mairie de Petit-Bourg. Carte d'identité : tapez 1.")
    heard = line.ask(next=only(heard, Gather)["next"], keys="7")
    assert spoken(heard).startswith("Pardon, je n'ai pas compris.")
    heard = line.ask(next=only(heard, Gather)["next"], keys="1")
    assert "Restez en ligne" in spoken(heard)
    contact = line.contact_id()
    assert hall.offered_to(contact) == "bruno"
    heard = line.ask(next=only(heard, Continue)["next"])
    assert "Vous gardez votre place" in spoken(heard)

    hall.desk.accept("bruno", contact)
    hall.step()
    (ring,) = line.network.rung
    assert (ring.to, ring.caller_id, line.network.moved) == ("+33639980002", OURS, ["call-1"])
    heard = line.ask(next=only(heard, Continue)["next"])
    agent_hears = line.tell(agent=ring.contact_id, leg=ring.leg)
    assert only(heard, Join)["contact_id"] == only(agent_hears, Join)["contact_id"] == contact
    assert "next" not in only(agent_hears, Join)

    heard = line.ask(next=only(heard, Join)["next"])
    assert "Au revoir" in spoken(heard)
    only(heard, HangUp)
    line.tell(call="call-1", over=True)
    assert hall.state(contact) is ContactState.WRAP_UP


def test_an_agent_whose_phone_is_not_answered_gives_the_caller_their_place_back(line: Line) -> None:
    hall = line.hall
    hall.available("bruno", "anne")
    line.ask(next=only(line.ask(), Gather)["next"], words="carte d'identité")
    contact = line.contact_id()
    hall.desk.accept("bruno", contact)
    hall.step()
    (ring,) = line.network.rung
    line.tell(agent=contact, attempt=ring.attempt, failed=True)
    assert hall.state(contact) in (ContactState.WAITING, ContactState.OFFERED)
    assert "ne vous attend plus" in spoken(line.tell(agent=contact, leg=ring.leg))


def test_a_message_after_an_apology(line: Line) -> None:
    with broken_record_of(line.hall):
        heard = line.ask()
    assert "problème technique" in spoken(heard)
    thanks = line.ask(next=only(heard, Record)["next"], file="f1", url="https://second.example/f1", seconds=12)
    assert "Merci" in spoken(thanks)
    assert line.hall.state(line.contact_id()) is ContactState.FOLLOW_UP


def test_nothing_is_said_to_somebody_else(line: Line) -> None:
    assert line.tell(key="another", call="call-1") == 403
    assert line.tell(caller=CALLER) == 400
