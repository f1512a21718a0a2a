"""The errors that the router raises on purpose; the HTTP edges turn them into problem documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime


class RouterError(Exception):
    """Base of the errors that the router raises on purpose."""


class NotFound(RouterError):
    """No such contact, follow-up or agent exists, or not for this person."""


class Conflict(RouterError):
    """The state of what `name` names no longer allows this: its `state`, and its `holder`'s login, where known."""

    def __init__(self, name: str, *, state: str | None = None, holder: str | None = None) -> None:
        super().__init__(name)
        self.state = state
        self.holder = holder


class TakenByAnother(Conflict):
    """A colleague has taken this follow-up: it is theirs until they release it or hand it over."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder, state="taken", holder=holder)


class NobodyOnTheLine(Conflict):
    """Its usager was on the phone and is gone: it can only be called back, not be served from the queue."""


class NobodyThere(Conflict):
    """Nobody on shift could serve this now."""


class NotThere(Conflict):
    """The agent to whom a contact should go is not on shift; `there` are those who are, by name."""

    def __init__(self, there: Sequence[str]) -> None:
        super().__init__(", ".join(there))


class NoColleagueThere(NotThere):
    """The agent to whom a contact should go is not on shift, nor is any other."""

    def __init__(self) -> None:
        super().__init__([])


class NotAllowed(RouterError):
    """This agent may not do that to this contact."""


class OptedOut(RouterError):
    """The usager has asked that the number of ours that they wrote to write to them no more."""


class ReplyTooLate(RouterError):
    """The contact's medium takes no answer any more: too much time has passed since its usager wrote."""


class Unreachable(RouterError):
    """The contact's letter gave no address that an answer could be sent to."""


class NoWayOut(RouterError):
    """Nothing that is written in this contact would reach its usager."""


class NotConfirmed(NoWayOut):
    """The only address was typed by somebody, and nobody has confirmed it with the usager."""


class NotTold(RouterError):
    """An answer was promised, the contact has had none, and its usager is not there to be told."""


class AlreadySaid(RouterError):
    """Another message was recorded under the id that its client gave to this one."""


class Invalid(RouterError):
    """The request does not fit the plan in force: an unknown topic, skill or agent, for example."""


class UnknownPlace(RouterError):
    """A cursor names no place in the list that is asked for."""


class ImpossibleClosure(Invalid):
    """A closure ends after it begins, later than now, and within a year."""


class ClosureOver(RouterError):
    """The closure has ended by itself: there is nothing to undo."""


class NotARequest(Conflict):
    """Nobody has said that this contact is a request, so that the law sets it no clock."""


class PeriodOver(Conflict):
    """What is called a request now would have been decided by silence already, on the day that this names."""

    def __init__(self, day: date) -> None:
        super().__init__(day.isoformat())


class AlreadyDecided(Conflict):
    """The period of the law is over: silence has decided this request."""


class DateOutOfRange(Invalid):
    """A date lies outside what is possible; says between which it must lie, as `2026-03-03/2027-03-03`."""

    def __init__(self, earliest: date, latest: date) -> None:
        super().__init__(f"{earliest.isoformat()}/{latest.isoformat()}")


class InstantOutOfRange(Invalid):
    """An instant lies outside what is possible; says between which it must lie, as two instants in ISO 8601."""

    def __init__(self, earliest: datetime, latest: datetime) -> None:
        super().__init__(f"{earliest.isoformat(timespec='seconds')}/{latest.isoformat(timespec='seconds')}")


class CarriesNoFiles(RouterError):
    """Files were given with an answer on a channel that carries none."""


class IndexUnavailable(RouterError):
    """The index does not answer; what is recorded stands, and the repair brings the index in line later."""


class NotByAgent(RouterError):
    """The plan does not allow figures by agent."""
