"""Twilio's REST API: one account, its connections, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from routeur.ports.news import DeliveryError

TIMEOUT_SECONDS = 10.0


class RelocatedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the package carries no types
    """Twilio's own HTTP client, sending to another base URL (a region, a stand-in) and always with a timeout."""

    def __init__(self, base_url: str | None, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        super().__init__(timeout=timeout_seconds)
        self._base = urlsplit(base_url) if base_url else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base is not None:
            wanted = urlsplit(url)
            path = self._base.path.rstrip("/") + wanted.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, wanted.query, ""))
        return super().request(method, url, *args, **kwargs)


class TwilioAccount:
    """One account, reached over connections that stay open."""

    def __init__(self, account_sid: str, auth_token: str, base_url: str | None = None) -> None:
        self._http = RelocatedHttpClient(base_url)
        self.client = Client(account_sid, auth_token, http_client=self._http)

    def close(self) -> None:
        """Give the connections back."""
        self._http.session.close()


@contextmanager
def delivery_errors() -> Iterator[None]:
    """Turn what Twilio's package raises inside the block into DeliveryErrors."""
    try:
        yield
    except TwilioException as error:
        refusal = f"HTTP {http_status(error)}, code {getattr(error, 'code', None)}"  # its words may name a number
        raise DeliveryError(f"Twilio refused ({refusal})", retryable=is_retryable(error)) from error
    except requests.RequestException as error:
        raise DeliveryError(f"Twilio did not answer ({type(error).__name__})", retryable=True) from error


def is_retryable(error: TwilioException) -> bool:
    """Whether trying again later may help."""
    status = http_status(error)
    return status is None or status == 429 or status >= 500


def http_status(error: TwilioException) -> int | None:
    """The HTTP status of the answer; lists raise the base exception, with the answer among its arguments."""
    answers = (argument.status_code for argument in error.args if isinstance(argument, Response))
    status = getattr(error, "status", None) or next(answers, None)
    return int(status) if status else None
