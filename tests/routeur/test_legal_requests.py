"""Requests in the record: kept whole, told once although two people speak at once, forgotten with the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from competences.channels import Channel
from competences.legal_clock import LegalRequest, MissingPieces, Regime
from competences.recognition.recognition import Guess, Recognition
from routeur.contact import legal_requests
from routeur.contact.words import Outcome
from routeur.errors import Conflict
from routeur.record.tables import Contact, JournalEntry
from routeur.retention import purge
from tests.contacts import a_letter
from tests.routeur.hall import Hall

PERMIT, LOST = "permis-construire", "objets-trouves"

days = st.dates()
pieces = st.builds(MissingPieces, st.lists(st.text(), max_size=3).map(tuple), days, days, st.none() | days)
regimes = st.builds(Regime, st.sampled_from(["acceptance", "rejection"]), st.integers(1, 24))


@given(st.builds(LegalRequest, days, days, st.none() | regimes, st.lists(pieces, max_size=3).map(tuple)))
def test_what_is_kept_is_read_again_as_it_was(request: LegalRequest) -> None:
    assert legal_requests.request_of(a_letter(request=legal_requests.stored(request))) == request

EACH_CHANNEL_ONCE = len(Channel)
"""A notice of the law goes out on every channel that reaches its usager; here each of them does."""


@pytest.fixture
def held(hall: Hall) -> str:
    hall.available("chloe")
    contact = hall.mail("Mon permis", topic=PERMIT).standing.contact.id
    hall.serve(contact)
    return contact


def together(*acts: Callable[[], object]) -> None:
    """Let them all begin at the same moment; who is overtaken tries again."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        ready.wait()
        for _ in range(5):
            try:
                act()
            except Conflict:
                continue
            return

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_who_say_it_at_once_tell_the_usager_once(hall: Hall, held: str) -> None:
    together(
        lambda: hall.requests.set_request("chloe", held, True),
        lambda: hall.requests.set_request("anne", held, True, anyone=True),
    )
    assert hall.story(held).count("request_set") == 1
    assert hall.told(held).count("LegalNotice") == EACH_CHANNEL_ONCE


def test_a_topic_and_a_request_that_are_said_at_once_agree_in_the_end(hall: Hall, held: str) -> None:
    for _ in range(10):
        together(
            lambda: hall.desk.set_topic("chloe", held, LOST),
            lambda: hall.requests.set_request("chloe", held, True),
        )
        legal = hall.views.contacts.full(held).legal
        assert legal is not None
        assert legal.regime is None
        hall.desk.set_topic("chloe", held, PERMIT)
        hall.requests.set_request("chloe", held, False)


def test_the_place_in_the_queue_is_not_touched(hall: Hall) -> None:
    hall.available("chloe")
    waiting = hall.mail("Mon permis", topic=PERMIT).standing.contact
    hall.requests.set_request("anne", waiting.id, True, anyone=True)
    hall.step(4)
    after = hall.reception.standing(waiting.id).contact
    assert (after.revision, after.queued_at) == (waiting.revision, waiting.queued_at)
    assert hall.serve(waiting.id) == "chloe"


def a_permit(text: str) -> Recognition:
    return Recognition(PERMIT, (Guess(PERMIT, 0.99),), ("permis",))


def test_what_is_recognised_is_proposed_and_tells_nobody_anything(hall: Hall) -> None:
    hall.available("chloe")
    contact = hall.text("Bonjour").standing.contact.id
    hall.requests.set_request("anne", contact, True, anyone=True)
    hall.recognise = a_permit
    hall.text("Mon permis de construire", "SM2")
    shown = hall.views.contacts.full(contact)
    assert shown.contact.topic == PERMIT
    assert shown.legal_proposed == Regime("acceptance", 2)
    assert shown.legal is not None
    assert shown.legal.regime is None
    assert "LegalNotice" not in hall.told(contact)
    hall.desk.set_topic(hall.serve(contact), contact, PERMIT)  # the agent agrees
    assert hall.told(contact).count("LegalNotice") == EACH_CHANNEL_ONCE


def test_pieces_are_forgotten_with_the_rest(hall: Hall, held: str) -> None:
    hall.requests.set_request("chloe", held, True)
    hall.requests.ask_for_pieces("chloe", held, ["Le jugement de divorce"], date(2026, 3, 20))
    hall.desk.finish("chloe", held, Outcome.ANSWERED)
    purge(hall.record, hall.clock() + timedelta(days=1))
    with hall.record.read() as connection:
        assert connection.scalars(select(Contact.request)).one() is None
        kept = [str(detail) for detail in connection.scalars(select(JournalEntry.detail))]
    assert not any("divorce" in detail for detail in kept)
    assert any("2026-03-20" in detail for detail in kept)
