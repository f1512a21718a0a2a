"""Files that Twilio keeps for us: recordings, and the pictures that come with text messages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from routeur.ports.news import DeliveryError

HOST = "api.twilio.com"
OUR_PROVIDER = re.compile(r"([a-z0-9-]+\.)+twilio\.com")
LARGEST_FILE_BYTES = 30 * 1024 * 1024
TIMEOUT_SECONDS = 10.0
"""For the connection, and for each wait for more."""
LONGEST_FETCH_SECONDS = 60.0
"""For the whole file."""
MOST_REDIRECTS = 3
CHUNK_BYTES = 64 * 1024


class _Nobody(AuthBase):
    """Shows no credentials, not even those of a .netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class TwilioMedia:
    """Fetches with the account's credentials from Twilio, or from the server at `base_url`, and from nowhere else.

    Twilio may send on to where it stores its files: followed over HTTPS alone, and without the credentials.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        base_url: str | None = None,
        largest_bytes: int = LARGEST_FILE_BYTES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = HTTPBasicAuth(account_sid, auth_token)
        self._base = urlsplit(base_url) if base_url else None
        self._largest_bytes = largest_bytes
        self._now = now

    def fetch(self, url: str) -> bytes:
        """The whole file. Raises DeliveryError, whose words name no address."""
        end = self._now() + LONGEST_FETCH_SECONDS
        auth: AuthBase = self._credentials
        try:
            url = self._ours(url)
            with requests.Session() as session:
                for _ in range(1 + MOST_REDIRECTS):
                    with session.get(
                        url, auth=auth, allow_redirects=False, stream=True, timeout=TIMEOUT_SECONDS
                    ) as answer:
                        if not answer.is_redirect:
                            return self._content(answer, end)
                        url, auth = _elsewhere(url, answer.headers["Location"]), _Nobody()
        except requests.RequestException as error:
            raise DeliveryError(f"the file did not come ({type(error).__name__})", retryable=True) from error
        except ValueError as error:  # what urlsplit raises on what is not an address
            raise DeliveryError("the file has no proper address", retryable=False) from error
        raise DeliveryError("the file is sent on and on", retryable=False)

    def _ours(self, url: str) -> str:
        """The address, put together again from its checked parts. Raises DeliveryError where it is not Twilio's."""
        parts = urlsplit(url)
        base = self._base
        if parts.username is None and parts.password is None:
            if base is not None and _server(parts) == _server(base):
                return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))
            if _server(parts) == ("https", HOST, 443) and base is not None:
                path = base.path.rstrip("/") + parts.path
                return urlunsplit((base.scheme, base.netloc, path, parts.query, ""))
            scheme, host, port = _server(parts)
            if scheme == "https" and port == 443 and OUR_PROVIDER.fullmatch(host):
                return urlunsplit((scheme, host, parts.path, parts.query, ""))
        raise DeliveryError("the file is not where our provider keeps files", retryable=False)

    def _content(self, answer: requests.Response, end: float) -> bytes:
        if answer.status_code != requests.codes.ok:
            retryable = answer.status_code == 429 or answer.status_code >= 500
            raise DeliveryError(f"the file was refused (HTTP {answer.status_code})", retryable=retryable)
        content = bytearray()
        for chunk in answer.iter_content(CHUNK_BYTES):
            content += chunk
            if len(content) > self._largest_bytes:
                raise DeliveryError("the file is too large", retryable=False)
            if self._now() > end:
                raise DeliveryError("the file comes too slowly", retryable=True)
        return bytes(content)


def _server(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _elsewhere(url: str, location: str) -> str:
    target = urlsplit(urljoin(url, location))
    if target.scheme != "https" or not target.hostname or target.username is not None:
        raise DeliveryError("the file is sent on to where nobody should follow", retryable=False)
    return target.geturl()
