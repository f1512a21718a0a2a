"""Nothing is refused for a blemish: a letter is read as far as it goes, and its files are as they came."""

from __future__ import annotations

import base64

import pytest

from canaux.email.incoming.reading import WHOLE_MESSAGE_NAME, read_email
from routeur.ports.inbound import Inbound

OUR_HOST = "petit-bourg.example"
PDF = b"%PDF-1.4\r\n%%EOF\r\n"
LETTER = (
    b"From: =?iso-8859-1?q?Tr=E9sor?= <t@example.org>\r\nMessage-ID: <[" + b"b" * 70 + b"]@example.org>\r\n"
    b"Date: hier\r\nSubject: Titre\r\n  de   recette\r\n\r\nVous devez 12 euros.\r\n"
)


def read(raw: bytes) -> Inbound:
    return read_email(raw, OUR_HOST).inbound


def letter(head: str, body: bytes) -> bytes:
    return b"From: lea@example.org\r\nSubject: Demande\r\n" + head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


def mixed(*parts: bytes, kind: str = "mixed") -> bytes:
    return letter(
        f"Content-Type: multipart/{kind}; boundary=b",
        b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n",
    )


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nCi-joint."


@pytest.mark.parametrize(
    "head",
    [
        b"\xef\xbb\xbfFrom: lea@example.org\r\nSubject: Demande\r\n",
        b"\r\n\r\nFrom: lea@example.org\r\nSubject: Demande\r\n",
        b"From lea@example.org Mon Mar  2 10:00:00 2026\r\nFrom: lea@example.org\r\nSubject: Demande\r\n",
        b">From lea@example.org Mon Mar  2 10:00:00 2026\r\nFrom: lea@example.org\r\nSubject: Demande\r\n",
        b"From : lea@example.org\r\nSubject\t: Demande\r\n",
        b"Subject: Demande\r\nthis line is no header\r\nFrom: lea@example.org\r\n",
        b"Subject: Demande\r\nFrom: =?utf-8?q?L=C3=A9a_=3Clea=40example=2Eorg=3E?=\r\n",
        b"From: lea@example.org\r\nSubject: Demande\r\n" + b"X-Trace: " + b"y" * 1_100_000 + b"\r\nX: y\r\n",
    ],
    ids=range(8),
)
def test_a_blemish_in_the_headers_costs_nothing(head: bytes) -> None:
    for raw in (head + b"\r\nBonjour", head.replace(b"\r\n", b"\n") + b"\nBonjour"):
        inbound = read(raw)
        assert (inbound.address, inbound.subject, inbound.text) == ("lea@example.org", "Demande", "Bonjour")


@pytest.mark.parametrize(
    "head",
    [
        "Reply-To: lea@example.org",
        "From: Jean Petit\r\nReturn-Path: <lea@example.org>",
        "From: <>\r\nSender: lea@example.org",
    ],
)
def test_a_letter_without_from_is_answered_at_the_address_that_it_gives(head: str) -> None:
    received = read_email(f"{head}\r\nSubject: Demande\r\n\r\nBonjour".encode())
    assert received.reply_to is not None
    assert (received.reply_to.address, received.inbound.text) == ("lea@example.org", "Bonjour")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("PETIT, Jean <lea@example.org>", "PETIT, Jean"),
        ('"PETIT, Jean" <lea@example.org>', "PETIT, Jean"),
        ("=?iso-8859-1?q?Ga=EBlle_d=92=8Cuf?= <lea@example.org>", "Gaëlle d’Œuf"),
        ("lea@example.org (Léa)", "Léa"),
        ("lea@example.org", None),
        ("jean@example.org, lea@example.org", None),
    ],
)
def test_a_name_may_have_a_comma(written: str, name: str | None) -> None:
    inbound = read(f"From: {written}\r\n\r\nx".encode())
    assert inbound.name == name
    assert inbound.address in ("lea@example.org", "jean@example.org")


