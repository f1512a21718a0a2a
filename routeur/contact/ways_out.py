"""The ways in which an answer can reach a contact's usager, and the one that it takes.

A contact's own channel comes first, where it still carries words. Elsewhere only what the usager has proved to be
theirs, or what somebody on the staff has confirmed with them, is written to without being told to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from competences.channels import CHANNELS, Channel, ConversationKey
from competences.phone_numbers import e164
from routeur.contact.identity import ReachedAddress, normal_address
from routeur.contact.row import ContactRow
from routeur.contact.words import REACHED, AddressKind
from routeur.errors import NotConfirmed, NoWayOut


class ByHand(StrEnum):
    """The ways that somebody on the staff goes themselves; the record is told that they did."""

    TELEPHONE = "telephone"
    LETTER = "letter"


Way = Channel | ByHand
"""A channel that carries the answer, or what a person does."""


@dataclass(frozen=True)
class WayOut:
    """One way to the usager.

    `address` is None in a conversation of the town hall's own, and for a letter. `sure`: an answer takes this way
    unless another is named; others must be named and, where an address was only typed, it must be confirmed.
    `written_from` is the address of ours that writes, where that is not the contact's own. `confirms`: who takes it
    says that the address is the person's.
    """

    by: Way
    address: str | None
    sure: bool
    written_from: str | None = None
    confirms: bool = False


FirstWay = Callable[[AddressKind, str], tuple[Channel, str] | None]
"""The channel, and the address of ours, by which one may write to a person who has not written there; or None."""

_KINDS: Final = ((AddressKind.EMAIL, "given_email", "email"), (AddressKind.PHONE, "given_phone", "phone"))
"""The kinds of address that are left with a contact, their column, and their name among what was confirmed."""


def may_be_gone(row: ContactRow) -> bool:
    """Whether the contact is a chat whose visitor was promised an answer later: they need not sit before it any more.

    Whether they do is known of their page alone (`Signals`).
    """
    traits = CHANNELS[row.channel]
    in_page = traits.written and traits.conversation is ConversationKey.PROVIDER_REFERENCE
    return in_page and row.promised_at is not None


def carries_by_itself(row: ContactRow, *, present: bool = False) -> bool:
    """Whether what is written in the contact reaches its usager on its own channel.

    An open chat, and whoever stands at the counter or is on the line, is told at once; letters and texts leave. Who was
    promised an answer later is told in their chat only if they are `present` there.
    """
    if CHANNELS[row.channel].conversation is ConversationKey.PROVIDER_REFERENCE:
        if may_be_gone(row) and not present:
            return False
        return row.held or (row.waits and CHANNELS[row.channel].written)
    return True


def ways_out(
    row: ContactRow,
    proved: Collection[ReachedAddress],
    first: FirstWay,
    now: datetime,
    *,
    opted_out: bool = False,
    present: bool = False,
) -> Sequence[WayOut]:
    """All ways to the contact's usager, those that are taken without being named first.

    `proved` are addresses that they have proved; `opted_out`: they want no answer from the number that they wrote to;
    `present`: they sit before their chat.
    """
    ways = [*_own(row, now, opted_out, present), *_elsewhere(row, proved, first)]
    numbers = [one.address for one, _ in _addresses(row, proved) if one.kind is AddressKind.PHONE]
    by_phone = [WayOut(ByHand.TELEPHONE, number, sure=False) for number in dict.fromkeys(numbers)]
    return sorted(ways, key=lambda way: not way.sure) + by_phone


def choose(
    ways: Sequence[WayOut], row: ContactRow, first: FirstWay, by: Way | None = None, address: str | None = None
) -> WayOut:
    """The way that an answer takes: the first sure one, or the one that is named.

    Naming an `address` confirms it. Raises NoWayOut where nothing would leave, NotConfirmed where that address was only
    typed.
    """
    if isinstance(by, ByHand):
        return WayOut(by, address, sure=True)
    if address is not None:
        return _confirmed(ways, row, first, by, address)
    offered = [way for way in ways if not isinstance(way.by, ByHand) and by in (None, way.by)]
    sure = next((way for way in offered if way.sure), None)
    if sure is not None:
        return sure
    if by is None:
        raise NotConfirmed(row.id) if any(way.address for way in offered) else NoWayOut(row.id)
    if not offered:
        raise NoWayOut(row.id)
    if offered[0].address is not None:
        raise NotConfirmed(row.id)
    return offered[0]


def kind_of(address: str) -> AddressKind:
    """What a written address is: a number unless it names a mailbox."""
    return AddressKind.EMAIL if "@" in address else AddressKind.PHONE


def _confirmed(ways: Sequence[WayOut], row: ContactRow, first: FirstWay, by: Way | None, address: str) -> WayOut:
    kind = kind_of(address)
    normal = normal_address(kind, address)
    for way in ways:
        if way.address == normal and by in (None, way.by) and not isinstance(way.by, ByHand):
            return replace(way, sure=True, confirms=not way.sure)
    found = first(kind, normal) if kind is AddressKind.EMAIL or e164(normal) else None
    if found is None or by not in (None, found[0]):
        raise NoWayOut(row.id)
    return WayOut(found[0], normal, sure=True, written_from=found[1], confirms=True)


def _own(row: ContactRow, now: datetime, opted_out: bool, present: bool) -> Iterator[WayOut]:
    traits = CHANNELS[row.channel]
    if traits.conversation is ConversationKey.PROVIDER_REFERENCE:
        if row.held or (traits.written and row.address):
            yield WayOut(row.channel, None, sure=carries_by_itself(row, present=present))
    elif row.reachable and not opted_out and (row.reply_until is None or now <= row.reply_until):
        yield WayOut(row.channel, row.answer_address, sure=True)


def _elsewhere(row: ContactRow, proved: Collection[ReachedAddress], first: FirstWay) -> Iterator[WayOut]:
    known: set[str] = set()
    for one, sure in _addresses(row, proved):
        found = first(one.kind, one.address)
        if found is None or found[0] is row.channel or one.address in known:
            continue
        known.add(one.address)
        yield WayOut(found[0], one.address, sure, written_from=found[1])


def _addresses(row: ContactRow, proved: Collection[ReachedAddress]) -> Iterator[tuple[ReachedAddress, bool]]:
    """The addresses of the usager, e-mail before numbers, and whether each may be written to without being told to.

    Of those that are proved, what was left with this contact stands before what they have proved elsewhere.
    """
    theirs = [*proved]
    if row.address_kind in REACHED and row.address:
        theirs.insert(0, ReachedAddress(row.address_kind, row.address))
    for kind, column, name in _KINDS:
        given = getattr(row, column)
        of_kind = [one for one in theirs if one.kind is kind]
        for one in sorted(of_kind, key=lambda one: one.address != given):
            yield one, True
        if given:
            yield ReachedAddress(kind, given), name in (row.confirmed or ())
