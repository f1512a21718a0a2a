"""A desk and an overview kept up to date by their streams, as somebody would write them from the description alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

MESSAGES_KEPT = 50
"""How many messages of a contact the snapshot has."""


class KeptDesk:
    """A snapshot of `GET /me/desk`, then whatever the events make of it. `number` is what to resume from."""

    def __init__(self, snapshot: Json) -> None:
        self._take(snapshot)

    def _take(self, desk: Json) -> None:
        desk = copy.deepcopy(desk)
        self.number: str = desk["number"]
        self.me: Json = desk["me"]
        self.town: Json = desk["town"]
        self.offers: Json = {offer["contact"]["id"]: offer for offer in desk["offers"]}
        self.colleagues: Json = {one["login"]: one for one in desk["colleagues"]}
        self.follow_ups: Json = {one["contact"]: one for one in desk["follow_ups"]}
        self.messages: dict[str, Json] = {
            contact["id"]: {message["position"]: message for message in contact.pop("messages")}
            for contact in desk["contacts"]
        }
        self.contacts: Json = {contact["id"]: contact for contact in desk["contacts"]}

    def apply(self, event: Json) -> None:
        """Bring the desk up to date."""
        self._kinds[event["kind"]](self, event)
        self.number = event["number"]

    def shows(self) -> Json:
        """All that it shows, in a form that can be compared."""
        newest = {
            contact: dict(sorted(messages.items())[-MESSAGES_KEPT:])
            for contact, messages in self.messages.items()
            if contact in self.contacts
        }
        return {
            "me": self.me,
            "town": self.town,
            "offers": self.offers,
            "contacts": self.contacts,
            "messages": newest,
            "follow_ups": self.follow_ups,
            "colleagues": self.colleagues,
        }

    def _reset(self, event: Json) -> None:
        self._take(event["desk"])

    def _me(self, event: Json) -> None:
        self.me = event["me"]

    def _town(self, event: Json) -> None:
        self.town = event["town"]

    def _offered(self, event: Json) -> None:
        self.offers[event["offer"]["contact"]["id"]] = event["offer"]

    def _offer_ended(self, event: Json) -> None:
        self.offers.pop(event["contact_id"], None)

    def _contact(self, event: Json) -> None:
        self.contacts[event["contact"]["id"]] = event["contact"]
        self.messages.setdefault(event["contact"]["id"], {})

    def _contact_left(self, event: Json) -> None:
        self.contacts.pop(event["contact_id"], None)
        self.messages.pop(event["contact_id"], None)

    def _message(self, event: Json) -> None:
        self.messages.setdefault(event["contact_id"], {})[event["message"]["position"]] = event["message"]

    def _follow_up(self, event: Json) -> None:
        self.follow_ups[event["follow_up"]["contact"]] = event["follow_up"]

    def _follow_up_left(self, event: Json) -> None:
        self.follow_ups.pop(event["contact_id"], None)

    def _colleague(self, event: Json) -> None:
        self.colleagues[event["colleague"]["login"]] = event["colleague"]

    def _colleague_left(self, event: Json) -> None:
        self.colleagues.pop(event["login"], None)

    def _typing(self, event: Json) -> None:
        """It changes nothing on the desk."""

    _kinds: dict[str, Callable[[KeptDesk, Json], None]] = {
        "reset": _reset,
        "me": _me,
        "town": _town,
        "offered": _offered,
        "offer_ended": _offer_ended,
        "contact": _contact,
        "contact_left": _contact_left,
        "message": _message,
        "follow_up": _follow_up,
        "follow_up_left": _follow_up_left,
        "colleague": _colleague,
        "colleague_left": _colleague_left,
        "typing": _typing,
    }


class KeptOverview:
    """A snapshot of `GET /overview`, then whatever the events make of it. `number` is what to resume from."""

    def __init__(self, snapshot: Json) -> None:
        self._take(snapshot)

    def _take(self, overview: Json) -> None:
        self.number: str = overview["number"]
        self.contacts: Json = {one["id"]: one for one in overview["contacts"]}
        self.agents: Json = {one["login"]: one for one in overview["agents"]}

    def apply(self, event: Json) -> None:
        """Bring the overview up to date."""
        match event["kind"]:
            case "reset":
                self._take(event["overview"])
            case "contact":
                self.contacts[event["contact"]["id"]] = event["contact"]
            case "contact_left":
                self.contacts.pop(event["contact_id"], None)
            case "agent":
                self.agents[event["agent"]["login"]] = event["agent"]
            case "agent_left":
                self.agents.pop(event["login"], None)
        self.number = event["number"]

    def shows(self) -> Json:
        """All that it shows, in a form that can be compared."""
        return {"contacts": self.contacts, "agents": self.agents}
