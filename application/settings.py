"""The settings, from the environment. A missing one falls back to the demonstration's, or stops the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, IPvAnyAddress, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from application.demo import DemoSecrets
from application.operator_words import _
from application.processes.embedded_redis import socket_path
from application.this_machine import is_this_machine
from canaux.imap.address import MailboxAddress
from canaux.smtp import SmtpTransport
from competences.phone_numbers import FRENCH_REGIONS, calling_codes, e164
from routeur.clock import Clock, shifted_clock, system_clock
from routeur.record.engine import record_url

LOCAL_ZONE = ZoneInfo("Europe/Paris")
"""The time zone of a CLOCK_START without an offset."""

SHORTEST_SECRET_CHARACTERS = 16
PRODUCTION_NEEDS = (
    "public_url",
    "twilio_account_sid",
    "twilio_auth_token",
    "smtp_url",
    "email_from",
    "email_webhook_token",
)


class SettingsError(Exception):
    """The environment is not enough to start with; the message is one line for the operator."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(_("an address that starts with http:// or https:// is expected"))
    return value.rstrip("/")


def _record_address(value: str) -> str:
    try:
        record_url(value)
    except ArgumentError as error:
        raise ValueError(_("an address such as postgresql://user@host/name is expected")) from error
    return value


def _mail_server(value: SecretStr) -> SecretStr:
    try:
        SmtpTransport(value.get_secret_value())
    except ValueError as error:
        raise ValueError(_("an address such as smtp://user:password@host:587?starttls=1 is expected")) from error
    server = urlsplit(value.get_secret_value())
    private = server.scheme == "smtps" or parse_qs(server.query).get("starttls", ["0"])[-1] not in ("0", "")
    if server.password and not private and not is_this_machine(server.hostname):
        raise ValueError(_("the password would be sent in the clear: use smtps:// or ?starttls=1"))
    return value


def _mailbox(value: SecretStr) -> SecretStr:
    try:
        mailbox = MailboxAddress.parse(value.get_secret_value())
    except ValueError as error:
        raise ValueError(_("an address such as imaps://user:password@host/INBOX is expected")) from error
    if not (mailbox.tls or mailbox.starttls) and not is_this_machine(mailbox.host):
        raise ValueError(_("the password would be sent in the clear: use imaps:// or ?starttls=1"))
    return value


def _sender(value: str) -> str:
    mailbox, _at, host = parseaddr(value)[1].partition("@")
    if not mailbox or not host:
        raise ValueError(_("a sender such as Mairie <mairie@example.org> is expected"))
    return value


def _phone_number(value: str) -> str:
    number = e164(value)
    if number is None:
        raise ValueError(_("a phone number such as +33 1 99 00 35 00 is expected"))
    return number


def _countries(value: str) -> str:
    try:
        calling_codes(value.split())
    except ValueError as error:
        raise ValueError(_("country codes such as FR BE are expected, with spaces between them")) from error
    return value


def _sendgrid_key(value: str) -> str:
    from webhooks.sendgrid_signature import SendGridSignature  # costs 7 MB, so only where there is a key

    try:
        SendGridSignature(value, system_clock)
    except ValueError as error:
        raise ValueError(_("the verification key that SendGrid shows is expected")) from error
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
RecordAddress = Annotated[str, AfterValidator(_record_address)]


