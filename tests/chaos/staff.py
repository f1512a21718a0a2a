"""Agents at work: they accept, answer, pass on, finish; and go on when the system comes back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from random import Random
from typing import Any

import requests

from tests.chaos.ledger import Ledger
from tests.e2e.desk import Agent
from tests.e2e.town_hall import TownHall

LOOK_SECONDS = 0.15
LOGINS = (
    "sophie.lambert", "thomas.girard", "lucie.garnier", "antoine.mercier", "paul.renard", "nadia.haddad",
    "fatou.ndiaye", "rachel.owens", "odile.besson", "stephane.prevost",
)  # fmt: skip


class Staff:
    """Ten agents, each in a thread of their own."""

    def __init__(self, town: TownHall, ledger: Ledger, seed: int, logins: Sequence[str] = LOGINS) -> None:
        self._town = town
        self._ledger = ledger
        self._stop = threading.Event()
        self._diligent = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(login, Random(seed * 1000 + number)), name=login)
            for number, login in enumerate(logins)
        ]

    def come_in(self) -> None:
        for thread in self._threads:
            thread.start()

    def be_diligent(self) -> None:
        """Accept every offer from now on, and finish each contact at once."""
        self._diligent.set()

    def go_home(self) -> None:
        """Let the agents finish what they hold, then leave."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, login: str, random: Random) -> None:
        agent: Agent | None = None
        while not self._stop.wait(LOOK_SECONDS):
            try:
                agent = agent or Agent.logs_in(self._town, login)
                self._round(agent, random)
            except requests.RequestException:
                self._ledger.count("desk cut off")
            except AssertionError as error:
                self._ledger.count(f"desk refused {error.args[0][1]}")
        assert agent is not None
        for contact in agent.get("/me/contacts")["items"]:
            agent.request("POST", f"/contacts/{contact['id']}/finish", {"outcome": "answered"})
        agent.is_now("offline")

    def _round(self, agent: Agent, random: Random) -> None:
        if agent.get("/me")["activity"] != "available":
            agent.is_now("available")
        for contact in agent.get("/me/contacts")["items"]:
            if self._diligent.is_set() or random.random() < 0.3:
                self._end(agent, contact, random)
        for offer in agent.offers():
            contact_id = offer["contact"]["id"]
            chance = random.random()
            if self._diligent.is_set() or chance < 0.8:
                self._try(agent, f"/contacts/{contact_id}/accept")
            elif chance < 0.9:
                self._try(agent, f"/contacts/{contact_id}/decline")

    def _end(self, agent: Agent, contact: dict[str, Any], random: Random) -> None:
        path = f"/contacts/{contact['id']}"
        chance = 1.0 if self._diligent.is_set() else random.random()
        if chance < 0.1:
            self._try(agent, f"{path}/transfer", {"topic": "cantine"})
        elif chance < 0.2:
            self._try(agent, f"{path}/follow-up", {})
        else:
            if contact["channel"] != "voice":
                self._try(agent, f"{path}/messages", {"text": "Nous ouvrons demain.", "client_id": "answer"})
            self._try(agent, f"{path}/finish", {"outcome": "answered"})

    def _try(self, agent: Agent, path: str, body: dict[str, Any] | None = None) -> None:
        """Send a request. A 409 counts as an answer: somebody was quicker, or the system knew better."""
        status = agent.request("POST", path, body).status_code
        if status not in (200, 201, 204):
            self._ledger.count(f"desk {path.rsplit('/', 1)[-1]} {status}")
