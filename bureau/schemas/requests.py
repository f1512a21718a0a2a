"""The bodies and queries that the API takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bureau.access.accounts import MINIMUM_PASSWORD_CHARACTERS, is_varied
from bureau.schemas.fields import (
    NO_CONTROLS,
    ONE_LINE,
    ClientId,
    Cursor,
    Day,
    Email,
    Instant,
    Key,
    Language,
    LongText,
    NamedWay,
    Note,
    Phone,
    ReachedAt,
    Request,
    ShortText,
)
from competences.channels import Channel
from routeur.contact.words import Activity, ContactState, FollowUpReason, FollowUpState, Outcome
from routeur.reading.statistics import By
from routeur.topics.corrections import CandidateState

Piece = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE)]
"""The name of a piece that is missing."""


def _varied(password: str) -> str:
    if not is_varied(password):
        raise PydanticCustomError("repetitive", "must not be one character only, repeated")
    return password


BY = (
    "The way that it takes; by default the first of the contact's `ways_out` that is sure. `telephone` and `letter` "
    "say that you have called the person, or written to them on paper, yourself: `text` is then a note of what they "
    "were told. `chat` leaves it in the conversation, where only a visitor who comes back finds it."
)
ADDRESS = (
    "Where it is written to; naming it confirms it: the person has told you that it is theirs. It need not be one that "
    "is known."
)
DAY = "2026-03-16"
"""A day in examples."""


def _like(*examples: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class LogIn(Request):
    """A login and its password."""

    model_config = _like({"login": "camille.martin", "password": "demo"})

    login: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class PasswordChange(Request):
    """A person's present password, and the one that they want."""

    model_config = _like({"present": "demo", "password": "trois chats sur un toit"})

    present: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    password: Annotated[
        str,
        StringConstraints(min_length=MINIMUM_PASSWORD_CHARACTERS, max_length=256, pattern=ONE_LINE),
        AfterValidator(_varied),
    ]


class ActivityChange(Request):
    """What the agent is doing from now on."""

    model_config = _like({"activity": "available"})

    activity: Activity


class WalkIn(Request):
    """A person who came to the counter, or whom another system announces."""

    model_config = _like(
        {"channel": "walkin", "text": "Renouvellement de passeport", "topic": "passeport", "name": "Awa Diallo"},
        {"text": "Une inscription à la cantine", "phone": "+33639980011", "language": "fr"},
    )

    channel: Literal["walkin"] = "walkin"
    text: Note = ""
    topic: Key | None = None
    name: ShortText | None = None
    phone: Phone | None = None
    email: Email | None = None
    language: Language = "fr"
    confirmed: bool = Field(
        default=False,
        description="The person has read the phone number and the e-mail address that were typed, and they are right: "
        "what is promised and answered leaves there. It proves nothing else.",
    )
    client_id: ClientId | None = Field(
        default=None, description="Chosen by the caller; the same one twice is one contact."
    )


class Reply(Request):
    """What the agent writes to the usager."""

    model_config = _like({"text": "Bonjour, votre dossier est complet."})

    text: LongText
    by: NamedWay | None = Field(default=None, description=BY)
    address: ReachedAt | None = Field(default=None, description=ADDRESS)
    cc: Annotated[list[Email], Field(max_length=20)] = Field(
        default=[], description="Who receives a copy: among the contact's `correspondents`."
    )
    client_id: ClientId | None = Field(
        default=None, description="Chosen by the caller; the same one twice is one message."
    )


class NewNote(Request):
    """What an agent notes in a contact; the usager never sees it."""

    model_config = _like({"text": "A rappelé deux fois ; le dossier est chez Nadia."})

    text: LongText
    client_id: ClientId | None = Field(
        default=None, description="Chosen by the caller; the same one twice is one note."
    )


class DraftText(Request):
    """What I have written so far; an empty text forgets it."""

    model_config = _like({"text": "Bonjour Madame, votre dossier"}, {"text": ""})

    text: Annotated[str, StringConstraints(max_length=10_000, pattern=NO_CONTROLS)]


