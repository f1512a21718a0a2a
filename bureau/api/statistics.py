"""What the town hall did in a period, told apart by hour, channel, topic or service; as JSON and as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from flask import Response, request

from bureau.access.principal import OVERSIGHT, Principal
from bureau.http.csv_files import CSV, Cell, csv_file
from bureau.http.language import language_of, translations_for
from bureau.http.operation import Operation
from bureau.http.period import period_of
from bureau.schemas.answers import ArrivalFigures, FollowUpFigures, Spread, Statistics, StatisticsItem
from bureau.schemas.requests import StatisticsQuery, StatisticsTableQuery
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.translation import N_
from routeur.clock import Clock
from routeur.reading.statistics import By, Figures, Question, statistics
from routeur.record.engine import Record

TAG = "oversight"

CHANNEL_NAMES: Final[Mapping[Channel, str]] = {
    Channel.VOICE: N_("Telephone"),
    Channel.WALKIN: N_("Front desk"),
    Channel.CHAT: N_("Chat"),
    Channel.MESSAGING: N_("SMS and WhatsApp"),
    Channel.EMAIL: N_("E-mail"),
}

KEY_NAMES: Final[Mapping[By, str]] = {
    By.HOUR: N_("Hour"),
    By.DAY: N_("Day"),
    By.CHANNEL: N_("Channel"),
    By.TOPIC: N_("Topic"),
    By.SERVICE: N_("Service"),
    By.AGENT: N_("Agent"),
}

EVERYTHING = N_("Everything")

NONE_NAMES: Final[Mapping[By, str]] = {
    By.TOPIC: N_("Topic not known"),
    By.AGENT: N_("No agent"),
}

COLUMNS: Final[Mapping[str, Callable[[StatisticsItem], Cell]]] = {
    N_("Arrivals"): lambda item: item.arrivals.arrivals,
    N_("Still waiting"): lambda item: item.arrivals.waiting,
    N_("Taken by an agent"): lambda item: item.arrivals.accepted,
    N_("Helped themselves"): lambda item: item.arrivals.self_served,
    N_("Gave up"): lambda item: item.arrivals.abandoned,
    N_("Gave up within 10 s"): lambda item: item.arrivals.abandoned_at_once,
    N_("Promised an answer"): lambda item: item.arrivals.followed_up,
    N_("Promised an answer, because closed"): lambda item: item.arrivals.followed_up_while_closed,
    N_("Ended otherwise"): lambda item: item.arrivals.otherwise,
    N_("Abandonment (%)"): lambda item: _percent(item.arrivals.abandonment),
    N_("Mean wait (s)"): lambda item: _whole(item.wait.mean),
    N_("Wait of half at most (s)"): lambda item: item.wait.p50,
    N_("Wait of 95 % at most (s)"): lambda item: item.wait.p95,
    N_("Mean handling time (s)"): lambda item: _whole(item.handling.mean),
    N_("Handling time of half at most (s)"): lambda item: item.handling.p50,
    N_("Handling time of 95 % at most (s)"): lambda item: item.handling.p95,
    N_("Finished by an agent"): lambda item: item.arrivals.finished,
    N_("Solved at once"): lambda item: item.arrivals.solved_at_once,
    N_("Solved at once (%)"): lambda item: _percent(item.arrivals.solved_at_once_share),
    N_("Handovers"): lambda item: item.arrivals.handovers,
    N_("Follow-ups made"): lambda item: item.follow_ups.made,
    N_("Follow-ups made because closed"): lambda item: item.follow_ups.because_closed,
    N_("Follow-ups answered in time"): lambda item: item.follow_ups.in_time,
    N_("Follow-ups answered late"): lambda item: item.follow_ups.late,
    N_("Follow-ups not answered yet"): lambda item: item.follow_ups.pending,
    N_("Follow-ups overdue"): lambda item: item.follow_ups.overdue,
    N_("Follow-ups put back in the queue"): lambda item: item.follow_ups.back_in_queue,
}
"""The heading of each column of the table, and its cell."""


class StatisticsApi:
    """`/statistics` and `/statistics.csv`."""

    def __init__(self, record: Record, plans: Callable[[], Plan], clock: Clock) -> None:
        self._record = record
        self._plans = plans
        self._clock = clock

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "GET",
                "/statistics",
                self.get_statistics,
                TAG,
                OVERSIGHT,
                Statistics,
                query=StatisticsQuery,
            ),
            Operation(
                "GET",
                "/statistics.csv",
                self.export_statistics,
                TAG,
                OVERSIGHT,
                query=StatisticsTableQuery,
                media_types=(CSV,),
            ),
        ]

    def get_statistics(self, who: Principal, query: StatisticsQuery) -> Statistics:
        """Arrivals, waits, handling, handovers and follow-ups of a period, told apart by what `by` says.

        Of a period of at most a year, by default of today so far. Hours and days are those of the commune's clocks. By
        agent only if the plan allows it (`statistics_by_agent`).
        """
        return self._statistics(query)

    def export_statistics(self, who: Principal, query: StatisticsTableQuery) -> Response:
        """The same as a table for a spreadsheet, in the reader's language; its first row is everything together."""
        found = self._statistics(query)
        say = translations_for(request).gettext
        rows: list[Sequence[Cell]] = [
            (item.key, item.label, *(cell(item) for cell in COLUMNS.values())) for item in (found.total, *found.items)
        ]
        heading = [say(KEY_NAMES[found.by]), "", *map(say, COLUMNS)]
        name = f"statistiques-{found.start:%Y-%m-%d}-{found.end:%Y-%m-%d}-{found.by}.csv"
        return csv_file(name, heading, rows, language_of(request))

    def _statistics(self, query: StatisticsQuery) -> Statistics:
        plan = self._plans()
        now, zone = self._clock(), ZoneInfo(plan.commune.timezone)
        start, end = period_of(query, now, zone)
        question = Question(start, end, zone, query.by, query.channel, query.topic, query.service)
        found = statistics(self._record, plan, question, now)
        say, language = translations_for(request).gettext, language_of(request)
        return Statistics(
            start=start.astimezone(zone),
            end=end.astimezone(zone),
            by=query.by,
            total=_item(found.total, say(EVERYTHING)),
            items=[_item(item, _label(plan, query.by, item.key, language, say)) for item in found.items],
        )


def _item(figures: Figures, label: str) -> StatisticsItem:
    return StatisticsItem(
        key=figures.key,
        label=label,
        arrivals=ArrivalFigures.model_validate(figures.arrivals),
        wait=Spread.model_validate(figures.wait),
        handling=Spread.model_validate(figures.handling),
        follow_ups=FollowUpFigures.model_validate(figures.follow_ups),
    )


def _label(plan: Plan, by: By, key: str | None, language: str, say: Callable[[str], str]) -> str:
    """What a reader calls this key."""
    if key is None:
        return say(NONE_NAMES.get(by, EVERYTHING))
    if by is By.CHANNEL:
        return say(CHANNEL_NAMES.get(Channel(key), key))
    if by is By.TOPIC:
        return plan.topic_label(key, language) or key
    if by is By.SERVICE:
        return wording(plan.services[key].label, language) if key in plan.services else key
    if by is By.AGENT:
        return plan.agents[key].name if key in plan.agents else key
    if by is By.HOUR:
        return say(N_("{hour}:00 to {hour}:59")).format(hour=key)
    return key


def _percent(share: float | None) -> float | None:
    return round(100 * share, 1) if share is not None else None


def _whole(seconds: float | None) -> int | None:
    return round(seconds) if seconds is not None else None
