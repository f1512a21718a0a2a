"""What a caller hears, turn by turn, whichever network carries the call.

It depends on where their contact stands when asked, never on what was planned before: each answer ends by asking
again, and a call is moved by making it ask at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from canaux.voice.channel import agent_leg
from canaux.voice.inbound import Call, Reply, VoiceMessage, has_hidden_number
from canaux.voice.script import VoiceScript, Welcomes
from canaux.voice.steps import MenuTurn, Script, WaitTurn
from canaux.voice.voicemail import keep
from competences.channels import Channel
from competences.plan.menu import ChoiceKind, MenuChoice, choose
from competences.plan.plan import Plan
from routeur.contact.words import ContactState
from routeur.errors import NotFound
from routeur.ports.inbound import Standing
from routeur.reception.reception import Reception

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

MOST_ATTEMPTS = 2
SENTENCE_WORDS = 4
"""From this many words on, what is said is understood as a whole; fewer name an entry of the menu."""


def answer_or_apologise(compose: Callable[[], Script], render: Callable[[Script], Answer]) -> Answer:
    """The composed script in the network's form; an apology where anything fails, because a person is on the line."""
    try:
        return render(compose())
    except Exception as error:  # also what nobody thought of
        log.exception("caller_heard_an_apology", error=type(error).__name__)
        return render(VoiceScript().apology())


class Dialogue:
    """Answers the turns of calls with what is to be said."""

    def __init__(self, reception: Reception, plans: Callable[[], Plan]) -> None:
        self._reception = reception
        self._plans = plans
        self._welcomes = Welcomes()

    def incoming(self, call: Call) -> Script:
        """A call comes in: the greeting, and the first menu where there is something to wait for."""
        standing = self._reception.receive(call.arrival()).standing
        if standing.contact.waits:
            return self._welcomes.of(self._plans(), standing.contact.language)
        return self._by_state(standing, greet=True)

    def menu(self, call: Call, turn: MenuTurn, reply: Reply) -> Script:
        """The caller pressed a key, said something, or did nothing."""
        standing = self._here(call)
        if not standing.contact.waits:
            return self._by_state(standing)
        plan = self._plans()
        language = turn.language or standing.contact.language
        chosen = choose(
            plan.menu,
            turn.path,
            digits=reply.digits,
            speech=reply.speech,
            keywords={key: topic.keywords for key, topic in plan.topics.items()},
        )
        understood = self._understood(standing, turn, reply, chosen, chosen.language or language)
        if understood is not None:
            return self._by_state(understood)
        return self._chosen(plan, standing, turn, chosen, language)

    def _understood(
        self, standing: Standing, turn: MenuTurn, reply: Reply, chosen: MenuChoice, language: str
    ) -> Standing | None:
        """Where the caller stands by what they said; None where that names no topic, or they said too little."""
        if not reply.speech or reply.digits:
            return None
        if len(reply.speech.split()) < SENTENCE_WORDS and chosen.kind is not ChoiceKind.NOT_UNDERSTOOD:
            return None
        said_id = f"{standing.contact.provider_ref}:said:{chosen.path}:{turn.attempt}"
        heard = self._reception.hear(
            standing.contact.id, reply.speech, said_id, language=language, original=reply.original
        )
        if heard.contact.topic is not None and chosen.kind is ChoiceKind.FOLLOW_UP:  # they said what about, too
            heard = self._reception.ask_follow_up(standing.contact.id)
        return heard if heard.contact.topic is not None else None

    def _chosen(self, plan: Plan, standing: Standing, turn: MenuTurn, chosen: MenuChoice, language: str) -> Script:
        match chosen.kind:
            case ChoiceKind.LANGUAGE:
                return VoiceScript(chosen.language or language, self._plans()).menu(plan)
            case ChoiceKind.SUBMENU:
                return VoiceScript(language, self._plans()).menu(plan, chosen.path)
            case ChoiceKind.NOT_UNDERSTOOD if turn.attempt < MOST_ATTEMPTS:
                return VoiceScript(language, self._plans()).menu(plan, chosen.path, turn.attempt + 1)
            case ChoiceKind.FOLLOW_UP:
                self._reception.route(standing.contact.id, topic=None, language=language)
                return self._by_state(self._reception.ask_follow_up(standing.contact.id))
            case _:
                return self._by_state(self._reception.route(standing.contact.id, topic=chosen.topic, language=language))

    def wait(self, call: Call, turn: WaitTurn) -> Script:
        """The caller has waited for a turn, or their call was moved."""
        return self._by_state(self._here(call), turn.number)

    def after(self, call: Call) -> Script:
        """The conference ended with the caller still on the line: the agent hung up, or the contact moved on."""
        standing = self._here(call)
        if standing.contact.state is ContactState.ACTIVE:
            return VoiceScript(standing.contact.language, self._plans()).goodbye()
        return self._by_state(standing)

    def recorded(self, call: Call, message: VoiceMessage | None) -> Script:
        """The caller left a voice message; None where the network has none to give."""
        if message is None:  # asking for another recording could go on for ever
            return VoiceScript().goodbye()
        try:
            standing = keep(self._reception, call, message)
        except Exception as error:  # the network keeps it, and canaux.voice.voicemail.recover asks for it again
            log.exception("voice_message_left_with_the_network", recording=message.id, error=type(error).__name__)
            return VoiceScript().thanks_for_message()
        return VoiceScript(standing.contact.language, self._plans()).thanks_for_message()

    def agent_picked_up(self, contact_id: str, leg: str | None) -> Script:
        """An agent answered their phone. The call is theirs unless it moved on while it rang."""
        script = VoiceScript()
        try:
            standing = self._reception.standing(contact_id)
        except NotFound:
            return script.agent_too_late()
        theirs = standing.contact.state is ContactState.ACTIVE and standing.contact.agent is not None
        if theirs and leg == agent_leg(contact_id, standing.contact.agent or ""):
            return script.agent_joins(contact_id)
        return script.agent_too_late()

    def _here(self, call: Call) -> Standing:
        """Where this call's contact stands; a call that we never heard of is received now."""
        try:
            return self._reception.by_provider_ref(Channel.VOICE, call.id)
        except NotFound:
            return self._reception.receive(call.arrival()).standing

    def _by_state(self, standing: Standing, number: int = 0, *, greet: bool = False) -> Script:
        script = VoiceScript(standing.contact.language, self._plans())
        closed = self._reception.closed_until(standing.contact)
        if standing.contact.waits:
            return script.waiting(number, closed)
        if standing.contact.state is ContactState.ACTIVE:
            return script.conversation(standing.contact.id)
        if standing.contact.state is ContactState.FOLLOW_UP and standing.follow_up is not None:
            hidden = has_hidden_number(standing)
            return script.followed_up(self._plans(), standing.follow_up, closed, greet=greet, hidden=hidden)
        return script.goodbye()
