"""`/webhooks/voice`: what Twilio asks and tells us of calls.

What a caller hears depends on where their contact stands when asked, never on what was planned before: each
answer ends by asking again, and a call is moved by making it ask at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog
from flask import Blueprint, Response, request
from flask.typing import RouteCallable

from canaux.errors import MalformedMessage
from canaux.text import clean
from canaux.voice.channel import agent_leg
from canaux.voice.inbound import NOT_ANSWERED, OVER, Call, VoiceMessage
from canaux.voice.script import VoiceScript, Welcomes
from canaux.voice.urls import VoiceUrls
from canaux.voice.voicemail import keep
from competences.channels import Channel
from competences.plan.menu import ChoiceKind, choose
from competences.plan.plan import Plan
from routeur.contact.words import ContactState
from routeur.errors import NotFound
from routeur.ports.inbound import Inbound, Receipt, Standing
from webhooks.edge import FORM_BYTES, read_body, require, twiml, words
from webhooks.twilio_auth import TwilioAuth

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 2
LONGEST_SPEECH = 1000
SENTENCE = 4
"""Words. A sentence is understood as a whole; in fewer words a menu entry is named."""

_WAITS = frozenset({ContactState.WAITING, ContactState.OFFERED})


class CallsReception(Protocol):
    """The part of routeur.reception.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...
    def route(self, contact_id: str, *, topic: str | None, language: str | None = None) -> Standing: ...
    def hear(self, contact_id: str, said: str, said_id: str, *, language: str | None = None) -> Standing: ...
    def standing(self, contact_id: str) -> Standing: ...
    def by_provider_ref(self, channel: Channel, ref: str) -> Standing: ...
    def usager_left(self, contact_id: str) -> Standing: ...
    def ask_follow_up(self, contact_id: str) -> Standing: ...


class CallsDesk(Protocol):
    """The part of routeur.desk.desk.Desk that this channel needs."""

    def phone_not_answered(self, contact_id: str, attempt: int) -> None: ...


def voice_blueprint(
    *, auth: TwilioAuth, urls: VoiceUrls, reception: CallsReception, desk: CallsDesk, plans: Callable[[], Plan]
) -> Blueprint:
    """The routes of the phone."""
    caller = _CallerRoutes(urls, reception, plans)
    machine = _MachineRoutes(urls, reception, desk)
    blueprint = Blueprint("webhooks_voice", __name__)
    heard: dict[str, Callable[[], str]] = {
        "": caller.incoming,
        "/menu": caller.menu,
        "/wait": caller.wait,
        "/after": caller.after,
        "/recording": caller.recording,
    }
    for path, answer in heard.items():
        blueprint.add_url_rule(
            f"/webhooks/voice{path}", answer.__name__, _heard(auth, VoiceScript(urls), answer), methods=["POST"]
        )
    told: dict[str, Callable[..., Response]] = {
        "/status": machine.status,
        "/recording/status": machine.recording_status,
        "/conference/<contact_id>": machine.conference,
        "/agent/<contact_id>": machine.agent,
        "/agent/<contact_id>/status": machine.agent_status,
    }
    for path, handle in told.items():
        blueprint.add_url_rule(f"/webhooks/voice{path}", handle.__name__, _told(auth, handle), methods=["POST"])
    return blueprint


def _heard(auth: TwilioAuth, script: VoiceScript, answer: Callable[[], str]) -> RouteCallable:
    """A route whose answer a caller hears: whatever happens, something is said."""

    def view() -> Response:
        read_body(request, FORM_BYTES)
        require(auth.accepts(request))
        try:
            return twiml(answer())
        except Exception as error:  # also what nobody thought of: a person is on the line
            log.exception("caller_heard_an_apology", path=request.path, error=type(error).__name__)
            return twiml(script.apology())

    return view


def _told(auth: TwilioAuth, handle: Callable[..., Response]) -> RouteCallable:
    """A route that only tells us something."""

    def view(**parts: str) -> Response:
        read_body(request, FORM_BYTES)
        require(auth.accepts(request))
        try:
            return handle(**parts)
        except MalformedMessage as error:
            return words(str(error), 400)
        except NotFound:  # late, or of a call that came while we were down
            return Response(status=204)

    return view


