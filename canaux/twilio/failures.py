"""Why Twilio did not deliver a text, by its error code (https://www.twilio.com/docs/api/errors)."""

from __future__ import annotations

from collections.abc import Mapping

from canaux.messaging.failures import NotDelivered

BY_CODE: Mapping[int, NotDelivered] = {
    21211: NotDelivered.NO_SUCH_NUMBER,
    21214: NotDelivered.NO_SUCH_NUMBER,
    21265: NotDelivered.NO_SUCH_NUMBER,
    21408: NotDelivered.NOT_ALLOWED,
    21610: NotDelivered.OPTED_OUT,
    21612: NotDelivered.NO_TEXTS,
    21614: NotDelivered.NO_TEXTS,
    30003: NotDelivered.UNREACHABLE,
    30004: NotDelivered.FILTERED,
    30005: NotDelivered.NO_SUCH_NUMBER,
    30006: NotDelivered.NO_TEXTS,
    30007: NotDelivered.FILTERED,
    63003: NotDelivered.NOT_ON_MEDIUM,
    63016: NotDelivered.WINDOW_CLOSED,
    63024: NotDelivered.NOT_ON_MEDIUM,
}
"""The same codes stand in a refusal at once and in a receipt that comes later."""
