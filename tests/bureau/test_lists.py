"""Lists: filters, pages, follow-ups, the service level, the staff."""

from __future__ import annotations

from tests.bureau.office import Office, json_of


def test_contacts_are_listed_newest_first_page_by_page(office: Office) -> None:
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    arrived = []
    for number in range(5):
        office.hall.clock.advance(1)
        arrived.append(office.walk_in(name=f"Personne {number}"))
    anne = office.desktop("anne")
    for reader in (anne, office.desktop("david")):
        seen: list[str] = []
        cursor = None
        for _ in range(3):
            page = json_of(reader.get("/contacts", limit=2, **({"cursor": cursor} if cursor else {})))
            seen += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert seen == arrived[::-1]
        assert cursor is None


def test_pages_of_agents_are_filled_with_what_they_may_see(office: Office) -> None:
    bruno, chloe = office.desktop("bruno"), office.desktop("chloe")
    bruno.put("/me/activity", {"activity": "available"})
    waiting = office.walk_in(name="attend", topic="objets-trouves")
    bruno.post(f"/contacts/{waiting}/decline")
    for _ in range(3):
        office.hall.clock.advance(1)
        mine = office.walk_in(topic="carte-identite")
        bruno.post(f"/contacts/{mine}/accept")
        bruno.post(f"/contacts/{mine}/finish")
    items = json_of(chloe.get("/contacts", limit=1))["items"]
    assert [one["id"] for one in items] == [waiting]


def test_contacts_by_state_topic_and_channel(office: Office) -> None:
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    contact = office.walk_in(topic="carte-identite")
    anne = office.desktop("anne")
    for query, found in [
        ({"state": "offered"}, True),
        ({"state": "closed"}, False),
        ({"topic": "carte-identite"}, True),
        ({"topic": "objets-trouves"}, False),
        ({"channel": "walkin"}, True),
        ({"channel": "voice"}, False),
    ]:
        assert [one["id"] for one in json_of(anne.get("/contacts", **query))["items"]] == [contact] * found


def test_cursors_that_are_none_of_ours(office: Office) -> None:
    anne = office.desktop("anne")
    for cursor in ("x", "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OXxh", "w6k", "="):
        refused = anne.get("/contacts", cursor=cursor)
        assert refused.status_code == 422
        assert [fault["parameter"] for fault in json_of(refused)["errors"]] == ["cursor"]


def test_a_promise_is_taken_answered_and_closed(office: Office) -> None:
    # Nobody is on shift: what arrives is promised at once.
    contact = office.walk_in(topic="permis-construire", email="lea@example.org", confirmed=True)
    chloe = office.desktop("chloe")
    (promise,) = json_of(chloe.get("/follow-ups", service="urbanisme", state="open"))["items"]
    assert promise["contact"] == contact
    assert promise["reason"] == "nobody-skilled"
    assert promise["legal"] is None
    assert chloe.put(f"/contacts/{contact}/request", {"is_request": True}).status_code == 200
    (promise,) = json_of(chloe.get("/follow-ups", service="urbanisme", state="open"))["items"]
    assert promise["legal"]["silence_means"] == "acceptance"
    assert promise["legal"]["silence_on"] == "2026-05-02"
    reference = promise["reference"]
    assert json_of(chloe.get(f"/follow-ups/{reference}")) == promise
    assert json_of(chloe.post(f"/follow-ups/{reference}/take"))["taken_by"] == "chloe"
    assert office.desktop("anne").post(f"/follow-ups/{reference}/take").status_code == 409
    assert json_of(chloe.post(f"/follow-ups/{reference}/answer", {"text": "C'est prêt."}))["state"] == "answered"
    assert chloe.post(f"/follow-ups/{reference}/answer", {"text": "Encore."}).status_code == 409
    assert json_of(chloe.post(f"/follow-ups/{reference}/close"))["state"] == "closed"
    closed = json_of(chloe.get(f"/contacts/{contact}"))
    assert (closed["state"], closed["outcome"]) == ("closed", "followed_up")


def test_what_a_colleague_has_taken_is_theirs_until_a_supervisor_takes_it_over(office: Office) -> None:
    contact = office.walk_in(topic="objets-trouves", email="lea@example.org", confirmed=True)
    bruno, david = office.desktop("bruno"), office.desktop("david")
    reference = json_of(bruno.get(f"/contacts/{contact}"))["reference"]
    path = f"/follow-ups/{reference}"
    bruno.post(f"{path}/take")
    refused = [
        david.post(f"{path}/answer", {"text": "C'est prêt."}),
        david.post(f"{path}/close"),
        david.post(f"/contacts/{contact}/messages", {"text": "C'est prêt."}),
    ]
    assert [(answer.status_code, json_of(answer).get("holder")) for answer in refused] == [(409, "bruno")] * 3
    assert david.post(f"{path}/take", {"over": True}).status_code == 409
    assert json_of(bruno.get(path))["taken_by"] == "bruno"
    anne = office.desktop("anne")
    assert json_of(anne.post(f"{path}/take", {"over": True}))["taken_by"] == "anne"
    timeline = json_of(anne.get(f"/contacts/{contact}/timeline"))["items"]
    assert (timeline[-1]["agent"], timeline[-1]["detail"]) == ("anne", {"taken_from": "bruno"})
    assert bruno.post(f"{path}/answer", {"text": "C'est prêt."}).status_code == 409
    assert json_of(anne.post(f"{path}/answer", {"text": "Voilà."}))["state"] == "answered"


