"""The record, the index, the plan, the clock and the ways out, which every part of the router uses."""

from __future__ import annotations

from dataclasses import dataclass

from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.index import Index
from routeur.plans import PlanInForce, Plans
from routeur.ports.announcer import Announcer
from routeur.ports.publisher import Publisher
from routeur.ports.signals import Signals
from routeur.record.engine import Record


@dataclass(frozen=True)
class Foundation:
    """What every part of the router needs; made once per process and passed on."""

    record: Record
    index: Index
    plans: Plans
    clock: Clock
    announcer: Announcer
    publisher: Publisher
    signals: Signals

    @property
    def in_force(self) -> PlanInForce:
        """The plan in force, with its version and its calendar."""
        return self.plans.current()

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.plans.plan()
