"""Trying again when two processes meet on a new usager, a reference or a revision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError

from routeur.errors import Conflict

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_ATTEMPTS = 3


def look_again(step: Callable[[int], Result]) -> Result:
    """Call `step` with the number of the attempt (from 0), again while it raises Conflict or IntegrityError.

    A process that loses a race thus reads the record anew. The error of the last attempt is raised.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return step(attempt)
        except (IntegrityError, Conflict) as error:
            log.info("looking_again", error=type(error).__name__)
    return step(_ATTEMPTS - 1)
