"""Who wrote a letter, to whom, and what a mail server that is trusted found of the sender's address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from canaux.clean_text import one_line
from canaux.email.incoming.headers import addresses, header_values
from canaux.email.incoming.mime import Part
from routeur.contact.messages import Envelope, NamedAddress

MOST_RECIPIENTS = 100
LONGEST_DOMAIN_CHARACTERS = 255

_ANSWERED = ("Reply-To",)
_INSTEAD_OF_FROM = ("Sender", "X-Original-From", "Return-Path")
_METHODS = ("dkim", "spf", "dmarc")
_DOMAIN_OF = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo"), "dmarc": ("header.from",)}
_RESULT = re.compile(r"(?P<method>[a-z0-9-]+)(?:/\d+)?\s*=\s*(?P<result>[a-z]+)", re.IGNORECASE)
_OUR_BRACKETS = re.compile(r"[()]")
_COMMENT = re.compile(r"\([^()]*\)")


def envelope(message: Part, trusted_host: str) -> Envelope:
    """The envelope of a letter, as its headers have it."""
    (name, address) = next(iter(addresses(message, "From")), ("", ""))
    return Envelope(
        sender=NamedAddress(one_line(name) or None, address) if address else None,
        sent_to=_each_once(address for _, address in addresses(message, "To")),
        copied_to=_each_once(address for _, address in addresses(message, "Cc")),
        authentication=_by_trusted_host(message, trusted_host, address),
    )


def reply_to(message: Part) -> NamedAddress | None:
    """The address to which the sender wants answers; None if it is the sender's own.

    Where From names nobody, it is the one in another header, which proves nothing: anybody may write it there.
    """
    senders = {address for _, address in addresses(message, "From")}
    written = header_values(message, "From")
    for header_name in _ANSWERED if senders else (*_ANSWERED, *_INSTEAD_OF_FROM):
        for name, address in addresses(message, header_name):
            named = one_line(name) or (written[0].partition("<")[0].strip(' "') if written and not senders else "")
            return NamedAddress(named or None, address) if address not in senders else None
    return None


def verdict(results: Iterable[tuple[str, str, str]], sender: str) -> str | None:
    """A verdict such as `dkim=pass spf=pass`, with the domain that was checked if it is not the sender's."""
    own = sender.rpartition("@")[2]
    said = []
    for method, result, domain in results:
        mark = "" if not domain or _aligned(own, domain) else f" ({_OUR_BRACKETS.sub('', one_line(domain, 100))})"
        said.append(f"{method}={result.lower()}{mark}")
    return " ".join(dict.fromkeys(said))[:500] or None


def _aligned(own: str, checked: str) -> bool:
    """Whether one of these domains is the other, or lies within it (DMARC's relaxed alignment, RFC 7489, 3.1)."""
    one, other = _ascii(own), _ascii(checked)
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _ascii(domain: str) -> str:
    """The domain as the network knows it."""
    bare = domain[:LONGEST_DOMAIN_CHARACTERS].lower().rstrip(".")
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:
        return bare


def _by_trusted_host(message: Part, host: str, sender: str) -> str | None:
    """What the newest `Authentication-Results` of this host says (RFC 8601); anybody may write one of another's.

    The name of a host is the same in capitals.
    """
    for value in header_values(message, "Authentication-Results"):
        server, _, results = _COMMENT.sub(" ", value).partition(";")
        if host and server.lower().split()[:1] == [host.strip().lower()]:
            return verdict(_results(results), sender)
    return None


def _results(text: str) -> list[tuple[str, str, str]]:
    """Each method with its result and the domain that was checked."""
    found = []
    for one in text.split(";"):
        stated = _RESULT.match(one.strip())
        if stated is None or stated["method"].lower() not in _METHODS:
            continue
        method = stated["method"].lower()
        words = (word.split("=", 1) for word in one.split()[1:] if "=" in word)
        properties = {name.lower(): value for name, value in words}
        domain = next((properties[name] for name in _DOMAIN_OF[method] if name in properties), "")
        found.append((method, stated["result"], domain.rpartition("@")[2].strip('"')))
    return found


def _each_once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST_RECIPIENTS]