class ReadMark(Request):
    """How far I have read."""

    model_config = _like({"position": 3})

    position: Annotated[int, Field(ge=1, le=10**9)]


class WrapUpExtension(Request):
    """How much longer the wrap-up may last."""

    model_config = _like({"seconds": 120})

    seconds: Annotated[int, Field(ge=1, le=3600)] = Field(description="From now on.")


class Transfer(Request):
    """Where the contact goes: to a topic, to an agent with these skills, or to one agent by login."""

    model_config = _like({"topic": "permis-construire"}, {"skills": {"etat-civil": 3}}, {"agent": "camille.martin"})

    topic: Key | None = None
    skills: dict[Key, Annotated[int, Field(ge=1, le=5)]] | None = Field(default=None, min_length=1, max_length=20)
    agent: Key | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Transfer:
        if sum(target is not None for target in (self.topic, self.skills, self.agent)) != 1:
            raise PydanticCustomError("one_target", "exactly one of topic, skills, agent")
        return self


class TopicChange(Request):
    """What the contact turns out to be about."""

    model_config = _like({"topic": "cantine"})

    topic: Key


class RequestSetting(Request):
    """Whether the contact is a request in the sense of the law: something is asked that the town hall decides."""

    model_config = _like({"is_request": True})

    is_request: bool
    even_if_decided: bool = Field(
        default=False, description="Confirms that it is a request although its period is over: silence has decided."
    )


class PiecesRequest(Request):
    """Which pieces are missing from a request, and the last day for them to come."""

    model_config = _like({"pieces": ["Plan de situation du terrain", "Notice décrivant le projet"], "until": DAY})

    pieces: Annotated[list[Piece], Field(min_length=1, max_length=20)]
    until: Day


class Completion(Request):
    """On which day the last of the missing pieces came; by default today."""

    model_config = _like({}, {"received_on": DAY})

    received_on: Day | None = None


class CandidateQuery(Request):
    """Which examples to look at."""

    state: CandidateState = CandidateState.CANDIDATE
    limit: int = Field(default=50, ge=1, le=200)


class CandidateReview(Request):
    """The text and topic to learn; by default the candidate's own."""

    model_config = _like({}, {"text": "il manque un repas sur ma facture", "topic": "facture-avis-paiement"})

    text: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_CONTROLS)] | None = None
    topic: Key | None = None


class SheetQuery(Request):
    """The words to search for."""

    q: Annotated[str, StringConstraints(max_length=200, pattern=NO_CONTROLS)] = Field(
        default="", description="A few words, the last perhaps half typed."
    )


class Finish(Request):
    """How the contact ended. Only the router can say that it was merged or followed up."""

    model_config = _like({"outcome": "answered", "note": "Pièces à fournir indiquées."})

    outcome: Literal[Outcome.ANSWERED, Outcome.SELF_SERVED, Outcome.ABANDONED, Outcome.SPAM, Outcome.FAILED] = (
        Outcome.ANSWERED
    )
    note: Note | None = None


class FollowUpRequest(Request):
    """Hand the contact to the back office."""

    model_config = _like({"service": "urbanisme", "note": "Rappeler le notaire avant vendredi."}, {})

    service: Key | None = Field(default=None, description="By default the service that the topic names.")
    note: Note | None = None
    address: ReachedAt | None = Field(
        default=None,
        description="An e-mail address or a mobile number that the person has confirmed to you: the reference and the "
        "date are written there, and later the answer.",
    )


class FollowUpTaking(Request):
    """Whether to take it from the colleague who has it, which is for supervisors."""

    model_config = _like({}, {"over": True})

    over: bool = False


class FollowUpHandOver(Request):
    """To whom it goes: to a colleague by login, or to another service."""

    model_config = _like({"agent": "camille.martin", "note": "Vous connaissez le dossier."}, {"service": "urbanisme"})

    agent: Key | None = None
    service: Key | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _one_target(self) -> FollowUpHandOver:
        if (self.agent is None) == (self.service is None):
            raise PydanticCustomError("one_heir", "exactly one of agent, service")
        return self


