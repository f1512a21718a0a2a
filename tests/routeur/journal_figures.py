"""The service level of a period told by SQL from the journal: what ours is checked against.

It was written apart from what it checks, reads none of the columns of a wait, and knows the opening hours of
`small_plan.yaml` by heart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from competences.channels import Channel
from routeur.reading.service_level import Tally

PARIS = ZoneInfo("Europe/Paris")
EVERY_DAY = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
WEDNESDAYS = ((time(10, 30), time(19)),)
SATURDAY, SUNDAY = 5, 6
HOLIDAYS = (date(2026, 4, 6),)

FIGURES = """
WITH opening (opens, closes) AS (VALUES {openings}),
today (begins, ends) AS (VALUES {days}),
event AS (
    SELECT journal.id, journal.contact_id, journal.at, journal.kind, journal.agent, {reason} AS reason,
        {outcome} AS outcome, contact.channel, contact.usager_id,
        lead(journal.kind) OVER (PARTITION BY journal.contact_id ORDER BY journal.id) AS next_kind
    FROM journal JOIN contact ON contact.id = journal.contact_id
    WHERE journal.kind IN ('arrived', 'reopened', 'accepted', 'phone_not_answered', 'transferred', 'agent_lost',
        'abandoned', 'self_served', 'follow_up', 'merged', 'finished')
),
ask AS (
    SELECT event.*, lead(id) OVER (PARTITION BY contact_id ORDER BY id) AS next_ask
    FROM event WHERE kind IN ('arrived', 'reopened')
),
ending AS (
    SELECT ask.id AS ask, min(event.id) AS id
    FROM ask JOIN event ON event.contact_id = ask.contact_id AND event.id > ask.id
        AND (ask.next_ask IS NULL OR event.id < ask.next_ask)
    WHERE event.kind IN ('abandoned', 'self_served', 'follow_up', 'merged', 'finished')
        OR event.kind = 'accepted' AND coalesce(event.next_kind, '') <> 'phone_not_answered'
    GROUP BY ask.id
),
ended AS (
    SELECT ask.contact_id, ask.channel, ask.usager_id, ask.id AS ask, ask.next_ask, ask.at AS came,
        (SELECT min(opens) FROM opening WHERE opens > ask.at) AS opens_next,
        (SELECT count(*) FROM opening WHERE opens <= ask.at AND closes > ask.at) AS open_then,
        event.id, event.at, event.kind, event.agent, event.reason
    FROM ask JOIN ending ON ending.ask = ask.id JOIN event ON event.id = ending.id
),
waited AS (
    SELECT ended.*,
        CASE WHEN open_then > 0 THEN {from_came} WHEN {from_opening} < 0 THEN 0 ELSE {from_opening} END AS seconds,
        (SELECT max(begins) FROM today WHERE begins <= ended.at) AS day_begins,
        (SELECT min(ends) FROM today WHERE ends > ended.at) AS day_ends,
        EXISTS (SELECT 1 FROM event AS taken JOIN ended AS earlier ON earlier.contact_id = taken.contact_id
            WHERE taken.kind = 'accepted' AND taken.at = ended.at AND taken.agent = ended.agent
            AND taken.usager_id = ended.usager_id AND earlier.channel <> 'email' AND earlier.at < ended.at
            AND (earlier.next_ask IS NULL OR earlier.next_ask > taken.id)
            AND (earlier.kind = 'accepted' OR earlier.kind = 'follow_up'
                AND NOT (earlier.reason = 'closed' AND earlier.open_then = 0))) AS counted_before
    FROM ended
),
verdict AS (
    SELECT waited.*,
        EXISTS (SELECT 1 FROM event AS later WHERE later.contact_id = waited.contact_id AND later.id > waited.id
            AND (next_ask IS NULL OR later.id < next_ask) AND later.kind = 'finished' AND later.outcome = 'spam'
            AND later.at >= day_begins AND later.at < day_ends) AS is_spam,
        EXISTS (SELECT 1 FROM event AS later WHERE later.contact_id = waited.contact_id AND later.id > waited.id
            AND (next_ask IS NULL OR later.id < next_ask) AND later.kind = 'self_served'
            AND later.at >= day_begins AND later.at < day_ends AND {settled_after} <= 900) AS is_settled
    FROM waited
),
placed AS (
    SELECT verdict.*,
        row_number() OVER (PARTITION BY at, agent, usager_id, kind
            ORDER BY is_spam, CASE WHEN channel = 'email' THEN 1 ELSE 0 END, came, contact_id) AS place
    FROM verdict
)
SELECT channel,
    CASE
        WHEN kind = 'accepted' AND (is_spam OR place > 1 OR counted_before) THEN 'left_out'
        WHEN kind = 'merged' OR kind = 'follow_up' AND is_spam THEN 'left_out'
        WHEN kind IN ('accepted', 'self_served') THEN CASE WHEN seconds <= 900 THEN 'within' ELSE 'missed' END
        WHEN kind = 'follow_up' AND is_settled THEN CASE WHEN seconds <= 900 THEN 'within' ELSE 'missed' END
        WHEN kind = 'follow_up' AND reason = 'usager-asked' AND seconds < 900 THEN 'left_out'
        WHEN kind = 'follow_up' AND reason = 'closed' AND open_then = 0 THEN 'while_closed'
        WHEN kind = 'abandoned' AND seconds <= 10 THEN 'left_out'
        ELSE 'missed'
    END AS verdict,
    count(*) AS number
