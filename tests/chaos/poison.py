"""Letters made to hurt their reader. Each is one kind of hostile, and otherwise a letter like any other."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from uuid import uuid4

Letter = tuple[str, bytes]
"""The Message-ID, and the letter byte for byte."""


def _letter(headers: str, body: str) -> Letter:
    name = uuid4().hex
    message_id = f"<{name}@poison.example>"
    known = (
        f"From: poison.{name}@usagers.example\r\nTo: mairie@sainte-aldegonde.example\r\nMessage-ID: {message_id}\r\n"
    )
    return message_id, f"{known}{headers}\r\n\r\n{body}\r\n".encode("latin-1")


def nested_html() -> Letter:
    """Elements within elements, in part after part."""
    part = "--b\r\nContent-Type: text/html\r\n\r\n" + "<div>" * 12_000
    return _letter("Content-Type: multipart/mixed; boundary=b", "\r\n".join([part] * 4) + "\r\n--b--")


def many_parts() -> Letter:
    part = "--b\r\nContent-Type: text/plain\r\n\r\nx"
    return _letter("Content-Type: multipart/mixed; boundary=b", "\r\n".join([part] * 5_000) + "\r\n--b--")


def parts_within_parts() -> Letter:
    """Multiparts within multiparts, none of which ends."""
    opened = [f"--b{depth}\r\nContent-Type: multipart/mixed; boundary=b{depth + 1}\r\n\r\n" for depth in range(300)]
    return _letter("Content-Type: multipart/mixed; boundary=b0", "".join(opened))


def broken_mime() -> Letter:
    """A boundary that does not come, and base64 that is none."""
    parts = "--b\r\nContent-Type: application/pdf; name*=punycode''aaa\r\nContent-Transfer-Encoding: base64\r\n\r\n=?é!"
    return _letter("Subject: =?utf-8?B?!!!\r\nContent-Type: multipart/mixed; boundary=b", parts)


def huge_headers() -> Letter:
    senders = "".join(f"X-From-{number}: {'a@b.example, ' * 50}\r\n" for number in range(300))
    return _letter(f"{senders}Subject: {'=?utf-8?Q?=C3=A9?= ' * 5_000}", "Bonjour")


def slow_charset() -> Letter:
    """A charset whose decoder takes the square of the length."""
    return _letter("Content-Type: text/plain; charset=punycode", "abcdefghij-" * 60_000)


KINDS: tuple[Callable[[], Letter], ...] = (
    nested_html,
    many_parts,
    parts_within_parts,
    broken_mime,
    huge_headers,
    slow_charset,
)


def poison(random: Random) -> Letter:
    """A letter of any kind."""
    return random.choice(KINDS)()
