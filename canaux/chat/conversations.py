"""What is done about a visitor's conversation. Its id is its contact's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from canaux.chat.requests import NewConversation, NewMessage
from canaux.chat.stream import conversation_events, wakes
from canaux.chat.tokens import Visitor
from canaux.code_ways import CodeWays, Way
from canaux.enquiries.enquiries import Enquiries
from canaux.enquiries.question import read_question
from canaux.online_services import SelfService, self_service
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.contact.messages import OriginalMessage
from routeur.errors import AlreadySaid, NotFound
from routeur.ports.events import EventHub
from routeur.ports.inbound import Inbound, Receipt, Standing
from routeur.ports.signals import Side, Signals
from routeur.reception.reception import Reception

GOES_ON_FOR: Final = timedelta(hours=24)
"""How long after its closing a visitor may go on with their conversation.

Until then they may also read it. One that was promised an answer, or is a request, stays readable as long as its
visitor's token is good: the back office answers days later, and nowhere else.
"""


@dataclass(frozen=True)
class Begun:
    """A conversation that has just begun, and what can be done online about it."""

    contact_id: str
    self_service: SelfService | None


class Conversations:
    """Begins conversations, and goes on with them. NotFound is raised for one that there is not, or no longer."""

    def __init__(
        self,
        reception: Reception,
        hub: EventHub,
        plans: Callable[[], Plan],
        enquiries: Enquiries,
        codes: CodeWays,
        signals: Signals,
        clock: Clock,
    ) -> None:
        self._reception = reception
        self._hub = hub
        self._plans = plans
        self._enquiries = enquiries
        self._codes = codes
        self._signals = signals
        self._clock = clock

    def check(self, conversation: NewConversation) -> None:
        """Check that a conversation can begin as its visitor asks. Raises MalformedMessage."""
        conversation.check(self._plans())

    def begin(self, conversation: NewConversation, original: OriginalMessage, subscriber: str) -> Begun:
        """A visitor at this subscriber's Internet address writes for the first time.

        Raises AlreadySaid where another conversation began under the same `client_id`.
        """
        arrival = conversation.inbound(self._plans(), original)
        inbound = self._with_answer(arrival, None, conversation.email, subscriber)
        receipt = self._reception.receive(inbound)
        contact = receipt.standing.contact
        if receipt.duplicate and not self._said(contact.id, 1, conversation.text):
            raise AlreadySaid(contact.id)
        return Begun(contact.id, self_service(self._plans(), contact.topic, contact.language))

    def say(self, visitor: Visitor, message: NewMessage, original: OriginalMessage, subscriber: str) -> Receipt:
        """The visitor writes again. Raises AlreadySaid where another text came under the same id."""
        inbound = message.inbound(self._open(visitor.contact_id), original)
        receipt = self._reception.receive(self._with_answer(inbound, visitor.contact_id, visitor.email, subscriber))
        position = receipt.position
        if receipt.duplicate and position is not None and not self._said(visitor.contact_id, position, message.text):
            raise AlreadySaid(visitor.contact_id)
        return receipt

    def events(self, contact_id: str, position: int) -> Iterator[bytes]:
        """What happens in the conversation after this position, as server-sent events."""
        standing = self._standing(contact_id)
        owed_an_answer = standing.follow_up is not None or standing.contact.request is not None
        if not owed_an_answer and not self._goes_on(standing):
            raise NotFound
        woken = wakes(self._hub, contact_id)
        return conversation_events(
            self._reception, woken, self._plans, contact_id, position, self._signals, self._clock
        )

    def typing(self, contact_id: str) -> None:
        """The visitor is typing."""
        self._signals.typing(contact_id, Side.USAGER, self._clock())

    def read_up_to(self, contact_id: str, position: int) -> None:
        """The visitor has read the messages up to this position."""
        self._open(contact_id)
        self._signals.read_up_to(contact_id, Side.USAGER, position, self._clock())

    def settle(self, contact_id: str) -> None:
        """The visitor has their answer."""
        self._open(contact_id)
        self._reception.settle(contact_id)

    def leave(self, contact_id: str) -> None:
        """The visitor goes away."""
        self._open(contact_id)
        self._reception.usager_left(contact_id)

    def way_of_code(self, contact_id: str, address: str) -> Way:
        """How a code reaches the e-mail address or the number that the visitor says is theirs. Raises NoWay."""
        self._open(contact_id)
        return self._codes.way_to(address)

    def ask_code(self, contact_id: str, way: Way, subscriber: str) -> None:
        """Send the visitor a code. Raises TooMany."""
        self._codes.count(way, subscriber)
        self._reception.verifications.ask(contact_id, way.channel, way.kind, way.address)

    def confirm(self, contact_id: str, code: str) -> bool:
        """The visitor says the code that came to their address; returns whether it is the right one."""
        self._open(contact_id)
        return self._reception.verifications.confirm(contact_id, code)

    def _said(self, contact_id: str, position: int, text: str) -> bool:
        message = next(iter(self._reception.messages_after(contact_id, position - 1)), None)
        return message is not None and message.text == text

    def _open(self, contact_id: str) -> Standing:
        """Where a conversation stands with which its visitor may go on."""
        standing = self._standing(contact_id)
        if not self._goes_on(standing):
            raise NotFound
        return standing

    def _goes_on(self, standing: Standing) -> bool:
        closed_at = standing.contact.closed_at
        return closed_at is None or self._clock() <= closed_at + GOES_ON_FOR

    def _standing(self, contact_id: str) -> Standing:
        standing = self._reception.standing(contact_id)
        if standing.contact.channel is not Channel.CHAT:
            raise NotFound
        return standing

    def _with_answer(self, inbound: Inbound, contact_id: str | None, email: str | None, subscriber: str) -> Inbound:
        """The message, with the answer to what its visitor asks about a request that they prove to be theirs."""
        proofs, claims = [inbound.address], [email] if email else []
        if contact_id is not None and read_question(inbound.text) is not None:
            proofs += self._reception.verifications.proved(contact_id)
        ready = self._enquiries.answer(inbound.text, proofs, subscriber, inbound.language, claims)
        return replace(inbound, answer=ready)
