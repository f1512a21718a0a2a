"""Plays how an agent serves an accepted contact, on each channel, up to its outcome."""

from __future__ import annotations

import random
from typing import Any

from application.play.morning.people import words
from application.play.morning.shifts import Conclusion, Decision
from application.play.phone_calls import LiveCalls, PhoneCall
from application.play.stage import ApiSession, Stage
from application.play.tally import Count
from canaux.twilio.urls import VoiceUrls
from canaux.voice.channel import agent_leg
from competences.channels import Channel

RING_SECONDS = 6.0
VISITOR_SECONDS = 120.0
"""The time that an agent waits for the next words of somebody who chats or texts."""

MOST_ROUNDS = 4


class Service:
    """Serves contacts on all channels."""

    def __init__(self, stage: Stage, calls: LiveCalls, urls: VoiceUrls) -> None:
        self._stage = stage
        self._calls = calls
        self._urls = urls

    def serve(self, session: ApiSession, contact: dict[str, Any], decision: Decision) -> None:
        """Serve the contact, and conclude as decided."""
        match Channel(contact["channel"]):
            case Channel.VOICE:
                self._call(session, contact, decision)
            case Channel.EMAIL:
                self._stage.pace.pause(decision.work)
                self._sort(session, contact)
                if decision.conclusion is Conclusion.ANSWERED:
                    self._reply(session, contact)
                self._conclude(session, contact, decision)
            case Channel.CHAT | Channel.MESSAGING:
                self._converse(session, contact, decision)
            case _:  # across the counter, or by a channel that nobody plays yet
                self._stage.pace.pause(decision.work * 2)
                self._conclude(session, contact, decision)

    def _call(self, session: ApiSession, contact: dict[str, Any], decision: Decision) -> None:
        call = self._calls.of(contact["usager"]["phone"])
        attempt = sum(entry["kind"] == "accepted" for entry in contact["timeline"])
        leg = {"CallSid": self._stage.provider_id("CA"), "From": self._stage.phone, "Direction": "outbound-api"}
        leg["To"] = self._stage.plan.agents[session.login].phone or ""
        status_url = self._urls.agent_status(contact["id"], attempt=attempt)
        if call is not None:
            call.move()
        self._stage.pace.pause(RING_SECONDS)
        if not decision.picks_up:
            self._stage.http.twilio(status_url, **leg, CallStatus="no-answer")
            self._stage.tally.count(Count.PHONES_NOT_ANSWERED)
            if call is not None:
                call.move()
            return
        url = self._urls.agent(contact["id"], attempt=attempt, leg=agent_leg(contact["id"], session.login))
        self._stage.http.twilio(url, **leg, CallStatus="in-progress")
        self._talk(session, contact, decision, call)
        self._stage.http.twilio(status_url, **leg, CallStatus="completed")

    def _talk(self, session: ApiSession, contact: dict[str, Any], decision: Decision, call: PhoneCall | None) -> None:
        if call is not None:
            call.wait_until_gone(call.talk / self._stage.pace.speed)
        self._stage.pace.pause(decision.work / 5)
        if call is None or call.wait_until_gone(0):  # what was said is noted; nobody is left to be told anything
            self._finish(session, contact, "answered" if call is not None else "abandoned")
            return
        self._conclude(session, contact, decision)
        if decision.conclusion is Conclusion.ANSWERED:
            call.end()
        else:
            call.move(self._urls.after() if decision.conclusion is Conclusion.TRANSFER else self._urls.wait())

    def _converse(self, session: ApiSession, contact: dict[str, Any], decision: Decision) -> None:
        self._stage.pace.pause(decision.work / 4)
        heard = _heard(contact)
        self._reply(session, contact)
        for _round in range(MOST_ROUNDS):
            self._stage.pace.pause(VISITOR_SECONDS)
            now = session.get(f"/contacts/{contact['id']}")
            if _heard(now) == heard or now["state"] != "active":
                break
            heard = _heard(now)
            self._reply(session, contact)
        silent = contact["channel"] == Channel.CHAT and heard == _heard(contact)
        if silent:
            self._finish(session, contact, "abandoned", words().silent_visitor)
        elif now["state"] != "active":
            self._finish(session, contact, "answered")
        else:
            self._conclude(session, contact, decision)

    def _conclude(self, session: ApiSession, contact: dict[str, Any], decision: Decision) -> None:
        path = f"/contacts/{contact['id']}"
        match decision.conclusion:
            case Conclusion.FOLLOW_UP:
                note = {"note": random.choice(words().handed_over)}  # noqa: S311
                self._stage.tally.count(Count.HANDED_OVER)
                session.post(f"{path}/follow-up", note)
            case Conclusion.TRANSFER:
                answer = session.post(f"{path}/transfer", {"topic": decision.transfer_to}, allowed=(409,))
                if answer.status == 409:  # they have just left: there is nobody to be passed on
                    self._finish(session, contact, "answered")
                else:
                    self._stage.tally.count(Count.TRANSFERRED)
            case _:
                self._finish(session, contact, "answered")

    def _finish(self, session: ApiSession, contact: dict[str, Any], outcome: str, note: str | None = None) -> None:
        body = {"outcome": outcome, "note": note or random.choice(words().notes)}  # noqa: S311 - any will do
        session.post(f"/contacts/{contact['id']}/finish", body)

    def _sort(self, session: ApiSession, contact: dict[str, Any]) -> None:
        """Give an e-mail its topic: an agent who reads it sees what it is about."""
        topic = self._stage.topics.of(contact["usager"])
        if contact["topic"] is None and topic is not None:
            session.post(f"/contacts/{contact['id']}/topic", {"topic": topic})

    def _reply(self, session: ApiSession, contact: dict[str, Any]) -> None:
        template = random.choice(words().answers)  # noqa: S311
        name = contact["usager"]["name"] or ""
        session.post(f"/contacts/{contact['id']}/messages", {"text": template.format(name=name).replace(" ,", ",")})


def _heard(contact: dict[str, Any]) -> int:
    """The number of the usager's messages."""
    return sum(message["direction"] == "in" for message in contact["messages"])
