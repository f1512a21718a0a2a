"""Error handlers that turn every exception under the API into a problem document."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchPath

from bureau.http.cursors import NOT_A_PLACE
from bureau.http.language import translations_for
from bureau.http.problems import (
    KINDS,
    LIST,
    NO_SUCH_THING,
    SEE_ERRORS,
    TITLES,
    Fault,
    PresentStanding,
    Problem,
    kind_of,
    problem_response,
)
from bureau.http.standings import Standings
from canaux import security_log
from competences.translation import N_
from routeur.errors import (
    AlreadyDecided,
    AlreadySaid,
    CarriesNoFiles,
    ClosureOver,
    Conflict,
    DateOutOfRange,
    ImpossibleClosure,
    IndexUnavailable,
    InstantOutOfRange,
    Invalid,
    NobodyOnTheLine,
    NobodyThere,
    NoColleagueThere,
    NotAllowed,
    NotARequest,
    NotByAgent,
    NotConfirmed,
    NotFound,
    NotThere,
    NotTold,
    NoWayOut,
    OptedOut,
    PeriodOver,
    ReplyTooLate,
    RouterError,
    TakenByAnother,
    UnknownPlace,
    Unreachable,
)

log = logging.getLogger(__name__)

UNAVAILABLE = N_("What was recorded is safe. Please try again in a moment.")
UNEXPECTED = N_("The request could not be carried out. Please try again, or tell whoever looks after this system.")

NOT_IN_PLAN = N_("This is not in the plan in force.")

REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""What the security log is told of."""

ROUTER_ERRORS: dict[type[RouterError], tuple[HTTPStatus, str]] = {
    NotFound: (HTTPStatus.NOT_FOUND, NO_SUCH_THING),
    UnknownPlace: (HTTPStatus.UNPROCESSABLE_ENTITY, SEE_ERRORS),
    NotARequest: (HTTPStatus.CONFLICT, N_("Nobody has said that this contact is a request: say so first.")),
    PeriodOver: (
        HTTPStatus.CONFLICT,
        N_(
            "As a request this would have been decided by our silence on {reason}: nothing was changed or sent. "
            "If that is so, confirm it (`even_if_decided`); the person is then told."
        ),
    ),
    AlreadyDecided: (HTTPStatus.CONFLICT, N_("The period of the law is over: silence has decided this request.")),
    InstantOutOfRange: (HTTPStatus.UNPROCESSABLE_ENTITY, N_("This instant must lie within {reason}.")),
    DateOutOfRange: (HTTPStatus.UNPROCESSABLE_ENTITY, N_("This day must lie within {reason}.")),
    NoColleagueThere: (
        HTTPStatus.CONFLICT,
        N_(
            "This colleague is not there, nor is any other: nothing was handed over. "
            "Keep the contact, or hand it to the back office."
        ),
    ),
    NotThere: (
        HTTPStatus.CONFLICT,
        N_(
            "This colleague is not there: nothing was handed over. These are: {reason}. "
            "Hand it to one of them, or to a topic or skills."
        ),
    ),
    TakenByAnother: (
        HTTPStatus.CONFLICT,
        N_(
            "{reason} has taken this follow-up: it is theirs until they release it or hand it over. "
            "A supervisor can take it over."
        ),
    ),
    NobodyOnTheLine: (
        HTTPStatus.CONFLICT,
        N_("The caller is no longer on the line. Take the follow-up, and call them back."),
    ),
    NobodyThere: (
        HTTPStatus.CONFLICT,
        N_("Nobody on shift can serve this now. It stays a follow-up: take it, or try again when somebody is there."),
    ),
    Conflict: (HTTPStatus.CONFLICT, N_("The contact has moved on in the meantime: this can no longer be done to it.")),
    AlreadySaid: (
        HTTPStatus.CONFLICT,
        N_(
            "Another message was sent with this client_id: nothing was sent. Send this one with a client_id of its own."
        ),
    ),
    OptedOut: (
        HTTPStatus.CONFLICT,
        N_(
            "The person has asked, by STOP, that this number write to them no more: nothing was sent. "
            "Call them, or write to them by e-mail or letter; then note it in the contact."
        ),
    ),
    ReplyTooLate: (
        HTTPStatus.CONFLICT,
        N_(
            "WhatsApp takes an answer only within 24 hours of the person's last message: nothing was sent. "
            "Go on by SMS, call them, or write to them by e-mail or letter; then note it in the contact."
        ),
    ),
    Unreachable: (
        HTTPStatus.CONFLICT,
        N_(
            "This letter gives no address that can be written to: nothing was sent. "
            "Call the person or write to them by post, if you know who it is; then note it in the contact."
        ),
    ),
    NotConfirmed: (
        HTTPStatus.CONFLICT,
        N_(
            "The only address was typed, and nobody has confirmed it: nothing was sent. Ask the person, and confirm it "
            "(`address`); or call them, and note it (`by`: `telephone`)."
        ),
    ),
    NoWayOut: (
        HTTPStatus.CONFLICT,
        N_(
            "Nothing that is written here would reach the person: nothing was sent. Call them, and note it (`by`: "
            "`telephone`); write to them by post, and note it (`letter`); or give an address that they have confirmed "
            "to you (`address`)."
        ),
    ),
    NotTold: (
        HTTPStatus.CONFLICT,
        N_(
            "This person was promised an answer, has had none, and is not there: the contact stays open. Write to them "
            "or call them, and note it; or make it a follow-up again."
        ),
    ),
    NotByAgent: (
        HTTPStatus.FORBIDDEN,
        N_("The plan does not allow figures by agent: an administrator may (`statistics_by_agent`)."),
    ),
    NotAllowed: (HTTPStatus.FORBIDDEN, N_("This contact is not in your hands.")),
    ClosureOver: (HTTPStatus.CONFLICT, N_("This closure has ended by itself: there is nothing to undo.")),
    ImpossibleClosure: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        N_("A closure ends after it begins, later than now, and within a year: check `from` and `until`."),
    ),
    Invalid: (HTTPStatus.UNPROCESSABLE_ENTITY, N_("This does not fit the plan in force: {reason}")),
    CarriesNoFiles: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        N_(
            "No files can be sent on this channel: hand them over at the counter, or ask for an e-mail and answer that."
        ),
    ),
    IndexUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, UNAVAILABLE),
}
"""The first that fits: what is more special stands before its kind."""


