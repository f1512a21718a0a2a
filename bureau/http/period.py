"""The period that a query asks for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import request

from bureau.http.language import translations_for
from bureau.http.problems import SEE_ERRORS, Fault, Problem
from bureau.schemas.requests import Period
from competences.translation import N_

LONGEST_PERIOD = timedelta(days=366)


def period_of(query: Period, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when, and up to when; by default from midnight in this zone, and up to now.

    Raises Problem for a period of more than a year, and for one that begins after it ends.
    """
    end = query.end or now
    start = query.start or datetime.combine(end.astimezone(zone).date(), time.min, zone)
    if start > end:
        raise _refused("to", N_("The period ends before it begins: give a later `to`, or an earlier `from`."))
    if end - start > LONGEST_PERIOD:
        raise _refused("from", N_("A period of at most a year, please."))
    return start, end


def _refused(parameter: str, message: str) -> Problem:
    fault = Fault(parameter=parameter, message=translations_for(request).gettext(message))
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, SEE_ERRORS, errors=[fault])
