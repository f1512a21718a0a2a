"""IMAP_URL: where a mailbox is, and who opens it."""

from __future__ import annotations

from canaux.imap.address import MailboxAddress


def test_the_ports_are_those_of_the_protocol_and_the_folder_is_the_inbox() -> None:
    private = MailboxAddress.parse("imaps://user:key@mail.example.org")
    assert (private.port, private.tls, private.starttls, private.folder) == (993, True, False, "INBOX")
    later_private = MailboxAddress.parse("imap://user:key@mail.example.org?starttls=1")
    assert (later_private.port, later_private.tls, later_private.starttls) == (143, False, True)


def test_a_user_with_an_at_sign_and_a_folder_with_blanks_and_accents() -> None:
    address = MailboxAddress.parse("imaps://mairie@example.org:a%2Fb%40c%C3%A9@host:1993/Courriel%20re%C3%A7u/2026")
    assert (address.user, address.password) == ("mairie@example.org", "a/b@cé")
    assert (address.host, address.port, address.folder) == ("host", 1993, "Courriel reçu/2026")


def test_the_password_shows_in_no_description() -> None:
    assert "key" not in repr(MailboxAddress.parse("imaps://user:key@host"))
