"""`/webhooks/email/mime`: raw messages from a mail server."""

from __future__ import annotations

from collections.abc import Sequence

from routeur.reception.reception import Reception
from webhooks.email_common import EmailAuth, EmailWebhook, MailRoom, PostedLetter
from webhooks.skeleton import Incoming, Route


class MimeEmail(EmailWebhook):
    """The body is the message."""

    def letter(self, incoming: Incoming) -> PostedLetter:
        return PostedLetter(incoming.body)


def mime_routes(*, auth: Sequence[EmailAuth], mail_room: MailRoom, reception: Reception) -> list[Route]:
    return [Route("POST", "/webhooks/email/mime", MimeEmail(auth, mail_room, reception))]
