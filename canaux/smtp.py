"""E-mail on its way out, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from competences.translation import DEFAULT_LANGUAGE, N_, translator
from routeur.ports.news import DeliveryError

TIMEOUT_SECONDS = 20.0
LETTER_SECONDS = 300.0  # to take a letter in, and again to say that it is taken: large ones, slow lines, scans
MESSAGE_TOO_LARGE = 552


class SmtpTransport:
    """Hands messages to the server of an SMTP_URL: `smtp://user:password@host:587?starttls=1` or `smtps://host`."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://host:port or smtps://host:port")
        self._secure = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._secure else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._starttls = parse_qs(parts.query).get("starttls", ["0"])[-1] not in ("0", "")
        self._timeout_seconds = timeout_seconds

    def send(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
                if server.sock is not None:
                    server.sock.settimeout(max(self._timeout_seconds, LETTER_SECONDS))
                self._hand_over(server, message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise DeliveryError(_refused(codes), retryable=any(_passing(code) for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            # What is refused before the letter is seen (our machine, log-in or sender) is our settings' fault: it is
            # tried again until they are mended. A server may refuse the letter's size there too (RFC 1870).
            seen = isinstance(error, smtplib.SMTPDataError) or error.smtp_code == MESSAGE_TOO_LARGE
            retryable = _passing(error.smtp_code) or not seen
            reason = _said(N_("Not sent: the mail server refuses the letter ({code})."))
            raise DeliveryError(reason.format(code=error.smtp_code), retryable=retryable) from error
        except (smtplib.SMTPException, OSError) as error:
            reason = _said(N_("Not sent: the mail server does not answer ({error})."))
            raise DeliveryError(reason.format(error=type(error).__name__), retryable=True) from error

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            refused = server.send_message(message)
        except smtplib.SMTPNotSupportedError as error:
            reason = _said(
                N_(
                    "Not sent: the mail server takes no address with such letters before the @. "
                    "Ask the person for another address, or call or write to them by post."
                )
            )
            raise DeliveryError(reason, retryable=False) from error
        if refused:  # the others have it: sent once more, they would have it twice
            raise DeliveryError(_refused([code for code, _ in refused.values()]), retryable=False)

    def _connect(self) -> smtplib.SMTP:
        if self._secure:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout_seconds)
        try:
            if self._starttls:
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def _refused(codes: Sequence[int]) -> str:
    told = ", ".join(map(str, sorted(set(codes))))
    return _said(N_("Not sent: the mail server refuses a recipient ({codes}).")).format(codes=told)


def _said(reason: str) -> str:
    """The reason in the agents' language: they read it as a note in the contact."""
    return translator("canaux", DEFAULT_LANGUAGE).gettext(reason)


def _passing(code: int) -> bool:
    return 400 <= code < 500
