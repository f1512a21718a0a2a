"""The principal of a request, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the API. `integration` is another system with the service token; nobody logs in as one."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    INTEGRATION = "integration"


STAFF = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
"""People: each has a desk of their own."""

OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""People who see and redirect everyone's contacts."""

EVERYONE = STAFF | {Role.INTEGRATION}

READERS_OF_ALL = OVERSIGHT | {Role.INTEGRATION}
"""The roles that may read any contact; an agent reads what `permissions` says."""


@dataclass(frozen=True)
class Principal:
    """A person or an integration whose credentials were checked.

    `token` is what they showed, so that logging out can revoke it. `by_cookie` says that a browser sent it
    by itself, which proves nothing about who wanted the request: such requests must also show the CSRF token.
    """

    login: str
    role: Role
    token: str
    by_cookie: bool

    @property
    def oversees(self) -> bool:
        """Whether they see and redirect the contacts of others."""
        return self.role in OVERSIGHT

    @property
    def reads_all(self) -> bool:
        """Whether they may read any contact."""
        return self.role in READERS_OF_ALL