def register_problem_handlers(blueprint: Blueprint, prefix: str, standings: Standings) -> None:
    """Answer every exception under this blueprint, and every unknown path under `prefix`, with a problem document."""

    def refused_by_router(error: RouterError) -> Response:
        return _refused_by_router(error, standings)

    blueprint.register_error_handler(Problem, _refused)
    blueprint.register_error_handler(RouterError, refused_by_router)
    blueprint.add_url_rule(LIST, "problems", list_problems, provide_automatic_options=False)
    for away in (OperationalError, TimeoutError, PoolTimeout):
        blueprint.register_error_handler(away, _record_away)
    blueprint.register_error_handler(HTTPException, _refused_by_http)
    blueprint.register_error_handler(Exception, _unexpected)

    def no_such_path(error: HTTPException) -> Response | HTTPException:
        return _refused_by_http(error) if request.path.startswith(prefix) else error

    blueprint.app_errorhandler(NoSuchPath)(no_such_path)
    blueprint.app_errorhandler(MethodNotAllowed)(no_such_path)


def _refused(problem: Problem) -> Response:
    if problem.status in REFUSALS:
        security_log.record("api_refused", operation=str(request.endpoint), status=int(problem.status))
    return problem_response(problem)


def _refused_by_router(error: RouterError, standings: Standings) -> Response:
    for kind, (status, detail) in ROUTER_ERRORS.items():
        if isinstance(error, kind):
            facts: dict[str, object] = {"reason": error}
            standing = _standing(error, standings) if status is HTTPStatus.CONFLICT else None
            if kind is Conflict and standing is not None and standing.words is not None:
                detail, facts = standing.words, {"holder": standings.name(standing.holder)}
            return _refused(
                Problem(
                    status,
                    detail,
                    facts=facts,
                    errors=_faults(error),
                    headers=_retry(status),
                    kind=kind_of(kind),
                    standing=standing,
                )
            )
    return _unexpected(error)


def _standing(error: RouterError, standings: Standings) -> PresentStanding | None:
    """How what the request is about stands: as the router found it, else as it is now."""
    if isinstance(error, Conflict) and error.state is not None:
        return PresentStanding(error.state, error.holder)
    return standings.of(request.view_args or {})


def _faults(error: RouterError) -> list[Fault]:
    """The place of what the router does not take: a cursor, or the values of the body that are not in the plan."""
    say = translations_for(request).gettext
    if isinstance(error, UnknownPlace):
        return [Fault(parameter="cursor", message=say(NOT_A_PLACE))]
    if not isinstance(error, Invalid):
        return []
    message, wanted = say(NOT_IN_PLAN), str(error)
    places = _places(request.get_json(silent=True), wanted)
    in_query = [name for name, value in request.args.items() if value == wanted]
    return [
        *[Fault(pointer=f"#{place}", message=message) for place in places],
        *[Fault(parameter=name, message=message) for name in in_query],
    ]


def _places(value: object, wanted: str, place: str = "") -> Iterator[str]:
    """The JSON pointers of a text, as a value or a name, within a document."""
    if value == wanted:
        yield place
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from [here] if name == wanted else _places(inner, wanted, here)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, wanted, f"{place}/{number}")


def list_problems() -> Response:
    """Every kind of problem, with the words in which it is told."""
    say = translations_for(request).gettext
    kinds = {KINDS[status]: (status, title) for status, title in TITLES.items()}
    kinds |= {kind_of(kind): (status, detail) for kind, (status, detail) in ROUTER_ERRORS.items()}
    items = [
        {"type": f"{LIST}#{kind}", "status": status.value, "title": say(TITLES[status]), "detail": say(detail)}
        for kind, (status, detail) in sorted(kinds.items())
    ]
    return jsonify({"items": items})


def _record_away(error: OperationalError | TimeoutError | PoolTimeout) -> Response:
    log.error("the record does not answer: %s", type(getattr(error, "orig", error)).__name__)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return problem_response(Problem(status, UNAVAILABLE, headers=_retry(status)))


def _refused_by_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    details = {
        HTTPStatus.NOT_FOUND: NO_SUCH_THING,
        HTTPStatus.METHOD_NOT_ALLOWED: N_("This address exists, but not for this method."),
    }
    if status not in TITLES:
        status = (
            HTTPStatus.BAD_REQUEST if status < HTTPStatus.INTERNAL_SERVER_ERROR else HTTPStatus.INTERNAL_SERVER_ERROR
        )
    headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if isinstance(error, MethodNotAllowed) else {}
    return problem_response(Problem(status, details.get(status, TITLES[status]), headers=headers))


def _unexpected(error: Exception) -> Response:
    log.error("%s while answering %s %s", type(error).__name__, request.method, request.endpoint, exc_info=error)
    return problem_response(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED))


def _retry(status: HTTPStatus) -> dict[str, str]:
    return {"Retry-After": "2"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
