"""The readers, put together."""

from __future__ import annotations

from dataclasses import dataclass

from routeur.foundation import Foundation
from routeur.reading.agents import AgentReader
from routeur.reading.contacts import ContactReader
from routeur.reading.follow_ups import FollowUpReader
from routeur.reading.overlay import Overlay


@dataclass(frozen=True)
class Views:
    """What people may look at."""

    contacts: ContactReader
    follow_ups: FollowUpReader
    agents: AgentReader


def build_views(on: Foundation) -> Views:
    overlay = Overlay(on.index)
    follow_ups = FollowUpReader(on.record, on.clock)
    contacts = ContactReader(on.record, overlay, on.plans, on.clock, follow_ups)
    return Views(contacts, follow_ups, AgentReader(on.record, overlay, on.plans))
