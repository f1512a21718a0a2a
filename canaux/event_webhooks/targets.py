"""Where events may go: to nobody inside by accident, whatever address somebody types and whatever its name resolves to.

A listener's address is asked for again at every attempt, and the connection goes to the very address that was looked
at (OWASP, Server-Side Request Forgery Prevention).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from competences.translation import N_

LONGEST_URL_CHARACTERS = 2000
NOT_AN_ADDRESS = N_("An address such as https://example.org/events is expected, without a name or password in it.")
NOT_HTTPS = N_("Events leave over https only, but to the hosts in EVENT_HOSTS.")
INSIDE = N_("This host is inside the town hall's network, or not to be found: name it in EVENT_HOSTS if that is meant.")

_NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses of IPv4 as a network of IPv6 alone sees them (RFC 6052)."""

Resolve = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host and port. Raises OSError."""


class Refused(Exception):
    """Nothing is sent there; the message says why, to be translated."""


@dataclass(frozen=True)
class Target:
    """A place that may be connected to: `ip` is the address of `host` that was looked at."""

    https: bool
    host: str
    port: int
    ip: str
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.https else 80) else f"{name}:{self.port}"


def resolve(host: str, port: int) -> Sequence[str]:
    """The IP addresses that the system knows for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]


class Targets:
    """Looks at addresses. `trusted` are hosts inside that may listen, also over http."""

    def __init__(self, trusted: Collection[str], resolve: Resolve = resolve) -> None:
        self._trusted = frozenset(host.lower() for host in trusted)
        self._resolve = resolve

    def find(self, url: str) -> Target:
        """The place of this address. Raises Refused."""
        parts = read_address(url)
        host = (parts.hostname or "").lower()
        https = parts.scheme == "https"
        port = parts.port or (443 if https else 80)
        if host not in self._trusted and not https:
            raise Refused(NOT_HTTPS)
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Refused(INSIDE) from None
        if not addresses or (host not in self._trusted and not all(map(_outside, addresses))):
            raise Refused(INSIDE)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(https, host, port, addresses[0], path)


def read_address(url: str) -> SplitResult:
    """The parts of an http or https address. Raises Refused."""
    printable = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not printable or len(url) > LONGEST_URL_CHARACTERS:
        raise Refused(NOT_AN_ADDRESS)
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise Refused(NOT_AN_ADDRESS) from None
    if not usable or parts.scheme not in ("http", "https") or parts.username is not None or parts.fragment:
        raise Refused(NOT_AN_ADDRESS)
    return parts


def _outside(address: str) -> bool:
    """Whether it is an address of the public Internet, also where IPv6 wraps one of IPv4."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    inner = None
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and (inner is None or _outside(str(inner)))
