"""How many codes may leave by text, all together: each one costs money, and some numbers earn their owners some.

Counted where a text leaves, not where a code is asked for: who asks in the name of a request that does not exist makes
nothing leave, and takes nobody's code away.
"""

from __future__ import annotations

from limits import parse

from canaux import security_log
from canaux.throttle import Throttle

CODES_BY_TEXT = (parse("100/hour"), parse("300/day"))
"""What an hour of abuse may cost, and what a day of it."""


class CodeBudget:
    """Counts the codes that leave by text, in all processes. Without a `throttle` nothing is counted."""

    def __init__(self, throttle: Throttle | None) -> None:
        self._throttle = throttle

    def spend(self) -> bool:
        """Count one more; False, with a line in the security log, where it must not leave."""
        if self._throttle is None:
            return True
        for limit in CODES_BY_TEXT:
            if self._throttle.seconds_to_wait(limit, "code-by-text"):
                security_log.record("codes_by_text_stopped", limit=str(limit))
                return False
        return True
