"""Twilio's REST API, as little of it as the channels need, and a stand-in for development."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from canaux.twilio.media import TwilioMedia
from routeur.ports.news import DeliveryError

TIMEOUT_SECONDS = 10.0
CALL_IS_OVER = 21220
_LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


@dataclass(frozen=True)
class Recording:
    """A recording that the provider keeps."""

    sid: str
    call_sid: str
    seconds: int
    url: str


@dataclass(frozen=True)
class CallEnds:
    """Who called, and which number of ours."""

    caller: str
    called: str


class PhoneNetwork(Protocol):
    """What the channels ask of the telephone network. Every method raises DeliveryError."""

    def ring(self, *, to: str, caller_id: str, url: str, status_url: str, seconds: int) -> None:
        """Call `to`, and ask `url` what to do when somebody answers. No second call while one is still under way."""

    def redirect(self, call_sid: str, url: str) -> None:
        """Let a live call ask `url` what to do now. Nothing happens to a call that is over."""

    def hang_up(self, call_sid: str) -> None:
        """End a call. Nothing happens to a call that is over."""

    def send_text(self, *, to: str, sender: str, body: str) -> None:
        """Send an SMS or, between two `whatsapp:` addresses, a WhatsApp message."""

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        """The recordings made since then."""

    def call_ends(self, call_sid: str) -> CallEnds:
        """Between which numbers a call was."""

    def fetch(self, url: str) -> bytes:
        """A file that the provider keeps for us: a recording, a picture."""


class RelocatedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the package carries no types
    """Twilio's own HTTP client, sending to another base URL (a region, a stand-in) and always with a timeout."""

    def __init__(self, base_url: str | None, timeout: float = TIMEOUT_SECONDS) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base_url) if base_url else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base is not None:
            wanted = urlsplit(url)
            path = self._base.path.rstrip("/") + wanted.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, wanted.query, ""))
        return super().request(method, url, *args, **kwargs)


class TwilioGateway:
    """The telephone network behind Twilio's REST API."""

    def __init__(self, account_sid: str, auth_token: str, base_url: str | None = None) -> None:
        self._http = RelocatedHttpClient(base_url)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        self._media = TwilioMedia(account_sid, auth_token, base_url)

    def close(self) -> None:
        """Give the connections back."""
        self._http.session.close()

    def ring(self, *, to: str, caller_id: str, url: str, status_url: str, seconds: int) -> None:
        with _as_delivery_errors():
            if self._is_being_called(to):
                return
            self._client.calls.create(
                to=to,
                from_=caller_id,
                url=url,
                method="POST",
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=["completed"],
                timeout=seconds,
            )

    def _is_being_called(self, to: str) -> bool:
        # The API has no idempotency key. An effect done twice (a worker killed between the call and its note) would
        # ring a phone in conversation, whose "busy" would then take the caller away from the agent.
        try:
            return any(call.status in _LIVE for call in self._client.calls.list(to=to, limit=20))
        except TwilioException as error:
            if _is_retryable(error):
                raise
            return False

    def redirect(self, call_sid: str, url: str) -> None:
        self._update(call_sid, url=url, method="POST")

    def hang_up(self, call_sid: str) -> None:
        self._update(call_sid, status="completed")

    def _update(self, call_sid: str, **changes: str) -> None:
        with _as_delivery_errors():
            try:
                self._client.calls(call_sid).update(**changes)
            except TwilioException as error:
                if getattr(error, "code", None) != CALL_IS_OVER and _status(error) != 404:
                    raise

    def send_text(self, *, to: str, sender: str, body: str) -> None:
        whose = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        with _as_delivery_errors():
            self._client.messages.create(to=to, body=body, **whose)

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        with _as_delivery_errors():
            return [
                Recording(
                    sid=found.sid,
                    call_sid=found.call_sid,
                    seconds=int(found.duration or 0),
                    url="https://api.twilio.com" + str(found.uri).removesuffix(".json"),
                )
                for found in self._client.recordings.list(date_created_after=instant)
            ]

    def call_ends(self, call_sid: str) -> CallEnds:
        with _as_delivery_errors():
            call = self._client.calls(call_sid).fetch()
            return CallEnds(caller=str(call._from or ""), called=str(call.to or ""))

    def fetch(self, url: str) -> bytes:
        return self._media.fetch(url)


@contextmanager
def _as_delivery_errors() -> Iterator[None]:
    try:
        yield
    except TwilioException as error:
        refusal = f"HTTP {_status(error)}, code {getattr(error, 'code', None)}"  # its words may name a number
        raise DeliveryError(f"Twilio refused ({refusal})", retryable=_is_retryable(error)) from error
    except requests.RequestException as error:
        raise DeliveryError(f"Twilio did not answer ({type(error).__name__})", retryable=True) from error


def _is_retryable(error: TwilioException) -> bool:
    status = _status(error)
    return status is None or status == 429 or status >= 500


def _status(error: TwilioException) -> int | None:
    """The HTTP status of the answer; lists raise the base exception, with the answer among its arguments."""
    answers = (argument.status_code for argument in error.args if isinstance(argument, Response))
    status = getattr(error, "status", None) or next(answers, None)
    return int(status) if status else None


class ConsoleNetwork:
    """For development without an account: nothing leaves, and the log says what would have, without whom."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("canaux.console")

    def ring(self, *, to: str, caller_id: str, url: str, status_url: str, seconds: int) -> None:
        self._log.info("would ring an agent's phone", seconds=seconds)

    def redirect(self, call_sid: str, url: str) -> None:
        self._log.info("would redirect a call", call=call_sid, path=urlsplit(url).path)

    def hang_up(self, call_sid: str) -> None:
        self._log.info("would hang up a call", call=call_sid)

    def send_text(self, *, to: str, sender: str, body: str) -> None:
        self._log.info("would send a text", characters=len(body))

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        return ()

    def call_ends(self, call_sid: str) -> CallEnds:
        raise DeliveryError("there is no telephone network here", retryable=False)

    def fetch(self, url: str) -> bytes:
        raise DeliveryError("there is no telephone network here", retryable=False)
