"""The readers, put together."""

from __future__ import annotations

from dataclasses import dataclass

from routeur.foundation import Foundation
from routeur.reading.agents import AgentReader
from routeur.reading.contact_views import BesideReader
from routeur.reading.contacts import ContactReader
from routeur.reading.desk import DeskReader
from routeur.reading.follow_ups import FollowUpReader
from routeur.reading.overlay import Overlay
from routeur.reading.set_aside import SetAsideReader


@dataclass(frozen=True)
class Views:
    """The readers of contacts, follow-ups, agents, desks and what was set aside."""

    contacts: ContactReader
    follow_ups: FollowUpReader
    agents: AgentReader
    desks: DeskReader
    set_aside: SetAsideReader


def build_views(foundation: Foundation) -> Views:
    """Make the readers over one overlay."""
    overlay = Overlay(foundation.index)
    beside = BesideReader(foundation.publisher.first_way, foundation.signals, foundation.clock)
    follow_ups = FollowUpReader(foundation.record, foundation.clock, beside)
    contacts = ContactReader(foundation.record, overlay, foundation.plans, foundation.clock, beside, follow_ups)
    agents = AgentReader(foundation.record, overlay, foundation.plans)
    desks = DeskReader(foundation.record, agents, contacts, follow_ups, foundation.signals, foundation.clock)
    return Views(contacts, follow_ups, agents, desks, SetAsideReader(foundation.record, overlay, beside))
