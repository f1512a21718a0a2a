"""What one reader of the supervisors' stream has been told, and how they are told what is different."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from bureau.live.reasons import happened_at, place_after, reasons_of
from bureau.live.shown import Differences, Key, Shown, Things
from bureau.schemas import overview as told
from bureau.schemas.answers import Agent
from bureau.schemas.desk import Because
from bureau.schemas.overview import Overview, OverviewContact
from canaux.server_sent import server_sent
from routeur.clock import Clock
from routeur.contact.row import IN_INDEX
from routeur.plans import PlanInForce
from routeur.ports.events import CONVERSATION, PASSING, RESET, Event, Subscription
from routeur.reading.views import Views

CONTACT, AGENT = "contact", "agent"


class OverviewThings:
    """Reads what the overview shows."""

    def __init__(self, views: Views, plans: Callable[[], PlanInForce]) -> None:
        self._views = views
        self._plans = plans

    @property
    def plan_version(self) -> int:
        """The version of the plan in force."""
        return self._plans().version

    def snapshot(self, number: str) -> Overview:
        """The whole overview. `number` is a place in the stream that is not after this reading."""
        return put_together(number, self.everything())

    def everything(self) -> Things:
        """All contacts that wait or are with an agent, and all of the staff."""
        contacts, agents = self._views.contacts.in_queue_or_in_hand(), self._views.agents.all()
        return {
            **{(CONTACT, one.id): OverviewContact.model_validate(one) for one in contacts},
            **{(AGENT, one.login): Agent.model_validate(one) for one in agents},
        }

    def contacts(self, contact_ids: Collection[str]) -> Things:
        """Those of these contacts that wait or are with an agent; each also as what it is linked to shows it."""
        named = self._views.contacts.summaries(contact_ids) if contact_ids else {}
        leads = {one.linked_to for one in named.values() if one.linked_to is not None} - named.keys()
        found = [*named.values(), *(self._views.contacts.summaries(leads).values() if leads else ())]
        return {(CONTACT, one.id): OverviewContact.model_validate(one) for one in found if one.state in set(IN_INDEX)}

    def agents(self, logins: Collection[str]) -> Things:
        """Those of these agents whom the plan has."""
        found = self._views.agents.some(logins) if logins else ()
        return {(AGENT, one.login): Agent.model_validate(one) for one in found}


class OverviewTeller:
    """Tells one reader. `heard` hears of everything."""

    def __init__(self, things: OverviewThings, heard: Subscription, clock: Clock) -> None:
        self._things = things
        self._heard = heard
        self._clock = clock
        self._shown = Shown()
        self._plan_version = things.plan_version

    def begin(self, number: str, after: str | None) -> Iterator[bytes]:
        """Tell everything: to a reader who has it as it was at `after`, thing by thing."""
        missed = self._heard.missed(after) if after is not None else None
        whole = self._things.everything()
        self._shown.replace(whole)
        if missed is None:
            yield self._reset(number, whole)
            return
        gone = tuple(key for key in _named(missed) if key not in whole)
        yield from self._events(place_after(number, missed), missed, Differences(whole, gone))

    def tell(self, number: str, events: Sequence[Event]) -> Iterator[bytes]:
        """Tell what is different after these events."""
        number = place_after(number, events)
        if RESET in events:
            whole = self._things.everything()
            self._shown.replace(whole)
            yield self._reset(number, whole)
            return
        named = _named(events)
        now = {
            **self._things.contacts([key[1] for key in named if key[0] == CONTACT]),
            **self._things.agents([key[1] for key in named if key[0] == AGENT]),
        }
        yield from self._events(number, events, self._shown.differences(now, lambda key: key in named))

    def look_again(self, number: str) -> Iterator[bytes]:
        """Tell what is different, whether or not an event said so."""
        yield from self._events(number, (), self._shown.differences(self._things.everything(), lambda key: True))

    def beat(self, number: str) -> Iterator[bytes]:
        """Tell what a new plan changes."""
        if self._plan_version != self._things.plan_version:
            self._plan_version = self._things.plan_version
            yield from self.look_again(number)

    def _reset(self, number: str, whole: Things) -> bytes:
        reset = told.OverviewReset(number=number, at=self._clock(), overview=put_together(number, whole))
        return server_sent(reset.kind, reset.model_dump_json(), number)

    def _events(self, number: str, events: Sequence[Event], differences: Differences) -> Iterator[bytes]:
        at, reasons = happened_at(events, self._clock), reasons_of(events)
        news = [_gone(key, reasons, number, at) for key in differences.gone]
        news += [_changed(key, thing, number, at) for key, thing in differences.changed.items()]
        for position, one in enumerate(news, start=1):
            yield server_sent(one.kind, one.model_dump_json(), number if position == len(news) else None)


def put_together(number: str, things: Things) -> Overview:
    """The snapshot of these things."""
    kinds: dict[str, list[BaseModel]] = {CONTACT: [], AGENT: []}
    for key, thing in things.items():
        kinds[key[0]].append(thing)
    return Overview.model_validate({"number": number, "contacts": kinds[CONTACT], "agents": kinds[AGENT]})


def _named(events: Sequence[Event]) -> set[Key]:
    """What these events may have changed."""
    contacts: set[Key] = {
        (CONTACT, event.contact) for event in events if event.contact is not None and event.kind not in PASSING
    }
    agents: set[Key] = {
        (AGENT, event.agent) for event in events if event.agent is not None and event.kind not in CONVERSATION
    }
    return contacts | agents


def _changed(key: Key, thing: BaseModel, number: str, at: datetime) -> told.AnyOverviewEvent:
    facts: dict[str, object] = {"number": number, "at": at}
    if key[0] == CONTACT:
        return told.OverviewContactTold.model_validate({**facts, "contact": thing})
    return told.AgentTold.model_validate({**facts, "agent": thing})


def _gone(key: Key, reasons: Mapping[str, Because], number: str, at: datetime) -> told.AnyOverviewEvent:
    if key[0] == CONTACT:
        because = reasons.get(key[1], Because.OTHER)
        return told.OverviewContactLeft(number=number, at=at, contact_id=key[1], because=because)
    return told.AgentLeft(number=number, at=at, login=key[1])
