"""The report: what became of everything that was sent, as the API tells it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from application.play.stage import ApiSession
from application.play.tally import Count, Sent, Tally
from competences.channels import Channel
from competences.plan.plan import Plan

PAGE = 200


@dataclass
class Row:
    """The figures of one channel."""

    sent: int = 0
    acknowledged: int = 0
    found: int = 0
    answered: int = 0
    followed_up: int = 0
    abandoned: int = 0
    other: int = 0
    open: int = 0
    accepted: int = 0
    within_target: int = 0


@dataclass
class Report:
    """The figures of a play. `missing`: contacts and words that were acknowledged and cannot be found."""

    rows: dict[Channel, Row] = field(default_factory=lambda: {channel: Row() for channel in Channel})
    missing: list[str] = field(default_factory=list)
    duplicates_recognised: int = 0
    service_level: float | None = None


def report(supervisor: ApiSession, tally: Tally, plan: Plan, since: datetime) -> Report:
    """Look up everything that was sent since then."""
    made = Report(duplicates_recognised=tally[Count.DUPLICATES_RECOGNISED])
    contacts = {channel: list(_contacts(supervisor, channel, since)) for channel in Channel}
    for sent in tally.sent:
        row = made.rows[sent.channel]
        row.sent += 1
        if not sent.acknowledged:
            continue
        row.acknowledged += 1
        theirs = matching(sent, contacts[sent.channel])
        if not theirs:
            made.missing.append(f"{sent.channel} {sent.address}")
            continue
        row.found += 1
        made.duplicates_recognised += sent.twice and len(theirs) == 1
        if sent.automatic and (theirs[0]["accepted_at"] is not None or theirs[0]["state"] != "closed"):
            made.missing.append(f"{sent.channel} {sent.address}: an auto-reply was queued")
        _judge(row, theirs[0], plan.channels[sent.channel].target_seconds)
        recorded = [message for contact in theirs for message in _messages(supervisor, contact["id"], since)]
        lost = unsaid(sent, recorded)
        made.missing += [f"{sent.channel} {sent.address}: {words[:60]}" for words in lost]
    made.service_level = supervisor.get(f"/service-level?from={quote(since.isoformat())}")["share"]
    return made


def matching(sent: Sent, contacts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The contacts of one demand: the first, and those that began because it went on after having been closed."""
    if sent.contact_id is not None:
        return [contact for contact in contacts if contact["id"] == sent.contact_id]
    theirs = [
        contact for contact in contacts if sent.address in (contact["usager"]["phone"], contact["usager"]["email"])
    ]
    return sorted(theirs, key=lambda contact: contact["reference"] not in sent.answer)


def unsaid(sent: Sent, messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """The acknowledged words that are not among the messages exactly as often as they were said."""
    heard = [_bare(message["text"]) for message in messages if message["direction"] == "in"]
    acknowledged = [_bare(words) for words in sent.words]
    return [words for words in sent.words if heard.count(_bare(words)) != acknowledged.count(_bare(words))]


def _bare(words: str) -> str:
    """The words without what the reading of an e-mail may change: spaces and line ends."""
    return " ".join(words.split())


def _messages(supervisor: ApiSession, contact_id: str, since: datetime) -> list[Mapping[str, Any]]:
    messages = supervisor.get(f"/contacts/{contact_id}")["messages"]
    return [message for message in messages if datetime.fromisoformat(message["at"]) >= since]


def _judge(row: Row, contact: Mapping[str, Any], target_seconds: int) -> None:
    outcomes = {"answered": "answered", "merged": "answered", "abandoned": "abandoned", "followed_up": "followed_up"}
    if contact["state"] == "follow_up":
        row.followed_up += 1
    elif contact["state"] != "closed":
        row.open += 1
    else:
        name = outcomes.get(contact["outcome"] or "", "other")
        setattr(row, name, getattr(row, name) + 1)
    if contact["accepted_at"] is not None:
        row.accepted += 1
        waited = datetime.fromisoformat(contact["accepted_at"]) - datetime.fromisoformat(contact["arrived_at"])
        row.within_target += waited.total_seconds() <= target_seconds


def _contacts(supervisor: ApiSession, channel: Channel, since: datetime) -> Iterable[Mapping[str, Any]]:
    """The contacts of this channel that arrived since then; of texts, also an older conversation that goes on."""
    cursor = ""
    while True:
        page = supervisor.get(f"/contacts?channel={channel.value}&limit={PAGE}{cursor}")
        for contact in page["items"]:
            old = datetime.fromisoformat(contact["arrived_at"]) < since
            if old and channel is not Channel.MESSAGING:
                return
            if not old or contact["state"] != "closed":
                yield contact
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"
