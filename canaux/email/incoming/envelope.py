"""Who wrote a letter, to whom, and what a mail server that is trusted found of the sender's address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from canaux.clean_text import one_line
from canaux.email.incoming.headers import addresses, header_values
from canaux.email.incoming.mime import Part
from routeur.contact.messages import Envelope, NamedAddress

MOST_RECIPIENTS = 100

_METHODS = ("dkim", "spf", "dmarc")
_DOMAIN_OF = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo"), "dmarc": ("header.from",)}
_RESULT = re.compile(r"(?P<method>[a-z0-9-]+)\s*=\s*(?P<result>[a-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")


def envelope(message: Part, trusted_host: str) -> Envelope:
    """The envelope of a letter, as its headers have it."""
    (name, address) = next(iter(addresses(message, "From") + addresses(message, "Sender")), ("", ""))
    return Envelope(
        sender=NamedAddress(one_line(name) or None, address) if address else None,
        sent_to=_each_once(address for _, address in addresses(message, "To")),
        copied_to=_each_once(address for _, address in addresses(message, "Cc")),
        authentication=_by_trusted_host(message, trusted_host, address),
    )


def reply_to(message: Part) -> NamedAddress | None:
    """The address to which the sender wants answers; None if it is the sender's own."""
    senders = {address for _, address in addresses(message, "From")}
    for name, address in addresses(message, "Reply-To"):
        return NamedAddress(one_line(name) or None, address) if address not in senders else None
    return None


def verdict(results: Iterable[tuple[str, str, str]], sender: str) -> str | None:
    """A verdict such as `dkim=pass spf=pass`, with the domain that was checked if it is not the sender's."""
    own = sender.rpartition("@")[2]
    said = []
    for method, result, domain in results:
        theirs = not domain or own == domain.lower() or own.endswith(f".{domain.lower()}")
        said.append(f"{method}={result.lower()}" + ("" if theirs else f" ({one_line(domain, 100)})"))
    return " ".join(dict.fromkeys(said))[:500] or None


def _by_trusted_host(message: Part, host: str, sender: str) -> str | None:
    """What the newest `Authentication-Results` of this host says (RFC 8601); anybody may write one of another's."""
    for value in header_values(message, "Authentication-Results"):
        server, _, results = _COMMENT.sub(" ", value).partition(";")
        if host and server.split()[:1] == [host]:
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
        properties = dict(word.split("=", 1) for word in one.split()[1:] if "=" in word)
        domain = next((properties[name] for name in _DOMAIN_OF[method] if name in properties), "")
        found.append((method, stated["result"], domain.rpartition("@")[2].strip('"')))
    return found


def _each_once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST_RECIPIENTS]
