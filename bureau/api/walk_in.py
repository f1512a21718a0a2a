"""Turns a person at the counter into the router's normalised inbound."""

from __future__ import annotations

from http import HTTPStatus

from flask import request

from bureau.access.principal import Principal
from bureau.http.language import translations_for
from bureau.http.problems import SEE_ERRORS, Fault, Problem
from bureau.schemas.requests import WalkIn
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.translation import N_
from routeur.contact.identifiers import new_id
from routeur.contact.identity import Given
from routeur.contact.messages import OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound


def check_language(body: WalkIn, plan: Plan) -> None:
    """Check that the person's language is one of the plan's. Raises Problem."""
    if body.language in plan.spoken_languages:
        return
    message = translations_for(request).gettext(
        N_("The plan in force does not have this language. It has: {languages}.")
    )
    fault = Fault(pointer="#/language", message=message.format(languages=", ".join(plan.spoken_languages)))
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, SEE_ERRORS, errors=[fault])


def inbound_of(body: WalkIn, posted: bytes, who: Principal) -> Inbound:
    """The person is known by the ticket that they are given; what is typed for them is only given.

    Each visit is a conversation of its own, named by its ticket. `posted` is the JSON that `body` was read from.
    """
    ticket = new_id() if body.client_id is None else f"{who.login}:{body.client_id}"
    return Inbound(
        channel=Channel(body.channel),
        address_kind=AddressKind.TICKET,
        address=ticket,
        text=body.text,
        provider_id=ticket,
        provider_ref=ticket,
        given=Given(body.name, body.email, body.phone, confirmed=body.confirmed),
        topic=body.topic,
        language=body.language,
        original=OriginalMessage("application/json", posted),
    )
