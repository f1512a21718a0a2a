"""The contract of desk and overview: whatever happens, the old snapshot and the events make the new snapshot.

(After zulip's `verify_action`.) A new action of the API needs its happening in `happenings.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from redis import Redis
from werkzeug.test import TestResponse

from tests.bureau.desk_reducer import KeptDesk, KeptOverview
from tests.bureau.event_reader import Reader, reading
from tests.bureau.happenings import (
    ENDS_OBSERVATION,
    FOR_OTHER_SYSTEMS,
    UNSEEN,
    Act,
    OfTheApi,
    OfTheStreet,
    Scene,
    names,
)
from tests.bureau.office import Desktop, Office, json_of, open_office
from tests.clock import ManualClock

BEAT_SECONDS = 0.05


@pytest.fixture
def scene(sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock) -> Iterator[Scene]:
    with open_office(sqlite, redis_client, redis_url, clock, heartbeat_seconds=BEAT_SECONDS) as office:
        yield Scene(office)


@dataclass(frozen=True)
class Screen:
    """Something that is shown whole at one address and kept up to date by the stream of another."""

    snapshot: str
    stream: str
    kept: type[KeptDesk] | type[KeptOverview]


DESK = Screen("/me/desk", "/me/events", KeptDesk)
OVERVIEW = Screen("/overview", "/events", KeptOverview)


class Observer:
    """Somebody who keeps a screen by its stream, and somebody who comes back to it afterwards."""

    def __init__(self, desk: Desktop, screen: Screen, document: Any) -> None:
        self._desk = desk
        self._screen = screen
        self._described = described_event(document, screen)
        self.before = self.snapshot()
        self.listening: Reader | None = None

    def snapshot(self) -> Any:
        answer = self._desk.get(self._screen.snapshot)
        assert answer.status_code == 200, answer.text
        return json_of(answer)

    def listens(self, stack: ExitStack) -> None:
        """Open the stream where the snapshot ends, and wait until it has begun."""
        self.listening = stack.enter_context(reading(self._open()))
        unchanged = self._kept(self.listening, self.before["number"])
        assert unchanged == self._screen.kept(self.before).shows(), "before anything has happened"

    def check(self) -> bool:
        """Whether the screen has changed; what was told makes it what it is now."""
        now = self.snapshot()
        wanted = self._screen.kept(now).shows()
        assert self.listening is not None
        assert self._kept(self.listening, now["number"]) == wanted, "as it happened"
        with reading(self._open()) as coming_back:
            assert self._kept(coming_back, now["number"]) == wanted, "after coming back"
        return wanted != self._screen.kept(self.before).shows()

    def _open(self) -> TestResponse:
        return self._desk.get(self._screen.stream, after=self.before["number"])

    def _kept(self, reader: Reader, number: str) -> Any:
        kept = self._screen.kept(self.before)
        for told in reader.up_to(number):
            assert told.kind == told.data["kind"] != "reset"
            self._described.validate(told.data)
            kept.apply(told.data)
        return kept.shows()


def description(office: Office) -> Any:
    return json_of(office.anonymous().get("/api/openapi.json"))


def described_event(document: Any, screen: Screen) -> Draft202012Validator:
    """What the description says of an event of this stream."""
    answer = document["paths"][f"/api/v1{screen.stream}"]["get"]["responses"]["200"]
    schema = answer["content"]["text/event-stream"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})


def changed_screens(scene: Scene, act: Act, leaves: frozenset[str] = frozenset()) -> list[str]:
    """Do it, check every screen, and return whose have changed. Those who leave are not looked at."""
    document = description(scene.office)
    desks = {"anne": scene.anne, "bruno": scene.bruno, "chloe": scene.chloe, "david": scene.david}
    with ExitStack() as stack:
        observers = {login: Observer(desk, DESK, document) for login, desk in desks.items() if login not in leaves}
        observers["overview"] = Observer(scene.anne, OVERVIEW, document)
        for observer in observers.values():
            observer.listens(stack)
        act()
        for _ in range(2):
            scene.hall.dispatcher.step()
        return [name for name, observer in observers.items() if observer.check()]


@pytest.mark.parametrize("operation", names(OfTheApi))
def test_after_each_action_snapshot_and_events_are_the_new_snapshot(scene: Scene, operation: str) -> None:
    act = getattr(OfTheApi(scene), operation)()
    changed = changed_screens(scene, act, frozenset({"david"}) if operation in ENDS_OBSERVATION else frozenset())
    assert bool(changed) == (operation not in UNSEEN)


@pytest.mark.parametrize("happening", names(OfTheStreet))
def test_whatever_else_happens_snapshot_and_events_are_the_new_snapshot(scene: Scene, happening: str) -> None:
    act = getattr(OfTheStreet(scene), happening)()
    assert changed_screens(scene, act)


def test_every_action_of_the_api_is_tried(scene: Scene) -> None:
    methods = [operation for path in description(scene.office)["paths"].values() for operation in path.items()]
    actions = {operation["operationId"] for method, operation in methods if method != "get"}
    assert set(names(OfTheApi)) | FOR_OTHER_SYSTEMS == actions