class Settings(BaseSettings):
    """Every setting; in the environment it has the same name in capitals."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    bind: IPvAnyAddress = IPv4Address("127.0.0.1")
    port: int = Field(default=8000, ge=1, le=65535)
    database_url: RecordAddress | None = None
    redis_url: str | None = Field(default=None, pattern=r"^(redis|rediss|unix|redis\+sentinel)://")
    secret_key: SecretStr | None = None
    public_url: WebAddress | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_api_base: WebAddress | None = None
    twilio_phone_number: Annotated[str, AfterValidator(_phone_number)] | None = None
    sms_countries: Annotated[str, AfterValidator(_countries)] = " ".join(FRENCH_REGIONS)
    smtp_url: Annotated[SecretStr, AfterValidator(_mail_server)] | None = None
    email_from: Annotated[str, AfterValidator(_sender)] | None = None
    email_webhook_token: SecretStr | None = None
    email_trusted_host: str | None = None
    imap_url: Annotated[SecretStr, AfterValidator(_mailbox)] | None = None
    sendgrid_public_key: Annotated[str, AfterValidator(_sendgrid_key)] | None = None
    api_token: SecretStr | None = None
    event_hosts: str = Field(default="", pattern=r"^[A-Za-z0-9 .:-]*$")
    plan: Path | None = None
    topic_models: Path | None = None
    clock_start: datetime | None = None
    clock_offset_seconds: float | None = None
    web_concurrency: int = Field(default_factory=lambda: min(4, max(2, os.cpu_count() or 2)), ge=1)

    @field_validator("secret_key", "api_token", "email_webhook_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET_CHARACTERS:
            raise ValueError(_("at least {count} characters are needed").format(count=SHORTEST_SECRET_CHARACTERS))
        return value

    @field_validator("clock_start")
    @classmethod
    def _with_zone(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=LOCAL_ZONE) if value is not None and value.tzinfo is None else value

    @model_validator(mode="after")
    def _safe_to_start(self) -> Self:
        if self.demo:
            if not is_this_machine(urlsplit(self.base_url).hostname):
                raise ValueError(_("PUBLIC_URL opens the demonstration to everyone: set SECRET_KEY too"))
            if not self.bind.is_loopback:
                raise ValueError(_("BIND opens the demonstration to everyone: set SECRET_KEY too"))
            return self
        missing = [name.upper() for name in PRODUCTION_NEEDS if getattr(self, name) is None]
        if missing:
            raise ValueError(_("with SECRET_KEY, these are needed too: {names}").format(names=", ".join(missing)))
        return self

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration: it has no secret of its own and is reachable from this machine only."""
        return self.secret_key is None

    @property
    def host(self) -> str:
        """The address to listen on."""
        return str(self.bind)

    @property
    def listen_on(self) -> str:
        """Address and port, as the web server takes them."""
        return f"[{self.host}]:{self.port}" if self.bind.version == 6 else f"{self.host}:{self.port}"

    @property
    def local_url(self) -> str:
        """The address under which processes of this machine reach the web server."""
        if not self.bind.is_unspecified:
            return f"http://{self.listen_on}"
        return f"http://[::1]:{self.port}" if self.bind.version == 6 else f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The address under which this system is known outside, without a final slash."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def behind_proxy(self) -> bool:
        """Whether a proxy ends TLS for us, so that its X-Forwarded-* headers are to be believed."""
        return self.base_url.startswith("https:")

    @property
    def folder(self) -> Path:
        """The folder of everything that the environment does not place elsewhere."""
        return Path("var").resolve()

    @property
    def models_folder(self) -> Path:
        """The folder of learned models of text to topic."""
        return self.topic_models or self.folder / "topics"

    @property
    def record_url(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / 'routeur.db'}"

    @property
    def redis_address(self) -> str:
        return self.redis_url or f"unix://{socket_path(self.folder)}"

    @cached_property
    def _made_up(self) -> DemoSecrets:
        return DemoSecrets.in_folder(self.folder)

    @property
    def signing_key(self) -> str:
        """The key that signs sessions and visitors' tokens."""
        return self.secret_key.get_secret_value() if self.secret_key else self._made_up.secret_key

    @property
    def twilio_token(self) -> str:
        """The token with which Twilio signs its requests."""
        given = self.twilio_auth_token
        return given.get_secret_value() if given else self._made_up.twilio_auth_token

    @property
    def text_calling_codes(self) -> frozenset[int]:
        """The calling codes of the numbers that get codes by text; none without a number to send them from."""
        return calling_codes(self.sms_countries.split()) if self.twilio_phone_number else frozenset()

    @property
    def event_listeners_inside(self) -> list[str]:
        """The hosts inside our network that may listen to events; a demonstration's listener is on this machine."""
        return [*self.event_hosts.split(), *(("127.0.0.1", "localhost") if self.demo else ())]

    @property
    def email_token(self) -> str:
        """The token that those who deliver e-mail must show."""
        given = self.email_webhook_token
        return given.get_secret_value() if given else self._made_up.email_webhook_token

    @property
    def clock_offset(self) -> timedelta:
        """The distance of our clock from the machine's; `routeur run` fixes it once for all its processes."""
        if self.clock_offset_seconds is not None:
            return timedelta(seconds=self.clock_offset_seconds)
        if self.clock_start is not None:
            return self.clock_start - datetime.now(UTC)
        return timedelta()

    def clock(self) -> Clock:
        """The one clock of this process."""
        offset = self.clock_offset
        return shifted_clock(offset) if offset else system_clock


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError, with every fault at once."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(" ; ".join(_fault(dict(fault)) for fault in error.errors())) from None


def _fault(fault: Mapping[str, Any]) -> str:
    """One fault in words, without the value: it may be a secret."""
    name = "_".join(str(part) for part in fault["loc"]).upper()
    message = str(fault["msg"])
    if fault["type"] == "value_error":
        message = message.removeprefix("Value error, ")
    else:
        message = _("this value cannot be used ({reason})").format(reason=message)
    return f"{name}: {message}" if name else message
