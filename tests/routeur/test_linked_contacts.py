"""One person has one place: a contact that is linked to another is not lost with it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from competences.channels import Channel
from routeur.contact import contacts
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, Outcome
from routeur.errors import Conflict
from routeur.ports.inbound import Inbound
from routeur.record.tables import Contact
from tests.routeur.hall import Hall

LEA = "lea@example.org"
LOST = "objets-trouves"


def counter(hall: Hall, topic: str = LOST) -> str:
    """Léa stands at the counter."""
    inbound = Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", provider_ref="T1", topic=topic)
    return hall.reception.receive(inbound).standing.contact.id


def mail(hall: Hall) -> str:
    return hall.mail("Mon écharpe", topic=LOST).standing.contact.id


def chat(hall: Hall) -> str:
    return hall.chat(topic=LOST)


@pytest.fixture(autouse=True)
def lea_is_known(hall: Hall) -> None:
    """Each of Léa's addresses is proved to be hers."""
    hall.know((AddressKind.EMAIL, LEA), (AddressKind.CHAT, "chat-1"), (AddressKind.TICKET, "T1"))


def lead(hall: Hall, contact: str) -> str | None:
    return hall.views.contacts.summary(contact).linked_to


@pytest.fixture
def anne_is_busy(hall: Hall) -> None:
    hall.available("anne")
    hall.serve(hall.call("CA9", "+33639980009", LOST))


def test_who_is_linked_goes_along_when_the_contact_that_leads_joins_a_third(hall: Hall) -> None:
    hall.available("anne")
    chatting, written = chat(hall), mail(hall)
    assert hall.serve(chatting) == "anne"
    standing = counter(hall, "carte-identite")
    hall.desk.transfer("anne", chatting, topic="carte-identite")
    assert (lead(hall, chatting), lead(hall, written)) == (standing, standing)
    hall.available("bruno")
    assert hall.serve(standing) == "bruno"
    hall.desk.finish("bruno", standing, Outcome.ANSWERED)
    assert [hall.state(one) for one in (chatting, written)] == [ContactState.CLOSED] * 2


@pytest.mark.usefixtures("anne_is_busy")
def test_when_the_one_that_leads_is_given_up_the_others_keep_one_place(hall: Hall) -> None:
    chatting, written, standing = chat(hall), mail(hall), counter(hall)
    assert (lead(hall, chatting), lead(hall, written)) == (standing, standing)
    hall.reception.usager_left(standing)
    assert (lead(hall, chatting), lead(hall, written)) == (None, chatting)
    assert (hall.waits_with(chatting), hall.waits_with(written)) == (None, chatting)


def test_one_of_two_that_an_agent_has_can_be_passed_on_alone(hall: Hall) -> None:
    hall.available("anne")
    chatting, written = chat(hall), mail(hall)
    hall.serve(chatting)
    hall.available("bruno")
    hall.desk.transfer("anne", written, agent="bruno")
    assert hall.offered_to(written) == "bruno"
    assert hall.state(chatting) is ContactState.ACTIVE


@pytest.mark.usefixtures("anne_is_busy")
def test_correcting_what_a_linked_contact_is_about_gives_it_its_own_place(hall: Hall) -> None:
    chatting, written = chat(hall), mail(hall)
    assert lead(hall, written) == chatting
    hall.desk.set_topic("anne", written, "carte-identite")
    assert lead(hall, written) is None
    assert (hall.waits_with(chatting), hall.waits_with(written)) == (None, None)
    assert {chatting, written} <= hall.index.contacts()


@pytest.mark.usefixtures("anne_is_busy")
def test_nobody_waits_longer_together_than_alone(hall: Hall) -> None:
    standing, chatting = counter(hall), chat(hall)
    assert lead(hall, chatting) == standing
    for _ in range(30):
        assert hall.state(chatting) is ContactState.WAITING
        hall.step(20)
    hall.step(3)
    follow_up = hall.reception.standing(chatting).follow_up
    assert follow_up is not None
    assert follow_up.reason is FollowUpReason.MAX_WAIT
    assert hall.state(standing) is ContactState.WAITING


@pytest.mark.parametrize("ended", [{"state": "closed", "outcome": "abandoned"}, {"state": "active", "agent": "anne"}])
@pytest.mark.usefixtures("anne_is_busy")
def test_who_was_linked_in_the_moment_when_the_other_went_on_gets_their_own_place(
    hall: Hall, ended: dict[str, Any]
) -> None:
    chatting, written = chat(hall), mail(hall)
    with hall.record.write() as connection:  # as a transaction does that has not seen the link
        connection.execute(update(Contact).where(Contact.id == chatting).values(revision=2, **ended))
    hall.step(4)
    assert lead(hall, written) is None
    assert written in hall.index.contacts()
    assert hall.waits_with(written) is None
    assert "parted" in hall.story(written)


