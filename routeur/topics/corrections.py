"""Learning from agents' corrections: a corrected contact's words become a candidate, without personal data.

A supervisor accepts or refuses the candidate; accepted ones are learned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select, update

from competences.recognition.examples import Example
from competences.recognition.personal_data import without_personal_data
from routeur.clock import Clock
from routeur.contact.identifiers import new_id
from routeur.contact.row import ContactRow
from routeur.contact.words import Direction
from routeur.errors import Conflict, Invalid, NotFound
from routeur.plans import Plans
from routeur.record.engine import Record
from routeur.record.tables import Contact, ExampleCandidate, Message, Usager

LONGEST_EXAMPLE_CHARACTERS = 2000


class CandidateState(StrEnum):
    """How far a candidate is on its way into the model."""

    CANDIDATE = "candidate"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LEARNED = "learned"


@dataclass(frozen=True)
class CandidateView:
    """A candidate; `topic_before` is the contact's topic before the correction, None if it was open."""

    id: str
    text: str
    topic: str
    topic_before: str | None
    state: str
    created_at: datetime
    corrected_by: str
    reviewed_by: str | None


class Corrections:
    """Keeps and reviews candidates. `known_words` gives words that are nobody's name."""

    def __init__(self, record: Record, plans: Plans, clock: Clock, known_words: Callable[[], Collection[str]]) -> None:
        self._record = record
        self._plans = plans
        self._clock = clock
        self._known_words = known_words

    def keep(self, connection: Connection, row: ContactRow, topic: str, login: str, now: datetime) -> None:
        """Keep the usager's words as a candidate for the topic that `login` set; it replaces the contact's earlier one.

        Within the caller's transaction; `row` is the contact before the correction. Nothing is kept of a contact
        without words, nor of one whose candidate was reviewed already.
        """
        if topic == row.topic:
            return
        connection.execute(select(Contact.id).where(Contact.id == row.id).with_for_update())  # one correction at a time
        texts = connection.scalars(
            select(Message.text)
            .where(Message.contact_id == row.id, Message.direction == Direction.INBOUND.value)
            .order_by(Message.position)
        ).all()
        name = connection.scalar(select(Usager.name).where(Usager.id == row.usager_id))
        text = self._impersonal([row.subject, *texts], [name, row.given_name])
        earlier = connection.execute(
            select(ExampleCandidate.state, ExampleCandidate.topic_before).where(ExampleCandidate.contact_id == row.id)
        ).one_or_none()
        if not text or earlier is not None and earlier.state != CandidateState.CANDIDATE:
            return
        connection.execute(delete(ExampleCandidate).where(ExampleCandidate.contact_id == row.id))
        connection.execute(
            insert(ExampleCandidate).values(
                id=new_id(),
                contact_id=row.id,
                text=text,
                topic=topic,
                topic_before=earlier.topic_before if earlier is not None else row.topic,
                state=CandidateState.CANDIDATE.value,
                created_at=now,
                corrected_by=login,
            )
        )

    def _impersonal(self, parts: Sequence[str | None], names: Sequence[str | None]) -> str:
        """The parts, joined and shortened, without personal data.

        Each part is treated by itself, since each may end with its author's name. It is shortened before (to twice the
        limit) and after, so that a number or address cut in half never remains.
        """
        known_words, called = self._known_words(), [name for name in names if name]
        longest = LONGEST_EXAMPLE_CHARACTERS
        kept = [
            without_personal_data(part[: 2 * longest], known_words=known_words, names=called)[:longest]
            for part in parts
            if part
        ]
        return "\n".join(part for part in kept if part)[:longest]

    def candidates(self, state: CandidateState = CandidateState.CANDIDATE, limit: int = 200) -> list[CandidateView]:
        """The candidates in this state, oldest first."""
        columns = [ExampleCandidate.__table__.c[name] for name in CandidateView.__dataclass_fields__]
        query = (
            select(*columns)
            .where(ExampleCandidate.state == state.value)
            .order_by(ExampleCandidate.created_at, ExampleCandidate.id)
            .limit(limit)
        )
        with self._record.read() as connection:
            return [CandidateView(**row._mapping) for row in connection.execute(query)]

    def accept(self, candidate_id: str, login: str, *, text: str | None = None, topic: str | None = None) -> None:
        """Accept a candidate for learning, with the reviewer's text and topic if given.

        Raises NotFound; Conflict when it was reviewed already; Invalid for a topic that the plan does not have.
        """
        if topic is not None and topic not in self._plans.plan().topics:
            raise Invalid(topic)
        corrected = {name: value for name, value in (("text", text), ("topic", topic)) if value is not None}
        self._review(candidate_id, login, CandidateState.ACCEPTED, **corrected)

    def refuse(self, candidate_id: str, login: str) -> None:
        """Refuse a candidate and delete its text. Raises NotFound; Conflict when it was reviewed already."""
        self._review(candidate_id, login, CandidateState.REFUSED, text="")

    def _review(self, candidate_id: str, login: str, state: CandidateState, **corrected: str) -> None:
        with self._record.write() as connection:
            candidate = select(ExampleCandidate.id).where(ExampleCandidate.id == candidate_id)
            if connection.scalar(candidate) is None:
                raise NotFound(candidate_id)
            done = connection.execute(
                update(ExampleCandidate)
                .where(ExampleCandidate.id == candidate_id, ExampleCandidate.state == CandidateState.CANDIDATE.value)
                .values(state=state.value, reviewed_by=login, reviewed_at=self._clock(), **corrected)
            )
            if done.rowcount != 1:
                raise Conflict(candidate_id)


def accepted_examples(record: Record) -> Sequence[Example]:
    """The candidates that were accepted and not learned yet, as examples."""
    return _examples(record, CandidateState.ACCEPTED)


def learned_examples(record: Record) -> Sequence[Example]:
    """The learned candidates, as examples; always in the same order, which the model's file is named after."""
    return _examples(record, CandidateState.LEARNED)


def learn_accepted(record: Record, examples: Sequence[Example], now: datetime) -> None:
    """Mark the accepted candidates with these examples as learned."""
    with record.write() as connection:
        for example in examples:
            connection.execute(
                update(ExampleCandidate)
                .where(
                    ExampleCandidate.state == CandidateState.ACCEPTED.value,
                    ExampleCandidate.text == example.text,
                    ExampleCandidate.topic == example.topic,
                )
                .values(state=CandidateState.LEARNED.value, learned_at=now)
            )


def learned_until(record: Record) -> datetime | None:
    """When candidates were last marked as learned; None if never."""
    with record.read() as connection:
        return connection.scalar(select(func.max(ExampleCandidate.learned_at)))


def _examples(record: Record, state: CandidateState) -> Sequence[Example]:
    query = (
        select(ExampleCandidate.text, ExampleCandidate.topic)
        .where(ExampleCandidate.state == state.value)
        .order_by(ExampleCandidate.created_at, ExampleCandidate.id)
    )
    with record.read() as connection:
        return [Example(row.text, row.topic) for row in connection.execute(query)]