@pytest.mark.parametrize("said", ["message/rfc822", 'message/rfc822; name="titre.eml"'])
def test_an_attached_letter_is_the_bytes_that_came(said: str) -> None:
    head = f"Content-Type: {said}\r\nContent-Disposition: attachment; filename=titre.eml\r\n".encode()
    plain = read(mixed(PLAIN, head + b"\r\n" + LETTER)).attachments
    encoded = read(
        mixed(PLAIN, head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(LETTER))
    ).attachments
    for files in (plain, encoded):
        assert [(file.name, file.content) for file in files] == [("titre.eml", LETTER)]


def test_a_signed_letter_within_a_letter_stays_signed() -> None:
    signed = (
        b'From: n@example.org\r\nContent-Type: multipart/signed; micalg="sha-256";\r\n\tprotocol="application/pkcs7-'
        b'signature"; boundary="S"\r\n\r\n--S\r\nContent-Type: text/plain\r\n\r\nActe  \r\n--S\r\nContent-Type: '
        b"application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--S--\r\n"
    )
    (file,) = read(mixed(PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + signed)).attachments
    assert file.content == signed


@pytest.mark.parametrize(
    "head",
    [
        'Content-Type: text/plain; name="message.txt"',
        "Content-Type: text/plain\nContent-Disposition: inline; filename=message.txt",
        "Content-Type: text/plain charset=utf-8",
        "Content-Type: text/markdown",
        "Content-Type: rien",
        "Content-Type: text/html; name=m.html",
    ],
)
def test_a_body_may_have_a_name(head: str) -> None:
    inbound = read(letter(head, b"Ma demande"))
    assert (inbound.text, inbound.attachments) == ("Ma demande", ())


def test_alternatives_may_have_names_and_a_second_text_with_one_is_a_file() -> None:
    named = (
        b"Content-Type: text/plain; name=a.txt\r\n\r\nUn.",
        b"Content-Type: text/html; name=a.html\r\n\r\n<p>Un.</p>",
    )
    both = read(mixed(*named, kind="alternative"))
    assert (both.text, both.attachments) == ("Un.", ())
    beside = read(mixed(PLAIN, b"Content-Type: text/plain; name=notes.txt\r\n\r\nNotes"))
    assert (beside.text, [file.name for file in beside.attachments]) == ("Ci-joint.", ["notes.txt"])


@pytest.mark.parametrize(
    ("head", "sealed"),
    [
        ("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", True),
        ("Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", True),
        ("Content-Type: application/pkcs7-mime; smime-type=certs-only; name=smime.p7c", False),
        ("Content-Type: application/pkcs7-signature; name=smime.p7s", False),
    ],
)
def test_a_letter_whose_text_is_sealed_says_so(head: str, sealed: bool) -> None:
    inbound = read(letter(f"{head}\nContent-Transfer-Encoding: base64", b"MIIB"))
    assert inbound.text.startswith("Le texte de ce courriel est enfermé") is sealed
    assert len(inbound.attachments) == 1


def test_a_letter_that_is_encrypted_for_somebody_else_says_so() -> None:
    head = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    inbound = read(mixed(head, b"Content-Type: application/octet-stream; name=e.asc\r\n\r\n-----", kind="encrypted"))
    assert inbound.text.startswith("Le texte de ce courriel est enfermé")


def test_a_stub_does_not_hide_the_html() -> None:
    html = b"Content-Type: text/html\r\n\r\n<p>Je demande un acte.</p>" + b"<p>Il est de juin 1950, rue Haute.</p>" * 20
    stub = b"Content-Type: text/plain\r\n\r\nVotre logiciel ne montre pas le HTML."
    assert read(mixed(stub, html, kind="alternative")).text.startswith("Je demande un acte.")
    related = b"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n" + html + b"\r\n--r--"
    assert read(mixed(stub, related, kind="alternative")).text.startswith("Je demande un acte.")


