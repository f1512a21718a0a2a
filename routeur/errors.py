"""The errors that the router raises on purpose; the HTTP edges turn them into problem documents."""


class RouterError(Exception):
    """Base of the errors that the router raises on purpose."""


class NotFound(RouterError):
    """No such contact, follow-up or agent exists, or not for this person."""


class Conflict(RouterError):
    """The contact's state no longer allows this."""


class NotAllowed(RouterError):
    """This agent may not do that to this contact."""


class OptedOut(RouterError):
    """The usager has asked that the number of ours that they wrote to write to them no more."""


class ReplyTooLate(RouterError):
    """The contact's medium takes no answer any more: too much time has passed since its usager wrote."""


class Invalid(RouterError):
    """The request does not fit the plan in force: an unknown topic, skill or agent, for example."""


class IndexUnavailable(RouterError):
    """The index does not answer; what is recorded stands, and the repair brings the index in line later."""
