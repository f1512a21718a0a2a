"""Letters that a web form writes for somebody, and those whose sender wants the answer elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from canaux.email.unread import is_unread
from routeur.contact.messages import Mailbox
from routeur.ports.inbound import Inbound


def answered_where_asked(
    inbound: Inbound, reply_to: Mailbox | None, forms: Collection[str], our_address: str
) -> Inbound:
    """The inbound with what its Reply-To asks for.

    Where a form writes (one of the plan's `web_forms`, an address that nobody reads, our own), the person in Reply-To
    is its usager. Anybody else stays the usager, and is answered there. Never do we answer ourselves.
    """
    if reply_to is None or reply_to.address == our_address:
        return inbound
    if inbound.address in forms or inbound.address == our_address or is_unread(inbound.address):
        return replace(inbound, address=reply_to.address, name=reply_to.name)
    return replace(inbound, reply_to=reply_to.address)


def requested_by_form(inbound: Inbound, request_forms: Mapping[str, str]) -> Inbound:
    """The inbound as a request about its form's topic, where one of the plan's `request_forms` writes.

    The law's notice goes to the person for whom it writes, also if the form says that a machine wrote.
    """
    topic = {address.lower(): topic for address, topic in request_forms.items()}.get(inbound.writer)
    if topic is None:
        return inbound
    somebody = inbound.address != inbound.writer
    return replace(inbound, topic=topic, is_request=True, acknowledge=inbound.acknowledge or somebody)
