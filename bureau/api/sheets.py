"""The procedure sheets: finding one while typing, and reading it."""

from __future__ import annotations

from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import request

from bureau.access.principal import EVERYONE, Principal
from bureau.http.language import language_of
from bureau.http.operation import Operation
from bureau.http.problems import NO_SUCH_THING, Problem
from bureau.schemas.answers import LegalSource, Sheet, SheetHit, SheetHits, SheetSection
from bureau.schemas.requests import SheetQuery
from competences.plan.types import wording
from competences.sheets.catalogue import Catalogue
from competences.translation import DEFAULT_LANGUAGE
from routeur.clock import Clock

TAG = "sheets"


class SheetsApi:
    """Everything under `/sheets`."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/sheets", self.search_sheets, TAG, EVERYONE, SheetHits, query=SheetQuery),
            Operation("GET", "/sheets/<topic>", self.get_sheet, TAG, EVERYONE, Sheet),
        ]

    def search_sheets(self, who: Principal, query: SheetQuery) -> SheetHits:
        """The procedure sheets for what is being typed, the best first; all sheets, by title, if nothing is typed.

        Case, accents, plurals and slips of the keyboard do not matter; the last word may be half typed; words may be
        French or English.
        """
        language = language_of(request)
        on_hand = self._catalogue.on_hand()
        hits = []
        for hit in on_hand.index.search(query.q, language):
            sheet, topic = on_hand.sheets[hit.topic], on_hand.plan.topics[hit.topic]
            hits.append(
                SheetHit(
                    topic=hit.topic,
                    title=wording(topic.label, language),
                    service=topic.service,
                    snippet=hit.snippet,
                    reviewed_on=sheet.reviewed_on,
                    online=sheet.online,
                )
            )
        return SheetHits(items=hits)

    def get_sheet(self, who: Principal, topic: str) -> Sheet:
        """One procedure sheet, with the town hall's own facts filled in.

        A reader of French gets every section, the spoken part in English included; a reader of English that part alone.
        The other texts are in French.
        """
        on_hand = self._catalogue.on_hand()
        sheet = on_hand.sheets.get(topic)
        if sheet is None:
            raise Problem(HTTPStatus.NOT_FOUND, NO_SUCH_THING)
        plan, language = on_hand.plan, language_of(request)
        today = self._clock().astimezone(ZoneInfo(plan.commune.timezone)).date()
        return Sheet(
            topic=topic,
            title=wording(plan.topics[topic].label, language),
            service=sheet.service,
            keywords=list(sheet.keywords),
            online=sheet.online,
            documents=list(sheet.documents),
            cost=sheet.cost,
            delay=sheet.delay,
            legal=[LegalSource.model_validate(source) for source in sheet.legal],
            reviewed_on=sheet.reviewed_on,
            next_review=sheet.next_review,
            overdue_review=sheet.next_review < today,
            to_confirm=list(sheet.to_confirm),
            sections=[
                SheetSection(section=section, heading=section.heading, language=section.language, text=text)
                for section, text in sheet.sections.items()
                if language in (DEFAULT_LANGUAGE, section.language)
            ],
        )
