"""Contacts of one person that are served together are one to everybody who looks: agent, visitors, load and record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from redis import Redis

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, Outcome
from routeur.ports.events import Event, EventHub
from routeur.ports.inbound import Inbound
from tests.routeur.hall import Hall

LEA = "lea@example.org"
LOST = "objets-trouves"


def letter(hall: Hall, number: int = 1, sender: str = LEA) -> str:
    return hall.mail("Mon écharpe", f"<{number}@example.org>", sender, topic=LOST).standing.contact.id


def chat(hall: Hall) -> str:
    return hall.chat(topic=LOST)


def counter(hall: Hall, ticket: str = "T1") -> str:
    inbound = Inbound(Channel.WALKIN, AddressKind.TICKET, ticket, provider_ref=ticket, topic=LOST)
    return hall.reception.receive(inbound).standing.contact.id


@pytest.fixture(autouse=True)
def lea_is_known(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, LEA), (AddressKind.CHAT, "chat-1"), (AddressKind.TICKET, "T1"))


def load(hall: Hall, login: str = "anne") -> dict[str, int]:
    return {channel: n for channel, n in hall.views.agents.one(login).load.items() if n}


Listen = Callable[..., Callable[[float], Event | None]]


@pytest.fixture
def listen(hall: Hall, redis_url: str) -> Iterator[Listen]:
    with Redis.from_url(redis_url, decode_responses=True) as redis, ExitStack() as stack:
        hub = EventHub(redis, hall.index.events, block_ms=50)
        stack.callback(hub.close)
        yield lambda **about: stack.enter_context(hub.subscribe(**about))


def heard(next_event: Callable[[float], Event | None], count: int) -> list[tuple[str, str | None]]:
    events = [next_event(5) for _ in range(count)]
    return [(event.kind, event.contact) for event in events if event is not None]


def test_an_offer_shows_what_comes_with_it(hall: Hall) -> None:
    hall.available("anne")
    chatting, written = chat(hall), letter(hall)
    (offer,) = hall.views.contacts.offered_to("anne")
    assert offer.contact.id == chatting
    assert [(one.id, one.channel, one.state) for one in offer.contact.linked] == [(written, "email", "waiting")]


def test_the_one_that_leads_shows_the_others_and_they_show_it(hall: Hall) -> None:
    hall.available("anne")
    chatting, written = chat(hall), letter(hall)
    hall.serve(chatting)
    views = hall.views.contacts
    held = next(one for one in views.held_by("anne") if one.id == chatting)
    for lead in (views.summary(chatting), views.full(chatting).contact, held):
        assert [(one.id, one.state) for one in lead.linked] == [(written, "active")]
    assert views.summary(written).linked_to == chatting
    listed = {view.id: [one.id for one in view.linked] for view in views.page().items}
    assert listed == {chatting: [written], written: []}


def test_load_counts_what_is_held(hall: Hall) -> None:
    hall.available("anne")
    chatting, _ = chat(hall), letter(hall)
    hall.serve(chatting)
    assert load(hall) == {"chat": 1, "email": 1}
    hall.desk.finish("anne", chatting, Outcome.ANSWERED)
    assert load(hall) == {}


@pytest.mark.parametrize("upset", [False, True])
def test_one_that_is_passed_on_alone_is_held_no_more(hall: Hall, upset: bool) -> None:
    hall.available("anne")
    chatting, written = chat(hall), letter(hall)
    hall.serve(chatting)
    if upset:
        hall.redis.flushall()
        hall.step(4)
        assert load(hall) == {"chat": 1, "email": 1}
    hall.available("bruno")
    hall.desk.transfer("anne", written, agent="bruno")
    assert load(hall) == {"chat": 1}
    assert hall.serve(written) == "bruno"


def test_what_the_agent_has_no_room_for_waits_on_in_its_own_place(hall: Hall) -> None:
    hall.available("anne")
    for n in range(4):
        hall.serve(letter(hall, 10 + n, f"{n}@example.org"))
    hall.desk.set_activity("anne", Activity.BUSY)
    chatting, first, second, third = chat(hall), letter(hall, 1), letter(hall, 2), letter(hall, 3)
    hall.available("anne")
    assert hall.serve(chatting) == "anne"
    assert load(hall) == {"chat": 1, "email": 5}
    assert [hall.state(one) for one in (first, second, third)] == ["active", "waiting", "waiting"]
    assert [hall.waits_with(one) for one in (second, third)] == [None, second]
    assert hall.views.contacts.timeline(second)[-1].detail["reason"] == "no_room"
    hall.available("david")
    assert hall.serve(second) == "david"
    assert hall.state(third) is ContactState.ACTIVE
    hall.step(10)
    assert hall.repair.sweep() == 0


def test_a_lead_never_waits_for_room_for_what_comes_with_it(hall: Hall) -> None:
    hall.available("anne")
    for n in range(5):
        hall.serve(letter(hall, 10 + n, f"{n}@example.org"))
    written = letter(hall)
    standing = counter(hall)
    assert hall.waits_with(written) == standing
    assert hall.serve(standing) == "anne"
    assert load(hall) == {"walkin": 1, "email": 5}
    assert hall.state(written) is ContactState.WAITING
    assert hall.waits_with(written) is None


def test_all_their_visitors_and_the_agent_are_told_in_the_same_instant(hall: Hall, listen: Listen) -> None:
    hall.available("anne", "bruno")
    standing = counter(hall)
    chatting, written = chat(hall), letter(hall)
    assert (hall.waits_with(chatting), hall.waits_with(written)) == (standing, standing)
    visitor, anne = listen(contact=chatting), listen(agent="anne")
    hall.serve(standing)
    assert heard(visitor, 1) == [("accepted", chatting)]
    assert sorted(heard(anne, 3)) == sorted(("accepted", one) for one in (standing, chatting, written))
    hall.desk.transfer("anne", standing, agent="bruno")
    assert heard(visitor, 1) == [("returned", chatting)]
    hall.serve(standing)
    assert heard(visitor, 1) == [("accepted", chatting)]
    hall.desk.finish("bruno", standing, Outcome.ANSWERED)
    assert heard(visitor, 1) == [("closed", chatting)]


def test_a_follow_up_is_told_to_all_their_visitors(hall: Hall, listen: Listen) -> None:
    hall.available("anne")
    standing, chatting = counter(hall), chat(hall)
    visitor = listen(contact=chatting)
    hall.serve(standing)
    hall.desk.follow_up("anne", standing)
    assert heard(visitor, 2) == [("accepted", chatting), ("followed_up", chatting)]
    assert hall.index.contacts() == set()
    assert load(hall) == {}


def test_who_is_offered_something_hears_what_joins_it_and_what_leaves(hall: Hall, listen: Listen) -> None:
    hall.available("anne")
    standing = counter(hall)
    anne = listen(agent="anne")
    chatting = chat(hall)
    hall.reception.usager_left(chatting)
    assert heard(anne, 2) == [("linked", standing), ("parted", standing)]


@pytest.mark.parametrize("outcome", [Outcome.SPAM, Outcome.ABANDONED, Outcome.FAILED])
def test_spam_says_nothing_of_what_came_with_it(hall: Hall, outcome: Outcome) -> None:
    hall.available("anne")
    standing, chatting, written = counter(hall), chat(hall), letter(hall)
    hall.serve(standing)
    hall.desk.finish("anne", standing, outcome)
    assert [hall.state(one) for one in (standing, chatting, written)] == ["closed", "active", "active"]
    assert load(hall) == {"chat": 1, "email": 1}
    assert hall.views.contacts.summary(written).linked_to == chatting
    hall.desk.finish("anne", written, Outcome.FAILED)
    hall.desk.finish("anne", chatting, Outcome.ANSWERED)
    outcomes = [hall.reception.standing(one).contact.outcome for one in (standing, chatting, written)]
    assert outcomes == [outcome, Outcome.ANSWERED, Outcome.FAILED]
    assert load(hall) == {}
    hall.step(10)
    assert hall.repair.sweep() == 0


def test_nobody_says_of_a_desk_that_is_gone_that_it_served_what_came_with_the_call(hall: Hall) -> None:
    hall.available("anne")
    standing, written = counter(hall), letter(hall)
    hall.serve(standing)
    hall.reception.usager_left(standing)
    hall.available("david")
    hall.desk.set_activity("anne", Activity.OFFLINE)
    assert hall.state(standing) is ContactState.CLOSED
    assert hall.serve(written) == "david"


def test_a_call_goes_on_without_the_desk_but_not_the_chat_that_came_along(hall: Hall) -> None:
    hall.available("anne")
    standing, chatting = counter(hall), chat(hall)
    hall.serve(standing)
    hall.available("david")
    hall.desk.set_activity("anne", Activity.OFFLINE)
    assert hall.state(standing) is ContactState.ACTIVE
    assert hall.serve(chatting) == "david"
    assert load(hall) == {"walkin": 1}
    hall.step(10)
    assert (hall.state(standing), hall.state(chatting)) == ("active", "active")


def test_a_chat_whose_visitor_has_gone_does_not_go_back_to_the_queue_with_the_others(hall: Hall) -> None:
    hall.available("anne", "bruno")
    standing, chatting = counter(hall), chat(hall)
    assert hall.serve(standing) == "anne"
    hall.reception.usager_left(chatting)
    hall.desk.transfer("anne", standing, agent="bruno")
    assert hall.state(chatting) is ContactState.WRAP_UP
    assert hall.reception.standing(chatting).contact.agent == "anne"
    assert load(hall) == {"chat": 1}


def test_who_was_served_with_another_has_a_new_wait_when_both_return(hall: Hall) -> None:
    hall.available("anne")
    standing, chatting = counter(hall), chat(hall)
    hall.serve(standing)
    hall.step(900)
    hall.available("bruno")
    hall.desk.set_activity("bruno", Activity.BUSY)
    hall.desk.transfer("anne", standing, agent="bruno")
    hall.step(100)
    assert hall.state(chatting) is ContactState.WAITING


@pytest.mark.parametrize("gone", [Activity.OFFLINE, Activity.BREAK])
def test_together_they_survive_the_loss_of_the_index(hall: Hall, gone: Activity) -> None:
    hall.available("anne", "david")
    standing, chatting, written = counter(hall), chat(hall), letter(hall)
    first = hall.offered_to(standing) or ""
    hall.redis.flushall()
    hall.desk.set_activity(first, gone)
    hall.step(4)
    assert [hall.waits_with(one) for one in (standing, chatting, written)] == [None, standing, standing]
    second = hall.serve(standing)
    assert second != first
    assert load(hall, second) == {"walkin": 1, "chat": 1, "email": 1}


def test_two_clicks_take_the_companions_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.available("anne")
    standing, chatting = counter(hall), chat(hall)
    accept = hall.index.accept

    def overtaken(*arguments: object) -> object:
        taken = accept(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        hall.desk.accept("anne", standing)
        return taken

    monkeypatch.setattr(hall.index, "accept", overtaken)
    hall.desk.accept("anne", standing)
    assert hall.state(chatting) is ContactState.ACTIVE
    assert hall.story(chatting).count("accepted") == 1
    assert load(hall) == {"walkin": 1, "chat": 1}


def test_the_story_of_one_that_came_along_says_that_it_went_back(hall: Hall) -> None:
    hall.available("anne", "bruno")
    standing, chatting = counter(hall), chat(hall)
    assert hall.serve(standing) == "anne"
    hall.desk.transfer("anne", standing, agent="bruno")
    last = hall.views.contacts.timeline(chatting)[-1]
    assert (last.kind, last.agent, last.detail) == ("transferred", "anne", {"together_with": standing})


def test_a_chat_that_waits_says_that_it_yields(hall: Hall) -> None:
    hall.available("anne")
    hall.serve(hall.chat(ref="chat-7", topic=LOST))
    hall.call("CA8", "+33639980008", LOST)
    hall.clock.advance(120)
    second = hall.chat(ref="chat-8", topic=LOST)
    assert hall.views.contacts.explanation(second)["waiting"]["yields"]
    hall.desk.set_activity("anne", Activity.BUSY)
    hall.step(2)
    assert not hall.views.contacts.explanation(second)["waiting"]["yields"]