def test_a_reference_is_found_however_it_is_typed(office: Office) -> None:
    contact = office.walk_in()
    bruno = office.desktop("bruno")
    reference = json_of(bruno.get(f"/contacts/{contact}"))["reference"]
    typed = reference.lower().replace("-", "")
    assert json_of(bruno.get(f"/follow-ups/{typed}"))["reference"] == reference


def test_promises_that_are_overdue_or_due_soon(office: Office) -> None:
    office.walk_in(topic="objets-trouves")
    bruno = office.desktop("bruno")
    assert json_of(bruno.get("/follow-ups", overdue="true"))["items"] == []
    office.hall.clock.advance(days=4)
    bruno = office.desktop("bruno")
    (late,) = json_of(bruno.get("/follow-ups", overdue="true"))["items"]
    assert late["overdue"]
    assert json_of(bruno.get("/follow-ups", due_before="2026-03-02T00:00:00+01:00"))["items"] == []
    assert len(json_of(bruno.get("/follow-ups", due_before="2026-03-31T00:00:00+01:00"))["items"]) == 1


def test_the_service_level_of_today_so_far(office: Office) -> None:
    bruno = office.desktop("bruno")
    assert json_of(bruno.get("/service-level"))["share"] is None
    bruno.put("/me/activity", {"activity": "available"})
    bruno.post(f"/contacts/{office.walk_in()}/accept")
    office.hall.clock.advance(60)
    level = json_of(bruno.get("/service-level"))
    assert (level["from"], level["to"]) == ("2026-03-02T00:00:00+01:00", "2026-03-02T09:01:00Z")
    assert (level["share"], level["within"], level["counted"], level["left_out"]) == (1.0, 1, 1, 0)
    assert level["by_channel"]["walkin"]["counted"] == 1
    nothing = {"share": None, "within": 0, "counted": 0, "left_out": 0, "while_closed": 0}
    assert level["by_channel"]["voice"] == nothing


def test_the_service_level_of_a_period(office: Office) -> None:
    bruno = office.desktop("bruno")
    period = {"from": "2026-03-01T00:00:00+01:00", "to": "2026-03-02T00:00:00+01:00"}
    assert json_of(bruno.get("/service-level", **period))["to"] == "2026-03-01T23:00:00Z"
    for parameter, wrong in [
        ("from", {"from": "2020-01-01T00:00:00Z"}),
        ("to", {"from": "2026-03-03T00:00:00Z"}),
        ("to", {"from": "2027-03-03T00:00:00Z", "to": "2027-03-02T23:59:59Z"}),
    ]:
        refused = bruno.get("/service-level", **(period | wrong))
        assert refused.status_code == 422
        assert [fault["parameter"] for fault in json_of(refused)["errors"]] == [parameter]


def test_who_is_doing_what(office: Office) -> None:
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    agents = {agent["login"]: agent for agent in json_of(bruno.get("/agents"))["items"]}
    assert set(agents) == {"anne", "bruno", "chloe", "david"}
    assert (agents["bruno"]["activity"], agents["bruno"]["offer"]) == ("available", contact)
    assert agents["anne"]["activity"] == "offline"
    assert agents["chloe"]["skills"]["urbanisme"] == 4


def test_topics_are_named_in_the_readers_language(office: Office) -> None:
    token = office.token("bruno")
    for language, label in [("fr", "Carte d'identité"), ("en", "Identity card"), ("de", "Carte d'identité")]:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        topics = json_of(office.anonymous().get("/api/v1/plan/topics", headers=headers))["items"]
        assert topics[0] == {"key": "carte-identite", "label": label, "service": "etat-civil"}


def test_the_service_level_tells_who_needed_nobody_by_month_and_topic(office: Office) -> None:
    hall = office.hall
    hall.available("bruno")
    settled, waiting = hall.chat(ref="c1", topic="carte-identite"), hall.chat(ref="c2", topic="carte-identite")
    hall.reception.settle(settled)
    hall.clock.advance(1)
    level = json_of(office.desktop("anne").get("/service-level"))
    assert level["self_service"] == [
        {"month": "2026-03", "topic": "carte-identite", "self_served": 1, "contacts": 2, "share": 0.5}
    ]
    assert level["within"] == level["counted"] == 1
    assert hall.state(waiting) == "waiting"
