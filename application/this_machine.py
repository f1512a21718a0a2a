"""Whether a host is this machine: what goes there crosses no network."""

from __future__ import annotations

from ipaddress import ip_address


def is_this_machine(host: str | None) -> bool:
    """Whether the host of an address is `localhost`, or any loopback address (RFC 1122, section 3.2.1.3; RFC 4291)."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
