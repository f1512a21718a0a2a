"""From somebody at the counter to the router's normalised inbound."""

from __future__ import annotations

from http import HTTPStatus

from bureau.principal import Principal
from bureau.problems import Fault, Problem
from bureau.schemas.requests import WalkIn
from canaux.phone import e164
from competences.translation import N_
from routeur.contact import AddressKind
from routeur.identifiers import new_id
from routeur.inbound import Inbound

NO_SUCH_NUMBER = N_("This is not a phone number.")


def inbound_of(body: WalkIn, who: Principal) -> Inbound:
    """Who came is known by their phone, else by their e-mail, else by nothing but the ticket they are given.

    Each visit is a conversation of its own, named by its ticket. Raises Problem for a phone number that is none.
    """
    ticket = new_id() if body.client_id is None else f"{who.login}:{body.client_id}"
    kind, address = _address(body, ticket)
    return Inbound(
        channel=body.channel,
        address_kind=kind,
        address=address,
        text=body.text,
        provider_id=ticket,
        provider_ref=ticket,
        name=body.name,
        email=body.email,
        topic=body.topic,
        language=body.language,
    )


def _address(body: WalkIn, ticket: str) -> tuple[AddressKind, str]:
    if body.phone is not None:
        number = e164(body.phone)
        if number is None:
            faults = [Fault(pointer="#/phone", message=NO_SUCH_NUMBER)]
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, NO_SUCH_NUMBER, errors=faults)
        return AddressKind.PHONE, number
    if body.email is not None:
        return AddressKind.EMAIL, body.email
    return AddressKind.TICKET, ticket
