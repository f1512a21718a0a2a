"""The street on a busy morning: all four channels at once, through providers that behave as the real ones do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from random import Random
from uuid import uuid4

import requests

from tests.chaos.ledger import Ledger
from tests.chaos.poison import poison
from tests.e2e.street import Caller, Texter, Visitor, Writer, post_letter, post_signed
from tests.e2e.town_hall import TownHall
from tests.twiml_check import said

FIRST_RETRY_SECONDS = 0.2
PROVIDER_ATTEMPTS = 8
KEYS = (("0",), ("1", "4"), ("3", "1"), ("5", "1"), ("8",), ("9", "0"), ("#", "#"))
POISON_SHARE = 0.25
TOPICS = ("cantine", "passeport", "voirie", "location-salle", "obseques", None)


class Street:
    """The people outside, who call and write until told to stop."""

    def __init__(self, town: TownHall, ledger: Ledger, seed: int, pace_seconds: float) -> None:
        self._town = town
        self._ledger = ledger
        self._pace = pace_seconds
        self._stop = threading.Event()
        people: tuple[Callable[[Random], None], ...] = (self._phone, self._text, self._email, self._chat, self._poison)
        self._threads = [
            threading.Thread(target=self._go_on, args=(act, Random(seed * 100 + number)), name=act.__name__)
            for number, act in enumerate(people)
        ]
        self._threads.append(threading.Thread(target=self._ring_agents, args=(Random(seed),), name="network"))

    def open(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Let nobody new come, and those who are speaking finish."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, act: Callable[[Random], None], random: Random) -> None:
        while not self._stop.wait(random.expovariate(1 / self._pace)):
            act(random)

    def _delivered(self, send: Callable[[], requests.Response]) -> bool:
        """Send a request again and again until it is answered by a 2xx, as a provider does."""
        for attempt in range(PROVIDER_ATTEMPTS):
            answer = self._answer(send)
            if answer is not None and answer.ok:
                return True
            self._stop.wait(FIRST_RETRY_SECONDS * 2**attempt)
        self._ledger.count("given up by the provider")
        return False

    def _answer(self, send: Callable[[], requests.Response]) -> requests.Response | None:
        try:
            answer = send()
        except requests.RequestException:
            self._ledger.count("no answer")
            return None
        if answer.status_code >= 500:
            self._ledger.count(f"status {answer.status_code}")
        return answer

    def _phone(self, random: Random) -> None:
        """Make one call. Twilio asks only once: a request that fails is not repeated."""
        caller = Caller(self._town)
        try:
            heard = caller.dial()
            if "problème technique" in said(heard):
                self._ledger.count("apologies")
                return
            self._ledger.calls.add(caller.sid)
            for key in random.choice(KEYS):
                heard = caller.choose(heard, key)
            if heard.find("Redirect") is not None and random.random() < 0.5:
                caller.keep_waiting(heard)
        except (requests.RequestException, AssertionError, ValueError):
            self._ledger.count("calls cut short")
        if random.random() < 0.3:
            self._delivered(lambda: self._hangs_up(caller))

    def _hangs_up(self, caller: Caller) -> requests.Response:
        form = {"CallSid": caller.sid, "From": caller.number, "To": "+33199003500", "CallStatus": "completed"}
        return post_signed(f"{self._town.url}/webhooks/voice/status", form)

    def _text(self, random: Random) -> None:
        texter, sid = Texter(self._town), f"SM{uuid4().hex}"
        if self._delivered(lambda: texter.write("Bonjour", sid)):
            self._ledger.texts.add(sid)
            if random.random() < 0.3:
                self._delivered(lambda: texter.write("Bonjour", sid))
        if random.random() < 0.3:
            more = f"SM{uuid4().hex}"
            if self._delivered(lambda: texter.write("Vous êtes là ?", more)):
                self._ledger.texts.add(more)

    def _email(self, random: Random) -> None:
        writer = Writer(self._town)
        letter = writer.letter("Une question", "Bonjour, à quelle heure fermez-vous ?")
        way = random.choice((writer.send, writer.send_by_sendgrid))
        if self._delivered(lambda: way(letter)):
            self._ledger.emails.add(letter["Message-ID"])
            if random.random() < 0.3:
                self._delivered(lambda: way(letter))

    def _poison(self, random: Random) -> None:
        """A letter that is made to hurt, now and then in the place of a good one."""
        if random.random() > POISON_SHARE:
            return
        message_id, raw = poison(random)
        if self._delivered(lambda: post_letter(self._town, raw)):
            self._ledger.poison[message_id] = sha256(raw).hexdigest()

    def _chat(self, random: Random) -> None:
        visitor = Visitor(self._town)
        topic = random.choice(TOPICS)
        answer = self._answer(lambda: visitor.begin("Bonjour", **({"topic": topic} if topic else {})))
        if answer is None or answer.status_code != 201:
            return
        self._ledger.chats.add(visitor.id)
        line = uuid4().hex
        if self._delivered(lambda: visitor.say("Quelqu'un ?", line)):
            self._ledger.chat_lines.add((visitor.id, line))
            self._delivered(lambda: visitor.say("Quelqu'un ?", line))

    def _ring_agents(self, random: Random) -> None:
        """The telephone network: agents' phones ring, and some are not answered."""
        done = 0
        while not self._stop.wait(self._pace):
            rings = [one.form for one in self._town.phones.sent_to("/Calls.json")]
            for call in list(self._town.phones.calls.values()):
                if call["to"] != "+33199003500":
                    call["status"] = "completed"
            for ring in rings[done:]:
                if random.random() < 0.15:
                    form = {"CallSid": f"CA{uuid4().hex}", "From": ring["From"], "To": ring["To"]}
                    self._answer(
                        lambda ring=ring, form=form: post_signed(  # type: ignore[misc]
                            ring["StatusCallback"], {**form, "CallStatus": "no-answer"}
                        )
                    )
            done = len(rings)
