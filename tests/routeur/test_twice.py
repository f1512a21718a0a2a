"""A double click is one click: both requests are answered, the action happens once, and no word of either is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from routeur.contact.words import ContactState, Direction, Outcome
from routeur.errors import Conflict
from tests.routeur.hall import Hall

LOST = "objets-trouves"


def notes(hall: Hall, contact: str) -> list[str]:
    said = hall.reception.messages_after(contact, 0)
    return [message.text for message in said if message.direction == Direction.NOTE]


def test_a_second_click_that_overtakes_the_first_is_the_same_acceptance(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second comes when the index has accepted for the first, whose commit is yet to come."""
    hall.available("anne")
    call = hall.call(topic=LOST)
    accept = hall.index.accept

    def overtaken(*arguments: Any) -> Any:
        accepted = accept(*arguments)
        monkeypatch.undo()
        hall.desk.accept("anne", call)
        return accepted

    monkeypatch.setattr(hall.index, "accept", overtaken)
    hall.desk.accept("anne", call)
    hall.step()
    assert hall.story(call).count("accepted") == 1
    assert hall.repair.sweep() == 0


def test_two_clicks_at_once_are_one_acceptance(hall: Hall) -> None:
    hall.available("anne", "bruno", "david")
    both = Barrier(2)

    def click(login: str, contact: str) -> None:
        both.wait()
        hall.desk.accept(login, contact)

    with ThreadPoolExecutor(2) as clicks:
        for number in range(10):
            call = hall.call(f"CA{number}", f"+336399800{number:02}", LOST)
            login = hall.offered_to(call) or ""
            list(clicks.map(click, [login, login], [call, call]))
            assert hall.reception.standing(call).contact.agent == login
            hall.step()
            assert hall.story(call).count("accepted") == 1
            hall.desk.finish(login, call, Outcome.ANSWERED)


def test_finishing_again_keeps_the_first_outcome_and_both_notes(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic=LOST)
    hall.serve(call)
    for outcome, note in (
        (Outcome.ANSWERED, "trouvée"),
        (Outcome.ANSWERED, "trouvée"),
        (Outcome.FAILED, "à rappeler"),
        (Outcome.ANSWERED, None),
    ):
        hall.desk.finish("anne", call, outcome, note)
    assert notes(hall, call) == ["trouvée", "à rappeler"]
    assert hall.reception.standing(call).contact.outcome is Outcome.ANSWERED
    assert hall.story(call).count("finished") == 1


def test_two_clicks_on_finish_at_once_close_once_and_lose_no_note(hall: Hall) -> None:
    hall.available("anne")
    both = Barrier(2)

    def click(contact: str, note: str) -> None:
        both.wait()
        hall.desk.finish("anne", contact, Outcome.ANSWERED, note)

    with ThreadPoolExecutor(2) as clicks:
        for number in range(10):
            call = hall.call(f"CA{number}", f"+336399800{number:02}", LOST)
            hall.serve(call)
            list(clicks.map(click, [call, call], ["une", "deux"]))
            assert sorted(notes(hall, call)) == ["deux", "une"]
            assert hall.state(call) is ContactState.CLOSED
            assert hall.story(call).count("finished") == 1


def test_a_supervisor_who_finishes_twice_has_finished_once(hall: Hall) -> None:
    hall.available("david")
    call = hall.call(topic=LOST)
    hall.serve(call)
    for note in ("vu", "clos"):
        hall.desk.finish("anne", call, Outcome.ANSWERED, note, anyone=True)
    assert notes(hall, call) == ["vu", "clos"]
    assert hall.story(call).count("finished") == 1


def test_what_somebody_else_has_closed_cannot_be_finished(hall: Hall) -> None:
    hall.available("david")
    call = hall.call(topic=LOST)
    hall.serve(call)
    hall.desk.finish("anne", call, Outcome.ANSWERED, anyone=True)
    with pytest.raises(Conflict):
        hall.desk.finish("david", call, Outcome.FAILED)
