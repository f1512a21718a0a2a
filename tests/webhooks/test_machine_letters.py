"""Which letters leave that nobody wrote: few, and never where no machine may write."""

from __future__ import annotations

import pytest

from routeur.contact.words import AddressKind, ContactState
from tests.smtp_server import Mailbox
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import hand_in
from tests.webhooks.test_threads import LEA, letter

A_WHOLE_WEEK_SECONDS = 7 * 24 * 3600


def written_to(mailbox: Mailbox) -> list[str]:
    return [str(message["To"]) for message in mailbox.messages]


def test_letters_beyond_the_days_measure_get_no_other_letter_when_they_become_follow_ups(
    street: Street, mailbox: Mailbox
) -> None:
    street.hall.available("anne")
    for number in range(6):
        hand_in(street, letter(LEA, f"<{number}@example.org>", f"Une question {number}"))
    street.hall.step()
    street.hall.step(A_WHOLE_WEEK_SECONDS)
    states = {contact.state for contact in street.contacts()}
    assert states == {ContactState.FOLLOW_UP}
    assert len(written_to(mailbox)) == 3 + 3  # received, and become a follow-up


@pytest.mark.parametrize(
    "machine", [{"List_Id": "<l.example.org>"}, {"Precedence": "bulk"}, {"Auto_Submitted": "auto-generated"}]
)
def test_what_a_machine_wrote_is_told_nothing_by_a_machine(
    street: Street, mailbox: Mailbox, machine: dict[str, str]
) -> None:
    street.hall.available("anne")
    hand_in(street, letter("info@example.org", "<l@example.org>", "Lettre", **machine))
    street.hall.step(A_WHOLE_WEEK_SECONDS)
    (contact,) = street.contacts()
    assert contact.state == ContactState.FOLLOW_UP
    assert written_to(mailbox) == []


def test_what_was_not_acknowledged_does_not_count_against_a_later_demand(street: Street, mailbox: Mailbox) -> None:
    for number in range(3):
        hand_in(street, letter(LEA, f"<{number}@example.org>", "Lettre", List_Id="<l.example.org>"))
    hand_in(street, letter(LEA, "<demand@example.org>", "Une question"))
    street.hall.step()
    assert written_to(mailbox) == [LEA]


def test_a_letter_that_its_domain_disowns_is_by_nobody_known(street: Street) -> None:
    trusted = "petit-bourg.example; dmarc={} header.from=example.org"
    hand_in(street, letter(LEA, "<1@example.org>", Authentication_Results=trusted.format("pass")))
    hand_in(street, letter(LEA, "<2@example.org>", "RIB", Authentication_Results=trusted.format("fail")))
    first, forged = sorted(street.contacts(), key=lambda row: row.address != LEA)
    assert forged.usager_id != first.usager_id
    assert (forged.address_kind, forged.given_email) == (AddressKind.TICKET, LEA)
