"""Header values that have parameters (`Content-Type`, `Content-Disposition`), however they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from canaux.email.incoming.decoding import decoded, header_text

LONGEST_VALUE_CHARACTERS = 4_000

# A name; then a quoted text (its end may be missing), or everything up to the semicolon: quotes are forgotten.
_PARAMETER = re.compile(r"""([A-Za-z][A-Za-z0-9_-]{0,40}(?:\*\d{0,3}\*?)?)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;"]*)""")
_WORD = re.compile(r"\s*([^\s;]*)")
_COMMON = re.compile(r"\s(?=(?:charset|name|boundary|format|delsp|filename|size)\*?=)", re.IGNORECASE)
_COUNTED = re.compile(r"(.+?)\*(\d*)(\*?)")


@dataclass(frozen=True)
class Value:
    """The first word of a header, and its parameters, decoded, by their names in small letters."""

    word: str
    parameters: dict[str, str]


def read_value(raw: str) -> Value:
    """A header value. What cannot be read costs its own parameter and no other."""
    raw = raw[:LONGEST_VALUE_CHARACTERS]
    first = _WORD.match(raw)
    word = first[1] if first else ""
    plain: dict[str, str] = {}
    counted: dict[str, dict[int, tuple[bool, str]]] = {}
    rest = _COMMON.sub("; ", raw[len(first[0]) if first else 0 :])
    for name, said in _PARAMETER.findall(rest):
        value = re.sub(r"\\(.)", r"\1", said.removeprefix('"').removesuffix('"')) if said[:1] == '"' else said.strip()
        numbered = _COUNTED.fullmatch(name.lower())
        if numbered:
            position = int(numbered[2] or 0)
            encoded = bool(numbered[3]) or not numbered[2]
            counted.setdefault(numbered[1], {}).setdefault(position, (encoded, value))
        else:
            plain.setdefault(name.lower(), header_text(value) if name.lower() != "boundary" else value)
    for name, pieces in counted.items():
        plain[name] = _joined(pieces) or plain.get(name, "")
    return Value(word, plain)


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    """A parameter that came in pieces (RFC 2231), each percent-encoded or not; the first says the charset."""
    raw = b""
    charset: str | None = None
    for number, position in enumerate(sorted(pieces)):
        encoded, value = pieces[position]
        if encoded and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        as_bytes = value.encode("utf-8", "surrogateescape_or_replace")
        raw += unquote_to_bytes(as_bytes) if encoded else as_bytes
    if charset is None:  # in pieces for its length alone: what it holds may be an encoded word
        return header_text(raw.decode("ascii", "surrogateescape"))
    return decoded(raw, charset).replace("=?", "= ?")
