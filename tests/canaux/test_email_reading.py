"""What is understood of the e-mails in tests/data/emails."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from canaux.email.incoming.automatic import Writer
from canaux.email.incoming.reading import WHOLE_MESSAGE_NAME, ReceivedEmail, read_email
from canaux.email.threads import OurMessageIds, SentLetter
from competences.channels import Channel
from routeur.contact.words import AddressKind

FOLDER = Path(__file__).parents[1] / "data" / "emails"
OUR_HOST = "petit-bourg.example"
OURS = OurMessageIds(OUR_HOST, "secret-key-for-tests")
SENDER = b"From: a@example.org\n"
OUR_CONTACT = "0123456789abcdef0123456789abcdef"
OUR_LETTER = OURS.make(OUR_CONTACT, f"email:ack:{OUR_CONTACT}")

WRITERS = {
    "auto_reply": Writer.AUTO_REPLY,
    "auto_reply_exchange": Writer.AUTO_REPLY,
    "auto_reply_null_path": Writer.AUTO_REPLY,
    "auto_reply_old": Writer.AUTO_REPLY,
    "read_receipt": Writer.AUTO_REPLY,
    "bounce": Writer.BOUNCE,
    "bounce_headers_only": Writer.BOUNCE,
    "newsletter": Writer.BULK,
}

TEXTS = {
    "plain": "Bonjour,\n\nQuels papiers faut-il pour une carte d'identité ?\n\nLéa Martin",
    "latin1": "L'école est-elle fermée à Noël ?",
    "windows1252_quoted_printable": "Ma facture est de 12 € – c’est trop.",
    "charset_is_wrong": "Dépôt sauvage à côté de chez moi",
    "charset_is_unknown": "Trop de bruit la nuit",
    "bare_utf8_headers": "La rue est noire.",
    "emoji": "On se marie ! 🎉👰🤵‍♂️",
    "html_only": (
        "Bonjour,\n\nJe veux inscrire mon fils à la cantine.\nIl a 6 ans.\n\n- lundi\n\n- jeudi\n\n"
        "le document (https://example.org/doc)"
    ),
    "alternative": "La version simple.",
    "attachment": "Voici le plan.",
    "nested": "Un trottoir abîmé.\n\n-- \nEnvoyé par l'outil",
    "forwarded_inline": (
        "Pouvez-vous regarder ceci ?\n\n---------- Forwarded message ---------\nDe : Trésor <tresor@example.org>\n"
        "Date: lun. 2 mars 2026\nSubject: Facture\nTo: <lea@example.org>\n\nVous devez 12 euros."
    ),
    "forwarded_attached": "Ci-joint le courrier.",
    "reply_with_history": "Merci, je viens demain.",
    "reply_inline": "> Quel jour voulez-vous ?\nMardi.\n> À quelle heure ?\n10 heures.",
    "no_message_id": "Mon logiciel est ancien.",
    "broken_headers": "this is no header\n\nBonjour quand même",
    "broken_mime": "Ma demande est là.",
    "empty": "",
}

SUBJECTS = {
    "plain": "Carte d'identité",
    "latin1": "École",
    "bare_utf8_headers": "Éclairage éteint",
    "emoji": "🎉 Mariage",
    "empty": None,
}


def read(name: str) -> ReceivedEmail:
    return read_email((FOLDER / f"{name}.eml").read_bytes(), OUR_HOST)


def all_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.eml"))


def test_every_sample_is_expected_to_be_something() -> None:
    assert set(all_names()) == set(WRITERS) | set(TEXTS)


@pytest.mark.parametrize("name", all_names())
def test_who_wrote_it(name: str) -> None:
    assert read(name).writer is WRITERS.get(name, Writer.PERSON)


@pytest.mark.parametrize("name", TEXTS)
def test_what_it_says(name: str) -> None:
    assert read(name).inbound.text == TEXTS[name]


@pytest.mark.parametrize("name", SUBJECTS)
def test_its_subject(name: str) -> None:
    assert read(name).inbound.subject == SUBJECTS[name]


def test_the_inbound_names_sender_mailbox_and_message() -> None:
    inbound = read("plain").inbound
    assert (inbound.channel, inbound.address_kind) == (Channel.EMAIL, AddressKind.EMAIL)
    assert (inbound.address, inbound.name) == ("lea@example.org", "Léa Martin")
    assert inbound.service_address == "mairie@petit-bourg.example"
    assert inbound.provider_id == "<plain@example.org>"
    assert inbound.attachments == ()


@pytest.mark.parametrize("name", ["no_message_id", "broken_headers"])
def test_without_a_message_id_the_message_names_itself(name: str) -> None:
    first, second = read(name).inbound.provider_id, read(name).inbound.provider_id
    assert first == second
    assert first is not None
    assert first.startswith("sha256:")


def test_attachments_keep_their_bytes_and_lose_their_folders() -> None:
    plan, image = read("attachment").inbound.attachments
    assert (plan.name, plan.content_type, plan.size) == ("plan d’étage.pdf", "application/pdf", 19)
    assert plan.content is not None
    assert plan.content.startswith(b"%PDF")
    assert image.name == ".._.._etc_passwd"


def test_a_message_within_the_message_is_a_file() -> None:
    (letter,) = read("forwarded_attached").inbound.attachments
    assert (letter.name, letter.content_type) == ("piece-jointe-1.eml", "message/rfc822")
    assert b"Vous devez 12 euros." in (letter.content or b"")


def test_the_history_goes_but_the_whole_is_kept() -> None:
    received = read("reply_with_history")
    (whole,) = received.inbound.attachments
    assert whole.name == WHOLE_MESSAGE_NAME
    assert "Il faut une photo." in (whole.content or b"").decode()


def test_an_answer_names_what_it_answers_and_its_contact() -> None:
    received = read("reply_with_history")
    assert received.inbound.in_reply_to == received.named == (OUR_LETTER, "<plain@example.org>")
    assert OURS.first_of(received.named) == SentLetter(OUR_LETTER, OUR_CONTACT)


def test_ids_may_be_written_encoded() -> None:
    encoded = f"=?utf-8?q?{''.join(f'={ord(one):02X}' for one in OUR_LETTER)}?="
    raw = SENDER + f"In-Reply-To: {encoded}\n\nMerci".encode()
    assert OURS.first_of(read_email(raw, OUR_HOST).named) == SentLetter(OUR_LETTER, OUR_CONTACT)


def test_another_host_s_ids_are_not_ours() -> None:
    raw = (FOLDER / "reply_with_history.eml").read_bytes()
    assert OurMessageIds("elsewhere.example", "secret-key-for-tests").first_of(read_email(raw).named) is None


@pytest.mark.parametrize(
    "forged",
    [
        f"<{'0' * 24}{OUR_LETTER[25:]}",
        f"<{'a' * 24}.{OUR_CONTACT}@petit-bourg.example>",
        OUR_LETTER.replace(OUR_CONTACT, "f" * 32),
        OurMessageIds("petit-bourg.example", "another secret").make(OUR_CONTACT, "email:ack"),
    ],
)
def test_an_id_like_ours_that_we_did_not_make_is_not_believed(forged: str) -> None:
    received = read_email(SENDER + f"In-Reply-To: {forged}\n\nMerci".encode(), OUR_HOST)
    assert received.named == (forged,)
    assert OURS.first_of(received.named) is None


@pytest.mark.parametrize(
    ("name", "reason"), [("bounce", "smtp; 550 5.1.1 no such user"), ("bounce_headers_only", "5.2.2")]
)
def test_a_bounce_names_the_contact_it_returns(name: str, reason: str) -> None:
    received = read(name)
    assert OURS.first_of(received.named) == SentLetter(OUR_LETTER, OUR_CONTACT)
    assert (received.failed, received.bounce_reason) == (True, reason)


@pytest.mark.parametrize("raw", [b"", b"\n", b"Bonjour", b"From: nobody\n\nx", b"From: <>\n\nx"])
def test_what_has_no_sender_has_an_address_of_its_own(raw: bytes) -> None:
    inbound = read_email(raw, OUR_HOST).inbound
    assert inbound.address.endswith("@inconnu.invalid")
    assert inbound.address == read_email(raw, OUR_HOST).inbound.address
    assert inbound.address != read_email(raw + b"y", OUR_HOST).inbound.address


def test_what_is_nested_too_deeply_goes_along_whole() -> None:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    raw = b"From: a@example.org\n" + parts + b"\nfond"
    inbound = read_email(raw, OUR_HOST).inbound
    assert (inbound.address, inbound.attachments[-1].content) == ("a@example.org", raw)


IMAGE = b"--x\r\nContent-Type: image/png; name=a.png\r\n\r\n\x89PNG\r\n"
SAID = (
    b"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
    b"--y\r\nContent-Type: text/html\r\n\r\n<p>Bonjour</p>\r\n--y--\r\n"
)


@pytest.mark.parametrize(
    "parts",
    [
        SAID + IMAGE * 260,
        IMAGE * 260 + SAID,
        IMAGE * 5_000 + SAID,
        b"--x\r\nContent-Type: multipart/related; boundary=z\r\n\r\n"
        + (SAID + IMAGE * 300).replace(b"--x", b"--z")
        + b"--z--\r\n"
        + IMAGE * 300,
        SAID + b"--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nx\r\n" * 260,
    ],
    ids=["text first", "text last", "behind thousands", "two containers", "texts as files"],
)
def test_a_text_is_found_however_many_files_go_with_it(parts: bytes) -> None:
    raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--\r\n"
    inbound = read_email(raw, OUR_HOST).inbound
    assert (inbound.text, len(inbound.attachments)) == ("Bonjour", 201)
    assert inbound.attachments[-1].content == raw


def test_nothing_that_a_database_refuses_comes_through() -> None:
    raw = (
        b"From: a@example.org\nSubject: a\x00b\xff\nContent-Type: text/plain; charset=utf-8\n\n\x00\xed\xa0\x80fin\x00"
    )
    inbound = read_email(raw, OUR_HOST).inbound
    for value in (inbound.text, inbound.subject, inbound.provider_id):
        assert "\x00" not in (value or "")
        (value or "").encode()


SAMPLES = [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]


@st.composite
def damaged_samples(draw: st.DrawFn) -> bytes:
    """A sample with some of its bytes replaced, left out or doubled."""
    raw = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 40)))
        raw[start:end] = draw(st.binary(max_size=20)) * draw(st.integers(0, 3))
    return bytes(raw)


HEADER_BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"From", b"To", b"Subject", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding"]
            + [b"References", b"Message-ID", b"Auto-Submitted", b"Delivered-To", b"MIME-Version"]
        ),
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from([b"=?utf-8?b?//?=", b'multipart/mixed; boundary="', b"text/plain; charset*=x''%", b"a@b.c"])
            | st.sampled_from(
                [b"attachment; filename*0*=utf-8''%ff; filename*1*=%", b"base64", b"uuencode", b"<>", b'"']
            ),
        ),
    ),
    max_size=8,
).map(lambda pairs: b"From: a@example.org\n" + b"".join(name + b": " + value + b"\n" for name, value in pairs))


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=500), damaged_samples(), st.builds(bytes.__add__, HEADER_BLOCKS, st.binary())))
@example(
    b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n--x--"
)
def test_whatever_the_bytes_it_reads_them(raw: bytes) -> None:
    inbound = read_email(raw, OUR_HOST).inbound
    assert inbound.address
    assert inbound.provider_id
    for value in (inbound.text, inbound.subject, inbound.name, inbound.provider_id, *inbound.in_reply_to):
        assert "\x00" not in (value or "")
        (value or "").encode()
    for value in (inbound.subject, inbound.name):
        assert "=?" not in (value or "")
    for attachment in inbound.attachments:
        assert attachment.name
        assert attachment.size == len(attachment.content or b"")


LONG = 200_000


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"a@example.org," * LONG + b"\n\nx",
        b"From: " + b"(" * LONG + b"\n\nx",
        b"From: " + b"a " * LONG + b"\n\nx",
        SENDER + b"Subject: " + b"=?utf-8?q?a?= " * LONG + b"\n\nx",
        SENDER + b"X: y\n" + b" z\n" * LONG + b"\nx",
        SENDER + b"\n" + b"begin 644 a\nM\n" * LONG,
        SENDER + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * LONG,
        SENDER
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + (b"--b\nContent-Type: text/html\n\n" + b"<div>" * 20_000 + b"\n") * 40,
        SENDER + b"Content-Type: text/plain" + b"; a=b" * LONG + b"\n\nx",
        SENDER + b"X: y\n" * LONG + b"\nx",
        SENDER + b"Content-Type: text/html\n\n" + b"<div>" * LONG + b"x",
        SENDER + b"Content-Type: text/html\n\n" + b"<blockquote>" * LONG + b"x",
        SENDER + b"Content-Type: text/html\n\n" + b"<" * LONG,
        SENDER + b"Subject: Re: x\n\na" + b"\n" * LONG + b"b",
        SENDER + b"Subject: Re: x\n\n" + b"On " * LONG,
        SENDER + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * LONG,
    ],
    ids=lambda raw: raw[len(SENDER) : 60].decode(),
)
def test_what_is_made_to_take_for_ever_does_not(raw: bytes) -> None:
    started = process_time()
    read_email(raw, OUR_HOST)
    assert process_time() - started < 15  # minutes to hours, without the bounds


def test_a_text_beside_html_is_read_with_it_and_an_alternative_is_not() -> None:
    beside = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nUn.\n--b\nContent-Type: text/html\n\n<p>Deux.</p>\n--b--"
    )
    assert read_email(SENDER + beside, OUR_HOST).inbound.text == "Un.\n\nDeux."
    alternative = beside.replace(b"mixed", b"alternative")
    assert read_email(SENDER + alternative, OUR_HOST).inbound.text == "Un."


def test_an_empty_plain_alternative_leaves_the_html() -> None:
    head = SENDER + b"Content-Type: multipart/alternative; boundary=b\n\n"
    raw = b"--b\n\n \n--b\nContent-Type: text/html\n\n<p>Deux.</p>\n--b--"
    assert read_email(head + raw, OUR_HOST).inbound.text == "Deux."


def test_what_is_too_much_to_be_read_goes_along_whole() -> None:
    raw = SENDER + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 300 + b"--b--"
    whole = read_email(raw, OUR_HOST).inbound.attachments[-1]
    assert (whole.name, whole.content) == (WHOLE_MESSAGE_NAME, raw)
