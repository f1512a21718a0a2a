"""`/webhooks/email/mime`: raw messages from a mail server."""

from __future__ import annotations

from collections.abc import Sequence

from routeur.reception.reception import Reception
from webhooks.email_common import EmailAuth, EmailWebhook
from webhooks.skeleton import Incoming, Route


class MimeEmail(EmailWebhook):
    """The body is the message."""

    def raw_message(self, incoming: Incoming) -> bytes:
        return incoming.body


def mime_routes(*, auth: Sequence[EmailAuth], our_host: str, reception: Reception) -> list[Route]:
    return [Route("POST", "/webhooks/email/mime", MimeEmail(auth, our_host, reception))]
