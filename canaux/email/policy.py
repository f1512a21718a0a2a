"""How raw e-mail is parsed."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from typing import cast

from canaux.malformed import MalformedMessage

LONGEST_HEADER_CHARACTERS = 20_000
LONGEST_BODY_HEADER_CHARACTERS = 2_000
LONGEST_HEAD_BYTES = 1_000_000  # all headers together
MOST_DELIMITERS = 10_000  # lines that may begin a part

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class BoundedPolicy(EmailPolicy):
    """The library's policy, with headers cut at the length that mail programs write.

    Its parsers take time like the square of a header's length, and a whole megabyte may come in one.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        limit = LONGEST_BODY_HEADER_CHARACTERS if name.lower().startswith("content-") else LONGEST_HEADER_CHARACTERS
        return name, value[:limit]


_PARSER = BytesParser(EmailMessage, policy=BoundedPolicy())


def parse(raw: bytes, *, headers_only: bool = False) -> EmailMessage:
    """Parse a raw message. Raises MalformedMessage on what would take minutes."""
    if raw.count(b"\n--") > MOST_DELIMITERS:
        raise MalformedMessage("too many parts")
    if len(raw) > LONGEST_HEAD_BYTES and not _END_OF_HEAD.search(raw, 0, LONGEST_HEAD_BYTES):
        raise MalformedMessage("headers without end")
    return cast(EmailMessage, _PARSER.parsebytes(raw, headersonly=headers_only))
