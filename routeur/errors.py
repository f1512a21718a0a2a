"""What the router refuses, and why; the HTTP edges turn these into problem documents."""


class RouterError(Exception):
    """Base of everything the router refuses on purpose."""


class NotFound(RouterError):
    """There is no such contact, follow-up or agent (or not for this person)."""


class Conflict(RouterError):
    """The contact is no longer in a state in which this can be done."""


class NotAllowed(RouterError):
    """This agent may not do that to this contact."""


class Invalid(RouterError):
    """What was asked does not fit the plan in force (an unknown topic, skill, agent ...)."""


class IndexUnavailable(RouterError):
    """The index does not answer; the record holds the fact and the repair will catch up."""