class _CallerRoutes:
    """What a caller hears."""

    def __init__(self, urls: VoiceUrls, reception: CallsReception, plans: Callable[[], Plan]) -> None:
        self._urls = urls
        self._reception = reception
        self._plans = plans
        self._welcomes = Welcomes(urls)

    def _here(self) -> Standing:
        """Where this call's contact stands; a call that we never heard of is received now."""
        call = Call.read(request.form)
        try:
            return self._reception.by_provider_ref(Channel.VOICE, call.sid)
        except NotFound:
            return self._reception.receive(call.arrival()).standing

    def _script(self, standing: Standing) -> VoiceScript:
        return VoiceScript(self._urls, standing.contact.language)

    def _by_state(self, standing: Standing, turn: int = 0, *, greet: bool = False) -> str:
        script = self._script(standing)
        if standing.contact.state in _WAITS:
            return script.waiting(turn)
        if standing.contact.state is ContactState.ACTIVE:
            return script.conversation(standing.contact.id)
        if standing.contact.state is ContactState.FOLLOW_UP and standing.follow_up is not None:
            hidden = standing.contact.address == standing.contact.provider_ref  # known by this call alone
            return script.promise(self._plans(), standing.follow_up, greet=greet, hidden=hidden)
        return script.goodbye()

    def incoming(self) -> str:
        standing = self._reception.receive(Call.read(request.form).arrival()).standing
        if standing.contact.state in _WAITS:
            return self._welcomes.of(self._plans(), standing.contact.language)
        return self._by_state(standing, greet=True)

    def menu(self) -> str:
        standing = self._here()
        if standing.contact.state not in _WAITS:
            return self._by_state(standing)
        plan = self._plans()
        language = request.args.get("lang", standing.contact.language)
        attempt = request.args.get("attempt", 1, type=int)
        digits, speech = request.form.get("Digits"), clean(request.form.get("SpeechResult", ""), LONGEST_SPEECH)
        chosen = choose(
            plan.menu,
            request.args.get("path", ""),
            digits=digits,
            speech=speech,
            keywords={key: topic.keywords for key, topic in plan.topics.items()},
        )
        if speech and not digits and (len(speech.split()) >= SENTENCE or chosen.kind is ChoiceKind.NOT_UNDERSTOOD):
            said_id = f"{standing.contact.provider_ref}:said:{chosen.path}:{attempt}"
            spoken = chosen.language or language
            heard = self._reception.hear(standing.contact.id, speech, said_id, language=spoken)
            if heard.contact.topic is not None and chosen.kind is ChoiceKind.FOLLOW_UP:  # they said what about, too
                heard = self._reception.ask_follow_up(standing.contact.id)
            if heard.contact.topic is not None:
                return self._by_state(heard)
        match chosen.kind:
            case ChoiceKind.LANGUAGE:
                return VoiceScript(self._urls, chosen.language or language).menu(plan)
            case ChoiceKind.SUBMENU:
                return VoiceScript(self._urls, language).menu(plan, chosen.path)
            case ChoiceKind.NOT_UNDERSTOOD if attempt < MOST_ATTEMPTS:
                return VoiceScript(self._urls, language).menu(plan, chosen.path, attempt + 1)
            case ChoiceKind.FOLLOW_UP:
                self._reception.route(standing.contact.id, topic=None, language=language)
                return self._by_state(self._reception.ask_follow_up(standing.contact.id))
            case _:
                return self._by_state(self._reception.route(standing.contact.id, topic=chosen.topic, language=language))

    def wait(self) -> str:
        return self._by_state(self._here(), request.args.get("turn", 0, type=int))

    def after(self) -> str:
        """The conference ended with the caller still on the line: the agent hung up, or the contact moved on."""
        standing = self._here()
        if standing.contact.state is ContactState.ACTIVE:
            return self._script(standing).goodbye()
        return self._by_state(standing)

    def recording(self) -> str:
        call = Call.read(request.form)
        try:
            message = VoiceMessage.read(request.form)
        except MalformedMessage:  # asking for another recording could go on for ever
            return VoiceScript(self._urls).goodbye()
        try:
            standing = keep(self._reception, call, message)
        except Exception as error:  # the network keeps it, and canaux.voice.voicemail.recover asks for it again
            log.exception("voice_message_left_with_the_network", recording=message.sid, error=type(error).__name__)
            return VoiceScript(self._urls).thanks_for_message()
        return self._script(standing).thanks_for_message()


class _MachineRoutes:
    """What nobody hears, and what an agent's phone is told."""

    def __init__(self, urls: VoiceUrls, reception: CallsReception, desk: CallsDesk) -> None:
        self._urls = urls
        self._reception = reception
        self._desk = desk

    def status(self) -> Response:
        call = Call.read(request.form)
        if call.status in OVER:
            self._reception.usager_left(self._reception.by_provider_ref(Channel.VOICE, call.sid).contact.id)
        return Response(status=204)

    def recording_status(self) -> Response:
        """Twilio's second word on a recording, which finds the message when its first met us broken."""
        message = VoiceMessage.read(request.form)
        # This callback names the call, but not who called.
        known = self._reception.by_provider_ref(Channel.VOICE, Call.read(request.form).sid)
        keep(self._reception, Call(known.contact.provider_ref or "", known.contact.address, None, "completed"), message)
        return Response(status=204)

    def conference(self, contact_id: str) -> Response:
        """A caller whose call is over has hung up, also where the number's own status callback is not set."""
        call = Call.read(request.form)
        standing = self._reception.standing(contact_id)
        left = request.form.get("StatusCallbackEvent") == "participant-leave"
        if left and call.sid == standing.contact.provider_ref and request.form.get("ParticipantCallStatus") in OVER:
            self._reception.usager_left(contact_id)
        return Response(status=204)

    def agent(self, contact_id: str) -> Response:
        """An agent picked up. The call is theirs unless it moved on while their phone rang."""
        script = VoiceScript(self._urls)
        try:
            standing = self._reception.standing(contact_id)
        except NotFound:
            return twiml(script.agent_too_late())
        theirs = standing.contact.state is ContactState.ACTIVE and standing.contact.agent is not None
        if theirs and request.args.get("leg") == agent_leg(contact_id, standing.contact.agent or ""):
            return twiml(script.agent_joins(contact_id))
        return twiml(script.agent_too_late())

    def agent_status(self, contact_id: str) -> Response:
        attempt = request.args.get("attempt", type=int)
        if attempt is None:
            raise MalformedMessage("no attempt")
        if Call.read(request.form).status in NOT_ANSWERED:
            self._desk.phone_not_answered(contact_id, attempt)
        return Response(status=204)
