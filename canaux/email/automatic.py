"""Mail that a machine wrote (RFC 3834): auto-replies, bounces, bulk. It must not be acknowledged."""

from __future__ import annotations

from email.message import EmailMessage
from enum import StrEnum

from canaux.email.headers import addresses, header


class Writer(StrEnum):
    """The kind of writer of an e-mail."""

    PERSON = "person"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    BULK = "bulk"


_ROBOTS = frozenset({"mailer-daemon", "postmaster"})
_AUTO_REPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")
_BULK_HEADERS = ("List-Id", "List-Unsubscribe", "Feedback-ID", "X-Auto-Response-Suppress")


def writer(message: EmailMessage) -> Writer:
    """The kind of writer, as far as the headers tell."""
    if _is_bounce(message):
        return Writer.BOUNCE
    if _is_auto_reply(message):
        return Writer.AUTO_REPLY
    precedence = header(message, "Precedence").lower()
    if precedence in ("bulk", "list", "junk") or _says(message, _BULK_HEADERS):
        return Writer.BULK
    return Writer.PERSON


def _is_bounce(message: EmailMessage) -> bool:
    if message.get_content_type() == "multipart/report" and _report_type(message) != "disposition-notification":
        return True
    senders = {address.split("@")[0] for _, address in addresses(message, "From")}
    if senders & _ROBOTS:
        return True
    return bool(header(message, "X-Failed-Recipients"))


def _report_type(message: EmailMessage) -> str:
    # get_param reads the header unparsed, and may give RFC 2231's triple
    value = message.get_param("report-type") or ""
    return str(value[2] if isinstance(value, tuple) else value).lower()


def _is_auto_reply(message: EmailMessage) -> bool:
    if header(message, "Auto-Submitted").split(";")[0].strip().lower() not in ("", "no"):
        return True
    if header(message, "Return-Path").replace(" ", "") == "<>":
        return True
    if header(message, "Precedence").lower() == "auto_reply":
        return True
    if message.get_content_type() == "multipart/report":  # a read receipt
        return True
    return _says(message, _AUTO_REPLY_HEADERS)


def _says(message: EmailMessage, names: tuple[str, ...]) -> bool:
    return any(header(message, name).lower() not in ("", "no", "none") for name in names)
