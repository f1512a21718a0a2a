"""Whatever people write, our letters have the form that RFC 2045, 2047 and 5322 ask for, and say what was written."""

from __future__ import annotations

import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canaux.clean_text import clean, one_line
from canaux.email.incoming.html_text import html_to_text
from canaux.email.outgoing.composing import Letter, compose
from canaux.email.outgoing.html_letter import as_html
from canaux.email.outgoing.mailable import ImpossibleAddress, mailable
from routeur.contact.messages import NamedAddress, StoredFile
from tests.smtp_server import text_of

LETTER = Letter(
    sender=NamedAddress("Mairie de Petit-Bourg", "mairie@petit-bourg.example"),
    to="lea@example.org",
    cc=(),
    subject="Re: Carte d'identité [réf. ACD-123-456]",
    text="Bonjour,\n\nIl faut une photo.\n\n-- \nMairie",
    html="<p>Bonjour</p>",
    language="fr",
    sent_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    message_id="<0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef@petit-bourg.example>",
    references=("<1@example.org>",),
    automatic=True,
)
ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
ANYTHING = st.text(max_size=400) | st.text(st.characters(categories=("Lu", "Ll", "Zs", "Cs", "Cc", "So")), max_size=400)
NAMES = st.text(max_size=120)
FILE_NAMES = st.text(st.characters(exclude_characters='<>"\\'), min_size=1, max_size=120)
"""Without what the API takes out of the names of files, and readers of headers take for quotes."""
IDS = st.lists(st.from_regex(r"<[a-zA-Z0-9.=?_/+-]{1,300}@[a-z0-9.-]{1,60}>", fullmatch=True), max_size=20)


def wire(letter: Letter) -> bytes:
    return compose(letter).as_bytes()


def read_back(raw: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)


def check_form(raw: bytes) -> None:
    """The rules of lengths, and that everything is in ASCII, in lines that end with CRLF."""
    raw.decode("ascii")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert all(len(word) <= 75 for word in ENCODED_WORD.findall(head))
    for line in head.split(b"\r\n"):
        assert len(line) <= 998
        assert len(line) <= 78 or b" " not in line.partition(b": ")[2].strip() or line.startswith(b"Date:")
        if ENCODED_WORD.search(line):
            assert len(line) <= 76
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not re.search(rb"[^\r]\n|\r[^\n]", raw)


@given(ANYTHING, ANYTHING, NAMES, IDS)
@example("=?utf-8?Q?R=E9clamation?=", "a", "=?utf-8?q?a=ED=A0=80b?=", [])
@example("Réclamation \udce9", "corps \udce9 \x00", 'D\'Arc, "Jeanne" \\ <x@y>', ["<" + "a" * 890 + "@b>"])
@example("x" * 400, "y" * 3000, "z" * 255, [])
@example("é" * 400, "From ici\n.\n..\n-- \n", "Ж" * 100, [])
@example("", "", "", [])
def test_any_words_arrive_as_they_were_written(subject: str, text: str, name: str, ids: list[str]) -> None:
    subject = one_line(subject)
    text = clean(text)
    letter = replace(
        LETTER,
        sender=NamedAddress(name, "mairie@petit-bourg.example"),
        subject=subject,
        text=text,
        html=as_html(text, None, subject=subject, language="fr"),
        references=ids,
    )
    raw = wire(letter)
    check_form(raw)
    arrived = read_back(raw)
    assert arrived["Subject"] == subject
    written, address = parseaddr(message_from_bytes(raw)["From"])
    assert (str(make_header(decode_header(written))), address) == (one_line(name), "mairie@petit-bourg.example")
    assert text_of(arrived).rstrip("\n") == text.rstrip("\n")
    assert (arrived["References"] or "").split() == ids
    assert arrived["In-Reply-To"] == (ids[-1] if ids else None)
    assert arrived["Message-ID"] == LETTER.message_id
    assert raw.count(b"\r\nMessage-ID: <") == 1


def test_the_separator_of_the_signature_keeps_its_blank() -> None:
    assert "\n-- \nMairie" in text_of(read_back(wire(LETTER)))


