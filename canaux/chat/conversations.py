"""What is done about a visitor's conversation. Its id is its contact's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from canaux.chat.requests import NewConversation, NewMessage
from canaux.chat.stream import conversation_events, wakes
from canaux.chat.tokens import Visitor
from canaux.codes import Codes
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
from routeur.reception.reception import Reception

GONE_AFTER: Final = timedelta(hours=24)
"""How long after its closing a conversation still opens to its visitor, who may go on with it until then."""


@dataclass(frozen=True)
class Begun:
    """A conversation that has just begun, and what can be done online about it."""

    contact_id: str
    self_service: SelfService | None


class Conversations:
    """Begins conversations, and goes on with them. NotFound is raised for one that there is not, or no more."""

    def __init__(
        self,
        reception: Reception,
        hub: EventHub,
        plans: Callable[[], Plan],
        enquiries: Enquiries,
        codes: Codes,
        clock: Clock,
    ) -> None:
        self._reception = reception
        self._hub = hub
        self._plans = plans
        self._enquiries = enquiries
        self._codes = codes
        self._clock = clock

    def begin(self, conversation: NewConversation, original: OriginalMessage, subscriber: str) -> Begun:
        """A visitor at this subscriber's Internet address writes for the first time."""
        inbound = self._with_answer(conversation.inbound(original), None, conversation.email, subscriber)
        contact = self._reception.receive(inbound).standing.contact
        return Begun(contact.id, self_service(self._plans(), contact.topic, contact.language))

    def say(self, visitor: Visitor, message: NewMessage, original: OriginalMessage, subscriber: str) -> Receipt:
        """The visitor writes again. Raises AlreadySaid where another text came under the same id."""
        inbound = message.inbound(self.standing(visitor.contact_id), original)
        receipt = self._reception.receive(self._with_answer(inbound, visitor.contact_id, visitor.email, subscriber))
        if receipt.duplicate and receipt.position is not None:
            earlier = next(iter(self._reception.messages_after(visitor.contact_id, receipt.position - 1)), None)
            if earlier is None or earlier.text != message.text:
                raise AlreadySaid(visitor.contact_id)
        return receipt

    def events(self, contact_id: str, position: int) -> Iterator[bytes]:
        """What happens in the conversation after this position, as server-sent events."""
        self.standing(contact_id)
        woken = wakes(self._hub, contact_id)
        return conversation_events(self._reception, woken, self._plans, contact_id, position)

    def settle(self, contact_id: str) -> None:
        """The visitor has their answer."""
        self.standing(contact_id)
        self._reception.settle(contact_id)

    def leave(self, contact_id: str) -> None:
        """The visitor goes away."""
        self.standing(contact_id)
        self._reception.usager_left(contact_id)

    def ask_code(self, contact_id: str, address: str, subscriber: str) -> None:
        """Send the visitor a code, to an e-mail address or a number that they say is theirs. Raises NoWay, TooMany."""
        self.standing(contact_id)
        way = self._codes.way_to(address)
        self._codes.count(way, subscriber)
        self._reception.verifications.ask(contact_id, way.channel, way.kind, way.address)

    def confirm(self, contact_id: str, code: str) -> bool:
        """The visitor says the code that came to their address; returns whether it is the right one."""
        self.standing(contact_id)
        return self._reception.verifications.confirm(contact_id, code)

    def standing(self, contact_id: str) -> Standing:
        """Where the conversation stands."""
        standing = self._reception.standing(contact_id)
        if standing.contact.channel is not Channel.CHAT:
            raise NotFound
        closed_at = standing.contact.closed_at
        if closed_at is not None and self._clock() > closed_at + GONE_AFTER:
            raise NotFound
        return standing

    def _with_answer(self, inbound: Inbound, contact_id: str | None, email: str | None, subscriber: str) -> Inbound:
        """The message, with the answer to what its visitor asks about a request that they prove to be theirs."""
        proofs, claims = [inbound.address], [email] if email else []
        if contact_id is not None and read_question(inbound.text) is not None:
            proofs += self._reception.verifications.proved(contact_id)
        ready = self._enquiries.answer(inbound.text, proofs, subscriber, inbound.language, claims)
        return replace(inbound, answer=ready)
