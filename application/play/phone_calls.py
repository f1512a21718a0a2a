"""Phone calls from the caller's side, and the requests by which the network tells the town hall of them.

In a demonstration nothing leaves for the real network, so the agent who serves a call says here what the network would
have been told: to move the call, or to end it.
"""

from __future__ import annotations

import threading
import time

from application.play.morning.events import Call, CallEnd, MenuStep
from application.play.stage import Stage
from application.play.tally import Count
from application.play.twiml import Conference, Goodbye, Heard, Menu, Recorder, Waiting, heard
from competences.channels import Channel

MESSAGE_SECONDS = 12.0


class PhoneCall:
    """A phone call while it lasts."""

    def __init__(self, stage: Stage, call: Call) -> None:
        self._stage = stage
        self._call = call
        self._steps = list(call.menu)
        self._news = threading.Condition()
        self._target: str | None = None
        self._ended = False
        self._gone = False
        self.sid = stage.provider_id("CA")

    @property
    def talk(self) -> float:
        """The seconds that the caller needs to say what they have to say."""
        return self._call.talk

    def move(self, url: str = "/webhooks/voice/wait") -> None:
        """Tell the network that the call goes on at this URL."""
        self._tell(url)

    def end(self) -> None:
        """Tell the network to end the call."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_until_gone(self, seconds: float) -> bool:
        """Wait for the caller to hang up, for at most `seconds` of real time; returns whether they did."""
        with self._news:
            return self._news.wait_for(lambda: self._gone, seconds)

    def _tell(self, url: str) -> None:
        with self._news:
            self._target = url
            self._news.notify_all()

    def _wait(self, seconds: float) -> str | None:
        """The URL to which the network moves the call within `seconds` of real time, if it does."""
        with self._news:
            self._news.wait_for(lambda: self._target is not None or self._ended, max(0.0, seconds))
            target, self._target = self._target, None
            return target

    # what the caller does

    def play(self) -> None:
        """Play the call, from the first ring to the hang-up."""
        sent = self._stage.tally.begin(Channel.VOICE, self._call.person.phone)
        began = time.monotonic()
        answer = self._ask("/webhooks/voice", CallStatus="ringing")
        if self._call.twice:
            answer = self._ask("/webhooks/voice", CallStatus="ringing")
            self._stage.tally.count(Count.DUPLICATES_SENT)
            sent.twice = True
        sent.acknowledged = True
        try:
            self._listen(answer)
        finally:
            with self._news:
                self._gone = True
                self._news.notify_all()
            self._tell_town_hall(
                "/webhooks/voice/status",
                CallStatus="completed",
                CallDuration=str(round((time.monotonic() - began) * self._stage.pace.speed)),
            )

    def _listen(self, answer: Heard) -> None:
        patience_ends = self._stage.pace.now + self._call.patience
        while not self._ended:
            match answer:
                case Menu(action):
                    if not self._steps and self._call.end is CallEnd.IN_MENU:
                        self._stage.pace.pause(8)
                        return
                    step = self._steps.pop(0) if self._steps else MenuStep(after=10)
                    self._stage.pace.pause(step.after)
                    answer = self._ask(action, **_pressed(step))
                case Waiting(seconds, redirect):
                    left = (patience_ends - self._stage.pace.now) / self._stage.pace.speed
                    target = self._wait(min(seconds, left))
                    if target is None and self._stage.pace.now >= patience_ends:
                        return
                    if not self._ended:
                        answer = self._ask(target or redirect)
                case Conference():
                    target = self._converse(answer)
                    if target is None:
                        return
                    answer = self._ask(target)
                    patience_ends = self._stage.pace.now + self._call.patience
                case Recorder(action):
                    self._stage.pace.pause(20)
                    if not self._call.leaves_message:
                        return
                    answer = self._leave_message(action)
                case Goodbye():
                    return

    def _converse(self, room: Conference) -> str | None:
        """Talk in the conference until one of them hangs up or the call is moved; returns the URL where it goes on."""
        name = {"ConferenceSid": self._stage.provider_id("CF"), "FriendlyName": room.name}
        self._tell_town_hall(room.callback, StatusCallbackEvent="participant-join", **name)
        talk = self._call.talk if self._call.caller_hangs_up else self._call.talk * 3
        target = self._wait(talk / self._stage.pace.speed)
        if target is None:
            self._tell_town_hall(
                room.callback,
                StatusCallbackEvent="participant-leave",
                ParticipantCallStatus="completed",
                **name,
            )
            self._tell_town_hall(room.callback, StatusCallbackEvent="conference-end", **name)
        return target

    def _leave_message(self, action: str) -> Heard:
        recording = self._stage.provider_id("RE")
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self._stage.provider_id('AC')}/Recordings/{recording}"
        form = {"RecordingSid": recording, "RecordingUrl": url, "RecordingDuration": str(round(MESSAGE_SECONDS))}
        self._stage.pace.pause(MESSAGE_SECONDS)
        answer = self._ask(action, **form)
        self._stage.http.twilio(
            "/webhooks/voice/recording/status", CallSid=self.sid, RecordingStatus="completed", **form
        )
        return answer

    def _ask(self, url: str, **form: str) -> Heard:
        return heard(self._stage.http.twilio(url, **self._form(form)).text)

    def _tell_town_hall(self, url: str, **form: str) -> None:
        self._stage.http.twilio(url, **self._form(form))

    def _form(self, form: dict[str, str]) -> dict[str, str]:
        ends = {"CallSid": self.sid, "From": self._call.person.phone, "To": self._stage.phone}
        return {**ends, "Direction": "inbound", "ApiVersion": "2010-04-01", "CallStatus": "in-progress", **form}


def _pressed(step: MenuStep) -> dict[str, str]:
    if step.digit is not None:
        return {"Digits": step.digit}
    if step.words is not None:
        return {"SpeechResult": step.words, "Confidence": "0.86"}
    return {}


class LiveCalls:
    """All live calls, by the caller's number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: dict[str, PhoneCall] = {}

    def play(self, stage: Stage, call: Call) -> None:
        """Play a call, which can be found while it lasts."""
        live = PhoneCall(stage, call)
        with self._lock:
            self._live[call.person.phone] = live
        try:
            live.play()
        finally:
            with self._lock:
                del self._live[call.person.phone]

    def of(self, phone: str | None) -> PhoneCall | None:
        """The live call from this number."""
        with self._lock:
            return self._live.get(phone or "")