def test_a_contact_that_gave_up_its_place_while_somebody_accepted_it_is_not_accepted(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.available("anne", "david")
    chatting = chat(hall)
    first = hall.offered_to(chatting) or ""
    accept = hall.index.accept

    def overtaken(*arguments: Any) -> Any:
        accepted = accept(*arguments)
        monkeypatch.undo()
        counter(hall)
        return accepted

    monkeypatch.setattr(hall.index, "accept", overtaken)
    with pytest.raises(Conflict):
        hall.desk.accept(first, chatting)
    standing = lead(hall, chatting) or ""
    who = hall.serve(standing)
    with hall.record.read() as connection:
        assert contacts.get(connection, chatting).agent == who


@pytest.mark.usefixtures("anne_is_busy")
def test_a_linked_contact_explains_the_place_it_shares(hall: Hall) -> None:
    chatting, written = chat(hall), mail(hall)
    assert hall.views.contacts.explanation(written)["waiting"] == hall.views.contacts.explanation(chatting)["waiting"]


def test_a_place_taken_over_does_not_put_the_reception_back(hall: Hall) -> None:
    hall.available("anne")
    written = hall.mail("Mon permis", topic="permis-construire").standing.contact.id
    with hall.record.write() as connection:  # as the place of somebody who had waited much longer
        yesterday = hall.clock() - timedelta(days=1)
        connection.execute(update(Contact).where(Contact.id == written).values(queued_at=yesterday))
    hall.reception.ask_follow_up(written)
    hall.requests.set_request("chloe", written, True)
    follow_up = hall.views.contacts.full(written).follow_up
    assert follow_up is not None
    assert follow_up.legal is not None
    assert follow_up.legal.silence_on == date(2026, 5, 2)  # two months after this Monday


def test_a_companion_s_journal_says_what_became_of_it(hall: Hall) -> None:
    hall.available("anne")
    busy = hall.call("CA9", "+33639980009", LOST)
    hall.serve(busy)
    chatting, written = chat(hall), mail(hall)
    hall.desk.finish("anne", busy, Outcome.ANSWERED)
    hall.desk.finish(hall.serve(chatting), chatting, Outcome.ANSWERED)
    told = {contact: hall.views.contacts.timeline(contact)[-1].detail["outcome"] for contact in (chatting, written)}
    assert told == {chatting: "answered", written: "merged"}


@pytest.fixture
def two_held(hall: Hall) -> tuple[str, str]:
    """Anne has Léa's chat and her letter, which came in one place; she has said that the letter is a request."""
    hall.available("anne")
    chatting, written = chat(hall), mail(hall)
    assert hall.serve(chatting) == "anne"
    hall.requests.set_request("anne", written, True)
    return chatting, written


def test_a_request_that_is_linked_gets_a_follow_up_of_its_own(hall: Hall, two_held: tuple[str, str]) -> None:
    chatting, written = two_held
    hall.desk.follow_up("anne", chatting)
    assert [hall.state(one) for one in two_held] == [ContactState.FOLLOW_UP] * 2
    follow_up = hall.views.contacts.full(written).follow_up
    assert follow_up is not None
    assert follow_up.legal is not None
    assert lead(hall, written) is None
    assert hall.told(written).count("FollowedUp") == 1
    assert "merged" not in hall.story(written)


def test_finishing_the_other_leaves_a_linked_request_to_the_back_office(hall: Hall, two_held: tuple[str, str]) -> None:
    chatting, written = two_held
    hall.desk.finish("anne", chatting, Outcome.ANSWERED)
    assert [hall.state(one) for one in two_held] == [ContactState.CLOSED, ContactState.FOLLOW_UP]
    assert hall.views.contacts.full(written).legal is not None


def test_a_request_that_leads_takes_the_questions_with_it(hall: Hall, two_held: tuple[str, str]) -> None:
    chatting, written = two_held
    hall.requests.set_request("anne", written, False)
    hall.requests.set_request("anne", chatting, True)
    hall.desk.follow_up("anne", chatting)
    assert [hall.state(one) for one in two_held] == [ContactState.FOLLOW_UP, ContactState.CLOSED]


def test_what_an_agent_leaves_behind_in_wrap_up_keeps_its_linked_request(hall: Hall, two_held: tuple[str, str]) -> None:
    chatting, written = two_held
    hall.desk.reply("anne", chatting, "Au revoir !")
    hall.reception.usager_left(chatting)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    assert [hall.state(one) for one in two_held] == [ContactState.CLOSED, ContactState.WAITING]
    assert hall.views.contacts.full(written).legal is not None
