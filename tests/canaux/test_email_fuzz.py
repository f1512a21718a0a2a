"""Whatever the bytes, a letter is read: within a bounded work, and no file holds what did not come."""

from __future__ import annotations

import sys
from base64 import b64encode, encodebytes
from binascii import a2b_qp, b2a_qp, b2a_uu
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from canaux.email.incoming.reading import WHOLE_MESSAGE_NAME, ReceivedEmail, read_email

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "data" / "emails").glob("*.eml"))]
CALLS_AT_LEAST = 60_000
CALLS_PER_BYTE = 25
"""The work that one letter may take: a number of function calls and, besides, a number for each of its bytes."""

EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

COMMON = [
    *(
        b"Content-Type: multipart/mixed; boundary=x",
        b'Content-Type: multipart/alternative; boundary="x',
        b"--x",
        b"--x--",
    ),
    *(b"Content-Type: message/rfc822", b"Content-Type: text/html; charset=utf-7", b"Content-Type: multipart/report"),
    *(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"From: a@b.example"),
    *(b"Content-Type: message/delivery-status", b"Action: failed", b"From: =?utf-8?b?4oI=?=", b"=?utf-8?q?=C3?= ", b""),
    *(b"Content-Disposition: attachment; filename*0*=utf-8''%e9; filename*1=x", b"begin 644 x\n#86)C\n`\nend"),
    *(
        b"<blockquote><div style='display:none'>",
        b"> > >",
        b"Le 2 mars 2026 \xc3\xa0 10:12, Mairie a \xc3\xa9crit :",
        b"\0",
    ),
]
pieces = st.one_of(
    st.binary(max_size=12), st.sampled_from(COMMON), st.sampled_from(COMMON).map(lambda line: b"\r\n" + line + b"\r\n")
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """One of our letters, spoilt: bytes changed, cut or put in, headers said twice, wrapped in others."""
    raw = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        spoil: Callable[[bytes, st.DrawFn], bytes] = draw(
            st.sampled_from([_cut, _put, _doubled, _flipped, _wrapped, _moved])
        )
        raw = spoil(raw, draw)
    return raw


def _cut(raw: bytes, draw: st.DrawFn) -> bytes:
    start = draw(st.integers(0, len(raw)))
    return raw[:start] + raw[start + draw(st.integers(0, 60)) :] if draw(st.booleans()) else raw[:start]


def _put(raw: bytes, draw: st.DrawFn) -> bytes:
    at = draw(st.integers(0, len(raw)))
    return raw[:at] + draw(pieces) + raw[at:]


def _doubled(raw: bytes, draw: st.DrawFn) -> bytes:
    lines = raw.splitlines(keepends=True)
    at = draw(st.integers(0, max(0, len(lines) - 1)))
    return b"".join([*lines[:at], *lines[at : at + 1] * draw(st.integers(2, 40)), *lines[at + 1 :]])


def _flipped(raw: bytes, draw: st.DrawFn) -> bytes:
    changed = bytearray(raw)
    for at in draw(st.lists(st.integers(0, max(0, len(raw) - 1)), max_size=8)):
        if changed:
            changed[at] ^= draw(st.integers(1, 255))
    return bytes(changed)


def _wrapped(raw: bytes, draw: st.DrawFn) -> bytes:
    for _ in range(draw(st.integers(1, 40))):
        raw = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n" + raw
    return raw


def _moved(raw: bytes, draw: st.DrawFn) -> bytes:
    at = draw(st.integers(0, len(raw)))
    return raw[at:] + raw[:at]


@contextmanager
def counted_calls() -> Iterator[list[int]]:
    """Counts the functions that are called meanwhile: a measure of work that is the same on every machine."""
    calls = [0]

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        calls[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def read(raw: bytes) -> ReceivedEmail:
    """The letter, which cost no more than it may, has a sender, and whose text any database takes."""
    with counted_calls() as calls:
        received = read_email(raw, "mx.mairie.example")
    assert calls[0] <= CALLS_AT_LEAST + CALLS_PER_BYTE * len(raw)
    inbound = received.inbound
    assert inbound.address.count("@") == 1
    for said in (inbound.text, inbound.subject or "", inbound.name or "", *(file.name for file in inbound.attachments)):
        assert "\0" not in said
        said.encode()
    return received


def stands_in(content: bytes, raw: bytes) -> bool:
    """Whether these bytes came: as they are, in quoted-printable, uuencoded or, by their beginning, in base64."""
    letters = bytes(byte for byte in raw if byte < 128 and chr(byte).isalnum() or byte in b"+/")
    begins = content[: min(9, len(content) // 3 * 3)]
    uuencoded = b2a_uu(content[: min(45, len(content) // 3 * 3)])[1:].rstrip()
    return (
        content in raw
        or content in a2b_qp(raw)
        or b64encode(begins) in letters
        or uuencoded in raw
        or uuencoded in raw.replace(b"`", b" ")
    )


@EXAMPLES
@given(st.one_of(spoilt(), st.binary(max_size=400), st.lists(pieces, max_size=40).map(b"\r\n".join)))
@example(b"Content-Transfer-Encoding:base64\nContent-Disposition:attachment\n++/\xb9/")
def test_any_bytes_are_read_within_a_bounded_work_into_what_came(raw: bytes) -> None:
    received = read(raw)
    for file in received.inbound.attachments:
        assert file.content is not None
        assert file.size == len(file.content) <= len(raw)
        assert file.name == WHOLE_MESSAGE_NAME or stands_in(file.content, raw)


def encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return encodebytes(content)
    return b2a_qp(content, istext=False) if encoding == "quoted-printable" else content


files = st.lists(
    st.tuples(st.binary(max_size=200), st.sampled_from(["base64", "quoted-printable", "8bit"])), min_size=1, max_size=5
)


@EXAMPLES
@given(files, st.lists(st.sampled_from(["mixed", "related", "signed", "x-any"]), min_size=1, max_size=8), st.booleans())
def test_the_bytes_of_every_file_come_out_however_deep_it_lies(
    sent: Sequence[tuple[bytes, str]], containers: Sequence[str], unclosed: bool
) -> None:
    parts = [
        b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: %b\r\n\r\n%b"
        % (encoding.encode(), encoded(content, encoding))
        for content, encoding in sent
    ]
    for depth, subtype in enumerate(containers):
        boundary = b"=_7d3f\xc3%d_" % depth
        body = b"\r\n".join(b"--" + boundary + b"\r\n" + part for part in parts)
        body += b"" if unclosed else b"\r\n--" + boundary + b"--\r\n"
        parts = [b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n%b' % (subtype.encode(), boundary, body)]
    received = read(b"From: lea@example.org\r\n" + parts[0])
    assert [file.content for file in received.inbound.attachments if file.name != WHOLE_MESSAGE_NAME] == [
        content for content, _ in sent
    ]


def is_utf8_for_the_most_part(written: bytes) -> bool:
    """Whether more of the bytes above 127 are letters of UTF-8 than are not, as in `Â\xa0` of Windows-1252."""
    readable = written.decode("utf-8", "ignore").encode()
    return 2 * sum(byte > 127 for byte in readable) > sum(byte > 127 for byte in written)


LABELS = {name: name for name in ("utf-8", "cp1252", "koi8-r", "utf-16")} | {"big5": "big5hkscs"}
"""Labels, and the codecs by which they are written: Big5 as the Encoding standard has it, with its kana elsewhere."""


@EXAMPLES
@given(st.text(max_size=60), st.sampled_from(list(LABELS)))
@example("Â\xa0", "cp1252")
@example("ぁ", "big5")
def test_a_text_is_read_as_it_was_written(words: str, charset: str) -> None:
    codec = LABELS[charset]
    written = words.encode(codec, "ignore").decode(codec)
    if charset == "cp1252":  # a label that many programs put on UTF-8: what is UTF-8 is read as that
        assume(written.isascii() or not is_utf8_for_the_most_part(written.encode(codec)))
    letter = EmailMessage()
    letter["From"] = "lea@example.org"
    letter.set_content("x")
    letter.replace_header("Content-Type", f"text/plain; charset={charset}")
    head = letter.as_bytes().partition(b"\n\n")[0].replace(b"7bit", b"base64")
    received = read(head + b"\n\n" + encodebytes(written.encode(codec)))
    shown, meant = ("".join(text.split()) for text in (received.inbound.text, written))
    assert shown == "".join(char for char in meant if char.isprintable()) or not meant.isprintable()


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<b>" * 40_000,
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 20_000,
        b"From: a@b.example\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"From: " + b"(" * 50_000 + b"a@b.example\r\n\r\n",
        b"From:" * 434,
        b"From:" * 4_000 + b" a@b.example\r\n\r\n",
        b"From: a@b.example\r\nSubject: Re: x\r\n\r\n" + b"Le 2 mars 2026 " * 20_000,
        b"From: a@b.example\r\nSubject: Re: x\r\n\r\n" + b"> \r\n" * 50_000,
        b"From: a@b.example\r\nSubject: Re: x\r\n\r\nBonjour"
        + b" Madame-A" * 2_000
        + b" !x\n--- Original Message ---\nx",
        b"From: a@b.example\r\nSubject: Re: x\r\n\r\n" + (b"--- Original Message ---\n" + b"\n" * 60) * 2_000 + b"x",
        b"From: a@b.example\r\nSubject: " + b"[x] Re: " * 2_000 + b"\r\n\r\nx",
        b"From: a@b.example\r\n\r\n" + b"begin 644 x\r\n" * 20_000,
        b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?=C3?= " * 20_000 + b"\r\n\r\n",
        b"From: a@b.example\r\nContent-Type: text/plain" + b"; charset*0*=utf-8''x" * 5_000 + b"\r\n\r\nx",
    ],
    ids=[
        "tags",
        "parts",
        "headers",
        "comments",
        "few groups",
        "groups",
        "greetings",
        "quotes",
        "greeted",
        "separators",
        "prefixes",
        "uuencoded",
        "words",
        "parameters",
    ],
)
def test_what_is_made_to_cost_much_costs_no_more_than_its_length(raw: bytes) -> None:
    read(raw)
