"""Examples made of agents' corrections: a supervisor reviews each before it is learned."""

from __future__ import annotations

from http import HTTPStatus

from bureau.access.principal import OVERSIGHT, Principal
from bureau.http.operation import Operation
from bureau.schemas.answers import ExampleCandidate, ExampleCandidates
from bureau.schemas.requests import CandidateQuery, CandidateReview
from routeur.topics.corrections import Corrections

TAG = "topics"
REVIEWED = frozenset({HTTPStatus.CONFLICT})


class TopicExamplesApi:
    """Everything under `/topic-examples`."""

    def __init__(self, corrections: Corrections) -> None:
        self._corrections = corrections

    def operations(self) -> list[Operation]:
        path = "/topic-examples/<candidate_id>"
        gone, unfit = HTTPStatus.NO_CONTENT, REVIEWED | {HTTPStatus.UNPROCESSABLE_ENTITY}
        review = CandidateReview
        return [
            Operation(
                "GET", "/topic-examples", self.list_examples, TAG, OVERSIGHT, ExampleCandidates, query=CandidateQuery
            ),
            Operation(
                "POST", f"{path}/accept", self.accept_example, TAG, OVERSIGHT, None, gone, review, refusals=unfit
            ),
            Operation("POST", f"{path}/refuse", self.refuse_example, TAG, OVERSIGHT, None, gone, refusals=REVIEWED),
        ]

    def list_examples(self, who: Principal, query: CandidateQuery) -> ExampleCandidates:
        """What usagers wrote, without personal data, and the topic that an agent set; the oldest first."""
        candidates = self._corrections.candidates(query.state, query.limit)
        return ExampleCandidates(items=[ExampleCandidate.model_validate(item) for item in candidates], next=None)

    def accept_example(self, who: Principal, candidate_id: str, body: CandidateReview) -> None:
        """It will be learned (`routeur topics learn`), with the text and the topic as corrected here."""
        self._corrections.accept(candidate_id, who.login, text=body.text, topic=body.topic)

    def refuse_example(self, who: Principal, candidate_id: str) -> None:
        """It teaches nothing; its text is forgotten."""
        self._corrections.refuse(candidate_id, who.login)