def test_a_letter_is_plain_text_and_html() -> None:
    arrived = read_back(wire(LETTER))
    assert [part.get_content_type() for part in arrived.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert (arrived["Content-Language"], arrived["Auto-Submitted"]) == ("fr", "auto-replied")
    assert read_back(wire(replace(LETTER, automatic=False)))["Auto-Submitted"] is None


@given(FILE_NAMES, st.binary(min_size=1, max_size=2000))
def test_files_go_along(name: str, content: bytes) -> None:
    file = StoredFile(name, "application/pdf", content, None)
    raw = wire(replace(LETTER, files=(file,)))
    raw.decode("ascii")
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78
    (arrived,) = read_back(raw).iter_attachments()
    assert arrived.get_content() == content
    assert arrived.get_content_type() == "application/pdf"
    assert (arrived.get_filename() or "").split() == one_line(name, 200).split()


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("lea@example.org", "lea@example.org"),
        ("zoe@mairie-évry.example", "zoe@xn--mairie-vry-h7a.example"),
        ("zoé@exemple.example", "zoé@exemple.example"),
        ("a..b@example.org", '"a..b"@example.org'),
        ("user@localhost", "user@localhost"),
        ("a_b@sous_domaine.example.org", "a_b@sous_domaine.example.org"),
    ],
)
def test_an_address_has_its_host_in_ascii(address: str, written: str) -> None:
    assert mailable(address) == written


@pytest.mark.parametrize(
    "address",
    ["", "lea", "@example.org", "lea@", "a b@@", "lea@exa mple.org", "lea@-x.org", "lea@x..org", f"{'a' * 65}@x.org",
     "0123@inconnu.invalid", "lea@\udce9.org", "l\x00a@x.org", "l\udce9a@x.org", "lea@x.org\nBcc: z@x.org"],
)  # fmt: skip
def test_an_address_that_cannot_be(address: str) -> None:
    with pytest.raises(ImpossibleAddress):
        mailable(address)


def test_nobody_adds_a_header_by_what_they_write() -> None:
    letter = replace(LETTER, subject="a\r\nBcc: z@example.org", sender=NamedAddress("b\nX-Y: 1", "mairie@x.example"))
    arrived = read_back(wire(replace(letter, references=("<a\r\nX-Z: 1>", "<é@x>", "<1@example.org>"))))
    assert arrived["Bcc"] is arrived["X-Y"] is arrived["X-Z"] is None
    assert arrived["References"] == "<1@example.org>"


LINES = st.lists(st.text("abcé <&>\"':/.", max_size=40).map(str.strip), min_size=1, max_size=8)


@given(LINES)
def test_the_html_says_what_the_text_says(lines: list[str]) -> None:
    text = "\n".join(lines).strip()
    shown = html_to_text(as_html(text, None, subject="x", language="fr"))
    assert shown.split() == text.split()


def test_the_html_names_its_language_fetches_nothing_and_escapes() -> None:
    html = as_html('<script>x</script> & https://a.example/?b=1&c="2".', None, subject="<b>", language="en")
    assert '<html lang="en">' in html
    assert "<title>&lt;b&gt;</title>" in html
    assert "<script" not in html
    assert '<a href="https://a.example/?b=1&amp;c=">' in html
    assert not re.search(r"\b(src|style|class|onclick)=", html)


@pytest.mark.parametrize(
    "text", ["From here on\nFrom Paris", "Été\nFrom Paris\n" + "From é" * 30, "x " * 36 + "From Paris"]
)
def test_a_line_that_begins_with_from_arrives_as_it_was_written(text: str) -> None:
    """A mailbox of one file marks it, as `smtplib` does and many servers: so none begins like that on the wire."""
    letter = replace(LETTER, text=text, html=f"<p>{text}</p>\nFrom Paris")
    raw = wire(letter)
    check_form(raw)
    assert b"\nFrom " not in raw
    assert b"\n>From" not in raw
    body = read_back(raw).get_body(("plain",))
    assert body is not None
    assert text_of(read_back(raw)).strip() == text
