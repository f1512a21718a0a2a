"""A winmail.dat, which nobody but Outlook opens, is opened here."""

from __future__ import annotations

from base64 import encodebytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canaux.email.incoming import tnef
from canaux.email.incoming.reading import ReceivedEmail, read_email
from tests.canaux import outlook

ACT = b"%PDF-1.7\n\0\0\0"
NOTE = "n'a pas pu être ouvert"
KIND = 'application/ms-tnef; name="winmail.dat"'


def mail(winmail: bytes, text: str | None = None, kind: str = KIND) -> bytes:
    """A letter with this winmail.dat, below a text if there is one."""
    head = "From: lea@example.org\r\nSubject: Acte\r\nMIME-Version: 1.0\r\n"
    file = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + encodebytes(winmail)
    if text is None:
        return head.encode() + file
    parts = [f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode(), file]
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
    return head.encode() + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + body


def files(received: ReceivedEmail) -> list[tuple[str, str, bytes | None]]:
    return [(file.name, file.content_type, file.content) for file in received.inbound.attachments]


@pytest.mark.parametrize(
    "kind", [KIND, "application/vnd.ms-tnef", 'application/octet-stream; name="WINMAIL.DAT"'], ids=str
)
def test_the_files_in_it_are_those_of_the_letter(kind: str) -> None:
    winmail = outlook.winmail(outlook.file(b"acte.pdf", ACT), outlook.file(b"notes", b"Un\nDeux"))
    received = read_email(mail(winmail, "Voici les pièces.", kind))
    assert received.inbound.text == "Voici les pièces."
    assert files(received) == [
        ("acte.pdf", "application/pdf", ACT),
        ("notes", "application/octet-stream", b"Un\nDeux"),
    ]


def test_a_long_name_stands_before_the_short_one_in_whatever_letters() -> None:
    written = [
        outlook.file(
            b"PICE~1.PDF",
            ACT,
            (outlook.UNICODE, outlook.LONG_NAME, "pièce d’identité.pdf\0".encode("utf-16-le")),
            (outlook.STRING, outlook.MIME_TAG, b"application/x-acte\0"),
        ),
        outlook.file("année.txt".encode("cp1252"), b"x"),
        outlook.file(b"x", b"y", (outlook.STRING, outlook.LONG_NAME, "œuvre/\u20ac.txt\0".encode("cp1252"))),
    ]
    received = read_email(mail(outlook.winmail(outlook.code_page(1252), *written), "Voici."))
    assert [(name, kind) for name, kind, _ in files(received)] == [
        ("pièce d’identité.pdf", "application/x-acte"),
        ("année.txt", "text/plain"),
        ("œuvre_€.txt", "text/plain"),
    ]


@pytest.mark.parametrize(
    "objects",
    [
        [outlook.code_page(1252), outlook.text("Demande réitérée".encode("cp1252"))],
        [outlook.letter((outlook.UNICODE, outlook.BODY, "Demande réitérée\0".encode("utf-16-le")))],
        [
            outlook.letter(
                (outlook.LONG, outlook.CODE_PAGE, 65001),
                (outlook.BINARY, outlook.HTML, "<p>Demande <b>réitérée</b></p>".encode()),
            )
        ],
    ],
    ids=["text", "unicode", "html"],
)
def test_the_text_in_it_is_shown_where_the_letter_has_none(objects: list[bytes]) -> None:
    assert read_email(mail(outlook.winmail(*objects))).inbound.text == "Demande réitérée"
    assert read_email(mail(outlook.winmail(*objects), "Demande réitérée.")).inbound.text == "Demande réitérée."


def test_a_text_in_it_that_nobody_can_show_leaves_the_letter_whole() -> None:
    winmail = outlook.winmail(outlook.letter((outlook.BINARY, outlook.RTF, b"LZFu")), outlook.file(b"a.pdf", ACT))
    received = read_email(mail(winmail))
    assert received.inbound.text.startswith("Ce courriel n'a pas pu être lu.")
    assert [name for name, _, _ in files(received)] == ["a.pdf", "winmail.dat", "message-complet.eml"]


def test_a_letter_within_it_is_a_text_and_its_files() -> None:
    inner = outlook.winmail(outlook.text(b"Premier courrier"), outlook.file(b"plan.png", b"png"))
    forwarded = outlook.file(b"Votre courrier", b"", (outlook.BINARY, outlook.DATA, outlook.LETTER + inner))
    received = read_email(mail(outlook.winmail(forwarded), "Je vous transmets."))
    assert files(received) == [
        ("Votre courrier.txt", "text/plain", b"Premier courrier"),
        ("plan.png", "image/png", b"png"),
    ]


@pytest.mark.parametrize("winmail", [b"", b"not at all", outlook.SIGNATURE], ids=["empty", "other", "nothing"])
def test_what_cannot_be_opened_is_kept_as_a_file_with_a_note(winmail: bytes) -> None:
    received = read_email(mail(winmail, "Voici."))
    assert received.inbound.text.startswith("Voici.\n\nLe fichier winmail.dat")
    assert NOTE in received.inbound.text
    assert files(received) == [("winmail.dat", "application/ms-tnef", winmail)]


def many_values(count: int) -> bytes:
    """A property that claims to have this number of values."""
    claimed = (1).to_bytes(4, "little") + (0x1002).to_bytes(2, "little") + (0x6000).to_bytes(2, "little")
    data = claimed + count.to_bytes(4, "little")
    return outlook.SIGNATURE + b"\1\0\1\3\x90\6\0" + len(data).to_bytes(4, "little") + data + b"\0\0"


def nested(depth: int) -> bytes:
    winmail = outlook.winmail(outlook.file(b"last.txt", b"x"))
    for _ in range(depth):
        inner = (outlook.BINARY, outlook.DATA, outlook.LETTER + winmail)
        winmail = outlook.winmail(outlook.file(b"in", b"", inner))
    return winmail


@pytest.mark.parametrize(
    "winmail",
    [
        outlook.SIGNATURE + b"\1\0\1\3\x90\6\0\4\0\0\0\xff\xff\xff\xff\0\0",
        outlook.winmail(*[outlook.text(b"") for _ in range(100_000)]),
        nested(40),
        many_values(0xFFFFFFFF),
    ],
    ids=["properties", "objects", "nested", "values"],
)
def test_a_winmail_made_to_cost_much_costs_little(winmail: bytes) -> None:
    assert "Voici." in read_email(mail(winmail, "Voici.")).inbound.text


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 200), st.binary(max_size=6))
def test_reading_one_never_raises(tail: bytes, at: int, bytes_put: bytes) -> None:
    sound = outlook.winmail(
        outlook.code_page(1252),
        outlook.letter((outlook.UNICODE, outlook.BODY, b"a\0b\0"), (outlook.STRING, outlook.HTML, b"<p>")),
        outlook.file(b"a.txt", b"x", (outlook.STRING, outlook.LONG_NAME, b"b.txt\0")),
    )
    tnef.opened(sound[:at] + bytes_put + sound[at:])
    tnef.opened(outlook.SIGNATURE + tail)
