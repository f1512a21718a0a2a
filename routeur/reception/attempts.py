"""Looking again where two processes met on a new usager, a reference or a revision."""

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
    """Do a step, given the number of the attempt (from 0); the process that loses a race looks at the record anew.

    Raises Conflict or IntegrityError when the last attempt fails too.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return step(attempt)
        except (IntegrityError, Conflict) as error:
            log.info("looking_again", error=type(error).__name__)
    return step(_ATTEMPTS - 1)
