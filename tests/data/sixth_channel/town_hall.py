"""A town hall with a fax: wired here, and lived in for an hour. Says what happened as JSON.

Arguments: the URL of the record, the URL of Redis, the plan's file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from canaux.fax import FaxChannel
from flask import Flask
from redis import Redis
from webhooks.fax import fax_routes

from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.words import Activity, Outcome
from tests.clock import ManualClock
from tests.routeur.hall import Hall
from webhooks.skeleton import webhooks_blueprint
from webhooks.token_auth import TokenAuth

TOKEN = "fax-token-for-tests"
NUMBER = "+33639980001"
A_FORTNIGHT_SECONDS = 14 * 24 * 3600


class Sent:
    """Faxes that left."""

    def __init__(self) -> None:
        self.faxes: list[tuple[str, str]] = []

    def send(self, to: str, text: str) -> None:
        self.faxes.append((to, text))


class TownHall:
    """The composition root: the router, the channel's way out, its webhook."""

    def __init__(self, record_url: str, redis: Redis, plan: str) -> None:
        self.hall = Hall(record_url, redis, ManualClock(), plan)
        self.sent = Sent()
        self.hall.adapt(FaxChannel(plans=self.plan, network=self.sent))
        app = Flask("town-hall")
        routes = fax_routes(auth=TokenAuth(TOKEN), reception=self.hall.reception)
        app.register_blueprint(webhooks_blueprint(routes))
        self.client = app.test_client()

    def plan(self) -> Plan:
        return self.hall.plans.current().plan

    def fax(self, fax_id: str, text: str, token: str = TOKEN) -> int:
        form = {"fax_id": fax_id, "from": NUMBER, "text": text}
        return self.client.post("/webhooks/fax", data=form, headers={"Authorization": f"Bearer {token}"}).status_code


def live(town: TownHall) -> dict[str, Any]:
    """A fax is refused, one is answered, one comes when the town hall is closed and nobody comes to serve it."""
    hall = town.hall
    hall.available("anne")
    statuses = [town.fax("F0", "Bonjour", token="wrong"), town.fax("F1", "Bonjour"), town.fax("F1", "Bonjour")]
    (contact,) = hall.index.contacts()
    agent = hall.serve(contact)
    snapshot = hall.index.agent_snapshot(agent)
    load = {channel.value: held for channel, held in snapshot.load.items()} if snapshot else {}
    hall.desk.reply(agent, contact, "Voici le formulaire.")
    hall.step(1)
    hall.desk.finish(agent, contact, Outcome.ANSWERED)
    hall.desk.set_activity(agent, Activity.OFFLINE)
    hall.clock.advance(hours=12)
    statuses.append(town.fax("F2", "Et ma demande ?"))
    hall.step(A_FORTNIGHT_SECONDS)
    return {
        "statuses": statuses,
        "rules": town.plan().channels[Channel.FAX].model_dump(),
        "agent": agent,
        "load": load,
        "sent": town.sent.faxes,
        "story": hall.story(contact),
    }


def main(record_url: str, redis_url: str, plan: str) -> None:
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        town = TownHall(record_url, redis, Path(plan).read_text("utf-8"))
        print(json.dumps(live(town)))
        town.hall.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
