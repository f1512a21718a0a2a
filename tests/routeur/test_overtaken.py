"""Two steps at the same moment: the overtaken one changes nothing, and record and index still agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from routeur.contact.row import ContactRow
from routeur.contact.words import ContactState
from routeur.errors import Conflict
from routeur.index import ContactSnapshot
from routeur.queue.queue import Queue
from tests.routeur.hall import PLAN, Hall


def test_a_topic_chosen_while_the_call_is_accepted_wins(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.available("anne", "bruno")
    call = hall.call(topic="objets-trouves")
    accept, late = hall.index.accept, list[Callable[[], Any]]()

    def overtaken(*arguments: Any) -> Any:
        """The menu choice is recorded before the acceptance, and reaches the index after it."""
        accepted = accept(*arguments)
        enter = Queue.enter

        def enter_late(queue: Queue, row: ContactRow, **rest: Any) -> None:
            late.append(lambda: enter(queue, row, **rest))

        with monkeypatch.context() as slow:
            slow.setattr(Queue, "enter", enter_late)
            hall.reception.route(call, topic="carte-identite")
        return accepted

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(hall.index, "accept", overtaken)
        with pytest.raises(Conflict):
            hall.desk.accept("anne", call)
    for step in late:
        step()
    assert hall.serve(call) == "bruno"
    anne = hall.index.agent_snapshot("anne")
    assert anne is not None
    assert not any(anne.load.values())


def test_a_topic_chosen_twice_leaves_the_offer_as_it_is(hall: Hall) -> None:
    hall.available("anne", "david")
    call = hall.call(topic="objets-trouves")
    before = hall.index.snapshot(call)
    hall.clock.advance(5)
    hall.reception.route(call, topic="objets-trouves")
    assert hall.index.snapshot(call) == before


def test_a_contact_that_is_accepted_while_a_new_plan_moves_everybody_stays_with_its_agent(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.available("anne")
    hall.serve(hall.call("CA1", topic="objets-trouves"))
    waiting = hall.call("CA2", "+33639980002", "objets-trouves")
    hall.plans.publish(PLAN.read_text("utf-8"), None, hall.clock())
    hall.clock.advance(10)
    snapshots = hall.index.snapshots

    def then_accepted(ids: Iterable[str]) -> dict[str, ContactSnapshot]:
        found = snapshots(ids)
        monkeypatch.undo()
        hall.available("david")
        hall.desk.accept("david", waiting)
        return found

    monkeypatch.setattr(hall.index, "snapshots", then_accepted)
    hall.repair.sweep()
    snapshot = hall.index.snapshot(waiting)
    assert snapshot is not None
    assert (snapshot.state, snapshot.agent) == ("active", "david")
    assert hall.state(waiting) is ContactState.ACTIVE
