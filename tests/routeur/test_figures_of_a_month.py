"""The figures over a random month of life are those that the journal tells."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from routeur.reading.service_level import Tally, service_level
from routeur.reading.statistics import By, Question, Spread, statistics
from routeur.record.tables import Contact, FollowUp, JournalEntry
from tests.routeur.hall import Hall
from tests.routeur.journal_figures import PARIS, tallies
from tests.routeur.month import DAYS, START, Month

SEEDS = 1
END = START + timedelta(days=DAYS)
OVER = ("abandoned", "self_served", "follow_up", "merged", "finished")


@dataclass
class Ask:
    """What the journal tells of one time that somebody asked."""

    contact: Any
    at: datetime
    entries: Sequence[Any]

    @property
    def first(self) -> Any:
        """The entry with which the wait ended, or None."""
        return next((entry for entry in self.entries if entry.kind in (*OVER, "accepted")), None)

    @property
    def over(self) -> bool:
        """Whether no agent has it any more, nor is about to."""
        return bool(self.entries) and self.entries[-1].kind in OVER

    @property
    def held_seconds(self) -> float:
        pairs = zip(self.entries, self.entries[1:], strict=False)
        held = (then.at - entry.at for entry, then in pairs if entry.kind == "accepted")
        return sum(held, timedelta()).total_seconds()


def asks(hall: Hall) -> Iterator[Ask]:
    """Every time that somebody asked, told by the journal; an acceptance that no telephone answered is none."""
    kinds = (
        "arrived",
        "reopened",
        "accepted",
        "phone_not_answered",
        "transferred",
        "agent_lost",
        "follow_up_queued",
        *OVER,
    )
    with hall.record.read() as connection:
        contacts = {row.id: row for row in connection.execute(select(*Contact.__table__.c))}
        rows = connection.execute(
            select(*JournalEntry.__table__.c).where(JournalEntry.kind.in_(kinds)).order_by(JournalEntry.id)
        ).all()
    stories: dict[str, list[list[Any]]] = defaultdict(list)
    for row in rows:
        if row.kind in ("arrived", "reopened"):
            stories[row.contact_id].append([row])
        elif row.kind == "phone_not_answered":
            stories[row.contact_id][-1].pop()
        else:
            stories[row.contact_id][-1].append(row)
    for contact_id, story in stories.items():
        for begin, *entries in story:
            yield Ask(contacts[contact_id], begin.at, entries)


def periods() -> list[tuple[datetime, datetime]]:
    week = timedelta(days=7)
    days = [(START + timedelta(days=number), START + timedelta(days=number + 1)) for number in range(DAYS)]
    return [(START, END), (START + week, START + 2 * week), (START + timedelta(hours=9.5), END - week), *days]


@pytest.fixture(params=range(SEEDS))
def lived(hall: Hall, request: pytest.FixtureRequest) -> Hall:
    Month(hall, request.param).live()
    return hall


def test_the_figures_of_a_month_are_those_that_the_journal_tells(lived: Hall) -> None:
    for start, end in periods():
        with lived.record.read() as connection:
            told = tallies(connection, start, end)
        level = service_level(lived.record, start, end)
        assert level.by_channel == told, (start, end)
        assert level.total == sum(told.values(), Tally())
    whole = service_level(lived.record, START, END).total
    assert 0 < whole.within < whole.counted
    assert whole.while_closed > 0
    _compare_statistics(lived)


def _compare_statistics(hall: Hall) -> None:
    demands = _demands([ask for ask in asks(hall) if START <= ask.at < END])
    keys: dict[By, Callable[[Ask], str | None]] = {
        By.CHANNEL: lambda ask: str(ask.contact.channel),
        By.TOPIC: lambda ask: ask.contact.topic,
        By.SERVICE: lambda ask: hall.plans.plan().service_of(ask.contact.topic),
        By.HOUR: lambda ask: f"{ask.at.astimezone(PARIS):%H}",
        By.DAY: lambda ask: f"{ask.at.astimezone(PARIS):%Y-%m-%d}",
        By.AGENT: lambda ask: ask.first.agent if _takes(ask.first) else None,
    }
    plan = hall.plans.plan().model_copy(update={"statistics_by_agent": True})
    for by, key in keys.items():
        found = statistics(hall.record, plan, Question(START, END, PARIS, by), hall.clock())
        items = {item.key: item for item in found.items}
        assert sum(item.arrivals.arrivals for item in found.items) == found.total.arrivals.arrivals
        arrived = Counter(key(ask) for ask in demands)
        assert {name: item.arrivals.arrivals for name, item in items.items() if item.arrivals.arrivals} == arrived
        for name in arrived:
            mine = [ask for ask in demands if key(ask) == name]
            taken = [ask for ask in mine if _takes(ask.first)]
            figures = items[name].arrivals
            assert figures.accepted == len(taken)
            assert figures.waiting == sum(ask.first is None for ask in mine)
            assert figures.finished == sum(ask.over for ask in taken)
            assert figures.handovers == sum(_handovers(ask) for ask in taken)
            assert figures.solved_at_once == sum(
                _handovers(ask) == 0 and ask.entries[-1].detail.get("outcome") == "answered" for ask in taken
            )
            _compare_spread(items[name].handling, [ask.held_seconds for ask in taken if ask.over])
            figures_of_end = (figures.waiting, figures.accepted, figures.self_served, figures.abandoned)
            assert sum((*figures_of_end, figures.followed_up, figures.otherwise)) == figures.arrivals
    _compare_follow_ups(hall)


def _demands(told: Sequence[Ask]) -> list[Ask]:
    """Those that are neither spam nor served or merged with another of the same person."""
    taken_at = Counter(
        (entry.at, entry.agent, ask.contact.usager_id) for ask in told for entry in ask.entries if _takes(entry)
    )
    together = defaultdict(list)
    for ask in told:
        if _takes(ask.first):
            together[ask.first.at, ask.first.agent, ask.contact.usager_id].append(ask)
    counted = {
        id(min(group, key=lambda ask: (_is_spam(ask), ask.contact.channel == "email", ask.at, ask.contact.id)))
        for taking, group in together.items()
        if len(group) == taken_at[taking]
    }
    return [
        ask
        for ask in told
        if (id(ask) in counted and not _is_spam(ask) if _takes(ask.first) else not _is(ask.first, "merged"))
    ]


def _is(entry: Any, kind: str) -> bool:
    return entry is not None and entry.kind == kind


def _takes(entry: Any) -> bool:
    return _is(entry, "accepted")


def _is_spam(ask: Ask) -> bool:
    day = ask.first.at.astimezone(PARIS).date()
    return any(
        entry.detail.get("outcome") == "spam" and entry.at.astimezone(PARIS).date() == day for entry in ask.entries
    )


def _handovers(ask: Ask) -> int:
    """How often an agent passed it on."""
    pairs = zip(ask.entries, ask.entries[1:], strict=False)
    return sum(_takes(entry) and then.kind in ("transferred", "follow_up") for entry, then in pairs)


def _compare_spread(spread: Spread, seconds: list[float]) -> None:
    assert spread.count == len(seconds)
    if seconds:
        ranked = sorted(seconds)
        assert spread.mean == pytest.approx(sum(ranked) / len(ranked), abs=0.5)
        assert spread.p50 == pytest.approx(ranked[math.ceil(len(ranked) * 0.5) - 1], abs=0.501)
        assert spread.p95 == pytest.approx(ranked[math.ceil(len(ranked) * 0.95) - 1], abs=0.501)


def _compare_follow_ups(hall: Hall) -> None:
    with hall.record.read() as connection:
        rows = connection.execute(select(*FollowUp.__table__.c)).all()
    made = [row for row in rows if START <= row.created_at < END]
    figures = statistics(
        hall.record, hall.plans.plan(), Question(START, END, PARIS, By.SERVICE), hall.clock()
    ).total.follow_ups
    queued = [row for row in made if row.state == "queued"]
    done = [(row, row.answered_at or row.closed_at) for row in made if row not in queued]
    assert figures.made == len(made) > 0
    assert figures.in_time == sum(at is not None and at <= row.due_at for row, at in done)
    assert figures.late == sum(at is not None and at > row.due_at for row, at in done)
    assert figures.back_in_queue == len(queued)
    assert figures.pending == sum(at is None for _, at in done)
    assert figures.overdue == sum(at is None and row.due_at < hall.clock() for row, at in done)
