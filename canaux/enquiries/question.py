"""A question about how a request stands, as people write it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from canaux.addresses import ADDRESS
from competences.phone_numbers import e164
from competences.words import unaccented
from routeur.contact.identifiers import REFERENCE_SHAPE, clean_reference

_REFERENCE = re.compile(rf"(?<![^\W_]){REFERENCE_SHAPE}(?![^\W_])", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\w)(?:\+|0)\d(?:[ .()/-]{0,2}\d){7,14}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+")

MOST_WORDS = 20
"""In a longer text somebody should look for more than the question."""

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
"""The words (without accents) in which people ask how their request stands; any other may be a request of its own."""


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
    for pattern in (ADDRESS, _PHONE):
        beside = pattern.search(rest)
        if beside is not None:
            proofs.append(proof(beside[0]))
            rest = f"{rest[: beside.start()]} {rest[beside.end() :]}"
    words = _WORD.findall(unaccented(rest))
    alone = len(words) <= MOST_WORDS and _ASKING.issuperset(words) and not any(c.isdigit() for c in rest)
    return StatusQuestion(clean_reference(found[0]), proofs, alone)


def written_reference(written: str) -> str:
    """The reference in what somebody wrote where one is asked for (« n° KRT-482-915 »), in its written form."""
    found = _REFERENCE.search(written)
    return clean_reference(found[0] if found is not None else written)


def proof(written: str) -> str:
    """A phone number or an e-mail address in its one written form; empty for what is neither."""
    written = written.strip()
    return written.lower().rstrip(".") if "@" in written else e164(written) or ""
