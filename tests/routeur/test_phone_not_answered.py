"""The network reports only once that an agent's phone was not answered; that is enough, even among other steps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from routeur.contact.words import ContactState, Outcome
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


def _not_answered(hall: Hall, call: str, together: Barrier) -> None:
    together.wait()
    hall.desk.phone_not_answered(call, 1)
