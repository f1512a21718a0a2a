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
MOST_AUTHENTICATION_RESULTS = 20
LONGEST_RESULTS_CHARACTERS = 10_000

_ANSWERED = ("Reply-To",)
_INSTEAD_OF_FROM = ("Sender", "X-Original-From", "Return-Path")
_METHODS = ("dkim", "spf", "dmarc")
_DOMAIN_OF = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo"), "dmarc": ("header.from",)}
_RESULT = re.compile(r"(?P<method>[a-z0-9-]+)(?:/\d+)?\s*=\s*(?P<result>[a-z]+)", re.IGNORECASE)
_OUR_BRACKETS = re.compile(r"[()]")
_MEANS_SOMETHING = re.compile(r"[;=\s()]")


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
    """A verdict such as `dkim=pass spf=pass`, with the domain that was checked if it is not the sender's.

    What several servers found by one method is as good as the worst of it; of DMARC there is but one domain to ask.
    """
    own = sender.rpartition("@")[2]
    worst: dict[tuple[str, str], str] = {}
    for method, result, domain in results:
        mark = "" if not domain or _aligned(own, domain) else f" ({_OUR_BRACKETS.sub('', one_line(domain, 100))})"
        asked = (method, "" if method == "dmarc" else mark)
        worst[asked] = max(worst.get(asked, ""), f"{result.lower()}{mark}", key=_badness)
    said = [f"{method}={found}" for (method, _), found in worst.items()]
    return " ".join(said)[:500] or None


def _badness(found: str) -> int:
    """How bad a result is: none yet, `pass`, what decides nothing, `fail`; for another domain is worse."""
    result, _, mark = found.partition(" ")
    return {"": 0, "pass": 2, "fail": 6}.get(result, 4) + bool(mark)


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
    """What the `Authentication-Results` of this host say (RFC 8601); anybody may write one of another's.

    Each of its filters writes one of its own. The name of a host is the same in capitals, in quotes and with its final
    dot.
    """
    found: list[tuple[str, str, str]] = []
    trusted = _host(host.strip())
    for value in header_values(message, "Authentication-Results")[:MOST_AUTHENTICATION_RESULTS]:
        server, _, results = _plain(value[:LONGEST_RESULTS_CHARACTERS]).partition(";")
        if trusted and _host(next(iter(server.split()), "")) == trusted:
            found += _results(results)
    return verdict(found, sender)


def _host(name: str) -> str:
    return name.lower().rstrip(".")


def _plain(value: str) -> str:
    """A structured header without comments; what stands in quotes ends or begins nothing."""
    plain, depth, quoted, escaped = [], 0, False, False
    for character in value:
        if escaped or (character == "\\" and (depth or quoted)):
            escaped = not escaped
        elif quoted:
            quoted = character != '"'
            plain.append("" if not quoted else _MEANS_SOMETHING.sub("_", character))
        elif character in "()":
            depth = max(depth + (1 if character == "(" else -1), 0)
            plain.append(" ")
        elif depth == 0:
            quoted = character == '"'
            plain.append("" if quoted else character)
    return "".join(plain)


def _results(text: str) -> list[tuple[str, str, str]]:
    """Each method with its result and the domain that was checked."""
    found = []
    for one in map(str.strip, text.split(";")):
        stated = _RESULT.match(one)
        if stated is None or stated["method"].lower() not in _METHODS:
            continue
        method = stated["method"].lower()
        words = (word.split("=", 1) for word in one[stated.end() :].split() if "=" in word)
        properties = {name.lower(): value for name, value in words}
        domain = next((properties[name] for name in _DOMAIN_OF[method] if name in properties), "")
        found.append((method, stated["result"], domain.rpartition("@")[2]))
    return found


def _each_once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST_RECIPIENTS]