FROM placed
WHERE channel <> 'email' AND came >= {start} AND came < {end}
GROUP BY 1, 2
"""


def tallies(connection: Connection, start: datetime, end: datetime) -> Mapping[Channel, Tally]:
    """The tally of each live channel, of those who asked from `start` on and before `end`."""
    on_postgresql = connection.dialect.name == "postgresql"

    def instant(at: datetime) -> str:
        written = f"'{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
        return f"CAST({written[:-1]}+00' AS timestamptz)" if on_postgresql else written

    def seconds(since: str, until: str) -> str:
        if on_postgresql:
            return f"extract(epoch FROM {until} - {since})"
        return f"round((julianday({until}) - julianday({since})) * 86400, 3)"

    def rows(pairs: Iterable[tuple[datetime, datetime]]) -> str:
        return ", ".join(f"({instant(since)}, {instant(until)})" for since, until in pairs)

    def detail(name: str) -> str:
        return f"journal.detail->>'{name}'" if on_postgresql else f"json_extract(journal.detail, '$.{name}')"

    days = [start.astimezone(PARIS).date() + timedelta(days=number) for number in range((end - start).days + 20)]
    midnights = [datetime.combine(day, time(), PARIS) for day in days]
    query = FIGURES.format(
        openings=rows(opening for day in days for opening in _openings(day)),
        days=rows(zip(midnights, midnights[1:], strict=False)),
        reason=detail("reason"),
        outcome=detail("outcome"),
        from_came=seconds("came", "at"),
        from_opening=seconds("opens_next", "at"),
        settled_after=seconds("came", "later.at"),
        start=instant(start),
        end=instant(end),
    )
    found = dict.fromkeys((Channel.VOICE, Channel.WALKIN, Channel.CHAT, Channel.MESSAGING), Tally())
    worth = {
        "within": Tally(within=1, counted=1),
        "missed": Tally(counted=1),
        "left_out": Tally(left_out=1),
        "while_closed": Tally(while_closed=1),
    }
    for channel, verdict, number in connection.execute(text(query.replace(":", r"\:"))):
        found[Channel(channel)] += worth[verdict] * number
    return found


def _openings(day: date) -> list[tuple[datetime, datetime]]:
    if day.weekday() in (SATURDAY, SUNDAY) or day in HOLIDAYS:
        return []
    slots = WEDNESDAYS if day.strftime("%A") == "Wednesday" else EVERY_DAY
    return [(datetime.combine(day, opens, PARIS), datetime.combine(day, closes, PARIS)) for opens, closes in slots]
