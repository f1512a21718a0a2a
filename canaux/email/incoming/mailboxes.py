"""Reads the mailboxes in a header (RFC 5322, section 3.4), however it is written, in one pass over it.

The standard library's reader gives up a whole header for one wrong mark, and takes long over many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from canaux.addresses import ADDRESS
from canaux.clean_text import one_line
from canaux.email.incoming.decoding import header_text

LONGEST_VALUE_CHARACTERS = 20_000
MOST_TOKENS = 2_000  # of a value: some four hundred mailboxes with names
MOST_BARE_ADDRESSES = 400
LONGEST_ADDRESS_CHARACTERS = 1_000  # as it is written

_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{0,60}\?[bq]\?[^?\s]*\?=)|"
    r'"(?P<quoted>(?:[^"\\]|\\.)*+)(?P<closed>"?)|'
    r"<(?P<angle>[^<>]*)>?|(?P<mark>[,;:])|(?P<comment>\()|(?P<text>[^\"(<,;:=]+|.)",
    re.IGNORECASE | re.DOTALL,
)
_OF_A_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MAILTO = re.compile(r"<\s*mailto:", re.IGNORECASE)
_SPACED = re.compile(r" ?([@.]) ?")
_UNSEEN = re.compile(r"[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Marks without a width, which come along when an address is copied from a page."""
_ROUTE = re.compile(r"@[^:]*:")
_NAME_WITH_A_COMMA = re.compile(r"(?:^|(?<=>,))\s*([^\"<>,;:@()]{1,100},[^\"<>,;:@()]{0,100}?)\s*(<[^<>\s]{1,320}>)")
_IN_BRACKETS = re.compile(rf"<\s*({ADDRESS.pattern})\s*>")
_BEFORE_AN_ADDRESS = " \"'<([:"

Mailbox = tuple[str, str]
"""A name, which may be empty, and an address in lower case."""


def mailboxes(values: Iterable[str]) -> list[Mailbox]:
    """The mailboxes in these values of a header, which hold bytes above 127 as the library has them (surrogateescape).

    An address in angle brackets is one wherever it stands; what stands before it is its name, if that looks like an
    address, too. Where no mailbox is whole, every address that stands there for all to see is one.
    """
    written = [" ".join(_MAILTO.sub("<", value[:LONGEST_VALUE_CHARACTERS]).split()) for value in values]
    found = [box for value in written for box in _whole(value)]
    if found:
        return found
    # The whole header may be one encoded word.
    plain = [one_line(header_text(value), LONGEST_VALUE_CHARACTERS) for value in written]
    return [box for value in plain for box in _whole(value)] or [box for value in plain for box in _anywhere(value)]


def _whole(value: str) -> Iterator[Mailbox]:
    # A name with a comma, unquoted, is one name where what stands before the comma is no address.
    value = _NAME_WITH_A_COMMA.sub(r'"\1" \2', value)
    box = _Box()
    at = 0
    for _ in range(MOST_TOKENS):
        token = _TOKEN.match(value, at)
        if token is None:
            break
        if token["closed"] == "":
            return  # nobody knows where the name ends
        at = token.end()
        if token["quoted"] is not None:
            box.names.append(_ESCAPED.sub(r"\1", token["quoted"]))
        elif token["angle"] is not None:
            box.in_brackets = token["angle"].strip() or box.in_brackets
        elif token["comment"]:
            end = _end_of_comment(value, at)
            box.comments.append(value[at:end])
            at = end + 1
        elif token["mark"] == ":":
            box = _Box()  # what stood before it names a group
        elif token["mark"]:
            yield from box.read()
            box = _Box()
        else:
            box.say(token["word"] or token["text"])
    yield from box.read()


class _Box:
    """What was read of one mailbox so far."""

    def __init__(self) -> None:
        self.names: list[str] = []  # quoted or not
        self.in_brackets = ""
        self.comments: list[str] = []
        self._bare: list[str] = []  # not quoted, before any brackets

    def say(self, text: str) -> None:
        self.names.append(text)
        self._bare.append(text)

    def read(self) -> Iterator[Mailbox]:
        """The mailbox, if there is an address."""
        name, bare = "".join(self.names).strip(), "".join(self._bare).strip()
        if self.in_brackets:
            address = _address(_ROUTE.sub("", self.in_brackets, count=1))
        else:
            before, _, last = bare.rpartition(" ")
            alone = _address(bare)
            address = alone or ("" if "@" in before else _address(last))
            name = name.removesuffix(bare if alone else last)
        if address:
            yield one_line(header_text(name.strip(" <>") or " ".join(self.comments))), address


def _end_of_comment(value: str, at: int) -> int:
    """Where the comment ends that is open here, and may hold others; the end of the value, if it does not."""
    depth = 1
    for mark in _OF_A_COMMENT.finditer(value, at):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if not depth:
            return mark.start()
    return len(value)


def _anywhere(value: str) -> Iterator[Mailbox]:
    """The addresses in brackets, else those that stand anywhere; what stands before the first is its name."""
    if "@" not in value:
        return
    in_brackets = islice(_IN_BRACKETS.finditer(value), MOST_BARE_ADDRESSES)
    found = [(one.start(), one[1]) for one in in_brackets] or [
        (one.start(), one[0]) for one in islice(ADDRESS.finditer(value), MOST_BARE_ADDRESSES)
    ]
    for number, (start, one) in enumerate(found):
        if address := _address(one):
            yield ("" if number else one_line(value[:start].strip(_BEFORE_AN_ADDRESS))), address


def _address(written: str) -> str:
    """The address that this is, as it is known; empty if it is none."""
    if len(written) > LONGEST_ADDRESS_CHARACTERS or not ("@" in written or "=?" in written):  # a word may hold it
        return ""
    text = _SPACED.sub(r"\1", one_line(header_text(written), LONGEST_VALUE_CHARACTERS))
    address = _UNSEEN.sub("", text).lower().rstrip(".")
    return address if ADDRESS.fullmatch(address) else ""
