"""`/suivi`: how a request stands, for whoever gives its reference and what it was made with. No JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request, send_from_directory
from phonenumbers import PhoneNumberFormat, format_number, parse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from bureau.http.language import LANGUAGES, language_of
from canaux.enquiries import Enquiries, TooMany
from canaux.status import proof, status_in_words, status_refused, written_reference
from canaux.throttle import subscriber
from competences.plan.plan import Plan
from competences.translation import N_, translator
from routeur.followups.status import FollowUpStatus

LONGEST_FORM = 4096
HERE = Path(__file__).parent
STYLE_SECONDS = 3600

HEADERS = {
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Language",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "; ".join(
        ("default-src 'none'", "style-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'")
    ),
}

INCOMPLETE = N_("Please give both the reference and the phone number or e-mail address.")
LATER = N_("We cannot look it up at this moment. Please try again a little later.")
UNREADABLE = N_("The request cannot be read")


class Asked(BaseModel):
    """`POST /suivi`: in the body, so that no address and no log holds personal data."""

    model_config = ConfigDict(strict=True)

    reference: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    phone_or_email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]


@dataclass(frozen=True)
class Said:
    """The answer in words, with what is known where there is something to say. `wait`: seconds until asking again."""

    text: str
    status: HTTPStatus = HTTPStatus.OK
    found: FollowUpStatus | None = None
    wait: int = 0


def suivi_blueprint(enquiries: Enquiries, plans: Callable[[], Plan]) -> Blueprint:
    """The page, its style sheet, and the same as JSON."""
    blueprint = Blueprint("suivi", __name__, template_folder=".")

    def language() -> str:
        chosen = request.args.get("lang", "")
        return chosen if chosen in LANGUAGES else language_of(request)

    def answered(said: Said | None) -> Response:
        if said is not None and _wants_json():
            response = jsonify(_as_json(said))
        else:
            response = make_response(_page(said, language(), plans()))
        response.status_code = said.status if said is not None else HTTPStatus.OK
        response.headers.extend(HEADERS)
        response.headers["Content-Language"] = language()
        if said is not None and said.wait:
            response.headers["Retry-After"] = str(said.wait)
        return response

    def refused(words: str, status: HTTPStatus, wait: int = 0) -> Response:
        return answered(Said(translator("bureau", language()).gettext(words), status, wait=wait))

    @blueprint.get("/suivi.css")
    def style() -> Response:
        return send_from_directory(HERE, "suivi.css", max_age=STYLE_SECONDS)

    @blueprint.get("/suivi")
    def form() -> Response:
        return answered(None)

    @blueprint.post("/suivi")
    def ask() -> Response:
        request.max_content_length = LONGEST_FORM
        try:
            asked = _asked()
        except ValidationError:
            return refused(INCOMPLETE, HTTPStatus.UNPROCESSABLE_ENTITY)
        reference, who = written_reference(asked.reference), subscriber(request.remote_addr)
        try:
            found = enquiries.find(reference, [proof(asked.phone_or_email)], who)
        except TooMany as many:
            return refused(LATER, HTTPStatus.TOO_MANY_REQUESTS, many.seconds)
        if found is None:
            return answered(Said(status_refused(language()), HTTPStatus.NOT_FOUND))
        return answered(Said(status_in_words(plans(), found, language()), found=found))

    @blueprint.errorhandler(HTTPException)
    def unreadable(error: HTTPException) -> Response:
        return refused(UNREADABLE, HTTPStatus(error.code or HTTPStatus.BAD_REQUEST))

    @blueprint.errorhandler(OperationalError)
    def record_away(error: OperationalError) -> Response:
        return refused(LATER, HTTPStatus.SERVICE_UNAVAILABLE, wait=30)

    return blueprint


def _asked() -> Asked:
    """Raises ValidationError, also for what is no JSON or is nested too deeply to be read."""
    if request.is_json:
        return Asked.model_validate_json(request.get_data())
    return Asked.model_validate(request.form.to_dict())


def _wants_json() -> bool:
    preferred = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.is_json or preferred == "application/json"


def _page(said: Said | None, language: str, plan: Plan) -> str:
    say = translator("bureau", language).gettext
    phone = format_number(parse(plan.commune.phone), PhoneNumberFormat.NATIONAL)
    return render_template("suivi.html", said=said, language=language, commune=plan.commune, phone=phone, _=say)


def _as_json(said: Said) -> dict[str, Any]:
    found = said.found
    if found is None:
        return {"text": said.text}
    return {
        "reference": found.reference,
        "state": found.stage,
        "service": found.service,
        "due_at": found.due_at.isoformat() if found.due_at else None,
        "late": found.late,
        "answered_at": found.answered_at.isoformat() if found.answered_at else None,
        "legal": {"silence_means": found.silence_means, "silence_on": found.silence_on.isoformat()}
        if found.silence_on
        else None,
        "text": said.text,
    }