@pytest.mark.parametrize("boundary", ["AUTRE", '"', "", "=?utf-8?q?x?="])
def test_a_wrong_boundary_hides_nothing(boundary: str) -> None:
    parts = (b"Content-Type: text/plain\r\n\r\nLa rue.", b"Content-Type: application/pdf; name=p.pdf\r\n\r\n" + PDF)
    body = b"".join(b"--juste\r\n" + part + b"\r\n" for part in parts) + b"--juste--"
    inbound = read(letter(f"Content-Type: multipart/mixed; boundary={boundary}", body))
    assert inbound.text == "La rue."
    assert [(file.name, file.content) for file in inbound.attachments] == [("p.pdf", PDF)]


def test_a_boundary_may_be_used_twice() -> None:
    inner = (
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
        + PLAIN
        + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Ci-joint.</p>\r\n--b--"
    )
    inbound = read(mixed(inner, b"Content-Type: application/pdf; name=p.pdf\r\n\r\n" + PDF))
    assert inbound.text == "Ci-joint."
    assert [(file.name, file.content) for file in inbound.attachments] == [("p.pdf", PDF)]


def test_the_parts_of_a_digest_are_letters() -> None:
    (file,) = read(mixed(b"\r\n" + LETTER, kind="digest")).attachments
    assert (file.content_type, file.content) == ("message/rfc822", LETTER)


def test_where_no_part_is_found_the_text_is_shown_and_the_whole_goes_along() -> None:
    raw = letter("Content-Type: multipart/mixed; boundary=x", "La sirène sonne.".encode())
    inbound = read(raw)
    assert inbound.text == "La sirène sonne."
    assert [(file.name, file.content) for file in inbound.attachments] == [(WHOLE_MESSAGE_NAME, raw)]


def test_where_nothing_can_be_read_a_note_says_so() -> None:
    raw = letter("Content-Type: multipart/mixed; boundary=x", b"")
    inbound = read(raw)
    assert inbound.text.startswith("Ce courriel n'a pas pu être lu.")
    assert [(file.name, file.content) for file in inbound.attachments] == [(WHOLE_MESSAGE_NAME, raw)]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<title>Sans titre</title><p>Bonjour</p>", "Bonjour"),
        ('<div style="display:none">aperçu</div><p>Bonjour</p>', "Bonjour"),
        ("<span hidden>aperçu <b>gras</b></span><p>Bonjour</p>", "Bonjour"),
        ('<div style="DISPLAY: none">tout</div>', "tout"),
        ("<pre>un\n  deux\ntrois</pre>", "un\n  deux\ntrois"),
        ('<p style="white-space: pre-wrap">un\ndeux</p>', "un\ndeux"),
        ('<a href="https://a.example/x"><img src="cid:1" alt="La photo"></a>', "La photo (https://a.example/x)"),
        ('<a href="https://a.example/x"><img src="cid:1"></a>', "(https://a.example/x)"),
        ("<blockquote>Quoi ?</blockquote><p>Rien</p>", "> Quoi ?\n\nRien"),
        ("<script>x()</script><style>p{}</style>Bonjour", "Bonjour"),
    ],
)
def test_html_reads_as_it_is_shown(html: str, text: str) -> None:
    assert read(letter("Content-Type: text/html; charset=utf-8", html.encode())).text == text


@pytest.mark.parametrize(
    ("parameters", "written", "text"),
    [
        ("format=flowed", "Une piste \r\ncyclable.\r\nFin", "Une piste cyclable.\nFin"),
        ("format=flowed; delsp=yes", "Une pis \r\nte.", "Une piste."),
        ("format=flowed", "> Une \r\n> piste ?\r\nOui.\r\n-- \r\nLéa", "> Une piste ?\nOui.\n-- \nLéa"),
        ("format=fixed", "Une \r\npiste", "Une \npiste"),
    ],
)
def test_flowed_lines_are_joined(parameters: str, written: str, text: str) -> None:
    assert read(letter(f"Content-Type: text/plain; charset=utf-8; {parameters}", written.encode())).text == text


