"""Wrap-up: who has left and had no answer is not taken for answered when its time is over."""

from __future__ import annotations

from typing import Any

import pytest

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, Outcome
from routeur.ports.inbound import Inbound
from tests.routeur.hall import Hall
from tests.routeur.places import misplaced


@pytest.fixture
def chat(hall: Hall) -> str:
    """A chat that Anne has, and in which she has answered."""
    hall.available("anne")
    contact = hall.chat(topic="objets-trouves")
    hall.serve(contact)
    hall.desk.reply("anne", contact, "Bonjour !")
    return contact


def say(hall: Hall, text: str, number: int = 2) -> None:
    hall.reception.receive(
        Inbound(
            Channel.CHAT, AddressKind.CHAT, "chat-1", text=text, provider_ref="chat-1", provider_id=f"chat-1:{number}"
        )
    )


def test_who_was_answered_and_left_is_answered(hall: Hall, chat: str) -> None:
    hall.reception.usager_left(chat)
    hall.step(180)
    assert hall.reception.standing(chat).contact.outcome is Outcome.ANSWERED
    assert misplaced(hall) == []


def test_who_comes_back_and_writes_is_with_the_same_agent_again(hall: Hall, chat: str) -> None:
    hall.reception.usager_left(chat)
    hall.clock.advance(60)
    say(hall, "Encore une question")
    hall.step(600)
    contact = hall.reception.standing(chat).contact
    assert (contact.state, contact.agent, contact.wrap_up_until) == (ContactState.ACTIVE, "anne", None)
    assert misplaced(hall) == []
    hall.reception.usager_left(chat)
    hall.step(180)
    assert hall.state(chat) is ContactState.FOLLOW_UP
    assert misplaced(hall) == []


def test_what_a_machine_sends_brings_nobody_back(hall: Hall, chat: str) -> None:
    hall.reception.usager_left(chat)
    hall.reception.receive(
        Inbound(
            Channel.CHAT,
            AddressKind.CHAT,
            "chat-1",
            text="Absente",
            provider_ref="chat-1",
            provider_id="chat-1:9",
            automatic=True,
        )
    )
    assert hall.state(chat) is ContactState.WRAP_UP
    hall.step(180)
    assert hall.reception.standing(chat).contact.outcome is Outcome.ANSWERED


def test_whose_agent_wrote_nothing_is_a_follow_up_when_the_wrap_up_is_over(hall: Hall) -> None:
    hall.available("anne")
    chat = hall.chat(topic="objets-trouves")
    hall.serve(chat)
    hall.reception.usager_left(chat)
    hall.step(180)
    standing = hall.reception.standing(chat)
    assert standing.contact.state is ContactState.FOLLOW_UP
    assert standing.follow_up is not None
    assert standing.follow_up.reason is FollowUpReason.USAGER_LEFT
    assert standing.contact.handovers == 1
    assert hall.index.contacts() == set()
    assert misplaced(hall) == []


def test_and_when_the_agent_goes_home_during_the_wrap_up(hall: Hall) -> None:
    hall.available("anne")
    chat = hall.chat(topic="objets-trouves")
    hall.serve(chat)
    hall.reception.usager_left(chat)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    assert hall.state(chat) is ContactState.FOLLOW_UP
    assert misplaced(hall) == []


def test_an_agent_who_says_that_it_is_answered_is_believed(hall: Hall) -> None:
    hall.available("anne")
    chat = hall.chat(topic="objets-trouves")
    hall.serve(chat)
    hall.reception.usager_left(chat)
    hall.desk.finish("anne", chat, Outcome.ANSWERED)
    assert hall.reception.standing(chat).contact.outcome is Outcome.ANSWERED
    assert misplaced(hall) == []


def test_a_call_is_answered_by_what_was_said(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic="objets-trouves")
    hall.serve(call)
    hall.reception.usager_left(call)
    hall.step(180)
    assert hall.reception.standing(call).contact.outcome is Outcome.ANSWERED


def test_what_was_closed_for_an_agent_who_is_gone_is_told_as_any_other_closing(hall: Hall, chat: str) -> None:
    hall.reception.usager_left(chat)
    newest: Any = hall.redis.xrevrange(hall.index.events, count=1)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    assert hall.told(chat)[-1] == "Ended"
    rows: Any = hall.redis.xrange(hall.index.events, min=f"({newest[0][0]}")
    assert ("closed", chat) in [(fields["kind"], fields["contact"]) for _, fields in rows]