class FollowUpSnooze(Request):
    """When to be reminded of it; null wakes it."""

    model_config = _like({"until": "2026-03-16T09:00:00+01:00"}, {"until": None})

    until: Instant | None


class FollowUpReopening(Request):
    """Why it must be answered once more."""

    model_config = _like({"note": "La réponse ne portait que sur la moitié de la question."}, {})

    note: Note | None = None


class FollowUpMoment(Request):
    """The moment that made follow-ups which should not have been: for which reasons, and when they were made."""

    model_config = _like(
        {
            "reasons": ["nobody-skilled", "closed"],
            "from": "2026-03-02T08:30:00+01:00",
            "to": "2026-03-02T08:35:00+01:00",
        }
    )

    reasons: Annotated[list[FollowUpReason], Field(min_length=1, max_length=len(FollowUpReason))]
    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to", description="Not included.")
    service: Key | None = None
    cursor: Cursor | None = Field(default=None, description="The `next` of the call before, which goes on from there.")

    @model_validator(mode="after")
    def _in_order(self) -> FollowUpMoment:
        if self.end <= self.start:
            raise PydanticCustomError("no_moment", "must be after `from`")
        return self


class FollowUpAnswer(Request):
    """What the back office writes to the usager, or has told them by telephone or in a letter."""

    model_config = _like(
        {"text": "Votre certificat d'urbanisme est prêt."},
        {"text": "Votre certificat d'urbanisme est prêt.", "by": "email", "address": "awa.diallo@example.org"},
        {"text": "Prévenue de vive voix : le certificat est prêt.", "by": "telephone"},
    )

    text: LongText
    by: NamedWay | None = Field(default=None, description=BY)
    address: ReachedAt | None = Field(default=None, description=ADDRESS)


class FollowUpClosing(Request):
    """Why the follow-up needs nothing more."""

    model_config = _like({"note": "Réglé au guichet."})

    note: Note | None = None


class PageQuery(Request):
    """Which part of a list to give."""

    cursor: Cursor | None = Field(default=None, description="The `next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class MessageQuery(Request):
    """Which of a contact's messages to list."""

    after: int = Field(default=0, ge=0, le=10**9, description="Only those after this position.")
    limit: int = Field(default=50, ge=1, le=200)


class StreamQuery(Request):
    """Where in the stream to begin."""

    after: Annotated[str, StringConstraints(max_length=64, pattern=ONE_LINE)] | None = Field(
        default=None, description="The `number` of the snapshot, or of the last event, that the reader has."
    )


class OverviewStreamQuery(StreamQuery):
    """Where in the supervisors' stream to begin."""


class ContactQuery(PageQuery):
    """Which contacts to list."""

    state: ContactState | None = None
    topic: Key | None = None
    channel: Channel | None = None
    outcome: Outcome | None = Field(default=None, description="How it ended, of those that are closed.")


class SetAsideQuery(PageQuery):
    """Which of what was set aside to list."""

    reviewed: bool | None = Field(default=None, description="False: only what nobody has looked at yet.")


class FollowUpQuery(PageQuery):
    """Which follow-ups to list."""

    service: Key | None = None
    state: FollowUpState | None = None
    due_before: Instant | None = None
    overdue: bool | None = Field(default=None, description="True: only those past their date and not yet answered.")
    owner: Key | None = Field(default=None, description="Only those that this agent has taken.")
    written_again: bool | None = Field(
        default=None, description="True: only those whose usager has written since, without an answer so far."
    )
    snoozed: bool | None = Field(
        default=None, description="True: only those that sleep; false: only those that do not."
    )


class Period(Request):
    """From `from` up to, not including, `to`; by default today so far."""

    start: Instant | None = Field(default=None, alias="from")
    end: Instant | None = Field(default=None, alias="to")


class StatisticsQuery(Period):
    """Which figures to give, and what to tell them apart by."""

    by: By = Field(default=By.CHANNEL, description="Hours and days are those of the commune's clocks.")
    channel: Channel | None = None
    topic: Key | None = None
    service: Key | None = None


class StatisticsTableQuery(StatisticsQuery):
    """The same, for the table."""
