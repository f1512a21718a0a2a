"""What a sender wrote takes time like its length, whatever it is, and next to none where other people wait for it."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canaux.email.incoming.bounded_reading import BoundedReader
from canaux.email.incoming.forms import read_fields
from canaux.email.incoming.mailboxes import mailboxes
from canaux.email.incoming.mime import parse_head
from canaux.email.incoming.reading import WHOLE_MESSAGE_NAME, read_email, unread_email
from canaux.sendgrid import authentication, to_mime
from competences.plan.parts import FormFields

TIMES_LONGER = 8
MOST_TIMES_THE_WORK = 24
"""Of what is eight times as long: in proportion it is eight times as much, and by the square sixty-four."""
LEAST_SECONDS = 0.004
"""Less time than this is the clock's."""

MARKS = [
    *(
        '"',
        '\\"',
        "(",
        "()",
        ")",
        "<",
        "<a",
        ">",
        "@",
        "a@",
        "a@b ",
        "a@b,",
        ",",
        "; ",
        ":",
        "=?",
        "=?a?q?",
        "=?a?b?x?",
    ),
    *(" ", "\t", "a", "a ", "-", "- ", "_", "> ", "x=", "x*0=", '="', "*", "\\", "[", "[x]Re:", "Re:", "."),
    *(
        "1 ",
        "İ",
        "dmarc=pass;",
        "\x1b$B",
        "é",
        "{",
        "|",
        "/",
        "'",
        "&",
        "&#",
        "<div>",
        "<a href=x>a<br>",
        "<!--",
        "+A-",
        "~{",
    ),
    *(
        "+A-",
        "~{",
        "\n",
        "\n ",
        "> \n",
        "M\n",
        "begin 644 x\n",
        "De : a@b.c\n",
        "--x\n",
        "--a ",
        "Message-ID: <",
        "a: b\n",
        "pas ",
    ),
]
HEADERS = [
    *("From", "Reply-To", "To", "Subject", "Content-Type", "Content-Disposition", "Auto-Submitted", "References"),
    *("Authentication-Results", "Return-Path", "Message-ID", "Precedence", "X-Failed-Recipients"),
]
KINDS = [
    "text/plain",
    "text/html",
    "multipart/report; boundary=x",
    "multipart/mixed; boundary=x",
    "text/plain; format=flowed",
]


def seconds(work: Callable[[], object]) -> float:
    """The processor's time that this takes."""
    start = thread_time()
    work()
    return thread_time() - start


