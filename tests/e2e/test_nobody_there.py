"""Nobody can answer now: the contact becomes a follow-up with a date, and the back office answers it."""

from __future__ import annotations

from tests.e2e.desk import Arrive
from tests.e2e.street import Caller, Texter, Visitor, Writer, answer_text
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually
from tests.twiml_check import said


def test_without_an_expert_on_shift_a_call_is_promised_an_answer(town: TownHall, arrive: Arrive) -> None:
    theo = arrive("theo.marchand")
    caller = Caller(town)
    promise = caller.choose(caller.dial(), "2", "1")
    assert "Personne ne peut répondre" in said(promise)
    (follow_up,) = [one for one in _follow_ups(arrive) if one["topic"] == "obseques"]
    assert follow_up["reason"] == "nobody-skilled"
    assert follow_up["service"] == "cimetieres"
    assert ". ".join(", ".join(part) for part in follow_up["reference"].split("-")) in said(promise)
    assert theo.offers() == []
    caller.hang_up()
    assert arrive("camille.martin", None).contact(follow_up["contact"])["state"] == "follow_up"


def test_the_back_office_takes_answers_and_closes(town: TownHall, arrive: Arrive) -> None:
    texter = Texter(town)
    emma = arrive("emma.chevalier")
    answer_text(texter.write("Bonjour, où en est mon dossier ?"))
    offered = emma.offered()["contact"]["id"]
    emma.accept(offered)
    emma.does(f"/contacts/{offered}/follow-up", {})
    (follow_up,) = [one for one in _follow_ups(arrive) if one["contact"] == offered]
    assert follow_up["reason"] == "agent-asked"

    samira, martine = arrive("samira.khelifi", None), arrive("martine.aubert", None)
    reference = follow_up["reference"]
    assert samira.does(f"/follow-ups/{reference}/take")["taken_by"] == "samira.khelifi"
    refused = martine.request("POST", f"/follow-ups/{reference}/take")
    assert refused.status_code == 409
    assert samira.does(f"/follow-ups/{reference}/answer", {"text": "Il est accepté."})["state"] == "answered"
    eventually(lambda: "Il est accepté." in texter.received(), "the answer leaves")
    assert samira.does(f"/follow-ups/{reference}/close", {"note": "Réglé."})["state"] == "closed"

    contact = arrive("camille.martin", None).contact(follow_up["contact"])
    assert (contact["state"], contact["outcome"]) == ("closed", "followed_up")
    kinds = [entry["kind"] for entry in contact["timeline"]]
    assert kinds == [
        "arrived", "offered", "accepted", "follow_up", "follow_up_taken", "replied", "follow_up_answered",
        "follow_up_closed",
    ]  # fmt: skip


def test_who_is_there_is_told_when_the_last_who_could_answer_leaves_and_letters_wait(
    town: TownHall, arrive: Arrive
) -> None:
    emma = arrive("emma.chevalier", "busy")
    texter, writer, visitor, caller = Texter(town), Writer(town), Visitor(town), Caller(town)
    answer_text(texter.write("Bonjour"))
    assert writer.send(writer.letter("Bonjour", "Une question.")).status_code == 200
    visitor.begin("Bonjour")
    caller.choose(caller.dial(), "0")
    with visitor.stream() as page:
        page.until("waiting")
        emma.is_now("offline")
        promised = page.until("follow_up").data
        assert promised["reference"] in promised["text"]
    assert "référence" in said(caller.moved())
    waiting = {one["channel"] for one in arrive("camille.martin", None).contacts("waiting")}
    assert waiting == {"messaging", "email"}
    caller.hang_up()


def _follow_ups(arrive: Arrive) -> list[dict[str, str]]:
    return list(arrive("camille.martin", None).get("/follow-ups", state="open", limit="200")["items"])
