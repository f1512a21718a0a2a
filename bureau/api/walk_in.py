"""Turns a person at the counter into the router's normalised inbound."""

from __future__ import annotations

from bureau.access.principal import Principal
from bureau.schemas.requests import WalkIn
from competences.channels import Channel
from routeur.contact.identifiers import new_id
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound


def inbound_of(body: WalkIn, who: Principal) -> Inbound:
    """The person is known by their phone, else by their e-mail, else only by the ticket that they are given.

    Each visit is a conversation of its own, named by its ticket.
    """
    ticket = new_id() if body.client_id is None else f"{who.login}:{body.client_id}"
    kind, address = _address(body, ticket)
    return Inbound(
        channel=Channel(body.channel),
        address_kind=kind,
        address=address,
        text=body.text,
        provider_id=ticket,
        provider_ref=ticket,
        name=body.name,
        email=body.email if kind is not AddressKind.EMAIL else None,
        topic=body.topic,
        language=body.language,
    )


def _address(body: WalkIn, ticket: str) -> tuple[AddressKind, str]:
    if body.phone is not None:
        return AddressKind.PHONE, body.phone
    if body.email is not None:
        return AddressKind.EMAIL, body.email
    return AddressKind.TICKET, ticket