def check_growth(work: Callable[[int], object], length: int) -> None:
    """Fail if the work on what is so long grows faster than what it is done on; others may disturb it once or twice."""

    def grows() -> bool:
        shorter = seconds(lambda: work(length // TIMES_LONGER))
        return seconds(lambda: work(length)) > MOST_TIMES_THE_WORK * max(shorter, LEAST_SECONDS / TIMES_LONGER)

    assert not all(grows() for _ in range(3))


def repeated(mark: str, length: int) -> str:
    return (mark * length)[:length]


def headed(header: str, mark: str, length: int) -> bytes:
    value = repeated(mark.replace("\n", " "), length)
    return f"{header}: {value} a x@y.example\r\nSubject: Re: x\r\n\r\nBonjour".encode()


def bodied(kind: str, mark: str, length: int) -> bytes:
    head = f"From: MAILER-DAEMON@b.example\r\nSubject: Re: x\r\nContent-Type: {kind}\r\n\r\n--x\r\n\r\n"
    return f"{head}{repeated(mark, length)}x".encode()


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_takes_time_like_its_length(header: str) -> None:
    for mark in MARKS:

        def read(length: int, mark: str = mark) -> object:
            return read_email(headed(header, mark, length), "mx.example")

        check_growth(read, 20_000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_takes_time_like_its_length(kind: str) -> None:
    for mark in MARKS:

        def read(length: int, mark: str = mark) -> object:
            return read_email(bodied(kind, mark, length))

        check_growth(read, 32_000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="\"\\()<>@,;:=?*ab .-[]{}q_\t'/", min_size=1, max_size=8), st.sampled_from([*HEADERS, ""]))
def test_so_does_whatever_is_repeated_in_it(mark: str, header: str) -> None:
    if header:
        check_growth(lambda length: read_email(headed(header, mark, length), "mx.example"), 20_000)
    else:
        check_growth(lambda length: read_email(bodied("text/plain", mark, length)), 32_000)


@pytest.mark.parametrize("field", ["from", "dkim", "SPF", "envelope", "headers", "charsets", "subject", "to"])
def test_so_do_the_fields_of_a_provider_s_form(field: str) -> None:
    for mark in MARKS:

        def read(length: int, mark: str = mark) -> object:
            fields = {"from": b"a@b.example", "SPF": b"pass", field: repeated(mark, length).encode()}
            return authentication(fields), to_mime(fields, [])

        check_growth(read, 100_000)


@pytest.mark.parametrize("mark", ["nom : ", "nom\n", "nom : x\n", "n o m\n", "nom", "e-mail : a@b ", "a@", "\n", " "])
def test_so_do_the_fields_that_people_fill_in(mark: str) -> None:
    labels = FormFields(name="Nom", email="E-mail", phone="Téléphone")
    check_growth(lambda length: read_fields(repeated(mark, length), labels), 20_000)


@pytest.mark.parametrize("mark", ['"', "(", "@", "a@b,", "<", "=?a?q?", ",", "-", " ", "x\nTo:\n", "\n ", "X: y\n"])
def test_a_letter_that_is_not_read_takes_next_to_no_time_however_long_it_is(mark: str) -> None:
    def usual() -> object:
        return [parse_head(b"From: a@b.example\nSubject: x\n\nBonjour") for _ in range(4_000)]

    value = repeated(mark, 80_000)
    raw = (
        "".join(f"{header}: {value}\r\n" for header in ("From", "To", *HEADERS)).encode() * 4 + b"\r\n" + b"-" * 500_000
    )
    assert any(seconds(lambda: unread_email(raw, "mx.example")) < 10 * seconds(usual) for _ in range(3))


def test_a_letter_that_was_made_to_keep_the_reader_busy_is_read() -> None:
    busy = '"' * 19_900 + "a x@y.example"
    heads = "".join(f"{name}: {busy}\r\n" for name in ("From", "From", "From", "Reply-To"))
    received = BoundedReader("")(f"{heads}Message-ID: <1@x>\r\n\r\nBonjour\r\n".encode())
    assert (received.inbound.text, received.inbound.attachments) == ("Bonjour", ())
    assert WHOLE_MESSAGE_NAME not in received.inbound.text


@pytest.mark.parametrize(
    ("written", "boxes"),
    [
        ("lea@example.org <paul@evil.example>", [("lea@example.org", "paul@evil.example")]),
        ("<lea@example.org> <paul@evil.example>", [("", "paul@evil.example")]),
        ('"lea@example.org <paul@evil.example>', [("lea@example.org", "paul@evil.example")]),
        ("(lea@example.org <paul@evil.example>", [("lea@example.org", "paul@evil.example")]),
        ('"lea@example.org" paul@evil.example', [("lea@example.org", "paul@evil.example")]),
        ("Léa par lea@example.org <liste@ailleurs.example>", [("Léa par lea@example.org", "liste@ailleurs.example")]),
        ('=?utf-8?Q?Dupont,_"Jean"_(x)?= <j@x.example>', [('Dupont, "Jean" (x)', "j@x.example")]),
        ("lea@example.org (Léa (Martin))", [("Léa (Martin)", "lea@example.org")]),
        ("a@x.example, B <b@x.example>; c@x.example", [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")]),
        ("Équipe: a@x.example, B <b@x.example>;", [("", "a@x.example"), ("B", "b@x.example")]),
        ("Jean Petit jean@x.example", [("Jean Petit", "jean@x.example")]),
        ("jean @ x.example", [("", "jean@x.example")]),
        ("Jean <mailto:jean@x.example>", [("Jean", "jean@x.example")]),
        ("Jean <<jean@x.example>>", [("Jean", "jean@x.example")]),
        ("<@a.example,@b.example:jean@x.example>", [("", "jean@x.example")]),
        ('"Jean <jean@x.example>', [("Jean", "jean@x.example")]),
        ("Jean <jean@x.example", [("Jean", "jean@x.example")]),
        ("a@x.example b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        ("jean@x.example\u200b", [("", "jean@x.example")]),
        ("Jean <\u2060jean\u00ad@x.example\ufeff>", [("Jean", "jean@x.example")]),
        ("'jean@x.example'", [("", "jean@x.example")]),
        ("<>", []),
        ('"" (Mail Delivery System)', []),
    ],
)
def test_mailboxes(written: str, boxes: list[tuple[str, str]]) -> None:
    assert mailboxes([written.encode().decode("ascii", "surrogateescape")]) == boxes
