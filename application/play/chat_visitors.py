"""Visitors of the chat: they ask, listen to their stream, answer, go silent or close the window."""

from __future__ import annotations

import threading
from functools import partial
from uuid import uuid4

from application.play.http_client import Answer, Stream
from application.play.morning.events import Visit
from application.play.stage import Stage
from application.play.tally import Sent
from competences.channels import Channel

CONVERSATIONS = "/webhooks/chat/conversations"


def visit(stage: Stage, visit: Visit) -> None:
    """Play one visit, from the first words to the end of the conversation."""
    person = visit.person
    sent = stage.tally.begin(Channel.CHAT, person.email)
    opening = {"text": visit.body, "name": person.name, "email": person.email, "language": person.language}
    if visit.says_topic:
        opening["topic"] = visit.topic
    begun = stage.http.send("POST", CONVERSATIONS, opening).json()
    sent.acknowledged, sent.contact_id = True, begun["id"]
    sent.words.append(visit.body)
    _Visitor(stage, visit, sent, begun["id"], begun["token"]).stay()


class _Visitor:
    def __init__(self, stage: Stage, visit: Visit, sent: Sent, contact_id: str, token: str) -> None:
        self._stage = stage
        self._visit = visit
        self._sent = sent
        self._path = f"{CONVERSATIONS}/{contact_id}"
        self._token = token
        self._answered = threading.Event()
        self._left = list(visit.answers)

    def stay(self) -> None:
        """Stay until the conversation is closed or becomes a follow-up, or the visitor closes the window."""
        with self._stage.http.stream(f"{self._path}/events", self._token) as stream:
            if self._visit.leaves_after is not None:
                self._stage.start("impatient visitor", partial(self._lose_patience, stream))
            for event in stream:
                if event.kind in ("closed", "follow_up"):
                    return
                if event.kind == "accepted":
                    self._answered.set()
                if event.kind == "message" and event.data["from"] == "agent" and self._left:
                    self._stage.pace.pause(25)
                    self._say(self._left.pop(0))

    def _lose_patience(self, stream: Stream) -> None:
        self._stage.pace.pause(self._visit.leaves_after or 0)
        if not self._answered.is_set():
            self._stage.http.send("DELETE", self._path, headers=self._headers)
            stream.end()

    def _say(self, words: str) -> None:
        body = {"text": words, "client_id": uuid4().hex}
        answer = self._post(body)
        self._sent.words.append(words)
        if self._visit.twice:
            again = self._post(body)
            self._stage.tally.duplicate(recognised=again.status == 200 and again.text == answer.text)

    def _post(self, body: dict[str, str]) -> Answer:
        return self._stage.http.send("POST", f"{self._path}/messages", body, self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}
