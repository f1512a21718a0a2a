"""The town hall is closed: everybody is told when it opens; who cannot wait so long is promised an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.desk import Agent
from tests.e2e.records import Records
from tests.e2e.street import Caller, Texter, Visitor, Writer, answer_text
from tests.e2e.town_hall import SUNDAY, TownHall, town_hall
from tests.e2e.waiting import eventually
from tests.smtp_server import text_of
from tests.twiml_check import said


@pytest.fixture(scope="module")
def closed(records: Records, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownHall]:
    """A town hall on a Sunday, with the Redis that it brings itself."""
    with (
        records.new() as record_url,
        town_hall(tmp_path_factory.mktemp("closed"), record_url, clock_start=SUNDAY, web_processes=1) as town,
    ):
        yield town


@pytest.fixture(scope="module")
def back_office(closed: TownHall) -> Agent:
    return Agent.logs_in(closed, "camille.martin")


def test_a_caller_hears_the_reference_and_the_date_and_leaves_a_message(closed: TownHall, back_office: Agent) -> None:
    back_office.is_now("available")
    caller = Caller(closed)
    promise = caller.dial()
    follow_up = _of(back_office, caller.number)
    words = said(promise)
    assert "fermée" in words
    assert "Elle ouvre le lundi 2 mars à 8 h 30." in words
    assert "mercredi 4 mars" in words  # two working days after the next one
    assert words.count(". ".join(", ".join(part) for part in follow_up["reference"].split("-"))) == 2
    assert "enregistré" in said(caller.leave_message(promise))
    caller.hang_up()
    contact = back_office.contact(follow_up["contact"])
    assert contact["state"] == "follow_up"
    assert contact["messages"][0]["attachments"]
    assert back_office.offers() == []


def test_a_text_keeps_its_place_until_monday_and_is_answered_with_the_opening(
    closed: TownHall, back_office: Agent
) -> None:
    back_office.is_now("busy")
    texter = Texter(closed)
    answer = answer_text(texter.write("Bonjour, êtes-vous ouverts ?"))
    contact = _waiting(back_office, texter.number)
    assert contact["reference"] in answer
    assert "Elle ouvre le lundi 2 mars à 8 h 30." in answer


def test_an_email_keeps_its_place_until_monday_and_is_acknowledged_with_the_opening(closed: TownHall) -> None:
    writer = Writer(closed)
    assert writer.send(writer.letter("Question", "Quand ouvrez-vous ?")).status_code == 200
    letter = eventually(writer.received, "the acknowledgement arrives")[0]
    assert "lundi 2 mars à 8 h 30" in " ".join(text_of(letter).split())
    assert len(writer.received()) == 1


def test_a_visitor_is_told_at_once(closed: TownHall) -> None:
    visitor = Visitor(closed)
    assert visitor.begin("Il y a quelqu'un ?").status_code == 201
    with visitor.stream() as page:
        promised = page.until("follow_up").data
    assert promised["reference"] in promised["text"]
    assert "mercredi 4 mars" in promised["text"]
    assert "Elle ouvre le lundi 2 mars à 8 h 30." in promised["text"]
    assert promised["opens_at"] == "2026-03-02T07:30:00+00:00"


def test_a_visitor_who_is_helped_by_the_link_needs_no_promise_any_more(closed: TownHall, back_office: Agent) -> None:
    visitor = Visitor(closed)
    assert visitor.begin("Bonjour", topic="cantine").json()["self_service"]["url"].endswith("/cantine")
    with visitor.stream() as page:
        reference = page.until("follow_up").data["reference"]
        page.until("self_service")
    assert visitor.settled().status_code == 204
    assert back_office.get(f"/follow-ups/{reference}")["state"] == "closed"
    assert "self_served" in back_office.story(visitor.id)


def test_the_word_of_who_waits_until_monday_closes_the_contact(closed: TownHall, back_office: Agent) -> None:
    back_office.is_now("busy")
    texter = Texter(closed)
    answer_text(texter.write("Bonjour, êtes-vous ouverts ?"))
    contact = _waiting(back_office, texter.number)
    assert "Merci" in answer_text(texter.write("SOLVED"))
    assert back_office.contact(contact["id"])["outcome"] == "self_served"


def _of(back_office: Agent, number: str) -> dict[str, str]:
    """The follow-up of the person with this number."""
    for follow_up in back_office.get("/follow-ups", limit="200")["items"]:
        if back_office.contact(follow_up["contact"])["usager"]["phone"] == number:
            return dict(follow_up)
    raise AssertionError(f"no follow-up for {number}")


def _waiting(back_office: Agent, number: str) -> dict[str, str]:
    """The contact of the person with this number that waits."""
    for contact in back_office.get("/contacts", state="waiting", channel="messaging", limit="200")["items"]:
        if contact["usager"]["phone"] == number:
            return dict(back_office.contact(contact["id"]))
    raise AssertionError(f"nobody waits with {number}")
