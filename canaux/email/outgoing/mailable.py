"""The form in which an address can be written to: RFC 5321 and 5322, international hosts in ASCII (RFC 5890)."""

from __future__ import annotations

import re

import idna

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*", re.I
)
_ATOMS = re.compile(r"[^\s\x00-\x20\x7f\"(),.:;<>@\[\]\\]+(?:\.[^\s\x00-\x20\x7f\"(),.:;<>@\[\]\\]+)*")
_UNQUOTABLE = re.compile(r'["\\]')
_LONGEST_LOCAL_BYTES = 64


class ImpossibleAddress(ValueError):
    """No mail server takes such an address, now or later."""


def mailable(address: str) -> str:
    """The address with its host in ASCII; what stands before the `@` stays, in quotes if it must.

    Raises ImpossibleAddress, also for a host of the domain `invalid`, which exists nowhere (RFC 2606).
    """
    local, _, host = address.rpartition("@")
    host = _in_ascii(host)
    length = len(local.encode("utf-8", "replace"))
    if not 0 < length <= _LONGEST_LOCAL_BYTES or not local.isprintable() or _UNQUOTABLE.search(local):
        raise ImpossibleAddress("before the @")
    return f"{local}@{host}" if _ATOMS.fullmatch(local) else f'"{local}"@{host}'


def _in_ascii(host: str) -> str:
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ImpossibleAddress("after the @") from None
    if not _HOST.fullmatch(ascii_host) or f".{ascii_host.lower()}".endswith(".invalid"):
        raise ImpossibleAddress("after the @")
    return ascii_host
