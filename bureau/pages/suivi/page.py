"""`/suivi` tells how a request stands to a person who gives its reference and the address that it was made with.

Where that address was only typed with the request, at a counter or in a chat, a code is sent there first
(`/suivi/code`).
There is no JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from phonenumbers import PhoneNumberFormat, format_number, parse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from bureau.http.language import LANGUAGES, language_of
from canaux.bounded_body import BodyTooLarge, bounded_body
from canaux.code_ways import NoWay
from canaux.enquiries.enquiries import Enquiries, TooMany
from canaux.enquiries.question import proof, written_reference
from canaux.enquiries.status_proofs import StatusProofs
from canaux.enquiries.status_words import status_in_words, status_refused
from canaux.throttle import subscriber
from competences.legal_clock import LegalRequest
from competences.plan.plan import Plan
from competences.translation import N_, translator
from routeur.contact.proof_codes import GOOD_FOR_MINUTES, MOST_TRIES
from routeur.followups.status import FollowUpStatus

LONGEST_FORM_BYTES = 4096
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
CODE_SENT = N_(
    "If this number or address was left with this request, we have just sent a code to it. "
    "It is good for {minutes} minutes."
)
NOT_THE_CODE = N_("This is not the code, or it is too old. After {tries} tries a new one is needed.")


class Asked(BaseModel):
    """The question of `POST /suivi` and `POST /suivi/code`; only the first looks at `code`.

    It is in the body, so that no URL and no log holds personal data.
    """

    model_config = ConfigDict(strict=True)

    reference: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    phone_or_email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]
    code: Annotated[str, StringConstraints(max_length=32)] | None = None

    @property
    def address(self) -> str:
        """The number or the address in its written form; empty for what is neither."""
        return proof(self.phone_or_email)

    @property
    def digits(self) -> str:
        """The code, however it was spaced; empty for what is none."""
        digits = "".join((self.code or "").split())
        return digits if digits.isascii() and digits.isdecimal() else ""


@dataclass(frozen=True)
class StatusAnswer:
    """The answer in words, with the follow-up's status if one was found. `wait`: seconds until asking again.

    `code_for` is the question whose code is asked for next. `about_address`: the words are about what was typed there.
    """

    text: str
    status: HTTPStatus = HTTPStatus.OK
    follow_up: FollowUpStatus | None = None
    wait: int = 0
    code_for: Asked | None = None
    about_address: bool = False

    @property
    def good(self) -> bool:
        """Whether it is what was hoped for."""
        return self.status < HTTPStatus.BAD_REQUEST


def suivi_blueprint(enquiries: Enquiries, codes: StatusProofs, plans: Callable[[], Plan]) -> Blueprint:
    """The page, its style sheet, and the same as JSON."""
    blueprint = Blueprint("suivi", __name__, template_folder=".")

    def language() -> str:
        chosen = request.args.get("lang", "")
        return chosen if chosen in LANGUAGES else language_of(request)

    def answered(answer: StatusAnswer | None) -> Response:
        if answer is not None and _wants_json():
            response = jsonify(_as_json(answer))
        else:
            response = make_response(_page(answer, language(), plans()))
        response.status_code = answer.status if answer is not None else HTTPStatus.OK
        response.headers.extend(HEADERS)
        response.headers["Content-Language"] = language()
        if answer is not None and answer.wait:
            response.headers["Retry-After"] = str(answer.wait)
        return response

    def say(words: str) -> str:
        return translator("bureau", language()).gettext(words)

    def refused(words: str, status: HTTPStatus, wait: int = 0) -> Response:
        return answered(StatusAnswer(say(words), status, wait=wait))

    def told(asked: Asked, who: str) -> StatusAnswer:
        """The answer to a question. Raises NoWay and TooMany."""
        reference = written_reference(asked.reference)
        if asked.code is None:
            follow_up = enquiries.find(reference, (), who, [asked.address])
            if follow_up is None:
                return StatusAnswer(status_refused(language()), HTTPStatus.NOT_FOUND)
        else:
            follow_up = codes.find(reference, asked.address, asked.digits, who)
            if follow_up is None:
                return StatusAnswer(
                    say(NOT_THE_CODE).format(tries=MOST_TRIES), HTTPStatus.UNPROCESSABLE_ENTITY, code_for=asked
                )
        return StatusAnswer(status_in_words(plans(), follow_up, language()), follow_up=follow_up)

    def sent(asked: Asked, who: str) -> StatusAnswer:
        """Send a code to the address that a person gives, and answer them. Raises NoWay and TooMany."""
        codes.ask(written_reference(asked.reference), asked.address, who)
        return StatusAnswer(say(CODE_SENT).format(minutes=GOOD_FOR_MINUTES), HTTPStatus.ACCEPTED, code_for=asked)

    def answer_to(question: Callable[[Asked, str], StatusAnswer]) -> Response:
        try:
            asked = _asked(bounded_body(request, LONGEST_FORM_BYTES))
        except BodyTooLarge:
            return refused(UNREADABLE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except ValidationError:
            return refused(INCOMPLETE, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return answered(question(asked, subscriber(request.remote_addr)))
        except TooMany as many:
            return refused(LATER, HTTPStatus.TOO_MANY_REQUESTS, many.seconds)
        except NoWay as no_way:
            words = translator("canaux", language()).gettext(no_way.refusal.value)
            return answered(StatusAnswer(words, HTTPStatus.UNPROCESSABLE_ENTITY, about_address=True))

    @blueprint.get("/suivi.css")
    def style() -> Response:
        return send_from_directory(HERE, "suivi.css", max_age=STYLE_SECONDS)

    @blueprint.get("/suivi")
    def form() -> Response:
        return answered(None)

    @blueprint.post("/suivi")
    def ask() -> Response:
        return answer_to(told)

    @blueprint.post("/suivi/code")
    def send_code() -> Response:
        return answer_to(sent)

    @blueprint.get("/suivi/code")
    def begin_again() -> WerkzeugResponse:
        return redirect(url_for(".form", lang=language()), HTTPStatus.SEE_OTHER)

    @blueprint.errorhandler(HTTPException)
    def unreadable(error: HTTPException) -> Response:
        return refused(UNREADABLE, HTTPStatus(error.code or HTTPStatus.BAD_REQUEST))

    @blueprint.errorhandler(OperationalError)
    def record_away(error: OperationalError) -> Response:
        return refused(LATER, HTTPStatus.SERVICE_UNAVAILABLE, wait=30)

    return blueprint


def _asked(body: bytes) -> Asked:
    """The question, from JSON or a form. Raises ValidationError, also if the JSON cannot be read."""
    if request.is_json:
        return Asked.model_validate_json(body)
    return Asked.model_validate(request.form.to_dict())


def _wants_json() -> bool:
    preferred = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.is_json or preferred == "application/json"


def _page(answer: StatusAnswer | None, language: str, plan: Plan) -> str:
    say = translator("bureau", language).gettext
    phone = format_number(parse(plan.commune.phone), PhoneNumberFormat.NATIONAL)
    return render_template("suivi.html", answer=answer, language=language, commune=plan.commune, phone=phone, _=say)


def _as_json(answer: StatusAnswer) -> dict[str, Any]:
    follow_up = answer.follow_up
    if follow_up is None:
        return {"text": answer.text}
    return {
        "reference": follow_up.reference,
        "state": follow_up.stage,
        "service": follow_up.service,
        "due_at": follow_up.due_at.isoformat() if follow_up.due_at else None,
        "late": follow_up.late,
        "answered_at": follow_up.answered_at.isoformat() if follow_up.answered_at else None,
        "answered_by": follow_up.answered_by,
        "leaving": follow_up.leaving,
        "legal": _legal(follow_up.request) if follow_up.request is not None else None,
        "text": answer.text,
    }


def _legal(request: LegalRequest) -> dict[str, Any]:
    awaited, silence_on = request.awaited, request.silence_on
    return {
        "silence_means": request.silence_means,
        "silence_on": silence_on.isoformat() if silence_on is not None else None,
        "pieces_awaited_until": awaited.until.isoformat() if awaited is not None else None,
    }
