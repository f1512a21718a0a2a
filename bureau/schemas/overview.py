"""What a supervisor's overview shows, whole and as it changes: the queue and the staff, without what is said."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, RootModel

from bureau.schemas.answers import Agent, Contact, Needs
from bureau.schemas.desk import NUMBER, Because, Told
from bureau.schemas.fields import Answer


class OverviewContact(Contact):
    """A contact that waits, is offered, or is with an agent."""

    queued_at: AwareDatetime = Field(description="Its place in the queue.")
    waiting_since: AwareDatetime = Field(description="When its present wait, or its last one, began.")
    requirement: Needs | None = Field(description="Whom it waits for at this moment; null once an agent has it.")


class Overview(Answer):
    """Every contact that waits or is with an agent, and all of the staff, at one moment. Lists are in no order."""

    number: str = Field(description=NUMBER, examples=["1795469310696-0"])
    contacts: list[OverviewContact]
    agents: list[Agent]


class OverviewReset(Told):
    """Forget what you know: this is the whole overview. The first event, and whenever some may have been missed."""

    kind: Literal["reset"] = "reset"
    overview: Overview


class OverviewContactTold(Told):
    """A contact is new or has changed: it takes the place of that of the same id."""

    kind: Literal["contact"] = "contact"
    contact: OverviewContact


class OverviewContactLeft(Told):
    """This contact waits no longer, and is with no agent."""

    kind: Literal["contact_left"] = "contact_left"
    contact_id: str
    because: Because


class AgentTold(Told):
    """Somebody on the staff is new, or does, holds or is offered something else."""

    kind: Literal["agent"] = "agent"
    agent: Agent


class AgentLeft(Told):
    """Somebody is on the staff no longer."""

    kind: Literal["agent_left"] = "agent_left"
    login: str


AnyOverviewEvent = OverviewReset | OverviewContactTold | OverviewContactLeft | AgentTold | AgentLeft


class OverviewEvent(RootModel[Annotated[AnyOverviewEvent, Field(discriminator="kind")]]):
    """The `data` of one event of the supervisors' stream; `kind` is its SSE `event` too."""
