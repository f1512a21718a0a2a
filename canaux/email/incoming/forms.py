"""Letters that a web form writes for somebody, and those whose sender wants the answer elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

from canaux.addresses import ADDRESS
from canaux.clean_text import one_line
from canaux.email.unread import is_unread
from competences.phone_numbers import e164
from competences.plan.parts import FormFields
from competences.plan.types import EMAIL
from competences.words import unaccented
from routeur.contact.identity import Given
from routeur.contact.messages import NamedAddress
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound

LONGEST_FORM_CHARACTERS = 20_000  # of a form's text that are searched for its fields
LONGEST_NAME_CHARACTERS = 100
MOST_WORDS_OF_A_BARE_NAME = 4  # after a label without a colon, as the columns of a table are read
MOST_FORM_LINES = 500

_NO_NAME = re.compile(r"[:@\d]")
_MARKS = " \t\u00a0\u202f*_|"


def answered_where_asked(
    inbound: Inbound, reply_to: NamedAddress | None, forms: Mapping[str, FormFields], ours: Collection[str]
) -> Inbound:
    """The inbound with what its Reply-To, or the form that wrote it, says of where its answer goes.

    A letter that its sender's domain disowns proves nothing of anybody: its addresses are only typed.
    Where a form writes (one of the plan's `web_forms`, an address that nobody reads, our own), the person who filled it
    in is the usager: the one that its fields name, else the one in Reply-To. Anybody else stays the usager, and is
    answered at their Reply-To. Never do we answer ourselves: `ours` are our addresses.
    """
    if reply_to is not None and reply_to.address in ours:
        reply_to = None
    if inbound.envelope is not None and inbound.envelope.disowned:
        answered = reply_to.address if reply_to is not None else inbound.address
        return _filled_in(inbound, Given(inbound.name, answered if answered not in ours else None))
    labels = forms.get(inbound.address)
    if labels is None and inbound.address not in ours and not is_unread(inbound.address):
        return inbound if reply_to is None else replace(inbound, reply_to=reply_to.address)
    typed = read_fields(inbound.text, labels) if labels is not None else Given()
    in_header = Given(reply_to.name, reply_to.address) if reply_to is not None else Given()
    given = Given(
        typed.name or (in_header.name if typed.email in (None, in_header.email) else None),
        typed.email if typed.email is not None and typed.email not in ours else in_header.email,
        typed.phone,
    )
    return inbound if labels is None and given == Given() else _filled_in(inbound, given)


def _filled_in(inbound: Inbound, given: Given) -> Inbound:
    """The demand of a person who is known by this letter alone: whatever they typed, anybody could have."""
    ticket = uuid4().hex
    return replace(
        inbound, address_kind=AddressKind.TICKET, address=ticket, name=None, given=given, reply_to=given.email
    )


def read_fields(text: str, labels: FormFields) -> Given:
    """What stands behind these labels at the beginning of lines. What does not look like what it should be is none."""
    lines = text[:LONGEST_FORM_CHARACTERS].split("\n", MOST_FORM_LINES)[:MOST_FORM_LINES]
    filled = [bare for line in lines if (bare := line.strip(_MARKS))]
    name, email, phone = (
        _folded(label or "").strip(_MARKS + ":") for label in (labels.name, labels.email, labels.phone)
    )
    others = tuple(filter(None, (name, email, phone)))
    return Given(
        name=next(filter(None, (_name(value, bare) for value, bare in _said(filled, name, others))), None),
        email=next(filter(None, (_email(value) for value, _ in _said(filled, email, others))), None),
        phone=next(filter(None, (e164(value) for value, _ in _said(filled, phone, others))), None),
    )


def _said(filled: Sequence[str], wanted: str, labels: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The values that stand behind a label, or below it; and whether the colon between the two is missing.

    What stands below is the next label, where it begins with one of `labels` or, as they do, ends with a colon.
    """
    if not wanted:
        return
    for line, below in pairwise([*filled, ""]):
        end = _end_of_label(line, wanted)
        if end is None:
            continue
        rest = line[end:].lstrip(_MARKS)
        colon = rest.startswith(":")
        value = rest.removeprefix(":").strip(_MARKS)
        next_label = below.endswith(":") or any(_end_of_label(below, label) is not None for label in labels)
        if value or not next_label:
            yield value or below, not colon


def _end_of_label(line: str, wanted: str) -> int | None:
    """Where in the line the label ends that it begins with, however its letters and spaces are written."""
    if not _folded(line[: 3 * len(wanted)]).startswith(wanted):
        return None
    for end in range(1, min(len(line), 2 * len(wanted)) + 1):
        if _folded(line[:end]) == wanted and not line[end : end + 1].isalnum():
            return end
    return None


def _folded(text: str) -> str:
    return " ".join(unaccented(text).split())


def _name(value: str, bare: bool) -> str | None:
    too_long = len(value) > LONGEST_NAME_CHARACTERS or (bare and len(value.split()) > MOST_WORDS_OF_A_BARE_NAME)
    return None if too_long or _NO_NAME.search(value) else one_line(value) or None


def _email(value: str) -> str | None:
    """The one address in what was typed; None where there are several."""
    found = {address.lower() for address in ADDRESS.findall(value)}
    return found.pop() if len(found) == 1 and all(map(EMAIL.fullmatch, found)) else None


def requested_by_form(inbound: Inbound, topics: Mapping[str, str]) -> Inbound:
    """The inbound as a request about its form's topic, where one of those writes whose `topics` these are.

    The law's notice goes to the person for whom it writes, also if the form says that a machine wrote. A letter that
    the form's domain disowns is a letter as any.
    """
    if inbound.envelope is not None and inbound.envelope.disowned:
        return inbound
    topic = topics.get(inbound.writer)
    if topic is None:
        return inbound
    somebody = inbound.reply_to is not None and inbound.address != inbound.writer
    return replace(inbound, topic=topic, is_request=True, acknowledge=inbound.acknowledge or somebody)
