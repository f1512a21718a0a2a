"""Effects on the outside world: written with the fact that causes them, carried out by workers, never lost silently."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, case, exists, or_, select, update
from sqlalchemy.orm import aliased

from competences.channels import CHANNELS, Channel, channels_where
from routeur.clock import Clock
from routeur.contact import receipts
from routeur.contact.words import Delivery
from routeur.ports.news import ChannelAdapter, DeliveryError, Effect, IfFailed
from routeur.record.engine import Record
from routeur.record.tables import OutboxEntry
from routeur.record.upsert import insert_or

log = structlog.get_logger(__name__)

PENDING, QUEUED, SENDING, DONE, FAILED = "pending", "queued", "sending", "done", "failed"
_UNFINISHED = (PENDING, QUEUED, SENDING)

_AT_ONCE = [channel.value for channel in channels_where(lambda traits: traits.holds_line)]
"""Channels whose usager is on the line: their effects do not wait for earlier ones."""

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 1800))
"""The waits after failed attempts; one more failure after the last, and the effect has failed for good."""

BACK_OFF_OF_LETTERS = (*BACK_OFF, timedelta(hours=1), timedelta(hours=2), *[timedelta(hours=3)] * 15)
"""The same, over two days, for letters, for which nobody waits at the other end (RFC 5321, section 4.5.4.1: a sender
tries twice in the first hour and every two or three hours after, for days)."""

HOLDS_BACK_ATTEMPTS = 5
"""An effect that has been tried this often waits for half an hour or more, and no longer holds back the later ones."""

LOST_AFTER = timedelta(seconds=60)
LOST_AFTER_OF_LETTERS = timedelta(minutes=12)
"""A job that has not finished within this time is taken to be lost, and handed out again. A mail server may take ten
minutes to say that it has a letter (RFC 5321, section 4.5.3.2.6); asked again meanwhile, it would have it twice."""

_OF_LETTERS = [channel.value for channel in channels_where(lambda traits: not traits.live)]

HandOut = Callable[[int, Channel], None]
"""Queues the job for the entry of an id, which is an effect of this channel."""


def add(connection: Connection, effects: Iterable[Effect], now: datetime) -> bool:
    """Write effects to the outbox; one whose key is there already is the same. Returns whether any were given."""
    rows = [
        {
            "key": effect.key,
            "channel": effect.channel.value,
            "kind": effect.kind,
            "contact_id": effect.contact_id,
            "message_id": effect.message_id,
            "provider_id": effect.provider_id,
            "payload": dict(effect.payload),
            "if_failed": effect.if_failed.value,
            "state": PENDING,
            "attempts": 0,
            "created_at": now,
            "next_attempt_at": now,
        }
        for effect in effects
    ]
    if rows:
        connection.execute(insert_or(connection, OutboxEntry).on_conflict_do_nothing(index_elements=["key"]), rows)
    return bool(rows)


def if_failed(connection: Connection, contact_id: str, provider_id: str) -> IfFailed:
    """What becomes of the contact when that which reports call `provider_id` comes back, however late.

    FOLLOW_UP for what is not in the outbox: somebody must look at it.
    """
    found = connection.scalar(
        select(OutboxEntry.if_failed).where(
            OutboxEntry.contact_id == contact_id, OutboxEntry.provider_id == provider_id
        )
    )
    return IfFailed(found) if found is not None else IfFailed.FOLLOW_UP


class Outbox:
    """Hands out the effects that are due, and performs them.

    When an effect has failed for good, `follow_up(contact_id, reason)` makes the contact a follow-up, or
    `put_back(contact_id, attempt)` returns it to the queue, as the effect says.
    """

    def __init__(
        self,
        record: Record,
        clock: Clock,
        adapters: Mapping[Channel, ChannelAdapter],
        follow_up: Callable[[str, str], None],
        put_back: Callable[[str, int], None],
    ) -> None:
        self._record = record
        self._clock = clock
        self._adapters = adapters
        self._follow_up = follow_up
        self._put_back = put_back

    def relay(self, hand_out: HandOut, limit: int = 100) -> int:
        """Hand out the effects that are due and return their number.

        Any number of dispatchers may do this at once. Letters of one contact leave in the order in which they were
        written: the next waits until the one before has left, has failed for good, or failed so often that its next
        attempt is far off. Calls do not wait.
        """
        now = self._clock()
        due = OutboxEntry.state.in_(_UNFINISHED)
        earlier = aliased(OutboxEntry)
        in_turn = or_(
            OutboxEntry.channel.in_(_AT_ONCE),
            OutboxEntry.contact_id.is_(None),
            ~exists().where(
                earlier.contact_id == OutboxEntry.contact_id,
                earlier.id < OutboxEntry.id,
                earlier.state.in_(_UNFINISHED),
                earlier.attempts < HOLDS_BACK_ATTEMPTS,
            ),
        )
        with self._record.read() as connection:
            entries = connection.execute(
                select(OutboxEntry.id, OutboxEntry.channel)
                .where(due, OutboxEntry.next_attempt_at <= now, in_turn)
                .order_by(OutboxEntry.next_attempt_at)
                .limit(limit)
            ).all()
        handed = 0
        for entry_id, channel in entries:
            with self._record.write() as connection:
                mine = connection.execute(
                    update(OutboxEntry)
                    .where(OutboxEntry.id == entry_id, due, OutboxEntry.next_attempt_at <= now)
                    .values(state=QUEUED, next_attempt_at=now + LOST_AFTER)
                ).rowcount
            if mine:
                hand_out(entry_id, Channel(channel))
                handed += 1
        return handed

    def perform(self, entry_id: int) -> None:
        """Perform the effect of an entry; does nothing when another job performs or performed it."""
        now = self._clock()
        with self._record.write() as connection:
            row = connection.execute(
                update(OutboxEntry)
                .where(OutboxEntry.id == entry_id, OutboxEntry.state == QUEUED)
                .values(
                    state=SENDING,
                    next_attempt_at=case(
                        (OutboxEntry.channel.in_(_OF_LETTERS), now + LOST_AFTER_OF_LETTERS), else_=now + LOST_AFTER
                    ),
                    attempts=OutboxEntry.attempts + 1,
                )
                .returning(*OutboxEntry.__table__.c)
            ).one_or_none()
        if row is None:
            return
        effect = Effect(
            channel=Channel(row.channel),
            kind=row.kind,
            key=row.key,
            payload=row.payload,
            contact_id=row.contact_id,
            if_failed=IfFailed(row.if_failed),
            message_id=row.message_id,
            provider_id=row.provider_id,
        )
        if row.attempts > len(_pauses(effect)) + 1:  # each of the last attempts ended with its worker
            self._fail(entry_id, effect, "interrupted")
            return
        try:
            self._adapters[effect.channel].perform(effect)
        except DeliveryError as error:
            self._postpone_or_fail(entry_id, row.attempts, effect, error.reason, error.retryable)
        except Exception as error:
            log.exception("effect_broke", effect=effect.key)
            self._postpone_or_fail(entry_id, row.attempts, effect, type(error).__name__, True)
        else:
            self._finish(entry_id, effect, Delivery.SENT, state=DONE, error=None)

    def _postpone_or_fail(self, entry_id: int, attempts: int, effect: Effect, reason: str, retryable: bool) -> None:
        log.warning("effect_failed", effect=effect.key, attempt=attempts, reason=reason)
        pauses = _pauses(effect)
        if not retryable or attempts > len(pauses):
            self._fail(entry_id, effect, reason)
            return
        again = self._clock() + pauses[attempts - 1]
        with self._record.write() as connection:
            connection.execute(
                update(OutboxEntry)
                .where(OutboxEntry.id == entry_id)
                .values(state=PENDING, next_attempt_at=again, error=reason)
            )

    def _fail(self, entry_id: int, effect: Effect, reason: str) -> None:
        # The usager first: if the process dies before the last line, the effect is tried again rather than forgotten.
        if effect.contact_id is not None and effect.if_failed is IfFailed.FOLLOW_UP:
            self._follow_up(effect.contact_id, reason)
        elif effect.contact_id is not None and effect.if_failed is IfFailed.RETURN:
            self._put_back(effect.contact_id, int(effect.payload["attempt"]))
        self._finish(entry_id, effect, Delivery.FAILED, state=FAILED, error=reason)

    def _finish(self, entry_id: int, effect: Effect, delivery: Delivery, **values: object) -> None:
        """Note how the effect ended, and with it how far the message has come that it carries."""
        now = self._clock()
        # A network that names what it carries only as it takes it says itself that it has it.
        name = effect.provider_id or (effect.key if delivery is Delivery.FAILED else None)
        with self._record.write() as connection:
            connection.execute(update(OutboxEntry).where(OutboxEntry.id == entry_id).values(done_at=now, **values))
            if effect.message_id is not None and effect.contact_id is not None and name is not None:
                receipts.note(connection, name, effect.contact_id, effect.message_id, delivery, now)


def _pauses(effect: Effect) -> Sequence[timedelta]:
    """The waits after failed attempts: days for letters, minutes where somebody waits at the other end."""
    return BACK_OFF if CHANNELS[effect.channel].live else BACK_OFF_OF_LETTERS
