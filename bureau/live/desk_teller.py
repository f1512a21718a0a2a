"""What one reader of a desk's stream has been told, and how they are told what is different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel

from bureau.access.principal import Principal
from bureau.live.desk_things import COLLEAGUE, CONTACT, FOLLOW_UP, MESSAGE, OFFER, OWN, TOWN, DeskThings, put_together
from bureau.live.reasons import happened_at, place_after, reasons_of
from bureau.live.shown import Differences, Key, Shown, Things
from bureau.schemas import desk as told
from bureau.schemas.desk import Because
from canaux.server_sent import server_sent
from routeur.clock import Clock, from_milliseconds
from routeur.ports.events import CONVERSATION, PASSING, RESET, Event, Subscription
from routeur.ports.signals import TYPING, Side

TYPING_FOR: Final = timedelta(seconds=6)
"""How long somebody counts as typing who is said to type."""


class DeskTeller:
    """Tells one reader. `heard` hears of the agent and of the staff; it is made to follow the contacts on the desk.

    A `number` that is given is a place in the stream up to which `heard` has heard everything.
    """

    def __init__(self, things: DeskThings, who: Principal, language: str, heard: Subscription, clock: Clock) -> None:
        self._things = things
        self._who = who
        self._language = language
        self._heard = heard
        self._clock = clock
        self._shown = Shown()
        self._followed: frozenset[str] = frozenset()

    def begin(self, number: str, after: str | None) -> Iterator[bytes]:
        """Tell the whole desk: to a reader who has it as it was at `after`, thing by thing."""
        whole = self._everything()
        missed = self._heard.missed(after) if after is not None else None
        if missed is None:
            yield self._reset(number, whole)
            return
        whole = self._everything()
        self._shown.replace(whole)
        yield from self._events(place_after(number, missed), missed, self._since(whole, missed))

    def tell(self, number: str, events: Sequence[Event]) -> Iterator[bytes]:
        """Tell what is different after these events."""
        number = place_after(number, events)
        if RESET in events:
            yield self._reset(number, self._everything())
            return
        mine = [event for event in self._about_me(events) if event.kind != TYPING]
        named = {event.contact for event in mine if event.contact is not None}
        changed: dict[Key, BaseModel] = {}
        gone: list[Key] = []
        if mine:
            passing = all(event.kind in PASSING for event in mine)
            differences = self._passing_differences(named) if passing else self._own_differences(named)
            changed |= differences.changed
            gone += differences.gone
        others = self._others(events)
        if others:
            now = self._things.colleagues_named(others)
            differences = self._shown.differences(now, lambda key: key[0] == COLLEAGUE and key[1] in others)
            changed |= differences.changed
            gone += differences.gone
        yield from self._typing(number, events)
        yield from self._events(number, events, Differences(changed, tuple(gone)))

    def look_again(self, number: str) -> Iterator[bytes]:
        """Tell what is different, whether or not an event said so."""
        yield from self._events(number, (), self._shown.differences(self._everything(), lambda key: True))

    def beat(self, number: str) -> Iterator[bytes]:
        """Tell what changes by time alone: whether the town hall has opened or closed, and what a new plan says."""
        now = self._things.town(self._language)
        differences = self._shown.differences(now, lambda key: key == TOWN)
        yield from self._events(number, (), differences)
        if differences.changed:
            yield from self.look_again(number)

    def _typing(self, number: str, events: Sequence[Event]) -> Iterator[bytes]:
        held = self._shown.named(CONTACT)
        for event in events:
            if event.kind == TYPING and event.data.get("by") == Side.USAGER and event.contact in held:
                at = from_milliseconds(float(event.data["at"]))
                typing = told.TypingTold(number=number, at=at, contact_id=event.contact, until=at + TYPING_FOR)
                yield server_sent(typing.kind, typing.model_dump_json())

    def _own_differences(self, named: set[str]) -> Differences:
        """What is different among the agent's own; the messages of the contacts that are named, or new, included.

        Of the follow-ups, only those that are named are read: there may be many.
        """
        before = self._shown.named(CONTACT)
        own = self._things.own(self._who, named)
        self._follow(own, self._shown.named(FOLLOW_UP) - named)
        held = _names(own, CONTACT)
        read = held & named | held - before
        now = {**own, **self._things.messages(read)}

        def among(key: Key) -> bool:
            if key[0] == FOLLOW_UP:
                return key[1] in named
            return key[0] in OWN or key[0] == MESSAGE and (key[1] in read or key[1] not in held)

        return self._shown.differences(now, among)

    def _passing_differences(self, named: set[str]) -> Differences:
        """What is different of these contacts alone, where nothing has happened but what leaves them as they are."""
        now = self._things.in_hand(self._who, named)
        return self._shown.differences(now, lambda key: key[0] in (CONTACT, FOLLOW_UP) and key[1] in named)

    def _since(self, whole: Things, missed: Sequence[Event]) -> Differences:
        """What may be different for a reader who missed these events: all that there is, and what they name is gone."""
        named = {event.contact for event in self._about_me(missed) if event.contact is not None}
        possible = [(kind, name) for kind in (OFFER, CONTACT, FOLLOW_UP) for name in named]
        possible += [(COLLEAGUE, login) for login in self._others(missed)]
        return Differences(whole, tuple(key for key in possible if key not in whole))

    def _everything(self) -> Things:
        whole = self._things.everything(self._who, self._language)
        self._follow(whole)
        return whole

    def _follow(self, things: Things, others: frozenset[str] = frozenset()) -> None:
        """Hear of the contacts on the desk: those among these things, and others that are shown already."""
        self._followed = others.union(*(_names(things, kind) for kind in (OFFER, CONTACT, FOLLOW_UP)))
        self._heard.follow(self._followed)

    def _about_me(self, events: Sequence[Event]) -> list[Event]:
        return [event for event in events if event.agent == self._who.login or event.contact in self._followed]

    def _others(self, events: Sequence[Event]) -> set[str]:
        logins = {event.agent for event in events if event.agent is not None and event.kind not in CONVERSATION}
        return logins - {self._who.login}

    def _reset(self, number: str, whole: Things) -> bytes:
        self._shown.replace(whole)
        reset = told.ResetTold(number=number, at=self._clock(), desk=put_together(number, whole))
        return server_sent(reset.kind, reset.model_dump_json(by_alias=True), number)

    def _events(self, number: str, events: Sequence[Event], differences: Differences) -> Iterator[bytes]:
        """The differences as server-sent events. The id stands on the last: who misses it gets them all again."""
        at, reasons = happened_at(events, self._clock), reasons_of(events)
        news = [one for key in differences.gone if (one := _gone(key, reasons, number, at)) is not None]
        news += [_changed(key, thing, number, at) for key, thing in differences.changed.items()]
        for position, one in enumerate(news, start=1):
            last = number if position == len(news) else None
            yield server_sent(one.kind, one.model_dump_json(by_alias=True), last)


def _names(things: Things, kind: str) -> frozenset[str]:
    return frozenset(key[1] for key in things if key[0] == kind)


def _changed(key: Key, thing: BaseModel, number: str, at: datetime) -> told.AnyDeskEvent:
    facts: dict[str, object] = {"number": number, "at": at}
    match key[0]:
        case "me":
            return told.MeTold.model_validate({**facts, "me": thing})
        case "offer":
            return told.OfferTold.model_validate({**facts, "offer": thing})
        case "contact":
            return told.ContactTold.model_validate({**facts, "contact": thing})
        case "message":
            return told.MessageTold.model_validate({**facts, "contact_id": key[1], "message": thing})
        case "follow_up":
            return told.FollowUpTold.model_validate({**facts, "follow_up": thing})
        case "colleague":
            return told.ColleagueTold.model_validate({**facts, "colleague": thing})
        case _:
            return told.TownTold.model_validate({**facts, "town": thing})


def _gone(key: Key, reasons: Mapping[str, Because], number: str, at: datetime) -> told.AnyDeskEvent | None:
    """What tells that a thing is gone; None for a message, which goes with its contact or gives way to newer ones."""
    because = reasons.get(key[1], Because.OTHER)
    match key[0]:
        case "offer":
            return told.OfferEnded(number=number, at=at, contact_id=key[1], because=because)
        case "contact":
            return told.ContactLeft(number=number, at=at, contact_id=key[1], because=because)
        case "follow_up":
            return told.FollowUpLeft(number=number, at=at, contact_id=key[1], because=because)
        case "colleague":
            return told.ColleagueLeft(number=number, at=at, login=key[1])
        case _:
            return None
