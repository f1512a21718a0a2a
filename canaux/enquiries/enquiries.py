"""How a request stands, for people whom we do not know: a bounded number of guesses, and words for every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from limits import parse

from canaux.enquiries.question import read_question
from canaux.enquiries.status_words import status_in_words, status_refused
from canaux.throttle import Throttle
from competences.plan.plan import Plan
from routeur.followups.status import FollowUpStatus, Statuses
from routeur.ports.inbound import ReadyAnswer

PER_ASKER_AND_REFERENCE = parse("6/hour")
"""Wrong guesses; somebody mistypes their own number a few times."""

PER_ASKER = parse("30/10minutes")
"""A library or a mobile network may stand behind one address."""

PER_REFERENCE = parse("40/hour")
"""Guesses from many addresses; far more than one address may make, so that one alone locks nobody else out."""


class TooMany(Exception):
    """Too many guesses, or they cannot be counted now; `seconds` until asking again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Enquiries:
    """The enquiries on one way in, whose guesses `throttle` counts."""

    def __init__(self, statuses: Statuses, plans: Callable[[], Plan], throttle: Throttle) -> None:
        self._statuses = statuses
        self._plans = plans
        self._throttle = throttle

    def find(
        self, reference: str, proofs: Sequence[str], who: str, claims: Sequence[str] = ()
    ) -> FollowUpStatus | None:
        """The status, where one of `proofs` shows that the request is the asker's, or one of `claims` is enough.

        `claims` are addresses that the asker only names (see `Statuses.find`). Raises TooMany, whether or not the
        request exists.
        """
        self.count(reference, who)
        return self.tell(reference, proofs, claims, who)

    def count(self, reference: str, who: str) -> None:
        """Count one more guess. Raises TooMany."""
        waits = (
            (PER_ASKER, (who,)),
            (PER_ASKER_AND_REFERENCE, (who, reference)),
            (PER_REFERENCE, (reference,)),
        )
        for limit, counted in waits:
            seconds = self._throttle.seconds_to_wait(limit, *counted)
            if seconds:
                raise TooMany(seconds)

    def tell(self, reference: str, proofs: Sequence[str], claims: Sequence[str], who: str) -> FollowUpStatus | None:
        """The status, for a guess that is counted; a right one takes back the wrong ones before it."""
        found = self._statuses.find(reference, proofs, claims)
        if found is not None:
            self._throttle.forget(PER_ASKER_AND_REFERENCE, who, reference)
        return found

    def answer(
        self, text: str, proofs: Sequence[str], who: str, language: str, claims: Sequence[str] = ()
    ) -> ReadyAnswer | None:
        """The answer to a message that holds a reference; None for any other message.

        What is written beside the reference is a claim too.
        """
        question = read_question(text)
        if question is None:
            return None
        try:
            found = self.find(question.reference, proofs, who, [*claims, *question.proofs])
        except TooMany:
            found = None
        if found is None:
            return ReadyAnswer(status_refused(language), whole=False)
        return ReadyAnswer(status_in_words(self._plans(), found, language), whole=question.alone)
