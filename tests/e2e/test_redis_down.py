"""Redis dies with all that it remembers: nothing that was acknowledged depends on it."""

from __future__ import annotations

import requests

from tests.e2e.desk import Arrive
from tests.e2e.street import Caller, Texter, Visitor, Writer, answer_text
from tests.e2e.town_hall import TownHall
from tests.e2e.town_redis import TownRedis
from tests.e2e.waiting import PATIENCE_SECONDS, eventually
from tests.twiml_check import said


def test_who_comes_while_redis_is_down_is_queued_when_it_is_back(
    town: TownHall, redis: TownRedis, arrive: Arrive
) -> None:
    lucie, antoine = arrive("lucie.garnier", "busy"), arrive("antoine.mercier", "busy")
    before, held = Visitor(town), Visitor(town)
    held.begin("J'attends déjà", topic="cantine")
    lucie.is_now("available")
    lucie.offered()
    lucie.accept(held.id)
    lucie.is_now("busy")
    before.begin("J'attends déjà", topic="cantine")
    caller, texter, writer, visitor = Caller(town), Texter(town), Writer(town), Visitor(town)
    redis.kill()
    try:
        assert "Restez en ligne" in said(caller.choose(caller.dial(), "0"))
        assert answer_text(texter.write("Bonjour"))
        assert writer.send(writer.letter("Bonjour", "Une question.")).status_code == 200
        assert visitor.begin("Bonjour", topic="cantine").status_code == 201
        assert lucie.contact(held.id)["state"] == "active"
        asked = {"reference": "XXX-000-000", "phone_or_email": texter.number}
        guess = requests.post(f"{town.url}/suivi", json=asked, timeout=PATIENCE_SECONDS)
        assert guess.status_code == 429  # nothing counts the guesses
    finally:
        redis.start()
    eventually(town.is_ready, "everything works again")

    assert lucie.get("/me")["activity"] == "busy"
    assert [one["id"] for one in lucie.get("/me/contacts")["items"]] == [held.id]
    waiting = {one["id"]: one["arrived_at"] for one in lucie.contacts("waiting")}
    assert len(waiting) == 5
    eventually(lambda: lucie.get(f"/contacts/{visitor.id}/explanation").get("waiting"), "the index holds it again")
    served: list[str] = []
    antoine.is_now("available")
    while len(served) < 5:
        contact_id = antoine.offered()["contact"]["id"]
        served.append(contact_id)
        antoine.accept(contact_id)
        antoine.finish(contact_id)
    assert sorted(served) == sorted(waiting)
    assert waiting[before.id] == min(waiting.values())  # its place by arrival is kept
    lucie.finish(held.id)
    eventually(writer.received, "the acknowledgement leaves after all")
    caller.hang_up()
