"""A question about how a demand stands, as people write it, and the words that answer it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from canaux.phone import e164
from canaux.wording import day_in_words, known_language, local_day, service_label, silence_notice
from competences.plan.plan import Plan
from competences.translation import translator
from routeur.contact.identifiers import REFERENCE_LETTERS, clean_reference
from routeur.followups.status import FollowUpStatus, Stage

_REFERENCE = re.compile(
    rf"(?<![^\W_])([{REFERENCE_LETTERS}]{{3}})[\s.–—-]{{0,3}}(\d{{3}})[\s.–—-]{{0,3}}(\d{{3}})(?![^\W_])", re.IGNORECASE
)
_EMAIL = re.compile(r"[^\s@<>,;:()]{1,64}@[^\s@<>,;:()]{1,255}")
_PHONE = re.compile(r"(?<!\w)(?:\+|0)\d(?:[ .()/-]{0,2}\d){7,14}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+")

MOST_WORDS = 20

_ASKED_WITH = """
    a about alors any at avance avancee avancement avez avoir bien bonjour bonsoir c ca cest check code comment
    connaitre cordialement courriel d de demande des do does dossier du e email en encore est et etat etre eu for
    from garder hello hi how i il ils in information infos is it j je know l la le les like ma mail me merci mes mon
    my n need news no nouveau nouvelle nouvelles num numero of on ou par pas plait please point pour pourriez pouvez
    progress qu quand que quel quelle quelles question ref reference reponse request s salut savoir se service si
    situe sms status statut stp suis suivi suivre sur svp tel telephone thank thanks the this to toujours un une
    update v va vais veux vos votre voudrais vous want what when where which with would y you your
"""
_ASKING = frozenset(_ASKED_WITH.split())
"""The words (without accents) of nothing but "how does my request stand?"; any other may be a demand of its own."""


@dataclass(frozen=True)
class StatusQuestion:
    """A text that holds a reference. `proofs`: a phone number and an e-mail address written beside it.

    `alone`: nothing but the question, so that its answer is all that was asked for.
    """

    reference: str
    proofs: Sequence[str]
    alone: bool


def read_question(text: str) -> StatusQuestion | None:
    """The question about the first reference in a text; None where there is no reference."""
    found = _REFERENCE.search(text)
    if found is None:
        return None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    proofs = []
    for pattern in (_EMAIL, _PHONE):
        beside = pattern.search(rest)
        if beside is not None:
            proofs.append(proof(beside[0]))
            rest = f"{rest[: beside.start()]} {rest[beside.end() :]}"
    plain = "".join(c for c in unicodedata.normalize("NFKD", rest.casefold()) if not unicodedata.combining(c))
    words = _WORD.findall(plain)
    alone = len(words) <= MOST_WORDS and _ASKING.issuperset(words) and not any(c.isdigit() for c in rest)
    return StatusQuestion(clean_reference("".join(found.groups())), proofs, alone)


def written_reference(written: str) -> str:
    """The reference in what somebody wrote where one is asked for (« n° KRT-482-915 »), in its written form."""
    found = _REFERENCE.search(written)
    return clean_reference("".join(found.groups()) if found is not None else written)


def proof(written: str) -> str:
    """A phone number or an e-mail address in its one written form; empty for what is neither."""
    written = written.strip()
    return written.lower().rstrip(".") if "@" in written else e164(written) or ""


def status_in_words(plan: Plan, status: FollowUpStatus, language: str) -> str:
    """How it stands, in a sentence or two."""
    _ = translator("canaux", known_language(language)).gettext
    if status.stage is Stage.ANSWERED and status.answered_at is not None:
        sentence = _("Your request {reference} was answered on {day}. Service in charge: {service}.")
    elif status.stage in (Stage.ANSWERED, Stage.CLOSED):
        sentence = _("Your request {reference} is closed. Service in charge: {service}.")
    elif status.due_at is None and status.stage is Stage.TAKEN:
        sentence = _("An agent is looking after your request {reference}. Service in charge: {service}.")
    elif status.due_at is None:
        sentence = _("Your request {reference} is recorded and waits for an agent. Service in charge: {service}.")
    elif status.late:
        sentence = _(
            "Your request {reference} is not answered yet. The service in charge, {service}, "
            "should have answered you by {day}: we are late, and sorry."
        )
    elif status.stage is Stage.TAKEN:
        sentence = _(
            "Your request {reference} has been taken in charge. "
            "The service in charge, {service}, will answer you by {day} at the latest."
        )
    else:
        sentence = _(
            "Your request is recorded under the reference {reference}. "
            "The service in charge, {service}, will answer you by {day} at the latest."
        )
    at = status.due_at or status.answered_at
    words = sentence.format(
        reference=status.reference,
        service=service_label(plan, status.service, language),
        day=day_in_words(local_day(at, plan), language) if at is not None else "",
    )
    silence = silence_notice(status.silence_means, status.silence_on, language)
    return f"{words} {silence}" if silence is not None else words


def status_refused(language: str) -> str:
    """What is said to a wrong guess, to an unknown reference and to whoever asks too often: always the same."""
    return translator("canaux", known_language(language)).gettext(
        "We can say nothing about this reference here. Check it, and the phone number or e-mail address that the "
        "request was made with, or try again later."
    )
