"""What we say, in TwiML."""

from __future__ import annotations

from functools import lru_cache

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, VoiceResponse
from twilio.twiml.voice_response import Gather as GatherVerb

from canaux.twilio.urls import VoiceUrls
from canaux.voice.steps import Continue, Gather, HangUp, Join, Pause, Record, Say, Script, Step

LOCALES = {"fr": "fr-FR", "en": "en-GB"}
"""What Twilio calls our own languages; the plan gives its others as a network calls them."""
LONGEST_HINTS_CHARACTERS = 10_000
KEPT_DOCUMENTS = 64
"""The greetings and menus of a plan, and the first turns of the waiting loop: what most callers hear."""


class VoiceTwiml:
    """Turns scripts into TwiML; the latest documents are kept, because most callers hear the same."""

    def __init__(self, urls: VoiceUrls) -> None:
        self._urls = urls
        self._kept = lru_cache(maxsize=KEPT_DOCUMENTS)(self._document)

    def document(self, script: Script) -> str:
        """A whole TwiML document."""
        return self._kept(script)

    def _document(self, script: Script) -> str:
        response = VoiceResponse()
        for step in script:
            self._add(response, step)
        return str(response)

    def _add(self, response: VoiceResponse, step: Step) -> None:
        match step:
            case Say():
                _say(response, step)
            case Gather():
                response.append(self._gather(step))
            case Pause(seconds=seconds):
                response.pause(length=seconds)
            case Continue(turn=turn):
                response.redirect(self._urls.of(turn), method="POST")
            case Join():
                response.append(self._dial(step))
            case Record():
                self._record(response, step)
            case HangUp():
                response.hangup()

    def _gather(self, step: Gather) -> GatherVerb:
        gather = GatherVerb(
            input="dtmf speech",
            num_digits=1,
            timeout=step.silence_seconds,
            speech_timeout="auto",
            language=LOCALES.get(step.language, step.language),
            hints=", ".join(step.expected)[:LONGEST_HINTS_CHARACTERS] or None,
            action=self._urls.of(step.then),
            method="POST",
            action_on_empty_result=True,
        )
        for said in step.prompt:
            _say(gather, said)
        return gather

    def _dial(self, step: Join) -> Dial:
        dial = Dial(action=self._urls.of(step.then), method="POST") if step.then is not None else Dial()
        # Only the first participant's callback counts, and either may be the first.
        dial.conference(
            step.contact_id,
            beep=False,
            start_conference_on_enter=True,
            end_conference_on_exit=True,
            status_callback=self._urls.conference(step.contact_id),
            status_callback_event="join leave end",
            status_callback_method="POST",
        )
        return dial

    def _record(self, response: VoiceResponse, step: Record) -> None:
        response.record(
            action=self._urls.of(step.then),
            method="POST",
            max_length=step.longest_seconds,
            timeout=step.silence_seconds,
            finish_on_key=step.end_key,
            play_beep=True,
            recording_status_callback=self._urls.recording_status(),
            recording_status_callback_method="POST",
        )


def _say(verb: VoiceResponse | GatherVerb, step: Say) -> None:
    verb.say(step.words, language=LOCALES.get(step.language, step.language))


def text_answer(words: str | None, status_callback: str | None = None) -> str:
    """TwiML that writes this to the sender of a message, or nothing; `status_callback` is told how far it comes."""
    response = MessagingResponse()
    if words is not None:
        response.message(words, status_callback=status_callback)
    return str(response)
