"""What Twilio's webhooks share: its signature on each request, and TwiML as the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Request, Response, abort
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from canaux.security_log import ForgeryHint
from canaux.twilio.forms import as_posted
from routeur.contact.messages import OriginalMessage
from webhooks.skeleton import Arriving, Incoming, Webhook

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class TwilioAuth:
    """Checks signatures against the public URL, the only one that Twilio knows.

    `shared_keys` (id -> secret) holds the keys that `X-Twilio-Webhooks-Signature-Settings` may name; without it,
    or for a key that is not among them, the account's token is the secret.
    """

    public_url: str
    auth_token: str
    shared_keys: Mapping[str, str] = field(default_factory=dict)

    def admits(self, arriving: Arriving) -> bool:
        """Whether the request shows a signature; whether it is right, its form must be known for."""
        return bool(arriving.request.headers.get(SIGNATURE_HEADER))

    def accepts(self, incoming: Incoming) -> bool:
        """Whether the signature of this request is right."""
        request = incoming.request
        signature = request.headers.get(SIGNATURE_HEADER, "")
        settings = request.headers.get(SIGNATURE_SETTINGS_HEADER, "")
        secret = self.shared_keys.get(_key_id(settings), self.auth_token)
        if not signature or not secret:
            return False
        return bool(
            RequestValidator(secret).validate(
                self._signed_url(request), request.form, signature, get_signature_algorithm(settings)
            )
        )

    def _signed_url(self, request: Request) -> str:
        # As it stands in the request line: decoding and encoding it again could change a character.
        target = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
        if not target.startswith("/"):
            query = request.query_string.decode("latin-1")
            target = request.path + (f"?{query}" if query else "")
        return self.public_url.rstrip("/") + target


def _key_id(settings: str) -> str:
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "key":
            return value.strip()
    return ""


HINT = "PUBLIC_URL? It must be the very address that stands in Twilio's console; or TWILIO_AUTH_TOKEN is another's."


class TwilioWebhook(Webhook[Facts]):
    """A webhook that Twilio alone may call."""

    def __init__(self, auth: TwilioAuth) -> None:
        self._auth = auth
        self._hint = ForgeryHint(HINT)

    def admit(self, arriving: Arriving) -> None:
        if not self._auth.admits(arriving):
            abort(403)

    def authenticate(self, incoming: Incoming) -> None:
        if not self._auth.accepts(incoming):
            self._hint.refused()
            abort(403)


def posted(incoming: Incoming) -> OriginalMessage:
    """The form, to be kept."""
    return as_posted(incoming.form, incoming.request.headers.get("Content-Type", ""), incoming.body)


def twiml_response(document: str) -> Response:
    return Response(document, 200, content_type="text/xml; charset=utf-8")
