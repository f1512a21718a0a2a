"""The words said to a caller and to an agent's phone, as steps. Nothing here knows a provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from canaux.wording import Phrases, Said, closed_said, day_said, local_day, service_said, spelled
from competences.plan.menu import MenuEntry, menu_entries
from competences.plan.plan import Plan
from competences.translation import DEFAULT_LANGUAGE, N_
from routeur.contact.words import FollowUpReason
from routeur.ports.inbound import FollowUpFacts
from routeur.queue.patience import ClosedUntil

PAUSE_SECONDS = 8
MENU_SILENCE_SECONDS = 5
MESSAGE_SILENCE_SECONDS = 5
LONGEST_MESSAGE_SECONDS = 180
END_OF_MESSAGE_KEY = "#"
STAR = "*"

NOTED = N_("We have noted your request.")
REASONS = {
    FollowUpReason.NOBODY_SKILLED: N_("Nobody can answer this question at the moment. We have noted your call."),
    FollowUpReason.MAX_WAIT: N_("We are sorry: nobody could answer you in time. We have noted your call."),
}
"""What is said of why nobody answers now; of other reasons only that it is noted: that we are closed is said before."""


class VoiceScript:
    """What can be said in one language. Every method gives a whole script.

    A phrase that neither the `plan` nor our catalogues have in it is said in French.
    """

    def __init__(self, language: str = DEFAULT_LANGUAGE, plan: Plan | None = None) -> None:
        self._asked = language
        self._plan = plan
        self._phrases = Phrases(plan, language, otherwise=DEFAULT_LANGUAGE)

    def _say(self, message: str, **values: Said) -> Say:
        language = self._phrases.language_of(message)
        return Say(self._phrases.say(message, **values), self._locale(language))

    def _locale(self, language: str) -> str:
        """How the network calls the language that it reads aloud."""
        named = self._plan.languages.get(language) if self._plan is not None else None
        return named.spoken or language if named is not None else language

    def _greeting(self, plan: Plan) -> Say:
        return self._say(N_("Hello. You have reached the town hall of {commune}."), commune=plan.commune.name)

    def welcome(self, plan: Plan) -> Script:
        """The greeting, and the first menu."""
        return self._menu(plan, (self._greeting(plan),), "", 1)

    def menu(self, plan: Plan, path: str = "", attempt: int = 1) -> Script:
        """A menu; `attempt` 2 after a choice that was not understood."""
        before = (self._say(N_("Sorry, I did not understand.")),) if attempt > 1 else ()
        return self._menu(plan, before, path, attempt)

    def _menu(self, plan: Plan, before: tuple[Say, ...], path: str, attempt: int) -> Script:
        entries = menu_entries(plan.menu, path)
        choices = [said for digit, entry in entries.items() for said in self._choices(entry, digit)]
        speak = self._say(N_("You can also say what you are calling about."))
        return (
            Gather(
                prompt=(*before, *choices, speak),
                expected=tuple(word for entry in entries.values() for word in entry.words),
                language=self._heard(speak.language),
                silence_seconds=MENU_SILENCE_SECONDS,
                then=MenuTurn(path, self._asked, attempt),
            ),
        )

    def _heard(self, language: str) -> str:
        """How the network calls the language that it listens to, while it reads this one aloud."""
        named = self._plan.languages.get(self._asked) if self._plan is not None else None
        return named.heard if named is not None and named.heard and language == named.spoken else language

    def _choices(self, entry: MenuEntry, digit: str) -> Sequence[Say]:
        """An entry as it is read out. Languages are offered to those who speak them, each in its own."""
        offered = entry.entries.values() if entry.entries and entry.languages else (entry,)
        return [self._in(one.language)._choice(one.label, digit) for one in offered]

    def _in(self, language: str | None) -> VoiceScript:
        return VoiceScript(language, self._plan) if language is not None else self

    def _choice(self, label: Mapping[str, str], digit: str) -> Say:
        """Said in the caller's language where the plan names the choice in it, else in French."""
        message = N_("{choice}: press {digit}.")
        language = self._phrases.language_of(message)
        if language not in label:
            return VoiceScript(DEFAULT_LANGUAGE, self._plan)._choice(label, digit)
        key = self._phrases.say(N_("star")) if digit == STAR else digit
        return self._say(message, choice=label[language], digit=key)

    def waiting(self, number: int = 0, closed: ClosedUntil | None = None) -> Script:
        """One turn of the waiting loop; `closed` once the town hall has closed on the caller."""
        if closed is not None:
            words = self._say(
                N_(
                    "We have just closed. Please stay on the line: an agent who is still here may answer you. "
                    "Otherwise we will note your call."
                )
            )
        elif number == 0:
            words = self._say(N_("Thank you. An agent will answer you. Please stay on the line."))
        else:
            words = self._say(N_("Please stay on the line. You are keeping your place."))
        return (words, Pause(PAUSE_SECONDS), Continue(WaitTurn(number + 1)))

    def conversation(self, contact_id: str) -> Script:
        """The caller joins the conference of their contact."""
        return (self._say(N_("An agent is taking your call.")), Join(contact_id, then=AfterConversation()))

    def agent_joins(self, contact_id: str) -> Script:
        """The agent's phone joins the same conference."""
        return (Join(contact_id, then=None),)

    def agent_too_late(self) -> Script:
        """The agent picks up a call that is no longer theirs."""
        return (self._say(N_("This call is no longer waiting for you. Goodbye.")), HangUp())

    def followed_up(
        self,
        plan: Plan,
        follow_up: FollowUpFacts,
        closed: ClosedUntil | None = None,
        *,
        greet: bool = False,
        hidden: bool = False,
    ) -> Script:
        """Why nobody answers now, the reference and the date, and a voice message for callers who wish to leave one.

        `closed`: until when what they ask for is closed, if it is.

        A caller who hides their number cannot be called back: they are promised an answer only if they leave one.
        """
        if hidden:
            answer = N_(
                "Your number is hidden. The service in charge, {service}, will answer you by {day} at the latest "
                "if you leave us a number."
            )
            message = N_("Please leave us your name, your phone number and your question after the beep.")
        else:
            answer = N_("The service in charge, {service}, will answer you by {day} at the latest.")
            message = N_("If you wish, leave us a message after the beep. Otherwise you can hang up.")
        service, day = service_said(plan, follow_up.service), day_said(local_day(follow_up.due_at, plan))
        reference = spelled(follow_up.reference)
        return (
            *((self._greeting(plan),) if greet else ()),
            *((self._closed(plan, closed),) if closed is not None else ()),
            self._say(REASONS.get(follow_up.reason, NOTED)),
            self._say(answer, service=service, day=day),
            self._say(N_("Your reference is: {reference}."), reference=reference),
            self._say(N_("Once more: {reference}."), reference=reference),
            self._say(message),
            *self._record(),
        )

    def _closed(self, plan: Plan, closed: ClosedUntil) -> Say:
        message, values = closed_said(plan, closed)
        return self._say(message, **values)

    def apology(self) -> Script:
        """What is said while something of ours is broken. A message can be left: the network keeps it for us."""
        return (
            self._say(N_("We are sorry: we have a technical problem.")),
            self._say(N_("Please leave us your name and your question after the beep.")),
            *self._record(),
        )

    def _record(self) -> Script:
        record = Record(LONGEST_MESSAGE_SECONDS, MESSAGE_SILENCE_SECONDS, END_OF_MESSAGE_KEY, AfterRecording())
        return (record, *self.goodbye())

    def thanks_for_message(self) -> Script:
        return (self._say(N_("Thank you. Your message has been recorded.")), *self.goodbye())

    def goodbye(self) -> Script:
        return (self._say(N_("Thank you for your call. Goodbye.")), HangUp())


class Welcomes:
    """The greeting and the first menu: the same for every caller, so composed once for each plan and language."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._composed: dict[str, Script] = {}

    def of(self, plan: Plan, language: str) -> Script:
        if plan is not self._plan:
            self._plan, self._composed = plan, {}
        if language not in self._composed:
            self._composed[language] = VoiceScript(language, plan).welcome(plan)
        return self._composed[language]