def test_a_file_within_the_text_is_a_file() -> None:
    raw = letter(
        "Content-Type: text/plain", b"Voici.\r\n\r\nbegin 644 a/plan.txt\r\n%2&5L;&\\\r\n`\r\nend\r\n\r\nMerci."
    )
    inbound = read(raw)
    assert inbound.text == "Voici.\n\nMerci."
    assert [(file.name, file.content) for file in inbound.attachments] == [("a_plan.txt", b"Hello")]


def test_a_subject_cannot_turn_the_direction_of_what_follows() -> None:
    raw = "From: a@example.org\nSubject: fdp.\u202eexe \u2066x\n\nx".encode()
    assert read(raw).subject == "fdp.exe x"


@pytest.mark.parametrize(
    "said",
    [
        "Content-Type: multipart; boundary=b",
        "Content-Type: multipart/; boundary=b",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; boundary=b",
        "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b",
        "Content-Type: multipart/mixed; boundary='b'",
    ],
)
def test_parts_that_are_announced_badly_or_not_at_all_are_parts(said: str) -> None:
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nVoici.\r\n--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--"
    inbound = read(letter(said, body))
    assert (inbound.text, [file.content for file in inbound.attachments]) == ("Voici.", [b"%PDF"])


def test_a_container_in_base64_is_opened_all_the_same() -> None:
    body = base64.encodebytes(b"--b\r\nContent-Type: text/plain\r\n\r\nVoici.\r\n--b--\r\n")
    raw = letter("Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64", body)
    assert read(raw).text == "Voici."


@pytest.mark.parametrize(
    ("encoding", "body"),
    [('"base64"', base64.encodebytes(b"Je voudrais un acte.")), ("base64", b"Je voudrais un acte.")],
)
def test_the_encoding_is_what_the_body_is_in(encoding: str, body: bytes) -> None:
    assert read(letter(f"Content-Transfer-Encoding: {encoding}", body)).text == "Je voudrais un acte."


@pytest.mark.parametrize(
    ("charset", "head"),
    [
        ("cp1251", '<meta charset="windows-1251">'),
        ("iso8859-2", '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2">'),
    ],
)
def test_html_says_its_charset_where_its_part_does_not(charset: str, head: str) -> None:
    word = {"cp1251": "Привет", "iso8859-2": "Łódź"}[charset]
    assert read(letter("Content-Type: text/html", f"<head>{head}</head><p>{word}</p>".encode(charset))).text == word


@pytest.mark.parametrize("style", ["max-height:0;overflow:hidden", "overflow: hidden; height: 0", "opacity:0"])
def test_a_hidden_lead_in_is_not_shown(style: str) -> None:
    html = f'<div style="{style}">Aperçu</div><p style="line-height:0">Bonjour</p><p style="opacity:0.5">à tous</p>'
    assert read(letter("Content-Type: text/html; charset=utf-8", html.encode())).text == "Bonjour\n\nà tous"


def test_an_alternative_that_says_other_things_than_the_html_hides_none_of_them() -> None:
    stub, html = "Votre messagerie n'affiche pas le HTML.", "<p>Ma demande : un acte</p>"
    raw = mixed(
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{stub}".encode(),
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}".encode(),
        kind="alternative",
    )
    assert read(raw).text == f"{stub}\n\nMa demande : un acte"


def test_a_name_in_pieces_may_be_an_encoded_word() -> None:
    said = 'Content-Disposition: attachment; filename*0="=?utf-8?B?cGnDqGNl"; filename*1="LnBkZg==?="'
    raw = mixed(b"Content-Type: application/pdf\r\n" + said.encode() + b"\r\n\r\n%PDF")
    assert [file.name for file in read(raw).attachments] == ["pièce.pdf"]


@pytest.mark.parametrize("sender", ["Léa lea@example.org", "Léa <mailto:lea@example.org>", '"Léa" <lea@example.org.>'])
def test_a_sender_is_found_with_the_name_beside_it(sender: str) -> None:
    inbound = read(f"From: {sender}\n\nBonjour".encode())
    assert (inbound.name, inbound.address) == ("Léa", "lea@example.org")
