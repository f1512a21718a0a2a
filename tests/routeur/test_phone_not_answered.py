"""The network reports only once that an agent's phone was not answered; that is enough, even among other steps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from routeur.contact.words import AddressKind, ContactState, Outcome
from routeur.errors import Conflict
from tests.routeur.hall import Hall

ROUNDS = 10


def test_it_meets_the_agent_who_finishes(hall: Hall) -> None:
    hall.available("anne")
    with ThreadPoolExecutor(1) as network:
        for number in range(ROUNDS):
            call = hall.call(sid=f"CA{number}", number=f"+336399800{number:02d}", topic="objets-trouves")
            hall.serve(call)
            together = Barrier(2)
            told = network.submit(_not_answered, hall, call, together)
            together.wait()
            try:
                hall.desk.finish("anne", call, Outcome.ANSWERED)
            except Conflict:
                told.result()
                assert hall.state(call) is ContactState.WAITING
                hall.reception.usager_left(call)
            told.result()
            hall.clock.advance(21)  # whom a caller came back from is passed over for a while
            hall.desk.touch("anne")


def test_who_was_served_before_stays_so(hall: Hall) -> None:
    """Anne served the caller for a minute; Bruno, to whom she passes them on, does not pick up."""
    hall.available("anne")
    call = hall.call(topic="objets-trouves")
    hall.serve(call)
    accepted = hall.reception.standing(call).contact
    hall.step(60)
    hall.available("bruno")
    hall.desk.transfer("anne", call, agent="bruno")
    passed_on = hall.reception.standing(call).contact
    hall.step()
    assert hall.serve(call) == "bruno"
    hall.step(15)
    hall.desk.phone_not_answered(call, 2)
    back = hall.reception.standing(call).contact
    assert (back.state, back.accepted_at) == (ContactState.WAITING, accepted.accepted_at)
    assert (back.handled_seconds, back.wait_end, back.wait_ended) == (60, accepted.wait_end, accepted.wait_ended)
    assert back.waiting_since == passed_on.waiting_since


def test_nobody_has_served_whom_nobody_picked_up_for(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic="objets-trouves")
    hall.serve(call)
    hall.step(15)
    hall.desk.phone_not_answered(call, 1)
    back = hall.reception.standing(call).contact
    assert (back.accepted_at, back.wait_ended, back.handled_seconds) == (None, None, 0)


def test_each_that_came_along_is_as_it_was_before(hall: Hall) -> None:
    """Anne had the chat; when its visitor calls, Bruno is to take both, and does not pick up."""
    hall.know((AddressKind.PHONE, "+33639980001"), (AddressKind.CHAT, "chat-1"))
    hall.available("anne")
    chat = hall.chat(topic="carte-identite")
    hall.step(60)
    hall.serve(chat)
    accepted = hall.reception.standing(chat).contact.accepted_at
    hall.step(30)
    hall.available("bruno")
    hall.serve(hall.call("CA9", "+33639980009"))
    hall.desk.transfer("anne", chat, agent="bruno")
    call = hall.call()
    assert hall.waits_with(chat) == call
    hall.desk.finish("bruno", hall.views.contacts.held_by("bruno")[0].id, Outcome.ANSWERED)
    hall.step()
    assert hall.serve(call) in ("anne", "bruno")
    assert hall.state(chat) is ContactState.ACTIVE
    hall.step(15)
    hall.desk.phone_not_answered(call, 1)
    rows = [hall.reception.standing(one).contact for one in (call, chat)]
    assert [row.state for row in rows] == [ContactState.WAITING] * 2
    assert [row.accepted_at for row in rows] == [None, accepted]


def _not_answered(hall: Hall, call: str, together: Barrier) -> None:
    together.wait()
    hall.desk.phone_not_answered(call, 1)
