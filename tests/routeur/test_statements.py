"""What the commonest actions ask of the record, statement by statement: the lists may only get shorter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from competences.channels import Channel
from routeur.contact.words import Outcome
from tests.routeur.hall import Hall

_TABLE = re.compile(r"(?:INTO|UPDATE|FROM|JOIN)\s+(\w+)")


@contextmanager
def statements(hall: Hall) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, by verb and table; on SQLite each transaction's `begin` among them."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        table = _TABLE.search(statement)
        verb = statement.split()[0].lower()
        sent.append(f"{verb} {table[1]}" if table is not None else verb)

    event.listen(hall.record.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(hall.record.engine, "before_cursor_execute", note)


class Actions:
    """Each is prepared, then done."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        hall.available("anne", "bruno")

    def a_call_arrives(self) -> Callable[[], object]:
        return lambda: self.hall.call(topic=None)

    def a_menu_key_is_pressed(self) -> Callable[[], object]:
        call = self.hall.call(topic=None)

        def press() -> None:
            self.hall.reception.by_provider_ref(Channel.VOICE, "CA1")
            self.hall.reception.route(call, topic="carte-identite", language="fr")

        return press

    def a_waiting_caller_asks_again(self) -> Callable[[], object]:
        self.hall.call()
        return lambda: self.hall.reception.by_provider_ref(Channel.VOICE, "CA1")

    def a_call_is_accepted(self) -> Callable[[], object]:
        call = self.hall.call()
        return lambda: self.hall.serve(call)

    def the_accepted_call_is_shown(self) -> Callable[[], object]:
        call = self.hall.call()
        self.hall.serve(call)
        return lambda: self.hall.views.contacts.full(call)

    def a_text_arrives(self) -> Callable[[], object]:
        return lambda: self.hall.text("Bonjour")

    def one_more_text_arrives(self) -> Callable[[], object]:
        self.hall.text("Bonjour", topic="carte-identite")
        return lambda: self.hall.text("Vous êtes là ?", sid="SM2")

    def a_letter_arrives(self) -> Callable[[], object]:
        return lambda: self.hall.mail("Bonjour")

    def an_agent_replies_to_a_letter(self) -> Callable[[], object]:
        letter = self.hall.mail("Bonjour").standing.contact.id
        login = self.hall.serve(letter)
        return lambda: self.hall.desk.reply(login, letter, "Bonjour Léa")

    def a_call_is_finished(self) -> Callable[[], object]:
        call = self.hall.call()
        login = self.hall.serve(call)
        return lambda: self.hall.desk.finish(login, call, Outcome.ANSWERED)

    def a_waiting_caller_hangs_up(self) -> Callable[[], object]:
        call = self.hall.call()
        return lambda: self.hall.reception.usager_left(call)

    def a_call_is_handed_to_the_back_office(self) -> Callable[[], object]:
        call = self.hall.call()
        login = self.hall.serve(call)
        return lambda: self.hall.desk.follow_up(login, call)


ARRIVES = ["select address", "insert usager", "insert address", "insert contact", "insert journal"]
"""Of somebody whom nobody has met yet; PostgreSQL is sent all of it as one statement."""

SENT: dict[str, list[str]] = {
    "a_call_arrives": ["begin", *ARRIVES, "insert outbox"],
    "a_menu_key_is_pressed": [
        *("begin", "select contact"),
        *("begin", "select contact", "select contact", "update contact", "insert journal", "select contact"),
    ],
    "a_waiting_caller_asks_again": ["begin", "select contact"],
    "a_call_is_accepted": [
        *("begin", "select contact", "select contact", "update contact", "insert journal"),
        *("select journal", "insert outbox"),
    ],
    "the_accepted_call_is_shown": [
        *("begin", "select contact", "select usager", "select journal", "select message", "select follow_up"),
    ],
    "a_text_arrives": [
        *("begin", "select message", "select contact", *ARRIVES),
        *("update contact", "insert message", "insert outbox"),
    ],
    "one_more_text_arrives": ["begin", "select message", "select contact", "update contact", "insert message"],
    "a_letter_arrives": [
        *("begin", "select message", *ARRIVES, "update contact", "insert message"),
        *("select contact", "insert outbox"),  # how many letters the address sent today: not all are acknowledged
    ],
    "an_agent_replies_to_a_letter": [
        *("begin", "select contact", "update contact", "insert message", "insert journal"),
        *("select message", "insert outbox"),
    ],
    "a_call_is_finished": [
        *("begin", "select contact", "select contact", "update contact", "insert journal", "insert outbox"),
    ],
    "a_waiting_caller_hangs_up": [
        *("begin", "select contact", "select contact", "update contact", "insert journal", "select follow_up"),
    ],
    "a_call_is_handed_to_the_back_office": [
        *("begin", "select contact", "select contact", "insert follow_up", "update contact", "insert journal"),
        "insert outbox",
    ],
}


def sent_to_postgresql(to_sqlite: list[str]) -> list[str]:
    """The same without `begin`, which PostgreSQL's driver sends by itself; an arrival is one statement."""
    told = " ".join(name.replace(" ", "_") for name in to_sqlite if name != "begin")
    arrives = " ".join(name.replace(" ", "_") for name in ARRIVES)
    return [name.replace("_", " ", 1) for name in told.replace(arrives, "with_address").split()]


@pytest.mark.parametrize("action", SENT)
def test_an_action_sends_no_more_statements_than_it_needs(hall: Hall, action: str) -> None:
    act = getattr(Actions(hall), action)()
    with statements(hall) as sent:
        act()
    on_sqlite = hall.record.engine.dialect.name == "sqlite"
    assert sent == (SENT[action] if on_sqlite else sent_to_postgresql(SENT[action]))


def test_every_action_is_counted() -> None:
    assert {name for name in vars(Actions) if not name.startswith("_")} == set(SENT)
