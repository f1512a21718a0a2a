"""People at the counter, typed in by the person at the door."""

from __future__ import annotations

from uuid import uuid4

from application.play.morning.events import WalkIn
from application.play.stage import ApiSession, Stage
from competences.channels import Channel


def welcome_at_counter(stage: Stage, door: ApiSession, walk_in: WalkIn) -> None:
    """Give a person a place in the queue; send it twice if the button was pressed twice."""
    person = walk_in.person
    sent = stage.tally.begin(Channel.WALKIN, person.phone)
    body = {
        "channel": "walkin",
        "text": walk_in.body,
        "topic": walk_in.topic,
        "name": person.name,
        "phone": person.phone,
        "client_id": uuid4().hex,
    }
    sent.contact_id = door.post("/contacts", body).json()["id"]
    sent.acknowledged = True
    sent.words.append(walk_in.body)
    if walk_in.twice:
        again = door.post("/contacts", body).json()["id"]
        stage.tally.duplicate(recognised=again == sent.contact_id)
