"""`POST /webhooks/fax`: faxes, as their provider reads them."""

from __future__ import annotations

from typing import Protocol

from canaux.fax import read_fax
from flask import Blueprint, Response, request

from canaux.errors import MalformedMessage
from routeur.ports.inbound import Inbound, Receipt
from webhooks.edge import FORM_BYTES, read_body, require, same_secret, words


class Receives(Protocol):
    """The part of routeur.reception.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...


def fax_blueprint(*, token: str, reception: Receives) -> Blueprint:
    """The route of the fax channel."""
    blueprint = Blueprint("webhooks_fax", __name__)

    @blueprint.post("/webhooks/fax")
    def incoming() -> Response:
        read_body(request, FORM_BYTES)
        require(same_secret(request.headers.get("X-Fax-Token", ""), token))
        try:
            inbound = read_fax(request.form)
        except MalformedMessage as error:
            return words(str(error), 400)
        reception.receive(inbound)
        return Response(status=204)

    return blueprint
