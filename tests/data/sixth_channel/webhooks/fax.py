"""`POST /webhooks/fax`: faxes, as their provider reads them."""

from __future__ import annotations

from canaux.fax import read_fax
from flask import Response, abort

from routeur.ports.inbound import Inbound
from routeur.reception.reception import Reception
from webhooks.skeleton import Arriving, Incoming, Route, Webhook, no_content
from webhooks.token_auth import TokenAuth


class Fax(Webhook[Inbound]):
    """A fax."""

    def __init__(self, auth: TokenAuth, reception: Reception) -> None:
        self._auth = auth
        self._reception = reception

    def admit(self, arriving: Arriving) -> None:
        if not self._auth.admits(arriving):
            abort(403)

    def read(self, incoming: Incoming) -> Inbound:
        return read_fax(incoming.form)

    def receive(self, facts: Inbound) -> Response:
        self._reception.receive(facts)
        return no_content()


def fax_routes(*, auth: TokenAuth, reception: Reception) -> list[Route]:
    return [Route("POST", "/webhooks/fax", Fax(auth, reception))]
