"""The words said to a caller and to an agent's phone, as steps. Nothing here knows a provider."""

from __future__ import annotations

from canaux.voice.steps import (
    AfterConversation,
    AfterRecording,
    Continue,
    Gather,
    HangUp,
    Join,
    MenuTurn,
    Pause,
    Record,
    Say,
    Script,
    WaitTurn,
)
from canaux.wording import day_in_words, known_language, local_day, service_label, spelled
from competences.plan.menu import MenuEntry, menu_entries
from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.contact.words import FollowUpReason
from routeur.ports.inbound import FollowUpFacts

PAUSE_SECONDS = 8
MENU_SILENCE_SECONDS = 5
MESSAGE_SILENCE_SECONDS = 5
LONGEST_MESSAGE_SECONDS = 180
END_OF_MESSAGE_KEY = "#"


class VoiceScript:
    """What can be said in one language. Every method gives a whole script."""

    def __init__(self, language: str = DEFAULT_LANGUAGE) -> None:
        self._asked = language
        self._language = known_language(language)
        self._ = translator("canaux", self._language).gettext

    def _say(self, words: str) -> Say:
        return Say(words, self._language)

    def _greeting(self, plan: Plan) -> Say:
        _ = self._
        return self._say(_("Hello. You have reached the town hall of {commune}.").format(commune=plan.commune.name))

    def welcome(self, plan: Plan) -> Script:
        """The greeting, and the first menu."""
        return self._menu(plan, (self._greeting(plan),), "", 1)

    def menu(self, plan: Plan, path: str = "", attempt: int = 1) -> Script:
        """A menu; `attempt` 2 after a choice that was not understood."""
        _ = self._
        before = (self._say(_("Sorry, I did not understand.")),) if attempt > 1 else ()
        return self._menu(plan, before, path, attempt)

    def _menu(self, plan: Plan, before: tuple[Say, ...], path: str, attempt: int) -> Script:
        _ = self._
        entries = menu_entries(plan.menu, path)
        choices = [self._choice(entry, digit) for digit, entry in entries.items()]
        return (
            Gather(
                prompt=(*before, *choices, self._say(_("You can also say what you are calling about."))),
                expected=tuple(word for entry in entries.values() for word in entry.words),
                language=self._language,
                silence_seconds=MENU_SILENCE_SECONDS,
                then=MenuTurn(path, self._asked, attempt),
            ),
        )

    def _choice(self, entry: MenuEntry, digit: str) -> Say:
        language = known_language(entry.language or self._language)  # a language is offered to those who speak it
        _ = translator("canaux", language).gettext
        words = _("{choice}: press {digit}.").format(choice=wording(entry.label, language), digit=digit)
        return Say(words, language)

    def waiting(self, number: int = 0) -> Script:
        """One turn of the waiting loop."""
        _ = self._
        if number == 0:
            words = _("Thank you. An agent will answer you. Please stay on the line.")
        else:
            words = _("Please stay on the line. You are keeping your place.")
        return (self._say(words), Pause(PAUSE_SECONDS), Continue(WaitTurn(number + 1)))

    def conversation(self, contact_id: str) -> Script:
        """The caller joins the conference of their contact."""
        _ = self._
        return (self._say(_("An agent is taking your call.")), Join(contact_id, then=AfterConversation()))

    def agent_joins(self, contact_id: str) -> Script:
        """The agent's phone joins the same conference."""
        return (Join(contact_id, then=None),)

    def agent_too_late(self) -> Script:
        """The agent picks up a call that is no longer theirs."""
        _ = self._
        return (self._say(_("This call is no longer waiting for you. Goodbye.")), HangUp())

    def followed_up(self, plan: Plan, follow_up: FollowUpFacts, *, greet: bool = False, hidden: bool = False) -> Script:
        """Why nobody answers now, the reference and the date, and a voice message for callers who wish to leave one.

        A caller who hides their number cannot be called back: they are promised an answer only if they leave one.
        """
        _ = self._
        day = day_in_words(local_day(follow_up.due_at, plan), self._language)
        service = service_label(plan, follow_up.service, self._language)
        reference = spelled(follow_up.reference)
        if hidden:
            answer = _(
                "Your number is hidden. The service in charge, {service}, will answer you by {day} at the latest "
                "if you leave us a number."
            )
            message = _("Please leave us your name, your phone number and your question after the beep.")
        else:
            answer = _("The service in charge, {service}, will answer you by {day} at the latest.")
            message = _("If you wish, leave us a message after the beep. Otherwise you can hang up.")
        return (
            *((self._greeting(plan),) if greet else ()),
            self._say(self._reason(follow_up.reason)),
            self._say(answer.format(service=service, day=day)),
            self._say(_("Your reference is: {reference}.").format(reference=reference)),
            self._say(_("Once more: {reference}.").format(reference=reference)),
            self._say(message),
            *self._record(),
        )

    def _reason(self, reason: FollowUpReason) -> str:
        _ = self._
        if reason is FollowUpReason.CLOSED:
            return _("The town hall is closed at the moment. We have noted your call.")
        if reason is FollowUpReason.NOBODY_SKILLED:
            return _("Nobody can answer this question at the moment. We have noted your call.")
        if reason is FollowUpReason.MAX_WAIT:
            return _("We are sorry: nobody could answer you in time. We have noted your call.")
        return _("We have noted your request.")

    def apology(self) -> Script:
        """What is said while something of ours is broken. A message can be left: the network keeps it for us."""
        _ = self._
        return (
            self._say(_("We are sorry: we have a technical problem.")),
            self._say(_("Please leave us your name and your question after the beep.")),
            *self._record(),
        )

    def _record(self) -> Script:
        record = Record(LONGEST_MESSAGE_SECONDS, MESSAGE_SILENCE_SECONDS, END_OF_MESSAGE_KEY, AfterRecording())
        return (record, *self.goodbye())

    def thanks_for_message(self) -> Script:
        _ = self._
        return (self._say(_("Thank you. Your message has been recorded.")), *self.goodbye())

    def goodbye(self) -> Script:
        _ = self._
        return (self._say(_("Thank you for your call. Goodbye.")), HangUp())


class Welcomes:
    """The greeting and the first menu: the same for every caller, so composed once for each plan and language."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._composed: dict[str, Script] = {}

    def of(self, plan: Plan, language: str) -> Script:
        if plan is not self._plan:
            self._plan, self._composed = plan, {}
        if language not in self._composed:
            self._composed[language] = VoiceScript(language).welcome(plan)
        return self._composed[language]
