"""The router put together: every part over one foundation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis

from routeur.closures import Closures
from routeur.desk.departure import Departures
from routeur.desk.desk import Desk
from routeur.desk.unattended import Unattended
from routeur.desk.wrap_up import WrapUps
from routeur.dispatcher import Dispatcher
from routeur.followups.keeping import FollowUps
from routeur.followups.legal_requests import Requests
from routeur.followups.making import Failure, FollowUpMaker
from routeur.followups.reminders import Reminders
from routeur.foundation import Foundation
from routeur.ports.outbox import HandOut, Outbox
from routeur.queue.orphans import Orphans
from routeur.queue.queue import Queue
from routeur.queue.recall import Recall
from routeur.queue.repair import Repair
from routeur.queue.returns import Returns
from routeur.reading.views import Views, build_views
from routeur.reception.reception import Reception
from routeur.topics.corrections import Corrections
from routeur.topics.understanding import Recognise


@dataclass(frozen=True)
class Router:
    """The parts of the router that channels, desks and processes use."""

    foundation: Foundation
    reception: Reception
    desk: Desk
    follow_ups: FollowUps
    recall: Recall
    requests: Requests
    views: Views
    outbox: Outbox
    repair: Repair
    closures: Closures
    make_dispatcher: Callable[[Redis, HandOut, str], Dispatcher]
    """Takes a Redis that decodes responses, what queues the job of an entry of the outbox, and the process's name."""


def build_router(foundation: Foundation, recognise: Recognise, corrections: Corrections) -> Router:
    """Put the parts together; nothing is connected to before it is used."""
    making = FollowUpMaker(foundation)
    queue = Queue(foundation, making)
    returns = Returns(foundation, queue)
    unattended = Unattended(foundation, making)
    departures = Departures(foundation, returns, unattended)
    wrap_ups = WrapUps(foundation, unattended)
    desk = Desk(foundation, queue, returns, making, departures, wrap_ups, corrections)
    repair = Repair(foundation, queue)
    recall = Recall(foundation, queue)
    outbox = Outbox(
        foundation.record,
        foundation.clock,
        foundation.publisher.adapters,
        lambda contact_id, reason: making.delivery_failed(contact_id, Failure(reason)),
        desk.phone_not_answered,
    )

    def make_dispatcher(redis: Redis, hand_out: HandOut, name: str) -> Dispatcher:
        orphans, reminders = Orphans(foundation, queue), Reminders(foundation)
        return Dispatcher(
            foundation, queue, departures, wrap_ups, orphans, repair, reminders, outbox, redis, hand_out, name
        )

    return Router(
        foundation=foundation,
        reception=Reception(foundation, queue, making, recall, recognise),
        desk=desk,
        follow_ups=FollowUps(foundation),
        recall=recall,
        requests=Requests(foundation),
        views=build_views(foundation),
        outbox=outbox,
        repair=repair,
        closures=Closures(foundation.record, foundation.plans, foundation.clock),
        make_dispatcher=make_dispatcher,
    )
