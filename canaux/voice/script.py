"""What is said to a caller and to an agent's phone, as TwiML."""

from __future__ import annotations

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from canaux.voice.urls import VoiceUrls
from canaux.wording import day_in_words, known_language, local_day, service_label, spelled
from competences.plan.menu import MenuEntry, menu_entries
from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.contact.words import FollowUpReason
from routeur.ports.inbound import FollowUpFacts

VOICES = {"fr": "fr-FR", "en": "en-GB"}
PAUSE_SECONDS = 8
LONGEST_MESSAGE_SECONDS = 180


class VoiceScript:
    """One language's worth of what can be said. Every method gives a whole TwiML document."""

    def __init__(self, urls: VoiceUrls, language: str = DEFAULT_LANGUAGE) -> None:
        self._urls = urls
        self._asked = language
        self._language = known_language(language)
        self._voice = VOICES[self._language]
        self._ = translator("canaux", self._language).gettext

    def _say(self, verb: VoiceResponse | Gather, words: str) -> None:
        verb.say(words, language=self._voice)

    def welcome(self, plan: Plan) -> str:
        """The greeting, and the first menu."""
        _ = self._
        return self._menu(
            plan, [_("Hello. You have reached the town hall of {commune}.").format(commune=plan.commune.name)], "", 1
        )

    def menu(self, plan: Plan, path: str = "", attempt: int = 1) -> str:
        """A menu; `attempt` 2 after a choice that was not understood."""
        _ = self._
        before = [_("Sorry, I did not understand.")] if attempt > 1 else []
        return self._menu(plan, before, path, attempt)

    def _menu(self, plan: Plan, before: list[str], path: str, attempt: int) -> str:
        _ = self._
        entries = menu_entries(plan.menu, path)
        response = VoiceResponse()
        gather = Gather(
            input="dtmf speech",
            num_digits=1,
            timeout=5,
            speech_timeout="auto",
            language=self._voice,
            hints=", ".join(word for entry in entries.values() for word in entry.words)[:10_000] or None,
            action=self._urls.menu(path=path, language=self._asked, attempt=attempt),
            method="POST",
            action_on_empty_result=True,
        )
        for words in before:
            self._say(gather, words)
        for digit, entry in entries.items():
            self._choice(gather, entry, digit)
        self._say(gather, _("You can also say what you are calling about."))
        response.append(gather)
        return str(response)

    def _choice(self, gather: Gather, entry: MenuEntry, digit: str) -> None:
        language = known_language(entry.language or self._language)  # a language is offered to those who speak it
        _ = translator("canaux", language).gettext
        words = _("{choice}: press {digit}.").format(choice=wording(entry.label, language), digit=digit)
        gather.say(words, language=VOICES[language])

    def waiting(self, turn: int = 0) -> str:
        """One turn of the waiting loop."""
        _ = self._
        response = VoiceResponse()
        if turn == 0:
            self._say(response, _("Thank you. An agent will answer you. Please stay on the line."))
        else:
            self._say(response, _("Please stay on the line. You are keeping your place."))
        response.pause(length=PAUSE_SECONDS)
        response.redirect(self._urls.wait(turn=turn + 1), method="POST")
        return str(response)

    def conversation(self, contact_id: str) -> str:
        """The caller joins the conference that bears the contact's id."""
        response = VoiceResponse()
        self._say(response, self._("An agent is taking your call."))
        dial = Dial(action=self._urls.after(), method="POST")
        self._conference(dial, contact_id)
        response.append(dial)
        return str(response)

    def agent_joins(self, contact_id: str) -> str:
        """The agent's phone joins the same conference."""
        response = VoiceResponse()
        dial = Dial()
        self._conference(dial, contact_id)
        response.append(dial)
        return str(response)

    def _conference(self, dial: Dial, contact_id: str) -> None:
        # Only the first participant's callback counts, and either may be the first.
        dial.conference(
            contact_id,
            beep=False,
            start_conference_on_enter=True,
            end_conference_on_exit=True,
            status_callback=self._urls.conference(contact_id),
            status_callback_event="join leave end",
            status_callback_method="POST",
        )

    def agent_too_late(self) -> str:
        """The agent picks up a call that is no longer theirs."""
        response = VoiceResponse()
        self._say(response, self._("This call is no longer waiting for you. Goodbye."))
        response.hangup()
        return str(response)

    def promise(self, plan: Plan, follow_up: FollowUpFacts, *, greet: bool = False, hidden: bool = False) -> str:
        """Why nobody answers now, the reference and the date, and a voice message for who wishes to leave one.

        Who hides their number cannot be called back, so that they are promised nothing unless they leave one.
        """
        _ = self._
        response = VoiceResponse()
        if greet:
            self._say(
                response, _("Hello. You have reached the town hall of {commune}.").format(commune=plan.commune.name)
            )
        self._say(response, self._reason(follow_up.reason))
        day = day_in_words(local_day(follow_up.due_at, plan), self._language)
        service = service_label(plan, follow_up.service, self._language)
        if hidden:
            words = _(
                "Your number is hidden. The service in charge, {service}, will answer you by {day} at the latest "
                "if you leave us a number."
            )
        else:
            words = _("The service in charge, {service}, will answer you by {day} at the latest.")
        self._say(response, words.format(service=service, day=day))
        self._say(response, _("Your reference is: {reference}.").format(reference=spelled(follow_up.reference)))
        self._say(response, _("Once more: {reference}.").format(reference=spelled(follow_up.reference)))
        if hidden:
            self._say(response, _("Please leave us your name, your phone number and your question after the beep."))
        else:
            self._say(response, _("If you wish, leave us a message after the beep. Otherwise you can hang up."))
        self._record(response)
        return str(response)

    def _reason(self, reason: FollowUpReason) -> str:
        _ = self._
        if reason is FollowUpReason.CLOSED:
            return _("The town hall is closed at the moment. We have noted your call.")
        if reason is FollowUpReason.NOBODY_SKILLED:
            return _("Nobody can answer this question at the moment. We have noted your call.")
        if reason is FollowUpReason.MAX_WAIT:
            return _("We are sorry: nobody could answer you in time. We have noted your call.")
        return _("We have noted your request.")

    def apology(self) -> str:
        """Something of ours is broken. The caller can leave a message all the same: the network keeps it for us."""
        _ = self._
        response = VoiceResponse()
        self._say(response, _("We are sorry: we have a technical problem."))
        self._say(response, _("Please leave us your name and your question after the beep."))
        self._record(response)
        return str(response)

    def _record(self, response: VoiceResponse) -> None:
        response.record(
            action=self._urls.recording(),
            method="POST",
            max_length=LONGEST_MESSAGE_SECONDS,
            timeout=5,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=self._urls.recording_status(),
            recording_status_callback_method="POST",
        )
        self._farewell(response)

    def thanks_for_message(self) -> str:
        response = VoiceResponse()
        self._say(response, self._("Thank you. Your message has been recorded."))
        self._farewell(response)
        return str(response)

    def goodbye(self) -> str:
        response = VoiceResponse()
        self._farewell(response)
        return str(response)

    def _farewell(self, response: VoiceResponse) -> None:
        self._say(response, self._("Thank you for your call. Goodbye."))
        response.hangup()


class Welcomes:
    """The greeting and the first menu: the same for every caller, so composed once for each plan and language."""

    def __init__(self, urls: VoiceUrls) -> None:
        self._urls = urls
        self._plan: Plan | None = None
        self._composed: dict[str, str] = {}

    def of(self, plan: Plan, language: str) -> str:
        if plan is not self._plan:
            self._plan, self._composed = plan, {}
        if language not in self._composed:
            self._composed[language] = VoiceScript(self._urls, language).welcome(plan)
        return self._composed[language]
