"""Digests of messages in two halves: of what was read in one, and of its bytes. One half that is equal is enough.

A message that could not be read has the second half alone, and so is known again once it can be.
"""

from __future__ import annotations

_HALF_CHARACTERS = 32  # 128 bits
_UNREAD = "-" * _HALF_CHARACTERS


def two_fold(read: str | None, raw: str) -> str:
    """The digest of a message, of the hexadecimal ones of what was read, if it was, and of its bytes."""
    return (read[:_HALF_CHARACTERS] if read is not None else _UNREAD) + raw[:_HALF_CHARACTERS]


def agree(one: str, other: str) -> bool:
    """Whether these are digests of the same message."""
    return any(half == known and _told(half) for half, known in zip(_halves(one), _halves(other), strict=True))


def apart_names(digest: str) -> list[str]:
    """The names under which a message is known whose own name is another message's; the first is to be given."""
    return [f"sha256:{half}" for half in _halves(digest) if _told(half)]


def _halves(digest: str) -> tuple[str, str]:
    return digest[:_HALF_CHARACTERS], digest[_HALF_CHARACTERS:]


def _told(half: str) -> bool:
    return half not in ("", _UNREAD)
