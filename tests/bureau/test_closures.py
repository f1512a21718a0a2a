"""A supervisor closes the town hall, or a part of it, and opens it again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bureau.office import Office, json_of

SUPERVISOR = "anne"
UNTIL = "2026-03-02T12:00:00+01:00"  # two hours from now


def test_what_a_supervisor_closes_everybody_sees_and_a_supervisor_opens_again(office: Office) -> None:
    supervisor, agent = office.desktop(SUPERVISOR), office.desktop("bruno")
    made = supervisor.post("/closures", {"until": UNTIL, "channel": "chat", "reason": "Panne"})
    assert made.status_code == 201, made.text
    closure = json_of(made)
    shown = {name: closure[name] for name in ("channel", "service", "site", "reason", "made_by", "undone_by")}
    assert shown == {
        "channel": "chat", "service": None, "site": None, "reason": "Panne", "made_by": "anne", "undone_by": None
    }  # fmt: skip
    assert (closure["from"], closure["until"]) == ("2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z")
    assert json_of(agent.get("/closures"))["items"] == [closure]
    assert json_of(agent.get(f"/closures/{closure['id']}")) == closure
    assert json_of(supervisor.post("/closures", {"until": UNTIL, "channel": "chat"})) == closure
    assert supervisor.delete(f"/closures/{closure['id']}").status_code == 204
    assert supervisor.delete(f"/closures/{closure['id']}").status_code == 204
    assert json_of(agent.get("/closures"))["items"] == []
    (over,) = json_of(agent.get("/closures", over="true"))["items"]
    assert (over["id"], over["undone_by"]) == (closure["id"], "anne")


def test_an_agent_closes_nothing(office: Office) -> None:
    agent = office.desktop("bruno")
    assert agent.post("/closures", {"until": UNTIL}).status_code == 403
    made = json_of(office.desktop(SUPERVISOR).post("/closures", {"until": UNTIL}))
    assert agent.delete(f"/closures/{made['id']}").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"until": "2026-03-02T08:00:00+01:00"},
        {"until": "2027-03-05T08:00:00+01:00"},
        {"until": UNTIL, "from": UNTIL},
        {"until": "demain"},
        {"until": UNTIL, "service": "nothing"},
        {"until": UNTIL, "site": "nowhere"},
        {"until": UNTIL, "channel": "fax"},
        {"until": UNTIL, "opens": True},
    ],
)
def test_what_is_no_closure_is_refused_with_what_to_do(office: Office, body: dict[str, Any]) -> None:
    refused = office.desktop(SUPERVISOR).post("/closures", body)
    assert refused.status_code == 422
    assert json_of(refused)["detail"]


def test_one_that_has_ended_cannot_be_undone(office: Office) -> None:
    supervisor = office.desktop(SUPERVISOR)
    made = json_of(supervisor.post("/closures", {"until": UNTIL}))
    office.hall.clock.advance(hours=2)
    refused = supervisor.delete(f"/closures/{made['id']}")
    assert refused.status_code == 409
    assert "pris fin" in json_of(refused)["detail"]
    assert supervisor.delete("/closures/nothing").status_code == 404
