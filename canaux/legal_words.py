"""What the law wants a person told: that their message came, when and where to; and of a request, what silence means.

Every electronic acknowledgement gives the day of reception and the service with its address and phone (CRPA R112-11-1).
Only a request's says what silence means and from when, provided that it is complete, with the certificate that may be
asked for (L232-3) or the appeals and their period (CJA R421-2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from canaux.wording import Phrases, Said, day_in_words, day_said, known_language, local_day, service_said
from competences.legal_clock import LegalRequest, MissingPieces
from competences.phone_numbers import written_for
from competences.plan.plan import Plan
from competences.translation import N_, translator
from routeur.contact.legal_requests import request_of
from routeur.contact.row import ContactRow
from routeur.ports.news import LegalMatter, LegalNotice


def reception_in_words(plan: Plan, contact: ContactRow, service: str | None) -> str:
    """When a message was received, and which service answers it, with all its addresses: two lines of a letter.

    `service`: None for that of the contact's topic.
    """
    phrases = Phrases(plan, contact.language)
    request, message = N_("Your request was received on {day}."), N_("Your message was received on {day}.")
    in_charge = N_("Service in charge: {service}, {address}, telephone {phone}, e-mail {email}.")
    return "\n".join(
        [
            phrases.say(request if contact.request is not None else message, day=_day_received(plan, contact)),
            phrases.say(in_charge, address=plan.commune.address, **_in_charge(plan, contact, service)),
        ]
    )


def reception_in_short(plan: Plan, contact: ContactRow, service: str | None) -> str:
    """The same for a text or a chat: one of the service's addresses is enough, by the same article."""
    words = N_("Received on {day} by: {service}, {email}, {phone}.")
    day, in_charge = _day_received(plan, contact), _in_charge(plan, contact, service)
    return Phrases(plan, contact.language).say(words, day=day, **in_charge)


def _day_received(plan: Plan, contact: ContactRow) -> Said:
    """The day of reception: of a request, the one from which its clock counts."""
    request = request_of(contact)
    received = request.received_on if request is not None else local_day(contact.received_at, plan)
    return day_said(received, year=True)


def _in_charge(plan: Plan, contact: ContactRow, service: str | None) -> Mapping[str, Said]:
    """The `service` that answers, with its `phone` and `email`; the commune's where the plan does not have it."""
    responsible = service or plan.service_of(contact.topic)
    reached = plan.services.get(responsible)
    return {
        "service": service_said(plan, responsible),
        "phone": written_for((reached or plan.commune).phone, contact.language),
        "email": reached.email if reached is not None else plan.commune.email,
    }


def silence_in_words(plan: Plan, request: LegalRequest, language: str) -> str | None:
    """What our silence will mean by law and from which day on, or what it waits for; None where it means nothing."""
    awaited = request.awaited
    if awaited is not None:
        return _awaited_in_words(request, awaited, language)
    _ = translator("canaux", known_language(language)).gettext
    if request.silence_on is None:
        return None
    if request.silence_means == "acceptance":
        words = (
            _(
                "Without an answer from us by {day}, your request is accepted. "
                "You may then ask us for a certificate of it."
            )
            if request.complete
            else _(
                "Without an answer from us by {day}, and provided that your request is complete, it is accepted. "
                "You may then ask us for a certificate of it."
            )
        )
    else:
        words = (
            _(
                "Without an answer from us by {day}, your request is refused. You then have two months to appeal, "
                "to us or to the {court} (also on www.telerecours.fr)."
            )
            if request.complete
            else _(
                "Without an answer from us by {day}, and provided that your request is complete, it is refused. "
                "You then have two months to appeal, to us or to the {court} (also on www.telerecours.fr)."
            )
        )
    court = plan.commune.administrative_court or _("administrative court")
    return words.format(day=day_in_words(request.silence_on, language, year=True), court=court)


def _awaited_in_words(request: LegalRequest, awaited: MissingPieces, language: str) -> str:
    """By when we await what is missing, and that the clock stands still meanwhile (CRPA L114-5)."""
    _ = translator("canaux", known_language(language)).gettext
    if request.silence_means == "acceptance":
        words = _(
            "We await what is missing from your request until {until}. The period after which our silence means that "
            "it is accepted begins only when everything has come."
        )
    elif request.silence_means == "rejection":
        words = _(
            "We await what is missing from your request until {until}. The period after which our silence means that "
            "it is refused stands still until everything has come, at most until that day. "
            "Without it, and without an answer from us, your request is refused on {day}."
        )
    else:
        words = _("We await what is missing from your request until {until}.")
    on = request.silence_on
    return words.format(
        until=day_in_words(awaited.until, language, year=True),
        day=day_in_words(on, language, year=True) if on is not None else "",
    )


def notice_in_words(plan: Plan, notice: LegalNotice) -> Sequence[str]:
    """The paragraphs of a notice of the law, without greeting, signature, or where the message was received."""
    contact = notice.contact
    _ = translator("canaux", known_language(contact.language)).gettext
    request = request_of(contact)
    silence = silence_in_words(plan, request, contact.language) if request is not None else None
    match notice.matter:
        case LegalMatter.REQUEST:
            words = _("We treat your message {reference} as a request.")
        case LegalMatter.CHANGED:
            words = _("Your request {reference} is not about what we had thought: what we told you before is void.")
            silence = silence or _("For this request our silence means neither that it is accepted nor refused.")
        case LegalMatter.WITHDRAWN:
            words = _(
                "By mistake we had treated your message {reference} as a request. What we told you of it is void: our "
                "silence decides nothing, and any documents that we asked for are not needed. "
                "If you did mean to make a request, please tell us so."
            )
        case LegalMatter.INCOMPLETE:
            words = _("Your request {reference} is not complete. Please send us:")
            silence = "\n".join([_pieces(request), "", silence or ""]).rstrip()
        case LegalMatter.COMPLETE:
            words = _("Everything that was missing from your request {reference} came on {day}: it is complete.")
    came = request.missing[-1].received_on if request is not None and request.missing else None
    day = day_in_words(came, contact.language, year=True) if came is not None else ""
    return [words.format(reference=contact.reference, day=day), *([silence] if silence else [])]


def notice_in_short(plan: Plan, notice: LegalNotice) -> str:
    """A notice of the law whole, for a text or a chat."""
    return "\n".join([*notice_in_words(plan, notice), reception_in_short(plan, notice.contact, notice.service)])


def _pieces(request: LegalRequest | None) -> str:
    awaited = request.awaited if request is not None else None
    return "\n".join(f"- {piece}" for piece in awaited.pieces) if awaited is not None else ""
