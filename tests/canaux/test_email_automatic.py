"""What a machine wrote: what is no demand at all, and what is one that no machine answers."""

from __future__ import annotations

import pytest

from canaux.email.automatic import Writer
from canaux.email.reading import read_email
from canaux.email.unread import is_unread

OUR_HOST = "petit-bourg.example"
REPORT = "multipart/report; report-type=delivery-status; boundary=b"
RETURNED = f"<{'a' * 24}.{'0' * 32}@petit-bourg.example>"


def writer(head: str) -> Writer:
    return read_email(f"{head}\n\nBonjour".encode(), OUR_HOST).writer


@pytest.mark.parametrize(
    "head",
    [
        "From: a@example.org\nAuto-Submitted: auto-replied (vacation)",
        "From: a@example.org\nX-Autoreply: yes",
        "From: a@example.org\nPrecedence: auto_reply",
        "From: a@example.org\nX-POST-MessageClass: 9; Autoresponder",
        "From: a@example.org\nSubject: Réponse automatique : carte\nX-Auto-Response-Suppress: All",
        "From: a@example.org\nSubject: Out of office: carte\nAuto-Submitted: auto-generated",
        "Return-Path: <>\nFrom: a@example.org\nSubject: Absente jusqu'à lundi",
    ],
)
def test_absence_notices(head: str) -> None:
    assert writer(head) is Writer.AUTO_REPLY


@pytest.mark.parametrize(
    "header",
    [
        "List-Id: <mairie.example>",
        "Precedence: list",
        "Precedence: bulk",
        "List-Unsubscribe: <https://example.org>",
        "Feedback-ID: 1:x",
        "X-Auto-Response-Suppress: OOF",
        "Auto-Submitted: auto-generated",
        "Mailing-List: contact x",
    ],
)
def test_what_comes_through_a_list_or_a_form_is_a_demand_that_no_machine_answers(header: str) -> None:
    received = read_email(f"From: a@example.org\n{header}\n\nLe panneau est tombé.".encode(), OUR_HOST)
    assert received.writer is Writer.BULK
    assert (received.inbound.automatic, received.inbound.acknowledge) == (False, False)


@pytest.mark.parametrize(
    "head",
    [
        "From: Jean <postmaster@example.org>\nSubject: Convention",
        "From: a@example.org\nSubject: Absence de mon fils à la cantine",
        "From: a@example.org\nSubject: Undelivered parcel",
        "From: a@example.org\nAuto-Submitted: no",
    ],
)
def test_people(head: str) -> None:
    received = read_email(f"{head}\n\nBonjour".encode(), OUR_HOST)
    assert received.writer is Writer.PERSON
    assert (received.inbound.automatic, received.inbound.acknowledge) == (False, True)


@pytest.mark.parametrize(
    "sender", ["<>", '"" (Mail Delivery System)', "Mail Delivery System", "MAILER-DAEMON@mx.example"]
)
@pytest.mark.parametrize(
    ("action", "failed"),
    [("failed", True), ("delayed", False), ("delivered", False), ("relayed", False), ("expanded", False)],
)
def test_only_a_failed_delivery_fails(sender: str, action: str, failed: bool) -> None:
    raw = (
        f"From: {sender}\nSubject: Delivery Status Notification\nContent-Type: {REPORT}\n\n"
        f"--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; lea@example.org\nAction: {action}\nStatus: 4.4.1\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {RETURNED}\n--b--\n"
    )
    received = read_email(raw.encode(), OUR_HOST)
    assert received.writer is Writer.BOUNCE
    assert (received.failed, received.named, received.bounce_reason) == (failed, (RETURNED,), "4.4.1")
    assert received.inbound.automatic


def test_a_failure_without_a_report_is_one() -> None:
    raw = f"From: Mail Delivery System\nSubject: Undelivered Mail\nReferences: {RETURNED}\n\nNo such user".encode()
    received = read_email(raw, OUR_HOST)
    assert (received.writer, received.failed, received.named) == (Writer.BOUNCE, True, (RETURNED,))


@pytest.mark.parametrize(
    "address",
    [
        *("noreply@example.org", "no-reply@example.org", "ne-pas-repondre@example.org", "nepasrepondre@example.org"),
        *("donotreply@example.org", "do_not_reply@example.org", "newsletter-noreply@example.org"),
        *("bounce+x=y@example.org", "bounces@example.org", "mailer-daemon@example.org", "x@inconnu.invalid"),
    ],
)
def test_addresses_that_nobody_reads(address: str) -> None:
    assert is_unread(address)


@pytest.mark.parametrize(
    "address", ["noemie@example.org", "nora.reply@example.org", "postmaster@example.org", "mairie@x"]
)
def test_addresses_that_somebody_reads(address: str) -> None:
    assert not is_unread(address)
